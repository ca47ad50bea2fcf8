using Harness.Abstractions.Results;
using Harness.Reports.Statistics;

namespace Harness.Reports.Conditions;

/// <summary>How long trials waited for their target.</summary>
internal static class TargetWaits
{
    /// <summary>What each finished seed waited for the target, in steps or in seconds of <see cref="TrialStatistics.TrainSeconds"/>'s clock; else censored at the budget.</summary>
    public static List<Waiting> Of(Arm arm, bool bySeconds)
    {
        if (bySeconds && arm.Statistics.MillisecondsPerStep is not { Value: > 0 }) return [];
        var scale = bySeconds ? arm.Statistics.MillisecondsPerStep!.Value / 1000 : 1;
        return
        [
            .. arm.Condition.Trials.Where(trial => trial.State.HasResult()).Select(trial => trial.Outcome).OfType<TrialOutcome>()
                .Select(outcome => outcome.StepsToTarget is { } steps ? new Waiting(scale * steps, true) : new Waiting(scale * arm.Condition.Trial.Train.Steps, false)),
        ];
    }
}
