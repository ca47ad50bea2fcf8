using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Metrics;

/// <summary>The metrics this product records. The one place where a metric is registered, and the only one that spells its name.</summary>
public static class MetricCatalog
{
    /// <summary>What all names of a group begin with.</summary>
    public const string GradientGroup = "gradient.", GatesGroup = "gates.", SpeedGroup = "speed.", BaselineGroup = "baseline.", TestGroup = "test.";

    public const string TrainingLoss = "train.loss";
    public const string GradientNorm = "train.grad_norm";
    public const string EvaluationLoss = SuccessCriterion.Loss;
    public const string EvaluationAccuracy = SuccessCriterion.Accuracy;
    public const string LargestSingularValue = "weights.sigma_max";
    public const string SpectralRadius = "weights.spectral_radius";
    public const string Departure = "weights.departure";
    public const string MeanRetention = GatesGroup + "kept";
    public const string RetentionClosed = GatesGroup + "closed";
    public const string RetentionOpen = GatesGroup + "open";
    public const string TimeConstant = GatesGroup + "time_constant";
    public const string TimeConstant10 = GatesGroup + "time_constant_10";
    public const string TimeConstant90 = GatesGroup + "time_constant_90";
    public const string LyapunovExponent = "dynamics.lyapunov";
    public const string LongRangeShare = "dynamics.long_range";
    public const string ZeroGradients = "health.zero_gradients";
    public const string DeadUnits = "health.dead_units";
    public const string LargestGradientNorm = "train.grad_norm_max";
    public const string GradientNormSpike = "train.grad_norm_spike";
    public const string ClippedShare = "train.clipped_share";
    public const string Diverged = "diverged";
    public const string GradientHalfLife = GradientGroup + "half_life";
    public const string GradientSlope = GradientGroup + "slope";
    public const string GradientSurvival = GradientGroup + "survival";
    public const string GradientHorizon = GradientGroup + "horizon";
    public const string GradientUnderflow = GradientGroup + "underflow";
    public const string TrainingSetLoss = "train.set_loss";
    public const string GeneralizationGap = "generalization_gap";
    public const string TestLoss = "test.loss";
    public const string TestAccuracy = "test.accuracy";
    public const string TestSkill = "test.skill";
    public const string TestRootMeanSquare = TestGroup + "rmse";
    public const string TestMeanAbsolute = TestGroup + "mae";
    public const string TestScaledError = TestGroup + "mase";
    public const string TestPercentError = TestGroup + "smape";
    public const string TestBalancedAccuracy = TestGroup + "balanced_accuracy";
    public const string TestMacroF1 = TestGroup + "macro_f1";
    public const string TestBits = TestGroup + "bits";
    public const string TestPerplexity = TestGroup + "perplexity";
    public const string Parameters = "parameters";
    public const string MillisecondsPerStep = SpeedGroup + "ms_per_step";
    public const string StepsToTarget = "steps_to_target";
    public const string Solved = "solved";

    private static readonly MetricProbe gradients = new("probe.gradients", probe => probe.Gradients);

    private static readonly PointProbe
        weights = new("probe.weights", "When the largest singular value and the spectral radius of the recurrent weights are taken.", "[init, end]",
            probe => probe.Weights, (probe, moments) => probe with { Weights = moments }),
        gates = new("probe.gates", "When the statistics of the gate that keeps the state are taken, for cells that have one.", "[init, end]",
            probe => probe.Gates, (probe, moments) => probe with { Gates = moments })
        { AppliesTo = cell => cell.RetentionGate is not null },
        dynamics = new("probe.dynamics",
            "When the largest Lyapunov exponent of the state and the long-range share of the recurrent weights' gradient are taken. Costs a Jacobian of the state for every step of two sequences.", "[init, end]",
            probe => probe.Dynamics, (probe, moments) => probe with { Dynamics = moments }),
        health = new("probe.health", "When gradients that are exactly zero and units that no input moves are counted.", "[end]",
            probe => probe.Health, (probe, moments) => probe with { Health = moments });

