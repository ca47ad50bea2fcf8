using Harness.Experiments.Metrics;
using Harness.Experiments.Results;
using Harness.Reports.Model;

namespace Harness.Reports.Verdicts;

/// <summary>The values of one metric over the finished seeds of one condition.</summary>
/// <param name="BySeed">Seeds that finished and have a value.</param>
/// <param name="Finished">Seeds that finished, with or without one.</param>
internal sealed record ArmReadings(Arm Arm, IReadOnlyDictionary<long, double> BySeed, int Finished)
{
    /// <summary>A fifth: above this share of lost trials the seeds that are left may be a selection.</summary>
    private const double MostFailures = 0.2;

    public static ArmReadings Of(Arm arm, string metric) => new(
        arm,
        arm.Condition.Trials.Select(trial => (trial.Seed, Value: TrialMetrics.ValueOf(trial, metric)))
            .Where(pair => pair.Value is not null && !double.IsNaN(pair.Value.Value))
            .DistinctBy(pair => pair.Seed)
            .ToDictionary(pair => pair.Seed, pair => pair.Value!.Value),
        arm.Condition.Trials.Count(trial => trial.State.HasResult()));

    /// <summary>Why the condition cannot decide anything yet, or null.</summary>
    public NotTestedReason? Obstacle
    {
        get
        {
            var trials = Arm.Condition.Trials;
            if (trials.Any(trial => !trial.State.IsTerminal())) return NotTestedReason.StillRunning;
            if (trials.Count(trial => trial.State is TrialState.Failed or TrialState.Cancelled) > MostFailures * trials.Count) return NotTestedReason.TooManyFailures;
            return BySeed.Count < Finished ? NotTestedReason.CoverageDiffers : null;
        }
    }

    /// <summary>The machine of each seed that finished.</summary>
    public IReadOnlyDictionary<long, string?> Hosts => Arm.Condition.Trials.Where(trial => trial.State.HasResult())
        .DistinctBy(trial => trial.Seed).ToDictionary(trial => trial.Seed, trial => trial.Host);

    public IEnumerable<string?> Devices => Arm.Condition.Trials.Where(trial => trial.State.HasResult()).Select(trial => trial.Device).Distinct(StringComparer.Ordinal);
}
