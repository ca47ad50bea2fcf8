using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Verdicts;

/// <summary>Arms that hold nothing to decide by.</summary>
internal static class Degenerate
{
    /// <summary>Why arms cannot decide anything about a metric whatever the numbers, or null.</summary>
    public static NotTestedReason? Reason(IReadOnlyList<Arm> arms, string metric)
    {
        if (metric is MetricCatalog.Parameters or MetricCatalog.Diverged || ArmReadings.IsSpeed(metric)) return null;
        var finished = arms.SelectMany(arm => arm.Condition.Trials).Where(trial => trial.State.HasResult()).ToList();
        if (finished.Count > 0 && finished.TrueForAll(trial => trial.State == TrialState.Diverged)) return NotTestedReason.EveryDiverged;
        return null;
    }

    /// <summary>A refusal for want of values, said as what it is where every seed diverged.</summary>
    public static NotTestedReason Instead(NotTestedReason reason, IEnumerable<Arm?> arms, string metric) =>
        reason is NotTestedReason.CoverageDiffers or NotTestedReason.TooFewSeeds && arms.OfType<Arm>().ToList() is { Count: > 0 } found && Reason(found, metric) is { } better ? better : reason;

    public static bool IsReached(Arm arm) => arm.Statistics.Solved > 0;
}
