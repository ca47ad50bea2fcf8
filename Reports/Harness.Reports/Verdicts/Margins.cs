using Harness.Abstractions.Claims;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Verdicts;

/// <summary>How differences are measured, and which matter when a claim does not say.</summary>
internal static class Margins
{
    /// <summary>5 % for ratios.</summary>
    private static readonly double Ratio = Math.Log(1.05);

    /// <summary>Two points of a share (accuracy, solved).</summary>
    private const double Share = 0.02;

    /// <summary>A slope of 0.005 per step loses a factor of ten over 200 steps.</summary>
    private const double Slope = 0.005;

    public static double Of(MetricDescriptor metric, EffectScale scale) =>
        scale == EffectScale.LogRatio ? Ratio : metric.Positive ? NatsScale.Margin : metric.Name == MetricCatalog.GradientSlope ? Slope : Share;

    /// <summary>
    /// Ratios for quantities that span decades, differences for shares, and for cross-entropies: nats are logarithms already, so that equal
    /// differences mean the same everywhere and equal ratios do not.
    /// </summary>
    public static EffectScale ScaleOf(MetricDescriptor metric, TrialSpec trial) =>
        metric.Positive && !NatsScale.Applies(metric.Name, trial.Task) ? EffectScale.LogRatio : EffectScale.Difference;
}
