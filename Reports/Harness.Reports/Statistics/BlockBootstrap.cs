using Harness.Abstractions.Metrics;

namespace Harness.Reports.Statistics;

/// <summary>
/// Intervals for means over windows that resemble their neighbours: a circular block bootstrap (Politis and Romano 1992) that draws seeds, too. Blocks are as long as neighbours correlate,
/// so that overlapping windows do not count as independent ones.
/// </summary>
/// <param name="losses">[seed][window], the windows in order of time.</param>
/// <param name="areIndependent">Whether windows share nothing, as whole series do: then a block is one window.</param>
internal sealed class BlockBootstrap(IReadOnlyList<double[]> losses, bool areIndependent = false)
{
    private const int Resamples = 2_000;

    /// <summary>The mean over seeds and windows.</summary>
    public double Mean { get; } = losses.Average(seed => seed.Average());

    /// <summary>Windows of a block: the first lag at which the mean over seeds no longer correlates, at least the cube root of the number of windows.</summary>
    public int Block { get; } = areIndependent ? 1 : BlockOf(losses);

    /// <summary>Windows that count as independent.</summary>
    public int Independent => Math.Max(1, losses[0].Length / Block);

    /// <summary>The 95 % percentile interval of <paramref name="statistic"/> of the mean.</summary>
    public (double Low, double High) Interval(Func<double, double>? statistic = null)
    {
        var (windows, random) = (losses[0].Length, new SplitMix64(0x6F776E64617461UL));
        double[][] sums = [.. losses.Select(seed => Prefix(seed, Block))];
        var means = new double[Resamples];
        for (var resample = 0; resample < Resamples; resample++)
        {
            double sum = 0;
            for (var draw = 0; draw < losses.Count; draw++)
            {
                var seed = sums[random.Below(losses.Count)];
                for (var filled = 0; filled < windows; filled += Block)
                {
                    var start = random.Below(windows);
                    sum += seed[start + Math.Min(Block, windows - filled)] - seed[start];
                }
            }

            means[resample] = sum / ((double)losses.Count * windows);
        }

        double[] sorted = [.. means.Select(statistic ?? (mean => mean)).Order()];
        return (Quantiles.Quantile(sorted, 0.025), Quantiles.Quantile(sorted, 0.975));
    }

    /// <summary>Autocorrelation of a series at lags from 1 to <paramref name="most"/>; 0 where it does not vary.</summary>
    public static double[] Autocorrelation(ReadOnlySpan<double> values, int most)
    {
        var mean = 0.0;
        foreach (var value in values) mean += value / values.Length;
        var variance = 0.0;
        foreach (var value in values) variance += (value - mean) * (value - mean);
        var found = new double[Math.Max(0, Math.Min(most, values.Length - 1))];
        for (var lag = 1; lag <= found.Length && variance > 0; lag++)
        {
            for (var i = lag; i < values.Length; i++) found[lag - 1] += (values[i] - mean) * (values[i - lag] - mean) / variance;
        }

        return found;
    }

    /// <summary>Sums of the first i values, i from 0; the values begin again after the last one.</summary>
    private static double[] Prefix(double[] values, int more)
    {
        var sums = new double[values.Length + more + 1];
        for (var i = 0; i + 1 < sums.Length; i++) sums[i + 1] = sums[i] + values[i % values.Length];
        return sums;
    }

    private static int BlockOf(IReadOnlyList<double[]> losses)
    {
        var windows = losses[0].Length;
        double[] mean = [.. Enumerable.Range(0, windows).Select(window => losses.Average(seed => seed[window]))];
        var (least, most) = ((int)Math.Ceiling(Math.Cbrt(windows)), Math.Max(1, windows / 4));
        var correlations = Autocorrelation(mean, most);
        var first = Array.FindIndex(correlations, correlation => correlation < 2 / Math.Sqrt(windows));
        return Math.Clamp(first < 0 ? most : first + 1, Math.Min(least, most), most);
    }
}
