using System.Collections.Frozen;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>Makes a trial's spec from a condition's settings, with every default filled in: whether a default was written out changes no identity.</summary>
internal static class TrialComposer
{
    /// <summary>Evaluations per training when the file does not say how often.</summary>
    private const int DefaultEvaluations = 20;

    private const int DefaultProbeSequences = 32;

    /// <param name="hidden">H, which matching may have solved.</param>
    public static TrialSpec Compose(SettingResolution resolved, int hidden, long seed) => new(
        TrialSpec.RevisionOf(Word<KernelPath>(resolved.Kernel)),
        new TaskSpec(resolved.Task.Kind, resolved[SettingCatalog.Length].Whole, ParametersOf(resolved),
            (int?)NumberIfSet(resolved, SettingCatalog.Shortest) is { } shortest && shortest < resolved[SettingCatalog.Length].Whole ? shortest : null,
            resolved.Data?.File!.Sha256),
        new ModelSpec(
            resolved.Cell.Name,
            Word<KernelPath>(resolved.Kernel),
            hidden,
            resolved[SettingCatalog.Layers].Whole,
            resolved.Has(SettingCatalog.Bidirectional) && resolved[SettingCatalog.Bidirectional].IsOn,
            resolved.Has(SettingCatalog.Activation) ? resolved.Find(SettingCatalog.Activation)?.Text ?? resolved.Cell.Activations[0] : null,
            Word<InitKind>(resolved[SettingCatalog.Init]),
            NumberIfSet(resolved, SettingCatalog.ForgetBias),
            NumberIfSet(resolved, SettingCatalog.UpdateBias),
            NumberIfNotZero(resolved, SettingCatalog.Dropout),
            NumberIfSet(resolved, SettingCatalog.TMax),
            NumberIfSet(resolved, SettingCatalog.SpectralRadius),
            resolved.LeavesKernel ? true : null,
            resolved.Weights?.File?.Sha256),
        new TrainSpec(
            resolved[SettingCatalog.Steps].Whole,
            resolved[SettingCatalog.Batch].Whole,
            new OptimizerSpec(
                Word<OptimizerKind>(resolved[SettingCatalog.Optimizer]),
                resolved[SettingCatalog.LearningRate].Number,
                NumberIfNotZero(resolved, SettingCatalog.Momentum),
                NumberIfNotZero(resolved, SettingCatalog.WeightDecay),
                ScheduleOf(resolved)),
            NumberIfSet(resolved, SettingCatalog.ClipNorm),
            NumberIfSet(resolved, SettingCatalog.ClipValue),
            EarlyStopOf(resolved),
            (int?)NumberIfSet(resolved, SettingCatalog.TrainingSequences),
            NumberIfNotZero(resolved, SettingCatalog.LabelNoise),
            KeepOf(resolved)),
        new EvaluationSpec(
            resolved.Find(SettingCatalog.EvaluationEvery)?.Whole ?? Math.Max(1, resolved[SettingCatalog.Steps].Whole / DefaultEvaluations),
            resolved[SettingCatalog.EvaluationSequences].Whole,
            (int?)NumberIfSet(resolved, SettingCatalog.EvaluationLength)),
        ProbesOf(resolved),
        TargetOf(resolved),
        Word<Precision>(resolved[SettingCatalog.Dtype]),
        Word<DeviceKind>(resolved[SettingCatalog.Device]),
        seed);

    /// <summary>The file's target, else the task's own criterion.</summary>
    public static TargetSpec? TargetOf(SettingResolution resolved)
    {
        if (resolved.Find(SettingCatalog.TargetMetric) is { } metric)
        {
            return new TargetSpec(metric.Text, resolved.Find(SettingCatalog.TargetBelow)?.Number, resolved.Find(SettingCatalog.TargetAbove)?.Number);
        }

        // What is relative to a baseline is known when the evaluation set is there.
        var success = resolved.Task.Success;
        return success.OfBaseline ? null : new TargetSpec(success.Metric, success.Below ? success.Threshold : null, success.Below ? null : success.Threshold);
    }

