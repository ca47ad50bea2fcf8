namespace Harness.Data;

/// <summary>The season of a series: the lag at which its changes repeat.</summary>
public static class Season
{
    /// <summary>An autocorrelation that chance does not reach in series worth a season.</summary>
    private const double Least = 0.3;

    private const int LongestLag = 1_000, MostRows = 50_000;

    /// <summary>
    /// The lag from 2 on with the largest autocorrelation of the differences, which a trend does not bend, among its peaks; null when none
    /// reaches 0.3, or the rows hold fewer than three seasons.
    /// </summary>
    /// <param name="values">The training rows of one series; NaN where a value is missing.</param>
    public static int? Of(ReadOnlySpan<double> values)
    {
        if (values.Length > MostRows) values = values[^MostRows..];
        var changes = new double[Math.Max(0, values.Length - 1)];
        for (var i = 0; i < changes.Length; i++)
        {
            var change = values[i + 1] - values[i];
            changes[i] = double.IsFinite(change) ? change : 0;
        }

        var longest = Math.Min(LongestLag, values.Length / 3);
        if (longest < 2) return null;
        var mean = changes.Average();
        double variance = 0;
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i] -= mean;
            variance += changes[i] * changes[i];
        }

        if (!(variance > 0)) return null;
        var correlations = new double[longest + 2];
        for (var lag = 1; lag <= longest + 1 && lag < changes.Length; lag++)
        {
            double sum = 0;
            for (var i = lag; i < changes.Length; i++) sum += changes[i] * changes[i - lag];
            correlations[lag] = sum / variance;
        }

        int? best = null;
        for (var lag = 2; lag <= longest; lag++)
        {
            if (correlations[lag] < Least || correlations[lag] < correlations[lag - 1] || correlations[lag] < correlations[lag + 1]) continue;
            if (best is not { } known || correlations[lag] > correlations[known]) best = lag;
        }

        return best;
    }
}
