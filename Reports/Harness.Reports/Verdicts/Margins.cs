using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Verdicts;

/// <summary>How differences are measured, and which matter when a claim does not say.</summary>
internal static class Margins
{
    /// <summary>0.02 nats, the margin for losses of classification tasks.</summary>
    public const double Nats = 0.02;

    /// <summary>5 % for ratios.</summary>
    private static readonly double Ratio = Math.Log(1.05);

    /// <summary>Two points of a share (accuracy, solved).</summary>
    private const double Share = 0.02;

    /// <summary>A slope of 0.005 per step loses a factor of ten over 200 steps.</summary>
    private const double Slope = 0.005;

    public static double Of(MetricDescriptor metric, EffectScale scale) =>
        scale == EffectScale.LogRatio ? Ratio : metric.Positive ? Nats : metric.Name == MetricCatalog.GradientSlope ? Slope : Share;

    /// <summary>
    /// Ratios for quantities that span decades, differences for shares, and for cross-entropies: nats are logarithms already, so that equal
    /// differences mean the same everywhere and equal ratios do not.
    /// </summary>
    public static EffectScale ScaleOf(MetricDescriptor metric, TrialSpec trial) =>
        metric.Positive && !IsNats(metric, trial) ? EffectScale.LogRatio : EffectScale.Difference;

    /// <summary>Whether the metric is a cross-entropy of this task.</summary>
    public static bool IsNats(MetricDescriptor metric, TrialSpec trial) =>
        metric.Name is MetricCatalog.EvaluationLoss or MetricCatalog.TestLoss or MetricCatalog.TrainingSetLoss
        && TaskCatalog.Get(trial.Task.Kind).LossFor(trial.Task.Parameters) == LossKind.CrossEntropy;
}
