using System.Globalization;
using Harness.Reports.Statistics;

namespace Harness.Benchmarks;

/// <summary>How often a 95 % interval holds the truth.</summary>
internal static class CoverageBenchmark
{
    /// <summary>Median of the mean of two log-normal values with σ = 1.5: what Hodges and Lehmann's location estimates there; from 10⁷ draws.</summary>
    private const double LogNormalLocation = 1.4765;

    private const double Sigma = 1.5;

    public static void Run(string benchmark, int samples)
    {
        foreach (var n in new[] { 6, 7, 8, 10, 12, 15, 20, 30 })
        {
            var normal = Share(draws => new SignedRankLocation(Sample(n, draws.Normal)).Estimate, 0);
            var skewed = Share(draws => new SignedRankLocation(Sample(n, () => LogNormal(draws))).Estimate, LogNormalLocation);
            var median = Share(draws => Location.Median(Sample(n, () => LogNormal(draws))), 1);
            var shares = Share(draws => new ShareDifference(Successes(n, 0.8, draws), n, Successes(n, 0.4, draws), n).Estimate([]), 0.4, samples / 20);
            var times = Share(draws => new TimeComparison(Waits(n, 1, draws), Waits(n, 2, draws), 1000, 1000, byFactor: true).Estimate([]), Math.Log(2), samples / 20);
            Measure.Row(benchmark, string.Create(CultureInfo.InvariantCulture, $"coverage, n = {n}, {samples} samples ({samples / 20} for shares and times)"),
                $"typical pair: normal {normal:0.0 %}, log-normal {skewed:0.0 %}; median of one arm, log-normal {median:0.0 %}; difference of shares {shares:0.0 %}; ratio of times {times:0.0 %}");
        }

        double Share(Func<Draws, IntervalEstimate> estimate, double truth, int? count = null)
        {
            var all = count ?? samples;
            return Enumerable.Range(0, all).AsParallel().Count(sample => estimate(new((ulong)sample * 6364136223846793005UL + 1)) is { Low: { } low, High: { } high } && low <= truth && truth <= high) / (double)all;
        }
    }

    private static double LogNormal(Draws draws) => Math.Exp(Sigma * draws.Normal());

    private static double[] Sample(int n, Func<double> draw) => [.. Enumerable.Range(0, n).Select(_ => draw())];

    private static int Successes(int n, double share, Draws draws) => Enumerable.Range(0, n).Count(_ => draws.Uniform() < share);

    /// <summary>Log-normal times around 300 steps, later by a factor; a quarter of the slower arm's lie beyond the budget.</summary>
    private static List<Waiting> Waits(int n, double later, Draws draws) =>
        [.. Enumerable.Range(0, n).Select(_ => 300 * later * Math.Exp(0.7 * draws.Normal())).Select(time => time < 1000 ? new Waiting(time, true) : new Waiting(1000, false))];
}