    /// <summary>The probes that measure numbers, in the order of the reference page. The trainer has a class for each, marked with its setting.</summary>
    public static IReadOnlyList<PointProbe> PointProbes => guestProbe.Value is { } admitted ? [.. pointProbes, admitted] : pointProbes;

    private static readonly PointProbe[] pointProbes = [weights, gates, dynamics, health];

    /// <summary>The measures of the test part in a person's own terms. Networks and baselines have them; <see cref="BaselineMeasure"/> names those of a baseline.</summary>
    public static IReadOnlyList<MetricDescriptor> TestMeasures { get; } =
    [
        Measured(TestRootMeanSquare, DataQuestions.Number, lowerIsBetter: true, new("test RMSE", "测试均方根误差"),
            "Root mean square error on the test part, in the target's own unit."),
        Measured(TestMeanAbsolute, DataQuestions.Number, lowerIsBetter: true, new("test MAE", "测试平均绝对误差"),
            "Mean absolute error on the test part, in the target's own unit."),
        Measured(TestScaledError, DataQuestions.Number, lowerIsBetter: true, new("test MASE", "测试标度绝对误差"),
            "test.mae ÷ the mean absolute change over one season in the training part, over one row where there is no season (Hyndman and Koehler 2006): 1 is the error of the seasonal value there."),
        Measured(TestPercentError, DataQuestions.Number, lowerIsBetter: true, new("test sMAPE", "测试对称百分比误差"),
            "Mean of 2·|error| ÷ (|answer| + |prediction|) on the test part, from 0 to 2; an error of 0 counts 0."),
        Measured(TestBalancedAccuracy, DataQuestions.Class, lowerIsBetter: false, new("balanced test accuracy", "平衡测试准确率"),
            "Mean over the classes of the test part of the share of their sequences answered right: a frequent class counts as much as a rare one."),
        Measured(TestMacroF1, DataQuestions.Class, lowerIsBetter: false, new("test macro F1", "测试宏平均 F1"),
            "Mean of F1, 2·right ÷ (asked + answered), over the classes that occur among the answers of the test part or of the network."),
        Measured(TestBits, DataQuestions.Text, lowerIsBetter: true, new("bits per character on the test part", "测试部分的每字符比特数"),
            "test.loss ÷ ln 2: the bits that a character of the test part costs."),
        Measured(TestPerplexity, DataQuestions.Text, lowerIsBetter: true, new("test perplexity", "测试困惑度"),
            "e to the power of test.loss: among so many equally likely characters the network seems to choose."),
    ];

