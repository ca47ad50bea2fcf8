namespace Harness.Reports.Statistics;

/// <summary>Whether values grow with an ordered factor within one seed.</summary>
internal static class Trend
{
    /// <summary>
    /// Change of the value from one level to the next, least squares. Where some values are infinite only the order counts: +∞ when those of
    /// the upper levels outweigh those of the lower ones, −∞ the other way round; NaN where they balance, which says nothing.
    /// </summary>
    /// <param name="values">One per level in ascending order, at least two; none is NaN.</param>
    /// <exception cref="ArgumentException">Fewer than two levels.</exception>
    public static double Slope(IReadOnlyList<double> values)
    {
        if (values.Count < 2) throw new ArgumentException("A trend needs at least two levels.", nameof(values));
        var middle = (values.Count - 1) / 2.0;
        if (values.All(double.IsFinite))
        {
            var mean = values.Average();
            return values.Select((value, level) => (level - middle) * (value - mean)).Sum() / values.Select((_, level) => (level - middle) * (level - middle)).Sum();
        }

        var order = values.Select((value, level) => (level - middle) * (double.IsInfinity(value) ? Math.Sign(value) : 0)).Sum();
        return order > 0 ? double.PositiveInfinity : order < 0 ? double.NegativeInfinity : double.NaN;
    }
}
