using Harness.Abstractions.Specs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>Builds the library's optimizers from their specs.</summary>
internal static class Optimizers
{
    public static optim.Optimizer Create(OptimizerSpec spec, Parameter[] parameters)
    {
        var (rate, momentum, decay) = (spec.LearningRate, spec.Momentum ?? 0, spec.WeightDecay ?? 0);
        return spec.Kind switch
        {
            OptimizerKind.Adam => optim.Adam(parameters, rate),
            OptimizerKind.Sgd => optim.SGD(parameters, rate, momentum, weight_decay: decay),
            OptimizerKind.AdamW => optim.AdamW(parameters, rate, weight_decay: decay),
            OptimizerKind.RmsProp => optim.RMSProp(parameters, rate, momentum: momentum),
            _ => throw new NotSupportedException($"There is no optimizer '{spec.Kind}'."),
        };
    }

    public static void SetLearningRate(optim.Optimizer optimizer, double rate)
    {
        foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
    }

    /// <summary>What is wrong with a spec, in words.</summary>
    public static IEnumerable<string> Faults(OptimizerSpec spec)
    {
        if (!Enum.IsDefined(spec.Kind)) yield return $"There is no optimizer '{spec.Kind}'.";
        if (!(spec.LearningRate > 0) || !double.IsFinite(spec.LearningRate)) yield return "train.optimizer.lr must be a number above zero.";
        if (spec.Momentum is { } momentum && !(momentum is >= 0 and < 1)) yield return "train.optimizer.momentum must be from 0 to below 1.";
        if (spec.Momentum is not null && spec.Kind is not (OptimizerKind.Sgd or OptimizerKind.RmsProp)) yield return "train.optimizer.momentum belongs to sgd and rmsprop.";
        if (spec.WeightDecay is { } decay && !(decay >= 0 && double.IsFinite(decay))) yield return "train.optimizer.weight_decay must not be negative.";
        if (spec.WeightDecay is not null && spec.Kind is not (OptimizerKind.Sgd or OptimizerKind.AdamW)) yield return "train.optimizer.weight_decay belongs to sgd and adamw.";
        if (spec.Schedule is not { } schedule) yield break;

        if (!Enum.IsDefined(schedule.Kind)) yield return $"There is no schedule '{schedule.Kind}'.";
        if (schedule.WarmUp < 0) yield return "schedule.warm_up must not be negative.";
        var steps = schedule.Kind == ScheduleKind.Step;
        if (steps && schedule is not { Every: > 0, Factor: > 0 and <= 1 }) yield return "A step schedule needs every (at least 1) and factor (above 0, at most 1).";
        if (!steps && (schedule.Every ?? schedule.Factor) is not null) yield return "schedule.every and schedule.factor belong to the step schedule.";
        if (schedule.Floor is { } floor && (schedule.Kind != ScheduleKind.Cosine || !(floor is >= 0 and <= 1))) yield return "schedule.floor belongs to the cosine schedule and lies between 0 and 1.";
    }
}
