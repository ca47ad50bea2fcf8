using System.Collections.Concurrent;

namespace Harness.Reports.Statistics;

/// <summary>
/// The location of paired differences by Hodges and Lehmann (1963): the median of the n(n+1)/2 averages of two differences,
/// with Wilcoxon's signed-rank test (1945) and the interval that it gives when inverted (Tukey 1949). It says what a typical
/// pair shows: a few pairs that fail by any amount move it by a rank, not by their size. Differences may be infinite.
/// </summary>
/// <remarks>
/// The statistic is the number of averages above a bound, ties half, against its distribution without ties: exact for
/// continuous differences that are symmetric, conservative with ties. So p is at least 2⁻ⁿ, falls monotonically with the
/// distance to the bound, and never contradicts the interval.
/// </remarks>
internal sealed class SignedRankLocation
{
    private static readonly ConcurrentDictionary<int, double[]> tails = new();

    private readonly double[] differences;
    private readonly double[] averages; // ascending, those that are known
    private readonly int unknown; // averages of −∞ and +∞, which count half wherever the bound lies

    /// <exception cref="ArgumentException">There are no differences, or one is not a number.</exception>
    public SignedRankLocation(IReadOnlyList<double> differences)
    {
        if (differences.Count == 0) throw new ArgumentException("A location needs at least one difference.", nameof(differences));
        if (differences.Any(double.IsNaN)) throw new ArgumentException("A difference is not a number: pairs without information must be left out.", nameof(differences));
        this.differences = [.. differences];
        double[] all = [.. Averages(this.differences)];
        averages = [.. all.Where(average => !double.IsNaN(average)).Order()];
        unknown = all.Length - averages.Length;
        Estimate = With(Harness.Abstractions.Metrics.Quantiles.Quantile(averages, 0.5));
    }

    /// <summary>The location with its 95 % interval; the range below six pairs; no bounds below three.</summary>
    public IntervalEstimate Estimate { get; }

    /// <summary>One-sided p against "the location is not above <paramref name="bound"/>".</summary>
    public double Above(double bound) => Tail(Count(bound));

    /// <summary>One-sided p against "the location is not below <paramref name="bound"/>".</summary>
    public double Below(double bound) => Tail(averages.Length + unknown - Count(bound));

    /// <summary>Averages above the bound, ties half.</summary>
    private double Count(double bound)
    {
        var count = unknown / 2.0;
        foreach (var average in averages) count += average > bound ? 1 : average == bound ? 0.5 : 0;
        return count;
    }

    /// <summary>P(T ≥ count) for the signed-rank statistic of n pairs.</summary>
    private double Tail(double count) => tails.GetOrAdd(differences.Length, Tails)[(int)Math.Floor(count)];

    private IntervalEstimate With(double value)
    {
        var n = differences.Length;
        if (n < Location.MinimumReplicates) return new(value, null, null, n);
        if (n < Location.MinimumForInterval) return new(value, differences.Min(), differences.Max(), n) { IsRange = true };
        var upper = tails.GetOrAdd(n, Tails);
        var cut = 0;
        while (upper[upper.Length - 2 - cut] <= Inversion.Tail) cut++;
        cut -= (unknown + 1) / 2;
        return cut < 0 ? new(value, double.NegativeInfinity, double.PositiveInfinity, n) : new(value, averages[cut], averages[averages.Length - 1 - cut], n);
    }

    /// <summary>NaN between −∞ and +∞.</summary>
    private static IEnumerable<double> Averages(double[] differences)
    {
        for (var i = 0; i < differences.Length; i++)
            for (var j = i; j < differences.Length; j++) yield return differences[i] == differences[j] ? differences[i] : (differences[i] + differences[j]) / 2;
    }

    private static double[] Tails(int n)
    {
        var total = n * (n + 1) / 2;
        var probability = new double[total + 1];
        probability[0] = 1;
        for (var rank = 1; rank <= n; rank++)
            for (var sum = total; sum >= 0; sum--) probability[sum] = (probability[sum] + (sum >= rank ? probability[sum - rank] : 0)) / 2;
        for (var sum = total - 1; sum >= 0; sum--) probability[sum] += probability[sum + 1];
        return probability;
    }
}