    public static IReadOnlyList<MetricDescriptor> All { get; } =
    [
        new(TrainingLoss, "", LowerIsBetter: true, Positive: true, MetricSource.Step, new("training loss", "训练损失"),
            "Loss on the training batch of each step."),
        new(GradientNorm, "", LowerIsBetter: null, Positive: true, MetricSource.Step, new("gradient norm", "梯度范数"),
            "Global gradient norm of each step, before clipping."),
        new(EvaluationLoss, "", LowerIsBetter: true, Positive: true, MetricSource.Evaluation, new("final evaluation loss", "最终评估损失"),
            "Loss on the fixed evaluation set.")
        { Value = (trial, outcome) => TrialMetrics.HasDiverged(trial) ? double.PositiveInfinity : outcome.FinalLoss },
        new(EvaluationAccuracy, "", LowerIsBetter: false, Positive: false, MetricSource.Evaluation, new("final accuracy", "最终准确率"),
            "Share of evaluation sequences answered right, at every step that asks.")
        { NeedsGradedTask = true, Value = (trial, outcome) => TrialMetrics.HasDiverged(trial) && outcome.FinalAccuracy is not null ? 0 : outcome.FinalAccuracy },
        Probed(weights, LargestSingularValue, "", lowerIsBetter: null, positive: true, new("largest singular value of the recurrent weights", "循环权重的最大奇异值"),
            "Largest singular value of the recurrent weights, over layers, directions and gates; below 1 gradients of a tanh network must vanish."),
        Probed(weights, SpectralRadius, "", lowerIsBetter: null, positive: true, new("spectral radius of the recurrent weights", "循环权重的谱半径"),
            "Largest eigenvalue of the recurrent weights by magnitude, over layers, directions and gates."),
        Probed(weights, Departure, "", lowerIsBetter: null, positive: false, new("departure of the recurrent weights from normality", "循环权重偏离正规矩阵的程度"),
            "√(‖W‖² − Σ|λ|²) ÷ ‖W‖ of the recurrent weights, the largest of all layers, directions and gates (Henrici 1962): 0 for a normal matrix, where eigenvalues tell everything, 1 for a chain that only passes on (Goldman 2009)."),
        Probed(gates, MeanRetention, "", lowerIsBetter: null, positive: false, new("mean of the gate that keeps", "保持门的平均值"),
            "Mean of the gate that keeps the old state (LSTM: forget, GRU: update) over units, steps and sequences."),
        Probed(gates, RetentionClosed, "", lowerIsBetter: null, positive: false, new("closed share of the retention gate", "保持门关闭的比例"),
            "Share of that gate's values below 0.1: nearly everything is forgotten."),
        Probed(gates, RetentionOpen, "", lowerIsBetter: null, positive: false, new("open share of the retention gate", "保持门打开的比例"),
            "Share of that gate's values above 0.9: nearly everything is kept."),
        Probed(gates, TimeConstant, "steps", lowerIsBetter: null, positive: true, new("time constant of the units", "单元的时间常数"),
            "Median over units of −1/ln of that gate's mean: after so many steps a unit has kept 37 %."),
        Probed(gates, TimeConstant10, "steps", lowerIsBetter: null, positive: true, new("10th percentile of the units' time constants", "单元时间常数的第 10 百分位数"),
            "The time constant that 10 % of the units stay below."),
        Probed(gates, TimeConstant90, "steps", lowerIsBetter: null, positive: true, new("90th percentile of the units' time constants", "单元时间常数的第 90 百分位数"),
            "The time constant that 90 % of the units stay below."),
        .. CellCatalog.All.SelectMany(cell => cell.Shares).Distinct(StringComparer.Ordinal).SelectMany(OfGate),
        Probed(dynamics, LyapunovExponent, "log10 per step", lowerIsBetter: null, positive: false, new("largest Lyapunov exponent", "最大李雅普诺夫指数"),
            "Largest Lyapunov exponent of the state along evaluation sequences: how a small disturbance grows, above 0, or dies out, below."),
        Probed(dynamics, LongRangeShare, "", lowerIsBetter: false, positive: false, new("long-range share of the gradient", "梯度的长程部分所占比例"),
            "Share of the recurrent weights' gradient that comes from the first half of the sequence, for the loss at its end: what the optimizer sees of the distant past."),
        Probed(health, ZeroGradients, "", lowerIsBetter: true, positive: false, new("share of gradients that are zero", "为零的梯度比例"),
            "Share of the weights whose gradient is exactly zero, in the precision of training."),
        Probed(health, DeadUnits, "", lowerIsBetter: true, positive: false, new("share of dead units", "失活单元的比例"),
            "Share of the recurrent units that are zero, or beyond ±0.95, at every step of every sequence."),
        new(LargestGradientNorm, "", LowerIsBetter: null, Positive: true, MetricSource.Trial, new("largest gradient norm of any step", "各步中最大的梯度范数"),
            "Largest gradient norm of any step, before clipping; infinite where a trial diverged.")
        { Value = (trial, _) => TrialMetrics.LargestNorm(trial) },
        new(GradientNormSpike, "", LowerIsBetter: null, Positive: true, MetricSource.Trial, new("largest over median gradient norm", "最大梯度范数与中位数之比"),
            "That norm over the median of all steps: how much the worst step stands out.")
        { Value = (trial, _) => TrialMetrics.LargestNorm(trial) / TrialMetrics.MedianNorm(trial) },
        new(ClippedShare, "", LowerIsBetter: null, Positive: false, MetricSource.Trial, new("share of clipped steps", "被裁剪的步的比例"),
            "Share of the steps whose gradient was clipped, where clipping was asked for.")
        { Value = (_, outcome) => outcome.ClippedShare },
        new(Diverged, "", LowerIsBetter: true, Positive: false, MetricSource.Trial, new("share of diverged seeds", "发散的种子比例"),
            "Whether the loss or the gradient became NaN or infinite.")
        { Value = (trial, _) => TrialMetrics.HasDiverged(trial) ? 1 : 0 },
        Profiled(GradientHalfLife, "steps", lowerIsBetter: false, positive: true, new("half-life of the gradient", "梯度半衰期"),
            "Steps of lag after which the loss's gradient has halved; longer reaches further back. It has no ratio where a gradient does not decay, so the slope decides claims about it.",
            profile => profile.Slope is { } slope ? GradientProfile.HalfLifeOf(slope) ?? double.PositiveInfinity : null),
        Profiled(GradientSlope, "log10 per step", lowerIsBetter: false, positive: false, new("slope of the log gradient", "梯度对数的斜率"),
            "Slope of the log10 gradient norm on lag; 0 neither vanishes nor explodes.", profile => profile.Slope),
        Profiled(GradientSurvival, "", lowerIsBetter: false, positive: true, new("share of the gradient left after half the sequence", "经过半个序列后剩余的梯度比例"),
            "Gradient norm at a lag of half the sequence, divided by that at the last step: 1 keeps all of it.", profile => profile.Survival),
        Profiled(GradientHorizon, "steps", lowerIsBetter: false, positive: false, new("horizon of the gradient", "梯度的有效范围"),
            "The largest lag at which the loss's gradient has still a hundredth of its norm at the last step; at most the sequence's length.", profile => profile.Horizon()),
        Profiled(GradientUnderflow, "", lowerIsBetter: true, positive: false, new("share of lags without a gradient", "梯度为零的滞后比例"),
            "Share of the lags at which the gradient is exactly zero even in float64; these have no logarithm and are left out of the slope.", profile => profile.Underflow),
        new(TrainingSetLoss, "", LowerIsBetter: true, Positive: true, MetricSource.TrainingSet, new("loss on the training set", "训练集损失"),
            "Loss at the end of training on the N sequences that were trained on, label noise included; only with train.sequences.")
        { Value = (trial, _) => TrialMetrics.LastLoss(trial, TrainingSetLoss) },
        new(GeneralizationGap, "", LowerIsBetter: true, Positive: false, MetricSource.TrainingSet, new("generalisation gap", "泛化差距"),
            "(eval.loss − train.set_loss) ÷ the baseline's loss at the end of training: 0 where new sequences cost as much as those that were trained on, 0.5 where they cost half a baseline more; only with train.sequences.")
        { Value = (trial, outcome) => TrialMetrics.Last(trial, TrainingSetLoss) is { } learned && outcome is { FinalLoss: { } final, BaselineLoss: > 0 } ? (final - learned) / outcome.BaselineLoss : null },
        new(TestLoss, "", LowerIsBetter: true, Positive: true, MetricSource.TestPart, new("test loss", "测试损失"),
            "Loss on the held-out test part, taken once, at the end of training; only for tasks that read a file and split off a test part.")
        { Value = (trial, _) => TrialMetrics.LastLoss(trial, TestLoss) },
        new(TestAccuracy, "", LowerIsBetter: false, Positive: false, MetricSource.TestPart, new("test accuracy", "测试准确率"),
            "Share of the test part's sequences answered right, taken once, at the end of training.")
        { NeedsGradedTask = true, Value = (trial, _) => TrialMetrics.Last(trial, TestAccuracy) },
        new(TestSkill, "", LowerIsBetter: false, Positive: false, MetricSource.TestPart, new("skill on the test part", "测试部分的技巧分"),
            "1 − test.loss ÷ the test loss of the baseline that is best on the validation part: 0 where the network is no better, 1 where it makes no error, below 0 where the baseline wins.")
        { Value = (trial, _) => TrialMetrics.HasDiverged(trial) ? double.NegativeInfinity : TrialMetrics.Last(trial, TestSkill) },
        .. TestMeasures,
        new(Parameters, "", LowerIsBetter: true, Positive: true, MetricSource.Trial, new("number of parameters", "参数量"),
            "Trainable parameters of the recurrent layers.")
        { Value = (_, outcome) => outcome.Parameters },
        new(MillisecondsPerStep, "ms", LowerIsBetter: true, Positive: true, MetricSource.Trial, new("time per step", "每步用时"),
            "Median time of a training step.")
        { Value = (_, outcome) => outcome.MillisecondsPerStep },
        new(StepsToTarget, "steps", LowerIsBetter: true, Positive: true, MetricSource.Trial, new("steps to the target", "达到目标的步数"),
            "Steps until the target was met at two evaluations in a row; censored at the end of training.")
        { Value = (_, outcome) => outcome.StepsToTarget ?? double.PositiveInfinity },
        new(Solved, "", LowerIsBetter: false, Positive: false, MetricSource.Trial, new("share of solved seeds", "解决任务的种子比例"),
            "Whether the target was met at two evaluations in a row.")
        { Value = (_, outcome) => outcome.Solved ? 1 : 0 },
        .. BaselineCatalog.All.SelectMany(OfBaseline),
    ];

