using MathNet.Numerics.Distributions;

namespace Harness.Reports.Statistics;

/// <summary>About how many seeds would settle a question that too few have left open.</summary>
internal static class SampleSize
{
    /// <summary>Beyond this many further seeds an estimate from a handful is no longer a number.</summary>
    public const int Most = 200;

    /// <summary>
    /// Further seeds with which the test decides with 80 % power if effect and spread stay as observed: a test's distance from its
    /// bound in standard errors grows with √n, so n must grow by ((z₁₋α/₂ + z₀.₈)/z)² (Lehr 1992).
    /// </summary>
    /// <param name="seeds">n so far.</param>
    /// <param name="p">One-sided p of the statement that is nearest to being decided.</param>
    /// <param name="level">Two-sided level after correction for the family.</param>
    /// <param name="bySigns">Whether p can never be below 2⁻ⁿ, as for tests over signs and signed ranks.</param>
    /// <returns>At most <see cref="Most"/> + 1, which means "more than that"; null when the data speak for no statement.</returns>
    public static int? Further(int seeds, double p, double level, bool bySigns)
    {
        if (p >= 0.5) return null;
        var able = (int)Math.Ceiling(Math.Log2(2 / level) - 1e-9);
        // Where all seeds say the same, only their number keeps p up.
        if (p <= Math.Pow(2, -seeds) * (1 + 1e-9) && able > seeds) return Math.Min(able - seeds, Most + 1);
        var z = Normal.InvCDF(0, 1, 1 - Math.Max(p, 1e-15));
        var wanted = Math.Ceiling(seeds * Math.Pow((Normal.InvCDF(0, 1, 1 - level / 2) + Normal.InvCDF(0, 1, 0.8)) / z, 2));
        return (int)Math.Clamp(Math.Max(wanted, bySigns ? able : 0) - seeds, 1, Most + 1);
    }
}
