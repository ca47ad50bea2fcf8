using Harness.Reports.Outcomes;

namespace Harness.Reports.Verdicts;

/// <summary>Differences that stay defined where one value is infinite or zero.</summary>
internal static class Effects
{
    /// <summary>
    /// How much larger <paramref name="a"/> is than <paramref name="b"/>: ln(a/b) or a − b; ±∞ where one of them is infinite or, for ratios, zero.
    /// NaN where both are: two runs that diverged, or two values of 0, say nothing about a difference or a ratio.
    /// </summary>
    public static double Between(double a, double b, EffectScale scale) => scale == EffectScale.LogRatio ? Math.Log(a) - Math.Log(b) : a - b;
}
