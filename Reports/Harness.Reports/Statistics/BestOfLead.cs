namespace Harness.Reports.Statistics;

/// <summary>
/// The probability that the best of k random points of one search is better than the best of k of another, for every k, with a band that assumes nothing
/// about how scores are distributed. The probability only grows when the first distribution moves up and the second down, so its ends are those of the two
/// bands of <see cref="KolmogorovBand"/>. Each holds with 97.5 %: together with 95 %, also where both searches tried the same points.
/// </summary>
internal static class BestOfLead
{
    private const double Confidence = 0.975;

    /// <param name="first">Scores of independent points, smaller is better; +∞ for a point that did not train.</param>
    /// <param name="second">The same of the other search.</param>
    /// <param name="most">The largest k.</param>
    /// <returns>For k from 1: the probability (equal scores count a half), and the ends of its band.</returns>
    public static IReadOnlyList<(double Share, double Low, double High)> Of(IReadOnlyList<double> first, IReadOnlyList<double> second, int most)
    {
        var places = first.Concat(second).Append(double.NegativeInfinity).Append(double.PositiveInfinity).Distinct().Order().ToArray();
        var (a, b) = (SharesAt(places, first), SharesAt(places, second));
        var (widthA, widthB) = (KolmogorovBand.HalfWidth(first.Count, Confidence), KolmogorovBand.HalfWidth(second.Count, Confidence));
        return [.. Enumerable.Range(1, most).Select(k => (Lead(a, b, k), Lead(Moved(a, -widthA), Moved(b, widthB), k), Lead(Moved(a, widthA), Moved(b, -widthB), k)))];
    }

    /// <summary>The smallest k from which on, up to the budget, the first is better with more than a half even at the low end of the band; null where there is none.</summary>
    public static int? AheadFrom(IReadOnlyList<(double Share, double Low, double High)> lead)
    {
        int? from = null;
        for (var k = lead.Count; k > 0 && lead[k - 1].Low > 0.5; k--) from = k;
        return from;
    }

    /// <summary>The empirical distribution function at each place.</summary>
    private static double[] SharesAt(double[] places, IReadOnlyList<double> scores) => [.. places.Select(place => (double)scores.Count(score => score <= place) / scores.Count)];

    /// <summary>The last place is +∞, where every distribution ends.</summary>
    private static double[] Moved(double[] shares, double by) => [.. shares.Select((share, i) => i == shares.Length - 1 ? 1 : Math.Clamp(share + by, 0, 1))];

    /// <summary>Sums over the places where the best of the first may lie. P(best of k &gt; x) = (1 − F(x))^k.</summary>
    private static double Lead(double[] first, double[] second, int k)
    {
        var (sum, aboveFirst, aboveSecond) = (0.0, 1.0, 1.0);
        for (var i = 0; i < first.Length; i++)
        {
            var (nextFirst, nextSecond) = (Math.Pow(1 - first[i], k), Math.Pow(1 - second[i], k));
            sum += (aboveFirst - nextFirst) * (nextSecond + ((aboveSecond - nextSecond) / 2));
            (aboveFirst, aboveSecond) = (nextFirst, nextSecond);
        }

        return sum;
    }
}
