using Harness.Abstractions.Metrics;

namespace Harness.Reports.Verdicts;

/// <summary>What counts as a difference that matters when a claim does not say.</summary>
internal static class Margins
{
    /// <summary>5 % for ratios.</summary>
    private static readonly double Ratio = Math.Log(1.05);

    /// <summary>Two points of a share (accuracy, solved).</summary>
    private const double Share = 0.02;

    /// <summary>A slope of 0.005 per step loses a factor of ten over 200 steps.</summary>
    private const double Slope = 0.005;

    public static double Of(MetricDescriptor metric) => metric.Positive ? Ratio : metric.Name == MetricCatalog.GradientSlope ? Slope : Share;
}
