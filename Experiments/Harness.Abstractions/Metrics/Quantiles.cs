namespace Harness.Abstractions.Metrics;

/// <summary>Order statistics of a sample. Infinities are allowed: a diverged run is a loss of +∞, worse than every other. NaN counts as less than every number.</summary>
public static class Quantiles
{
    /// <summary>The middle value, or the mean of the two middle values.</summary>
    /// <param name="sample">In any order; it is not changed.</param>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static double Median(IReadOnlyList<double> sample) => Quantile(Sorted(sample), 0.5);

    /// <summary>The sample in ascending order, as a copy.</summary>
    public static double[] Sorted(IReadOnlyList<double> sample)
    {
        var copy = sample.ToArray();
        Array.Sort(copy);
        return copy;
    }

    /// <summary>Quantile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7: the default of R and NumPy).</summary>
    /// <param name="sorted">Ascending.</param>
    /// <param name="probability">0 … 1.</param>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static double Quantile(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.Length == 0) throw new ArgumentException("A quantile needs at least one value.", nameof(sorted));
        var position = probability * (sorted.Length - 1);
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, sorted.Length - 1);
        var share = position - below;
        return Between(sorted[below], sorted[above], share);
    }

    /// <summary>The value <paramref name="share"/> of the way from one value to the next; 0 between −∞ and +∞, where nothing is known.</summary>
    public static double Between(double below, double above, double share)
    {
        if (share == 0 || below == above) return below;
        if (double.IsNegativeInfinity(below) && double.IsPositiveInfinity(above)) return 0;
        return (1 - share) * below + share * above;
    }
}
