using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Statistics;

namespace Harness.Reports.Conditions;

/// <summary>
/// What the trials of one condition say together: the one place that summarises them for tables, figures, cards and the terminal. A diverged trial is a result: its loss counts as +∞, worse than any other.
/// A failed, cancelled or unfinished trial says nothing about the cell: it is left out of estimates and counted.
/// </summary>
public sealed class TrialStatistics
{
    public TrialStatistics(ConditionResults condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Planned = condition.Trials.Count;
        var finished = condition.Trials.Where(trial => trial.State.HasResult() && trial.Outcome is not null).ToList();
        Finished = finished.Count;
        Diverged = finished.Count(trial => trial.State == TrialState.Diverged);
        Failed = condition.Trials.Count(trial => trial.State == TrialState.Failed);
        Cancelled = condition.Trials.Count(trial => trial.State == TrialState.Cancelled);
        Pending = condition.Trials.Count(trial => !trial.State.IsTerminal());
        Solved = finished.Count(trial => trial.Outcome!.Solved);
        FinalLoss = Estimate(finished.Select(FinalLossOf));
        TestLoss = condition.Trial.Task.Data is null ? null : Estimate(finished.Select(trial => TrialMetrics.ValueOf(trial, MetricCatalog.TestLoss)));
        StepsToTarget = finished.Count == 0 ? null : Quantiles.Median([.. finished.Select(trial => trial.Outcome!.StepsToTarget ?? double.PositiveInfinity)]);
        var timing = condition.Timed.FirstOrDefault(timed => timed is { IsOwn: true, Timing: not null })?.Timing;
        IsTimed = timing is not null;
        MillisecondsPerStep = timing is not null ? Location.Median(timing.StepMs) : Estimate(finished.Select(trial => trial.Outcome!.MillisecondsPerStep));
        SequencesPerSecond = timing is not null ? Location.Median([.. timing.StepMs.Select(ms => condition.Trial.Train.Batch * 1000 / ms)]) : Estimate(finished.Select(trial => trial.Outcome!.SequencesPerSecond));
        TrainSeconds = MillisecondsPerStep is { Value: > 0 } step && finished.Count > 0 ? Quantiles.Median([.. finished.Select(trial => (double)trial.Outcome!.Steps)]) * step.Value / 1000 : null;
        Baseline = Estimate(finished.Select(trial => (double?)trial.Outcome!.BaselineLoss))?.Value;
    }

    public int Planned { get; }

    public int Finished { get; }

    public int Diverged { get; }

    public int Failed { get; }

    public int Cancelled { get; }

    public int Pending { get; }

    public int Solved { get; }

    /// <summary>Median over the finished seeds with its interval, see <see cref="Location"/>; absent when none finished.</summary>
    public IntervalEstimate? FinalLoss { get; }

    /// <summary>Loss on the held-out part of a data file, median over the finished seeds; absent for generated tasks.</summary>
    public IntervalEstimate? TestLoss { get; }

    /// <summary>Median; infinite when half of the finished seeds or more never reached the target.</summary>
    public double? StepsToTarget { get; }

    /// <summary>Whether times are a timing trial's, over its rounds; else the trials' own, over seeds.</summary>
    public bool IsTimed { get; }

    public IntervalEstimate? MillisecondsPerStep { get; }

    public IntervalEstimate? SequencesPerSecond { get; }

    /// <summary>
    /// Seconds of training: the steps taken, median, times <see cref="MillisecondsPerStep"/>. All figures lay out seconds by this clock:
    /// wall times of trials that shared a machine are of another one.
    /// </summary>
    public double? TrainSeconds { get; }

    /// <summary>Loss of the baseline, median over the seeds' evaluation sets.</summary>
    public double? Baseline { get; }

    /// <summary>The loss a finished trial ended with: +∞ when it diverged.</summary>
    internal static double? FinalLossOf(TrialResult trial) =>
        trial.State == TrialState.Diverged ? double.PositiveInfinity
        : trial.Outcome?.FinalLoss is { } loss ? double.IsNaN(loss) ? double.PositiveInfinity : loss
        : null;

    private static IntervalEstimate? Estimate(IEnumerable<double?> values)
    {
        double[] sample = [.. values.OfType<double>()];
        return sample.Length == 0 ? null : Location.Median(sample);
    }
}
