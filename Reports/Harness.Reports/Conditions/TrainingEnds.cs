using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Conditions;

/// <summary>Whether training ended at a moment that decides a comparison: while losses still fell, or before a slow starter had begun.</summary>
internal static class TrainingEnds
{
    /// <summary>The last part of a curve, and the part of equal length before it.</summary>
    private const double Part = 0.2;

    /// <summary>A median loss in the last part below this share of that of the part before is falling.</summary>
    private const double Falling = 0.9;

    /// <summary>Whether more than half of the trials that took all steps without reaching the target still lost more than a tenth of their loss in the last fifth.</summary>
    public static bool IsStillFalling(ConditionResults condition) => MostOf(condition, trial => trial.Outcome is { Kind: OutcomeKind.Completed, Solved: false } && Falls(trial));

    /// <summary>Whether more than half of the trials ended with a loss that no longer fell: a flat curve, or early stopping. Without curves nothing is known, and the answer is no.</summary>
    public static bool HasLevelledOff(ConditionResults condition) => MostOf(condition, trial => trial.Outcome is { Kind: OutcomeKind.EarlyStopped } || (trial.Outcome is { Kind: OutcomeKind.Completed } && ChangeOf(trial) >= Falling));

    /// <summary>Whether the learning rate had fallen by then and may be what made the curves' ends flat: not where training stopped early, or the smallest loss came long before.</summary>
    public static bool IsFlatBySchedule(ConditionResults condition) => condition.Trial.Train.Optimizer.Schedule is { Kind: not ScheduleKind.Constant }
        && MostOf(condition, trial => trial.Outcome is { Kind: OutcomeKind.Completed } && !IsBestLongBefore(trial));

    /// <summary>Whether the patience of early stopping ended more than half of the trials before any evaluation was better than the baseline.</summary>
    public static bool StoppedBeforeLearning(ConditionResults condition) => condition.Trial.Train.EarlyStop?.Patience is not null
        && MostOf(condition, trial => trial.Outcome is { Kind: OutcomeKind.EarlyStopped, Solved: false } outcome && !(outcome.BestLoss < outcome.BaselineLoss));

    /// <summary>Whether the results are those of the best evaluation.</summary>
    public static bool KeepsBest(ConditionResults condition) => condition.Trial.Train.Keep == KeepKind.Best;

    private static bool MostOf(ConditionResults condition, Func<TrialResult, bool> applies)
    {
        var finished = condition.Trials.Where(trial => trial.State.HasResult() && trial.Outcome is not null).ToList();
        return 2 * finished.Count(applies) > finished.Count;
    }

    private static bool Falls(TrialResult trial) => ChangeOf(trial) < Falling;

    private static bool IsBestLongBefore(TrialResult trial)
    {
        if (!trial.Metrics.TryGetValue(MetricCatalog.EvaluationLoss, out var curve)) return false;
        var points = curve.Steps.Zip(curve.Values).Where(point => float.IsFinite(point.Second)).ToList();
        return points.Count > 0 && points.MinBy(point => point.Second).First < (1 - 2 * Part) * curve.Steps[^1];
    }

    /// <summary>The median loss of the last part of the curve over that of the part before; null where either holds fewer than two evaluations.</summary>
    private static double? ChangeOf(TrialResult trial)
    {
        if (!trial.Metrics.TryGetValue(MetricCatalog.EvaluationLoss, out var curve) || curve.Steps.Length == 0) return null;
        double last = curve.Steps[^1];
        var (before, after) = (Within(1 - 2 * Part, 1 - Part), Within(1 - Part, 1));
        return before.Length >= 2 && after.Length >= 2 ? Quantiles.Median(after) / Quantiles.Median(before) : null;

        double[] Within(double low, double high) =>
            [.. curve.Steps.Zip(curve.Values).Where(point => point.First > low * last && point.First <= high * last && float.IsFinite(point.Second)).Select(point => (double)point.Second)];
    }
}
