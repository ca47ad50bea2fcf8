using Harness.Abstractions.Metrics;

namespace Harness.Reports.Statistics;

/// <summary>
/// The median of one sample with the interval of the sign test. The only place where a report computes the median of a
/// condition: tables, figures and cards show the same numbers.
/// </summary>
internal static class Location
{
    /// <summary>Below this many replicates nothing is said about spread.</summary>
    public const int MinimumReplicates = 3;

    /// <summary>Below this many replicates no exact test reaches 5 %, so the range stands where an interval would.</summary>
    public const int MinimumForInterval = 6;

    /// <summary>
    /// The median and its distribution-free interval between two order statistics (Thompson 1936; the sign test, inverted).
    /// Coverage is at least 95 % for every distribution. The range below six values, no bounds below three.
    /// </summary>
    /// <param name="sample">In any order; infinities are allowed.</param>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static IntervalEstimate Median(IReadOnlyList<double> sample)
    {
        var sorted = Quantiles.Sorted(sample);
        var (n, value) = (sorted.Length, Quantiles.Quantile(sorted, 0.5));
        if (n < MinimumReplicates) return new(value, null, null, n);
        if (n < MinimumForInterval) return new(value, sorted[0], sorted[^1], n) { IsRange = true };
        var cut = 0;
        while (UpperTail(n, n - cut - 1) <= Inversion.Tail) cut++;
        return new(value, sorted[cut], sorted[n - 1 - cut], n);
    }

    /// <summary>The sign test (Arbuthnot 1710), one-sided: P(X ≥ <paramref name="successes"/>) for X binomial with n and ½.</summary>
    public static double UpperTail(int n, int successes)
    {
        double probability = Math.Pow(2, -n), sum = 0;
        for (var k = n; k >= successes; k--)
        {
            sum += probability;
            probability = probability * k / (n - k + 1);
        }

        return Math.Min(1, sum);
    }
}
