namespace Harness.Reports.Statistics;

/// <summary>
/// The median of the best of k random points, and a band for it that assumes nothing about how scores are distributed (Lourie, Cho and He 2023): the curve
/// is a quantile of the scores, and the band is read off <see cref="KolmogorovBand"/>, for all k at once.
/// </summary>
internal static class BestOfCurve
{
    /// <param name="scores">Of independent points, smaller is better; +∞ for a point that did not train.</param>
    /// <param name="most">The largest k.</param>
    /// <returns>For k from 1: the median, the least and the most that it may be; −∞ and +∞ where the points cannot tell.</returns>
    public static IReadOnlyList<(double Median, double Low, double High)> Of(IReadOnlyList<double> scores, int most)
    {
        var sorted = scores.Order().ToArray();
        var width = KolmogorovBand.HalfWidth(sorted.Length);
        return [.. Enumerable.Range(1, most).Select(k =>
        {
            // P(best of k ≤ x) = 1 − (1 − F(x))^k is a half where F(x) = 1 − 2^(−1/k).
            var share = 1 - Math.Pow(0.5, 1.0 / k);
            return (At(share), At(share - width), At(share + width));
        })];

        double At(double share) => share <= 0 ? double.NegativeInfinity : share > 1 ? double.PositiveInfinity : sorted[Math.Clamp((int)Math.Ceiling((share * sorted.Length) - 1e-9) - 1, 0, sorted.Length - 1)];
    }
}
