using System.Collections.Concurrent;

namespace Harness.Experiments.Planning;

/// <summary>What Wilcoxon's signed-rank test finds in paired differences, and the sign test in the values of one arm: both two-sided.</summary>
internal static class PairedPower
{
    public const double Wanted = 0.8;

    /// <summary>Up to so many pairs the null distribution is counted.</summary>
    private const int MostCounted = 60;

    private const int Samples = 2000;

    private static readonly ConcurrentDictionary<(int Pairs, double Level), double?> known = new();

    /// <summary>The smallest p that <paramref name="pairs"/> can give: two of the 2ⁿ sign patterns are as extreme as possible.</summary>
    public static double SmallestP(int pairs) => Math.Pow(2, 1 - pairs);

    /// <summary>The shift of normal differences that the signed-rank test finds with 80 % power, in their standard deviations; null if it never finds any.</summary>
    /// <param name="level">Two-sided, after correction for the number of claims.</param>
    public static double? SignedRank(int pairs, double level) => known.GetOrAdd((pairs, level), key => Compute(key.Pairs, key.Level));

    /// <summary>The distance of a normal median from a threshold that the sign test finds with 80 % power, in standard deviations; null if it never finds any.</summary>
    /// <param name="level">Two-sided, after correction for the number of claims.</param>
    public static double? Sign(int count, double level)
    {
        if (SmallestP(count) > level) return null;
        var needed = Enumerable.Range(0, count + 1).First(successes => 2 * Binomial.AtLeast(successes, count, 0.5) <= level);
        var (low, high) = (0.5, 1.0);
        while (high - low > 1e-6)
        {
            var middle = (low + high) / 2;
            if (Binomial.AtLeast(needed, count, middle) >= Wanted) high = middle;
            else low = middle;
        }

        return NormalQuantile.Of(high);
    }

    private static double? Compute(int pairs, double level)
    {
        if (SmallestP(pairs) > level) return null;
        if (pairs > MostCounted)
        {
            // Guenther (1981) for the t test, n = ((z₁₋α/₂ + z₀.₈) / d)² + z₁₋α/₂² / 2, by the signed-rank test's efficiency of 3/π (Hodges and Lehmann 1956).
            var z = NormalQuantile.Of(1 - level / 2);
            return (z + NormalQuantile.Of(Wanted)) / Math.Sqrt(3 / Math.PI * pairs - z * z / 2);
        }

        var needed = CriticalSum(pairs, level / 2);
        // Deterministic normal samples; bisection over the shift that all of them get.
        var draws = new Random(pairs);
        var samples = Enumerable.Range(0, Samples).Select(_ => Enumerable.Range(0, pairs).Select(_ => NormalQuantile.Of(draws.NextDouble())).ToArray()).ToArray();
        var (low, high) = (0.0, 10.0);
        while (high - low > 0.01)
        {
            var middle = (low + high) / 2;
            if (samples.Count(sample => RankSum(sample, middle) >= needed) >= Wanted * Samples) high = middle;
            else low = middle;
        }

        return high;
    }

    /// <summary>The smallest sum of positive ranks whose one-sided p is at most <paramref name="level"/>.</summary>
    private static int CriticalSum(int pairs, double level)
    {
        // Probabilities of the sums of a random subset of the ranks 1 … n.
        var most = pairs * (pairs + 1) / 2;
        var probability = new double[most + 1];
        probability[0] = 1;
        for (var rank = 1; rank <= pairs; rank++)
            for (var sum = most; sum >= 0; sum--) probability[sum] = (probability[sum] + (sum >= rank ? probability[sum - rank] : 0)) / 2;
        var (critical, tail) = (most, probability[most]);
        while (tail + probability[critical - 1] <= level * (1 + 1e-9)) tail += probability[--critical];
        return critical;
    }

    private static int RankSum(double[] sample, double shift)
    {
        var sum = 0;
        var rank = 0;
        foreach (var value in sample.Select(value => value + shift).OrderBy(Math.Abs))
        {
            rank++;
            if (value > 0) sum += rank;
        }

        return sum;
    }
}

/// <summary>The binomial distribution.</summary>
internal static class Binomial
{
    /// <summary>n over k.</summary>
    public static double Choose(int n, int k)
    {
        var result = 1.0;
        for (var i = 1; i <= k; i++) result *= (n - k + i) / (double)i;
        return result;
    }

    /// <summary>The probability of at least <paramref name="successes"/> of <paramref name="count"/>.</summary>
    public static double AtLeast(int successes, int count, double share) =>
        Enumerable.Range(successes, Math.Max(0, count + 1 - successes)).Sum(k => Choose(count, k) * Math.Pow(share, k) * Math.Pow(1 - share, count - k));
}

/// <summary>Quantiles of the standard normal distribution.</summary>
internal static class NormalQuantile
{
    /// <summary>Rational approximation by P. J. Acklam (2003), relative error below 1.2e-9.</summary>
    /// <param name="p">Between 0 and 1, both excluded; 0 counts as the smallest positive number.</param>
    public static double Of(double p)
    {
        const double Tail = 0.02425;
        if (p < Tail) return Outer(Math.Sqrt(-2 * Math.Log(Math.Max(p, double.Epsilon))));
        if (p > 1 - Tail) return -Outer(Math.Sqrt(-2 * Math.Log(1 - p)));
        var q = p - 0.5;
        var r = q * q;
        return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239e+00) * q
            / (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1);

        static double Outer(double q) =>
            (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00) * q - 2.549732539343734e+00) * q + 4.374664141464968e+00) * q + 2.938163982698783e+00)
            / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00) * q + 3.754408661907416e+00) * q + 1);
    }
}
