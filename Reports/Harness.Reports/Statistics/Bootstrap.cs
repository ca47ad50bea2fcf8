using Harness.Abstractions.Metrics;
using MathNet.Numerics.Distributions;

namespace Harness.Reports.Statistics;

/// <summary>An estimate with the interval that resampling gives it.</summary>
/// <param name="Value">The statistic on the whole sample.</param>
/// <param name="Low">Lower bound; absent when the sample is too small for an interval.</param>
/// <param name="High">Upper bound; absent when the sample is too small for an interval.</param>
/// <param name="Count">n, the replicates (seeds) it rests on.</param>
public sealed record IntervalEstimate(double Value, double? Low, double? High, int Count)
{
    public bool HasInterval => Low is not null && High is not null;
}

/// <summary>Bootstrap intervals (Efron and Tibshirani 1993), seeded: the same sample gives the same interval.</summary>
internal static class Bootstrap
{
    public const int Resamples = 10_000;

    /// <summary>Below this many replicates no interval is given: two values say nothing about spread.</summary>
    public const int MinimumReplicates = 3;

    private const ulong Seed = 0x5EED_0F_4A_12_2026UL;

    /// <summary>The bias-corrected and accelerated interval (Efron 1987; Efron and Tibshirani 1993, §14.3), the acceleration from the jackknife.</summary>
    /// <param name="sample">The replicates, all finite.</param>
    /// <param name="statistic">A function of a sample in any order; it may reorder the array it is given.</param>
    /// <param name="confidence">Coverage, e.g. 0.95.</param>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static IntervalEstimate BiasCorrected(
        IReadOnlyList<double> sample, Func<double[], double> statistic, double confidence = 0.95, int resamples = Resamples)
    {
        if (sample.Count == 0) throw new ArgumentException("A bootstrap needs at least one value.", nameof(sample));
        var value = statistic([.. sample]);
        if (sample.Count < MinimumReplicates) return new(value, null, null, sample.Count);
        var draws = Draw(sample, statistic, resamples);
        // Share of draws below the estimate, ties half; kept off 0 and 1, where the correction would be infinite.
        var below = draws.Count(draw => draw < value) + draws.Count(draw => draw == value) / 2.0;
        var bias = Normal.InvCDF(0, 1, Math.Clamp(below / draws.Length, 0.5 / draws.Length, 1 - 0.5 / draws.Length));
        var acceleration = Acceleration(sample, statistic);
        return new(value, At((1 - confidence) / 2), At((1 + confidence) / 2), sample.Count);

        double At(double probability)
        {
            var z = bias + Normal.InvCDF(0, 1, probability);
            return Quantiles.Quantile(draws, Normal.CDF(0, 1, bias + z / (1 - acceleration * z)));
        }
    }

    private static double Acceleration(IReadOnlyList<double> sample, Func<double[], double> statistic)
    {
        var without = Enumerable.Range(0, sample.Count).Select(left => statistic([.. sample.Where((_, i) => i != left)])).ToArray();
        var mean = without.Average();
        var squares = without.Sum(v => (mean - v) * (mean - v));
        return squares == 0 ? 0 : without.Sum(v => Math.Pow(mean - v, 3)) / (6 * Math.Pow(squares, 1.5));
    }

    /// <summary>The percentile interval of the median (Efron and Tibshirani 1993, §13.3), by ranks, without sorting each resample.</summary>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static IntervalEstimate Median(IReadOnlyList<double> sample, double confidence = 0.95, int resamples = Resamples)
    {
        var sorted = Quantiles.Sorted(sample);
        var value = Quantiles.Quantile(sorted, 0.5);
        if (sorted.Length < MinimumReplicates) return new(value, null, null, sorted.Length);
        var random = new SplitMix64(Seed);
        var counts = new int[sorted.Length];
        var draws = new double[resamples];
        for (var draw = 0; draw < draws.Length; draw++)
        {
            Array.Clear(counts);
            for (var i = 0; i < sorted.Length; i++) counts[random.Below(sorted.Length)]++;
            draws[draw] = Quantiles.Between(Ranked((sorted.Length - 1) / 2), Ranked(sorted.Length / 2), 0.5);
        }

        Array.Sort(draws);
        var tail = (1 - confidence) / 2;
        return new(value, Quantiles.Quantile(draws, tail), Quantiles.Quantile(draws, 1 - tail), sorted.Length);

        double Ranked(int rank)
        {
            var index = 0;
            for (var seen = counts[0]; seen <= rank; seen += counts[index]) index++;
            return sorted[index];
        }
    }

    /// <summary>The statistic on each resample, ascending.</summary>
    private static double[] Draw(IReadOnlyList<double> sample, Func<double[], double> statistic, int resamples)
    {
        var random = new SplitMix64(Seed);
        var resample = new double[sample.Count];
        var draws = new double[resamples];
        for (var draw = 0; draw < draws.Length; draw++)
        {
            for (var i = 0; i < resample.Length; i++) resample[i] = sample[random.Below(sample.Count)];
            draws[draw] = statistic(resample);
        }

        Array.Sort(draws);
        return draws;
    }
}
