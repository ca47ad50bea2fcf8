using Harness.Experiments.Results;
using Harness.Experiments.Specs;

namespace Harness.Experiments.Metrics;

/// <summary>The one value that a finished trial has for a metric. The only place that knows where it comes from.</summary>
public static class TrialMetrics
{
    /// <summary>
    /// The value, or null when the trial has none: it has not finished, or its task or settings do not record the metric.
    /// A trial that diverged has the worst value of what it failed at: a loss or a time to the target of +∞, an accuracy of 0.
    /// </summary>
    /// <param name="metric">A name of <see cref="MetricCatalog"/> with a value per trial.</param>
    /// <remarks>
    /// A time to a target that was not reached is +∞: later than every other. A half-life is +∞ where the gradient does not
    /// decay. Gradient metrics are taken from the last layer's forward direction at the latest moment that was probed, for
    /// the state that carries the cell's memory (c where there is one, else h); a trial that diverged has none, because its
    /// profile would come from another moment than the others'.
    /// </remarks>
    /// <exception cref="ArgumentException">A trial has no single value for this metric.</exception>
    public static double? ValueOf(TrialResult trial, string metric)
    {
        if (MetricCatalog.Find(metric) is not { HasTrialValue: true })
            throw new ArgumentException($"A trial has no single value for '{metric}'. Metrics that have one: {string.Join(", ", MetricCatalog.All.Where(m => m.HasTrialValue).Select(m => m.Name))}.", nameof(metric));
        if (!trial.State.HasResult() || trial.Outcome is not { } outcome) return null;
        var diverged = trial.State == TrialState.Diverged;
        return metric switch
        {
            "eval.loss" => diverged ? double.PositiveInfinity : outcome.FinalLoss,
            "eval.accuracy" => diverged && outcome.FinalAccuracy is not null ? 0 : outcome.FinalAccuracy,
            "train.set_loss" or "test.loss" when diverged => double.PositiveInfinity,
            "generalization_gap" when LastOf(trial, "train.set_loss", diverged) is { } learned => outcome.FinalLoss is { } final ? Math.Log(final / learned) : null,
            "gradient.slope" => MemoryProfile(trial)?.Slope,
            "gradient.half_life" => MemoryProfile(trial)?.Slope is { } slope ? slope < 0 ? Math.Log10(2) / -slope : double.PositiveInfinity : null,
            "gradient.horizon" => MemoryProfile(trial)?.Horizon(),
            "gradient.underflow" => MemoryProfile(trial)?.Underflow,
            "train.grad_norm_max" => LargestNorm(trial),
            "train.grad_norm_spike" => LargestNorm(trial) / Median(trial.Metrics["train.grad_norm"].Values),
            "train.clipped_share" => outcome.ClippedShare,
            "diverged" => diverged ? 1 : 0,
            "parameters" => outcome.Parameters,
            "speed.ms_per_step" => outcome.MillisecondsPerStep,
            "steps_to_target" => outcome.StepsToTarget ?? double.PositiveInfinity,
            "solved" => outcome.Solved ? 1 : 0,
            _ => LastOf(trial, metric, diverged),
        };
    }

    /// <summary>The moment whose profile <see cref="ValueOf"/> reads; null when no gradient was profiled.</summary>
    public static ProbeMoment? ProfiledMoment(TrialResult trial) => MemoryProfile(trial)?.Moment;

    private static GradientProfile? MemoryProfile(TrialResult trial) => trial.State == TrialState.Diverged ? null : trial.Gradients
        .Where(profile => !profile.Backwards)
        .OrderByDescending(profile => profile.Moment).ThenByDescending(profile => profile.Layer)
        .ThenBy(profile => profile.State, StringComparer.Ordinal) // c before h
        .FirstOrDefault();

    /// <summary>A norm that is not a number counts as infinite: the step that it ended was the worst.</summary>
    private static double? LargestNorm(TrialResult trial) => !trial.Metrics.TryGetValue("train.grad_norm", out var norms) || norms.Values.Length == 0 ? null
        : norms.Values.Any(float.IsNaN) ? double.PositiveInfinity : norms.Values.Max();

    private static double Median(float[] values)
    {
        float[] ordered = [.. values.Order()];
        return (ordered[(ordered.Length - 1) / 2] + (double)ordered[ordered.Length / 2]) / 2;
    }

    private static double? LastOf(TrialResult trial, string metric, bool diverged) =>
        !diverged && trial.Metrics.TryGetValue(metric, out var series) && series.Values.Length > 0 ? series.Values[^1] : null;
}