    private static readonly AsyncLocal<MetricDescriptor?> guest = new();

    private static readonly AsyncLocal<PointProbe?> guestProbe = new();

    /// <summary>The metric called <paramref name="name"/>, or null.</summary>
    public static MetricDescriptor? Find(string name) =>
        guest.Value is { } admitted && admitted.Name == name ? admitted : All.FirstOrDefault(metric => string.Equals(metric.Name, name, StringComparison.Ordinal));

    /// <summary>Admits a metric that is not shipped, for the calling context alone and until the result is disposed of.</summary>
    internal static IDisposable Admit(MetricDescriptor descriptor) => new GuestScope<MetricDescriptor>(guest, descriptor);

    /// <summary>Admits a probe that is not shipped, as <see cref="Admit(MetricDescriptor)"/> does a metric.</summary>
    internal static IDisposable Admit(PointProbe probe) => new GuestScope<PointProbe>(guestProbe, probe);

    /// <summary>Share of one gate's values below 0.1.</summary>
    /// <param name="gate">One of <see cref="CellDefinition.Shares"/>.</param>
    public static string GateClosed(string gate) => $"{GatesGroup}{gate}.closed";

    /// <summary>Share of one gate's values above 0.9.</summary>
    /// <param name="gate">One of <see cref="CellDefinition.Shares"/>.</param>
    public static string GateOpen(string gate) => $"{GatesGroup}{gate}.open";

