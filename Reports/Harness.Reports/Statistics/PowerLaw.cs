namespace Harness.Reports.Statistics;

/// <summary>How fast a positive quantity grows with a size: the exponent b of y = a·x^b.</summary>
internal static class PowerLaw
{
    /// <summary>
    /// Within each repetition the least-squares slope of ln y on ln x, over repetitions the median with its interval: whatever slows all sizes of a
    /// repetition alike leaves its exponent as it is.
    /// </summary>
    /// <param name="sizes">x, positive, at least two different ones.</param>
    /// <param name="repetitions">Rows are repetitions, columns sizes; all positive.</param>
    /// <exception cref="ArgumentException">Fewer than two different sizes, no repetition, or rows of another length.</exception>
    public static IntervalEstimate Exponent(IReadOnlyList<double> sizes, IReadOnlyList<IReadOnlyList<double>> repetitions)
    {
        double[] x = [.. sizes.Select(size => Math.Log(size))];
        if (x.Distinct().Count() < 2) throw new ArgumentException("An exponent needs two different sizes.", nameof(sizes));
        if (repetitions.Count == 0 || repetitions.Any(row => row.Count != x.Length)) throw new ArgumentException("Every repetition must have met every size.", nameof(repetitions));
        var mean = x.Average();
        var spread = x.Sum(value => (value - mean) * (value - mean));
        return Location.Median([.. repetitions.Select(row => x.Zip(row, (at, y) => (at - mean) * Math.Log(y)).Sum() / spread)]);
    }
}
