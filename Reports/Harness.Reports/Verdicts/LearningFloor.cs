using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;

namespace Harness.Reports.Verdicts;

/// <summary>What an arm's loss is relative to the baseline, and whether that is learning.</summary>
/// <param name="Ratio">Loss ÷ baseline of the same seed, median over seeds; +∞ where most diverged.</param>
/// <param name="Floor">A loss ÷ baseline below this is learning.</param>
/// <param name="Failed">Seeds that diverged or did not get below the floor.</param>
/// <param name="Count">Finished seeds.</param>
internal sealed record ArmLearning(Arm Arm, double Ratio, double Floor, int Failed, int Count)
{
    public bool HasLearned => Ratio < Floor;
}

/// <summary>Only what was learned can be compared: losses no better than the baseline differ by over-confidence, not by skill.</summary>
internal static class LearningFloor
{
    private const double Least = 0.95;

    /// <summary>Two standard errors: how far the baseline of another evaluation set may lie by chance.</summary>
    private const double Errors = 2;

    /// <summary>
    /// Below 0.95, or below the baseline's own sampling error where that is larger. The seeds' evaluation sets are drawn independently, so
    /// the spread of their baselines is that error. Null for metrics without a loss, and where no seed has a baseline above 0.
    /// </summary>
    public static ArmLearning? Of(Arm arm, string metric)
    {
        if (!Applies(metric)) return null;
        var losses = arm.Condition.Trials.Where(trial => trial.State.HasResult() && trial.Outcome is { BaselineLoss: > 0 })
            .Select(trial => (Loss: LossOf(trial, metric), Baseline: BaselineOf(trial, metric))).Where(pair => pair.Loss is not null && double.IsFinite(pair.Baseline)).ToList();
        if (losses.Count == 0) return null;
        var mean = losses.Average(pair => pair.Baseline);
        var error = losses.Count < 2 ? 0 : Math.Sqrt(losses.Sum(pair => (pair.Baseline - mean) * (pair.Baseline - mean)) / (losses.Count - 1));
        var floor = Math.Clamp(1 - Errors * error / mean, 0, Least);
        List<double> ratios = [.. losses.Select(pair => double.IsNaN(pair.Loss!.Value) ? double.PositiveInfinity : pair.Loss.Value / pair.Baseline)];
        return new(arm, Quantiles.Median(ratios), floor, ratios.Count(ratio => !(ratio < floor)), ratios.Count);
    }

    /// <summary>The baseline on the part that the metric is taken from: of the one that is best on the validation part.</summary>
    private static double BaselineOf(TrialResult trial, string metric) =>
        metric == MetricCatalog.TestLoss && TrialMetrics.BestBaseline(trial) is { } best && TrialMetrics.Recorded(trial, MetricCatalog.BaselineOnTest(best.Name)) is > 0 and { } test ? test : trial.Outcome!.BaselineLoss;

    private static bool Applies(string metric) => metric is MetricCatalog.EvaluationLoss or MetricCatalog.TestLoss or MetricCatalog.TrainingSetLoss
        or MetricCatalog.EvaluationAccuracy or MetricCatalog.TestAccuracy or MetricCatalog.GeneralizationGap;

    /// <summary>
    /// The loss that shows whether there is anything to compare. For accuracies the best of all evaluations: a classifier may grow
    /// over-confident, which costs loss and no accuracy. For the gap the loss on the training set: who memorises has learned.
    /// </summary>
    private static double? LossOf(TrialResult trial, string metric) => trial.State == TrialState.Diverged ? double.PositiveInfinity : metric switch
    {
        MetricCatalog.EvaluationAccuracy or MetricCatalog.TestAccuracy => trial.Outcome!.BestLoss ?? trial.Outcome.FinalLoss,
        MetricCatalog.GeneralizationGap => TrialMetrics.ValueOf(trial, MetricCatalog.TrainingSetLoss),
        _ => TrialMetrics.ValueOf(trial, metric),
    };
}
