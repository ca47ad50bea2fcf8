using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Metrics;

/// <summary>The one value that a finished trial has for a metric, and what the metrics' value functions have in common.</summary>
public static class TrialMetrics
{
    /// <summary>
    /// The value, or null when the trial has none: it has not finished, or its task or settings do not record the metric.
    /// A trial that diverged has the worst value of what it failed at: a loss or a time to the target of +∞, an accuracy of 0.
    /// </summary>
    /// <param name="metric">A name of <see cref="MetricCatalog"/> with a value per trial.</param>
    /// <param name="at">The moment of a metric that a probe measures; null takes the last one that was probed.</param>
    /// <remarks>
    /// A time to a target that was not reached is +∞: later than every other. A half-life is +∞ where the gradient does not
    /// decay. Gradient metrics are taken from the last layer's forward direction at the moment asked for, for
    /// the state that carries the cell's memory (c where there is one, else h). A trial that diverged has a value at moments that it
    /// reached, and none at an unnamed one, which would be another moment than that of the other trials.
    /// </remarks>
    /// <exception cref="ArgumentException">A trial has no single value for this metric.</exception>
    public static double? ValueOf(TrialResult trial, string metric, ProbeMoment? at = null)
    {
        if (MetricCatalog.Find(metric) is not { Value: { } value } descriptor)
            throw new ArgumentException($"A trial has no single value for '{metric}'. Metrics that have one: {string.Join(", ", MetricCatalog.All.Where(known => known.IsClaimable).Select(known => known.Name))}.", nameof(metric));
        if (!trial.State.HasResult() || trial.Outcome is not { } outcome) return null;
        if (trial.Folds is { } folds) return Mean(folds, fold => ValueOf(fold, metric, at));
        return at is { } moment && descriptor.ValueAt is { } valueAt ? valueAt(trial, outcome, moment) : value(trial, outcome);
    }

    /// <summary>The last recorded value of a metric, diverged or not; null where there is none.</summary>
    public static double? Recorded(TrialResult trial, string metric)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (trial.Folds is { } folds) return Mean(folds, fold => Recorded(fold, metric));
        return trial.Metrics.TryGetValue(metric, out var series) && series.Values.Length > 0 ? series.Values[^1] : null;
    }

    /// <summary>Null where a fold lacks the value.</summary>
    private static double? Mean(IReadOnlyList<TrialResult> folds, Func<TrialResult, double?> value)
    {
        double sum = 0;
        foreach (var fold in folds)
        {
            if (value(fold) is not { } known) return null;
            sum += known;
        }

        return sum / folds.Count;
    }

    /// <summary>Of the baselines of a data file the one with the smallest loss on the validation part; null for generated tasks.</summary>
    public static BaselineDefinition? BestBaseline(TrialResult trial) => BaselineCatalog.All
        .Where(baseline => Recorded(trial, MetricCatalog.Baseline(baseline.Name)) is not null).MinBy(baseline => Recorded(trial, MetricCatalog.Baseline(baseline.Name)));

    internal static bool HasDiverged(TrialResult trial) => trial.State == TrialState.Diverged;

    /// <summary>The last recorded value; null where there is none, and where the trial diverged.</summary>
    internal static double? Last(TrialResult trial, string metric) =>
        !HasDiverged(trial) && trial.Metrics.TryGetValue(metric, out var series) && series.Values.Length > 0 ? series.Values[^1] : null;

    /// <summary>The value that a probe recorded at a moment; null where the trial did not get so far.</summary>
    internal static double? At(TrialResult trial, TrialOutcome outcome, string metric, ProbeMoment moment)
    {
        if (moment == ProbeMoment.End) return Last(trial, metric);
        if ((HasDiverged(trial) && moment != ProbeMoment.Init) || !trial.Metrics.TryGetValue(metric, out var series)) return null;
        var index = Array.IndexOf(series.Steps, moment == ProbeMoment.Init ? 0 : outcome.Steps / 2);
        return index < 0 ? null : series.Values[index];
    }

    /// <summary>The last recorded loss; +∞ where the trial diverged.</summary>
    internal static double? LastLoss(TrialResult trial, string metric) => HasDiverged(trial) ? double.PositiveInfinity : Last(trial, metric);

    /// <summary>The profile that gradient metrics are taken from, see <see cref="ValueOf"/>.</summary>
    internal static GradientProfile? MemoryProfile(TrialResult trial, ProbeMoment? at = null) => at is null && HasDiverged(trial) ? null : trial.Gradients
        .Where(profile => !profile.Backwards && (at is null || profile.Moment == at))
        .OrderByDescending(profile => profile.Moment).ThenByDescending(profile => profile.Layer)
        .ThenBy(profile => profile.State, StringComparer.Ordinal) // c before h
        .FirstOrDefault();

    /// <summary>A norm that is not a number counts as infinite: the step that it ended was the worst.</summary>
    internal static double? LargestNorm(TrialResult trial) => Norms(trial) is not { } norms ? null : norms.Any(float.IsNaN) ? double.PositiveInfinity : norms.Max();

    internal static double? MedianNorm(TrialResult trial) => Norms(trial) is { } norms ? Quantiles.Median([.. norms.Select(norm => (double)norm)]) : null;

    /// <summary>Gradient norms by step; null where none was recorded.</summary>
    private static float[]? Norms(TrialResult trial) => trial.Metrics.TryGetValue(MetricCatalog.GradientNorm, out var norms) && norms.Values.Length > 0 ? norms.Values : null;
}
