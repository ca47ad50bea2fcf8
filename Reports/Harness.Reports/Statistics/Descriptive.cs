using Harness.Abstractions.Metrics;

namespace Harness.Reports.Statistics;

/// <summary>Location of a sample beside its median, see <see cref="Quantiles"/>.</summary>
internal static class Descriptive
{
    /// <summary>
    /// The interquartile mean: the mean of what is left after a quarter of the values, rounded down, is cut from each end
    /// (Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice").
    /// </summary>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static double InterquartileMean(IReadOnlyList<double> sample)
    {
        if (sample.Count == 0) throw new ArgumentException("A mean needs at least one value.", nameof(sample));
        var cut = sample.Count / 4;
        return Quantiles.Sorted(sample).AsSpan()[cut..^cut].ToArray().Average();
    }
}
