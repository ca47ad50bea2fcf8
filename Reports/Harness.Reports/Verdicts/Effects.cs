namespace Harness.Reports.Verdicts;

/// <summary>Differences that stay defined where a value is infinite or zero.</summary>
internal static class Effects
{
    /// <summary>How much larger <paramref name="a"/> is than <paramref name="b"/>: ln(a/b) or a − b; 0 for equal values, infinities included.</summary>
    public static double Between(double a, double b, EffectScale scale)
    {
        if (a == b) return 0;
        return scale == EffectScale.LogRatio ? Math.Log(a) - Math.Log(b) : a - b;
    }
}