    private static ProbeSpec ProbesOf(SettingResolution resolved)
    {
        var probes = new ProbeSpec(
            MomentsOf(resolved, SettingCatalog.ProbeGradients),
            resolved.Find(SettingCatalog.ProbeSequences)?.Whole ?? Math.Min(DefaultProbeSequences, resolved[SettingCatalog.EvaluationSequences].Whole),
            GradientsEvery: (int?)NumberIfSet(resolved, SettingCatalog.ProbeGradientsEvery),
            Trace: MomentsOf(resolved, SettingCatalog.ProbeTrace) is { Length: > 0 } trace ? trace : null);
        return MetricCatalog.PointProbes.Aggregate(probes, (known, point) => MomentsOf(resolved, SettingCatalog.Find(point.Setting)!) is { Length: > 0 } moments ? point.With(known, moments) : known);
    }

    private static ProbeMoment[] MomentsOf(SettingResolution resolved, SettingDescriptor descriptor) =>
        resolved.Has(descriptor) ? resolved[descriptor].Words.Select(Word<ProbeMoment>).ToArray() : [];

    /// <summary>The validation part of a file is there to choose by; of a generated task it is the experiment's own measure. Null means the last step's, as before there was a choice.</summary>
    private static KeepKind? KeepOf(SettingResolution resolved) =>
        (resolved.Find(SettingCatalog.Keep) is { } asked ? Word<KeepKind>(asked) : resolved.Task.ReadsFile ? KeepKind.Best : KeepKind.Last) == KeepKind.Best ? KeepKind.Best : null;

    /// <summary>Null when every trial goes to its last step.</summary>
    private static EarlyStopSpec? EarlyStopOf(SettingResolution resolved)
    {
        bool? onTarget = resolved[SettingCatalog.StopOnTarget].IsOn ? true : null;
        var patience = (int?)NumberIfSet(resolved, SettingCatalog.StopPatience);
        return onTarget is null && patience is null ? null : new EarlyStopSpec(onTarget, patience);
    }

    /// <summary>Null when the learning rate stays as it is.</summary>
    private static ScheduleSpec? ScheduleOf(SettingResolution resolved)
    {
        var kind = Word<ScheduleKind>(resolved[SettingCatalog.Schedule]);
        var warmUp = (int?)NumberIfNotZero(resolved, SettingCatalog.WarmUp);
        if (kind == ScheduleKind.Constant && warmUp is null) return null;
        return new ScheduleSpec(kind, warmUp,
            (int?)NumberIfSet(resolved, SettingCatalog.ScheduleEvery), NumberIfSet(resolved, SettingCatalog.ScheduleFactor), NumberIfNotZero(resolved, SettingCatalog.ScheduleFloor));
    }

    /// <summary>The task's parameters; for a file, what was found in it by them, so that equal data under another name is the same trial.</summary>
    public static ParameterSet ParametersOf(SettingResolution resolved)
    {
        if (resolved.Data is not { } data) return new(resolved.Task.Parameters.Select(parameter => new KeyValuePair<string, string>(parameter.Name, resolved.Parameter(parameter).Text)));
        return new(resolved.Task.HasHorizon ? [.. data.Parameters, new(TaskCatalog.Horizon, resolved.TaskValue(TaskCatalog.Horizon).Text)] : data.Parameters);
    }

    private static double? NumberIfSet(SettingResolution resolved, SettingDescriptor descriptor) =>
        resolved.Has(descriptor) && resolved.Find(descriptor) is { IsAbsent: false } value ? value.Number : null;

    /// <summary>Zero means the same as nothing, and the trial's identity knows only nothing.</summary>
    private static double? NumberIfNotZero(SettingResolution resolved, SettingDescriptor descriptor) =>
        NumberIfSet(resolved, descriptor) is { } number && number != 0 ? number : null;

    /// <summary>The catalogue's words are the members of the enumerations, in lower case.</summary>
    private static T Word<T>(SettingValue value) where T : struct, Enum => Word<T>(value.Text);

    private static T Word<T>(string word) where T : struct, Enum => Words<T>.Members[word];

    private static class Words<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<string, T> Members = Enum.GetValues<T>().ToFrozenDictionary(member => member.ToString().ToLowerInvariant(), StringComparer.Ordinal);
    }
}
