using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Verdicts;

/// <summary>The values of one metric over the finished seeds of one condition; for times that a timing trial measured, over its rounds.</summary>
/// <param name="BySeed">Seeds that finished and have a value, or rounds.</param>
/// <param name="Finished">Seeds that finished, with or without one, or rounds.</param>
internal sealed record ArmReadings(Arm Arm, IReadOnlyDictionary<long, double> BySeed, int Finished)
{
    /// <summary>A fifth: above this share of lost trials the seeds that are left may be a selection.</summary>
    private const double MostFailures = 0.2;

    /// <summary>The timing trial whose rounds these are; null for seeds.</summary>
    public TimedTrial? Run { get; private init; }

    /// <summary>Whether these are of a baseline, which learns nothing and cannot fail.</summary>
    public bool IsBaseline { get; private init; }

    public static bool IsSpeed(string metric) => MetricCatalog.IsIn(metric, MetricCatalog.SpeedGroup);

    /// <summary>What is best to compare arms by: times from a timing trial that measured all of them, else what their own trials found.</summary>
    public static IReadOnlyList<ArmReadings> Of(IReadOnlyList<Arm> arms, string metric)
    {
        var timed = IsSpeed(metric) ? arms.Select(arm => arm.Condition.Timed.FirstOrDefault(found => found is { IsOwn: true })).ToList() : [];
        var isTimed = timed.Count > 0 && timed.TrueForAll(found => found is not null && found.Run.Id == timed[0]!.Run.Id && (found.Timing is not null || !found.Run.State.IsTerminal()));
        return [.. arms.Select((arm, i) => isTimed ? Rounds(arm, timed[i]!) : Seeds(arm, metric))];
    }

    private static ArmReadings Seeds(Arm arm, string metric) => new(
        arm,
        arm.Condition.Trials.Select(trial => (trial.Seed, Value: TrialMetrics.ValueOf(trial, metric, arm.At)))
            .Where(pair => pair.Value is not null && !double.IsNaN(pair.Value.Value))
            .DistinctBy(pair => pair.Seed)
            .ToDictionary(pair => pair.Seed, pair => pair.Value!.Value),
        arm.Condition.Trials.Count(trial => trial.State.HasResult()));

    /// <summary>What a baseline comes to on the data of an arm: the same for each of its seeds.</summary>
    /// <param name="baseline">A name of <see cref="BaselineCatalog"/>.</param>
    public static ArmReadings OfBaseline(Arm arm, string baseline, string metric)
    {
        var finished = arm.Condition.Trials.Where(trial => trial.State.HasResult()).DistinctBy(trial => trial.Seed).ToList();
        var name = MetricCatalog.OfBaseline(baseline, metric);
        return new(arm, finished.Select(trial => (trial.Seed, Value: name is null ? null : TrialMetrics.Recorded(trial, name))).Where(pair => pair.Value is { } value && !double.IsNaN(value)).ToDictionary(pair => pair.Seed, pair => pair.Value!.Value), finished.Count)
        {
            IsBaseline = true,
        };
    }

    private static ArmReadings Rounds(Arm arm, TimedArm timed) =>
        new(arm, (timed.Timing?.StepMs ?? []).Select((ms, round) => ((long)round + 1, ms)).ToDictionary(), timed.Timing?.StepMs.Length ?? 0) { Run = timed.Run };

    /// <summary>Why the condition cannot decide anything yet, or null.</summary>
    public NotTestedReason? Obstacle
    {
        get
        {
            if (Run is not null) return Run.Result is null ? NotTestedReason.StillRunning : null;
            var trials = Arm.Condition.Trials;
            if (trials.Any(trial => !trial.State.IsTerminal())) return NotTestedReason.StillRunning;
            if (trials.Count(trial => trial.State is TrialState.Failed or TrialState.Cancelled) > MostFailures * trials.Count) return NotTestedReason.TooManyFailures;
            return BySeed.Count < Finished ? NotTestedReason.CoverageDiffers : null;
        }
    }

    /// <summary>The machine of each seed that finished.</summary>
    public IReadOnlyDictionary<long, string?> Hosts => Arm.Condition.Trials.Where(trial => trial.State.HasResult())
        .DistinctBy(trial => trial.Seed).ToDictionary(trial => trial.Seed, trial => trial.Host);

    public IEnumerable<string?> Devices => Run is not null ? [] : Arm.Condition.Trials.Where(trial => trial.State.HasResult()).Select(trial => trial.Device).Distinct(StringComparer.Ordinal);
}
