namespace Harness.Training.Probes;

/// <summary>Summaries of a gradient profile.</summary>
internal static class DecayFit
{
    /// <summary>Least-squares slope of log10 g(k) on k over the central 80 % of the lags; exact zeros have no logarithm and are left out.</summary>
    /// <returns>Per step of lag, or null when fewer than two points are above zero.</returns>
    public static double? Slope(IReadOnlyList<double> byLag)
    {
        var margin = byLag.Count / 10;
        var points = Enumerable.Range(margin, byLag.Count - 2 * margin)
            .Where(lag => byLag[lag] > 0 && double.IsFinite(byLag[lag]))
            .Select(lag => (Lag: (double)lag, Log: Math.Log10(byLag[lag])))
            .ToArray();
        if (points.Length < 2) return null;
        var (meanLag, meanLog) = (points.Average(point => point.Lag), points.Average(point => point.Log));
        return points.Sum(point => (point.Lag - meanLag) * (point.Log - meanLog)) / points.Sum(point => (point.Lag - meanLag) * (point.Lag - meanLag));
    }
}