    /// <summary>The number of moments at which a trial is probed, apart from gradient profiles along the way.</summary>
    public static int MomentsOf(ProbeSpec probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return probe.Gradients.Count + (probe.Trace?.Count ?? 0) + PointProbes.Sum(point => point.Moments(probe)?.Count ?? 0);
    }

    /// <summary>Loss of a baseline on the evaluation set; see <see cref="BaselineCatalog"/>.</summary>
    public static string Baseline(string name) => $"{BaselineGroup}{name}";

    /// <summary>Its loss on the test set.</summary>
    public static string BaselineOnTest(string name) => $"{BaselineGroup}{name}.test";

    /// <summary>Its share of right answers on the evaluation set.</summary>
    public static string BaselineAccuracy(string name) => $"{BaselineGroup}{name}.accuracy";

    /// <summary>Its share of right answers on the test set.</summary>
    public static string BaselineTestAccuracy(string name) => $"{BaselineGroup}{name}.test_accuracy";

    /// <summary>What one of <see cref="TestMeasures"/> is called for a baseline, e.g. <c>baseline.last.test_mae</c>.</summary>
    public static string BaselineMeasure(string baseline, string measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return $"{BaselineGroup}{baseline}.test_{measure[TestGroup.Length..]}";
    }

    /// <summary>What a metric of networks is called for a baseline; null where the baseline has no such value.</summary>
    public static string? OfBaseline(string baseline, string metric)
    {
        var name = metric switch
        {
            EvaluationLoss => Baseline(baseline),
            TestLoss => BaselineOnTest(baseline),
            EvaluationAccuracy => BaselineAccuracy(baseline),
            TestAccuracy => BaselineTestAccuracy(baseline),
            _ => TestMeasures.Any(measure => measure.Name == metric) ? BaselineMeasure(baseline, metric) : null,
        };
        return name is not null && Find(name) is not null ? name : null;
    }

