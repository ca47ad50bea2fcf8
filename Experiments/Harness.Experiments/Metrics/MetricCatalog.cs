using Harness.Experiments.Catalog;
using Harness.Experiments.Results;

namespace Harness.Experiments.Metrics;

/// <summary>The metrics this product records. The one place where a metric is registered.</summary>
public static class MetricCatalog
{
    private const string Gradients = "probe.gradients", Weights = "probe.weights", Gates = "probe.gates", Dynamics = "probe.dynamics", Health = "probe.health";

    public static IReadOnlyList<MetricDescriptor> All { get; } =
    [
        new(MetricNames.TrainingLoss, "", LowerIsBetter: true, Positive: true, MetricSource.Step, new("training loss", "训练损失"),
            "Loss on the training batch of each step."),
        new(MetricNames.GradientNorm, "", LowerIsBetter: null, Positive: true, MetricSource.Step, new("gradient norm", "梯度范数"),
            "Global gradient norm of each step, before clipping."),
        new(MetricNames.EvaluationLoss, "", LowerIsBetter: true, Positive: true, MetricSource.Evaluation, new("final evaluation loss", "最终评估损失"),
            "Loss on the fixed evaluation set.")
        { Value = (trial, outcome) => TrialMetrics.HasDiverged(trial) ? double.PositiveInfinity : outcome.FinalLoss },
        new(MetricNames.EvaluationAccuracy, "", LowerIsBetter: false, Positive: false, MetricSource.Evaluation, new("final accuracy", "最终准确率"),
            "Share of evaluation sequences answered right, at every step that asks.")
        { NeedsGradedTask = true, Value = (trial, outcome) => TrialMetrics.HasDiverged(trial) && outcome.FinalAccuracy is not null ? 0 : outcome.FinalAccuracy },
        Probed(Weights, MetricNames.LargestSingularValue, "", lowerIsBetter: null, positive: true, new("largest singular value of the recurrent weights", "循环权重的最大奇异值"),
            "Largest singular value of the recurrent weights, over layers, directions and gates; below 1 gradients of a tanh network must vanish."),
        Probed(Weights, MetricNames.SpectralRadius, "", lowerIsBetter: null, positive: true, new("spectral radius of the recurrent weights", "循环权重的谱半径"),
            "Largest eigenvalue of the recurrent weights by magnitude, over layers, directions and gates."),
        Probed(Gates, MetricNames.MeanRetention, "", lowerIsBetter: null, positive: false, new("mean of the gate that keeps", "保持门的平均值"),
            "Mean of the gate that keeps the old state (LSTM: forget, GRU: update) over units, steps and sequences."),
        Probed(Gates, MetricNames.RetentionClosed, "", lowerIsBetter: null, positive: false, new("share of retention-gate values below 0.1", "保持门的值低于 0.1 的比例"),
            "Share of that gate's values below 0.1: nearly everything is forgotten."),
        Probed(Gates, MetricNames.RetentionOpen, "", lowerIsBetter: null, positive: false, new("share of retention-gate values above 0.9", "保持门的值高于 0.9 的比例"),
            "Share of that gate's values above 0.9: nearly everything is kept."),
        Probed(Gates, MetricNames.TimeConstant, "steps", lowerIsBetter: null, positive: true, new("time constant of the units", "单元的时间常数"),
            "Median over units of −1/ln of that gate's mean: after so many steps a unit has kept 37 %."),
        Probed(Gates, MetricNames.TimeConstant10, "steps", lowerIsBetter: null, positive: true, new("10th percentile of the units' time constants", "单元时间常数的第 10 百分位数"),
            "The time constant that 10 % of the units stay below."),
        Probed(Gates, MetricNames.TimeConstant90, "steps", lowerIsBetter: null, positive: true, new("90th percentile of the units' time constants", "单元时间常数的第 90 百分位数"),
            "The time constant that 90 % of the units stay below."),
        .. CellCatalog.All.SelectMany(cell => cell.Shares).Distinct(StringComparer.Ordinal).SelectMany(OfGate),
        Probed(Dynamics, MetricNames.LyapunovExponent, "log10 per step", lowerIsBetter: null, positive: false, new("largest Lyapunov exponent", "最大李雅普诺夫指数"),
            "Largest Lyapunov exponent of the state along evaluation sequences: how a small disturbance grows, above 0, or dies out, below."),
        Probed(Dynamics, MetricNames.LongRangeShare, "", lowerIsBetter: false, positive: false, new("long-range share of the gradient", "梯度的长程部分所占比例"),
            "Share of the recurrent weights' gradient that comes from the first half of the sequence, for the loss at its end: what the optimizer sees of the distant past."),
        Probed(Health, MetricNames.ZeroGradients, "", lowerIsBetter: true, positive: false, new("share of gradients that are zero", "为零的梯度比例"),
            "Share of the weights whose gradient is exactly zero, in the precision of training."),
        Probed(Health, MetricNames.DeadUnits, "", lowerIsBetter: true, positive: false, new("share of dead units", "失活单元的比例"),
            "Share of the recurrent units that are zero, or beyond ±0.95, at every step of every sequence."),
        new(MetricNames.LargestGradientNorm, "", LowerIsBetter: null, Positive: true, MetricSource.Trial, new("largest gradient norm of any step", "各步中最大的梯度范数"),
            "Largest gradient norm of any step, before clipping; infinite where a trial diverged.")
        { Value = (trial, _) => TrialMetrics.LargestNorm(trial) },
        new(MetricNames.GradientNormSpike, "", LowerIsBetter: null, Positive: true, MetricSource.Trial, new("largest over median gradient norm", "最大梯度范数与中位数之比"),
            "That norm over the median of all steps: how much the worst step stands out.")
        { Value = (trial, _) => TrialMetrics.LargestNorm(trial) / TrialMetrics.MedianNorm(trial) },
        new(MetricNames.ClippedShare, "", LowerIsBetter: null, Positive: false, MetricSource.Trial, new("share of clipped steps", "被裁剪的步的比例"),
            "Share of the steps whose gradient was clipped, where clipping was asked for.")
        { Value = (_, outcome) => outcome.ClippedShare },
        new(MetricNames.Diverged, "", LowerIsBetter: true, Positive: false, MetricSource.Trial, new("share of diverged seeds", "发散的种子比例"),
            "Whether the loss or the gradient became NaN or infinite.")
        { Value = (trial, _) => TrialMetrics.HasDiverged(trial) ? 1 : 0 },
        new(MetricNames.GradientHalfLife, "steps", LowerIsBetter: false, Positive: true, MetricSource.Trial, new("half-life of the gradient", "梯度半衰期"),
            "Steps of lag after which the loss's gradient has halved; longer reaches further back.")
        { Probe = Gradients, Value = (trial, _) => TrialMetrics.MemoryProfile(trial)?.Slope is { } slope ? GradientProfile.HalfLifeOf(slope) ?? double.PositiveInfinity : null },
        new(MetricNames.GradientSlope, "log10 per step", LowerIsBetter: false, Positive: false, MetricSource.Trial, new("slope of the log gradient", "梯度对数的斜率"),
            "Slope of the log10 gradient norm on lag; 0 neither vanishes nor explodes.")
        { Probe = Gradients, Value = (trial, _) => TrialMetrics.MemoryProfile(trial)?.Slope },
        new(MetricNames.GradientHorizon, "steps", LowerIsBetter: false, Positive: false, MetricSource.Trial, new("horizon of the gradient", "梯度的有效范围"),
            "The largest lag at which the loss's gradient has still a hundredth of its norm at the last step; at most the sequence's length.")
        { Probe = Gradients, Value = (trial, _) => TrialMetrics.MemoryProfile(trial)?.Horizon() },
        new(MetricNames.GradientUnderflow, "", LowerIsBetter: true, Positive: false, MetricSource.Trial, new("share of lags without a gradient", "梯度为零的滞后比例"),
            "Share of the lags at which the gradient is exactly zero even in float64; these have no logarithm and are left out of the slope.")
        { Probe = Gradients, Value = (trial, _) => TrialMetrics.MemoryProfile(trial)?.Underflow },
        new(MetricNames.TrainingSetLoss, "", LowerIsBetter: true, Positive: true, MetricSource.TrainingSet, new("loss on the training set", "训练集损失"),
            "Loss at the end of training on the N sequences that were trained on, label noise included; only with train.sequences.")
        { Value = (trial, _) => TrialMetrics.LastLoss(trial, MetricNames.TrainingSetLoss) },
        new(MetricNames.GeneralizationGap, "", LowerIsBetter: true, Positive: false, MetricSource.TrainingSet, new("generalisation gap", "泛化差距"),
            "ln(eval.loss / train.set_loss) at the end of training, the natural logarithm: 0 where new sequences cost as much as those that were trained on, 0.69 where they cost twice as much; only with train.sequences.")
        { Value = (trial, outcome) => TrialMetrics.Last(trial, MetricNames.TrainingSetLoss) is { } learned && outcome.FinalLoss is { } final ? Math.Log(final / learned) : null },
        new(MetricNames.TestLoss, "", LowerIsBetter: true, Positive: true, MetricSource.TestPart, new("test loss", "测试损失"),
            "Loss on the held-out test part, taken once, at the end of training; only for tasks that read a file and split off a test part.")
        { Value = (trial, _) => TrialMetrics.LastLoss(trial, MetricNames.TestLoss) },
        new(MetricNames.TestAccuracy, "", LowerIsBetter: false, Positive: false, MetricSource.TestPart, new("test accuracy", "测试准确率"),
            "Share of the test part's sequences answered right, taken once, at the end of training.")
        { NeedsGradedTask = true, Value = (trial, _) => TrialMetrics.Last(trial, MetricNames.TestAccuracy) },
        new(MetricNames.Parameters, "", LowerIsBetter: true, Positive: true, MetricSource.Trial, new("number of parameters", "参数量"),
            "Trainable parameters of the recurrent layers.")
        { Value = (_, outcome) => outcome.Parameters },
        new(MetricNames.MillisecondsPerStep, "ms", LowerIsBetter: true, Positive: true, MetricSource.Trial, new("time per step", "每步用时"),
            "Median time of a training step.")
        { Value = (_, outcome) => outcome.MillisecondsPerStep },
        new(MetricNames.StepsToTarget, "steps", LowerIsBetter: true, Positive: true, MetricSource.Trial, new("steps to the target", "达到目标的步数"),
            "Steps until the target was met at two evaluations in a row; censored at the end of training.")
        { Value = (_, outcome) => outcome.StepsToTarget ?? double.PositiveInfinity },
        new(MetricNames.Solved, "", LowerIsBetter: false, Positive: false, MetricSource.Trial, new("share of solved seeds", "解决任务的种子比例"),
            "Whether the target was met at two evaluations in a row.")
        { Value = (_, outcome) => outcome.Solved ? 1 : 0 },
    ];

    /// <summary>The metric called <paramref name="name"/>, or null.</summary>
    public static MetricDescriptor? Find(string name) => All.FirstOrDefault(metric => string.Equals(metric.Name, name, StringComparison.Ordinal));

    private static MetricDescriptor Probed(string probe, string name, string unit, bool? lowerIsBetter, bool positive, LocalText words, string summary) =>
        new(name, unit, lowerIsBetter, positive, MetricSource.Probe, words, summary) { Probe = probe, Value = (trial, _) => TrialMetrics.Last(trial, name) };

    private static MetricDescriptor[] OfGate(string gate)
    {
        var chinese = GateNames.Of(gate).Chinese;
        return
        [
            Probed(Gates, MetricNames.GateClosed(gate), "", lowerIsBetter: null, positive: false, new($"share of {gate}-gate values below 0.1", $"{chinese}的值低于 0.1 的比例"), $"Share of the {gate} gate's values below 0.1."),
            Probed(Gates, MetricNames.GateOpen(gate), "", lowerIsBetter: null, positive: false, new($"share of {gate}-gate values above 0.9", $"{chinese}的值高于 0.9 的比例"), $"Share of the {gate} gate's values above 0.9."),
        ];
    }
}
