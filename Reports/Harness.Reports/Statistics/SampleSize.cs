using MathNet.Numerics.Distributions;

namespace Harness.Reports.Statistics;

/// <summary>About how many seeds would settle a question that too few have left open.</summary>
internal static class SampleSize
{
    /// <summary>Beyond this many further seeds an estimate from a handful is no longer a number.</summary>
    public const int Most = 200;

    /// <summary>
    /// Further pairs needed to find the mean difference on its side of <paramref name="bound"/> with 80 % power, if mean and
    /// spread stay as observed: n = ((z₁₋α/₂ + z₀.₈)·s / (mean − bound))² (Lehr 1992), and never fewer than the sign-flip
    /// test needs to be able to reach the level at all.
    /// </summary>
    /// <param name="differences">At least two.</param>
    /// <param name="level">Two-sided level after correction for the family.</param>
    /// <returns>At most <see cref="Most"/> + 1, which means "more than that"; null when the estimate lies on the bound itself.</returns>
    public static int? Further(IReadOnlyList<double> differences, double bound, double level)
    {
        var n = differences.Count;
        var mean = differences.Average();
        var spread = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1));
        var distance = Math.Abs(mean - bound);
        if (distance == 0) return null;
        var z = Normal.InvCDF(0, 1, 1 - level / 2) + Normal.InvCDF(0, 1, 0.8);
        var wanted = Math.Ceiling(Math.Pow(z * spread / distance, 2));
        var able = 1 + (int)Math.Ceiling(Math.Log2(1 / level));
        return (int)Math.Clamp(Math.Max(wanted, able) - n, 1, Most + 1);
    }
}