    /// <summary>A measure of the test part. A trial that diverged has the worst value.</summary>
    private static MetricDescriptor Measured(string name, DataQuestions questions, bool lowerIsBetter, LocalText words, string summary) =>
        new(name, "", lowerIsBetter, Positive: lowerIsBetter, MetricSource.TestPart, words, summary)
        {
            Questions = questions,
            Value = (trial, _) => TrialMetrics.HasDiverged(trial) ? lowerIsBetter ? double.PositiveInfinity : 0 : TrialMetrics.Last(trial, name),
        };

    private static IEnumerable<MetricDescriptor> OfBaseline(BaselineDefinition baseline)
    {
        yield return Of(Baseline(baseline.Name), lowerIsBetter: true, "loss on the evaluation set", "在评估集上的损失");
        yield return Of(BaselineOnTest(baseline.Name), lowerIsBetter: true, "loss on the test part", "在测试部分的损失");
        foreach (var measure in TestMeasures.Where(measure => (measure.Questions & baseline.Questions) is not (null or DataQuestions.None)))
            yield return Of(BaselineMeasure(baseline.Name, measure.Name), lowerIsBetter: measure.LowerIsBetter == true, measure.Words.English, $"的{measure.Words.Chinese}");
        if (!baseline.HasAccuracy) yield break;
        yield return Of(BaselineAccuracy(baseline.Name), lowerIsBetter: false, "accuracy on the evaluation set", "在评估集上的准确率");
        yield return Of(BaselineTestAccuracy(baseline.Name), lowerIsBetter: false, "accuracy on the test part", "在测试部分的准确率");

        MetricDescriptor Of(string name, bool lowerIsBetter, string what, string inChinese) =>
            new(name, "", lowerIsBetter, Positive: lowerIsBetter, MetricSource.Step, new($"{baseline.Words.English}: {what}", $"{baseline.Words.Chinese}{inChinese}"), $"Of a data file's baseline, {baseline.Summary}: {what}. Known before training.");
    }

    /// <summary>Whether a metric's name begins as those of a group do.</summary>
    public static bool IsIn(string metric, string group) => metric.StartsWith(group, StringComparison.Ordinal);

    /// <summary>A metric that a probe measures: its last value stands for the trial, unless a claim names a moment.</summary>
    public static MetricDescriptor Probed(MetricProbe probe, string name, string unit, bool? lowerIsBetter, bool positive, LocalText words, string summary) =>
        new(name, unit, lowerIsBetter, positive, MetricSource.Probe, words, summary) { Probe = probe, Value = (trial, _) => TrialMetrics.Last(trial, name), ValueAt = (trial, outcome, moment) => TrialMetrics.At(trial, outcome, name, moment) };

    private static MetricDescriptor Profiled(string name, string unit, bool lowerIsBetter, bool positive, LocalText words, string summary, Func<GradientProfile, double?> value) =>
        new(name, unit, lowerIsBetter, positive, MetricSource.Trial, words, summary)
        {
            Probe = gradients,
            Value = (trial, _) => TrialMetrics.MemoryProfile(trial) is { } profile ? value(profile) : null,
            ValueAt = (trial, _, moment) => TrialMetrics.MemoryProfile(trial, moment) is { } profile ? value(profile) : null,
        };

    private static MetricDescriptor[] OfGate(string gate)
    {
        var chinese = GateNames.Of(gate).Chinese;
        return
        [
            Probed(gates, GateClosed(gate), "", lowerIsBetter: null, positive: false, new($"closed share of the {gate} gate", $"{chinese}关闭的比例"), $"Share of the {gate} gate's values below 0.1."),
            Probed(gates, GateOpen(gate), "", lowerIsBetter: null, positive: false, new($"open share of the {gate} gate", $"{chinese}打开的比例"), $"Share of the {gate} gate's values above 0.9."),
        ];
    }
}
