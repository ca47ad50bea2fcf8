namespace Harness.Reports.Statistics;

/// <param name="Slopes">Per seed: change of the value from one level to the next, least squares.</param>
/// <param name="P">One-sided probability of a Page statistic at least this large without a trend.</param>
internal sealed record TrendResult(IReadOnlyList<double> Slopes, double P);

/// <summary>Whether values grow with an ordered factor when every seed has met every level.</summary>
internal static class Trend
{
    private const int Draws = 100_000;
    private const ulong Seed = 0x9A_6E_19_63UL;

    /// <summary>
    /// Page's test (1963) for growth: within each seed the levels are ranked, and L = Σ level · rank sum. The p-value is
    /// exact (the distribution of L over all within-seed orders is convolved seed by seed) when no seed has ties and there
    /// are at most eight levels, else sampled with a fixed seed.
    /// </summary>
    /// <param name="bySeed">Rows are seeds, columns levels in ascending order; all rows equally long, at least two.</param>
    /// <exception cref="ArgumentException">No seed, fewer than two levels, or rows of different length.</exception>
    public static TrendResult Page(IReadOnlyList<IReadOnlyList<double>> bySeed)
    {
        if (bySeed.Count == 0 || bySeed[0].Count < 2) throw new ArgumentException("A trend needs at least one seed and two levels.", nameof(bySeed));
        if (bySeed.Any(row => row.Count != bySeed[0].Count)) throw new ArgumentException("Every seed must have met every level.", nameof(bySeed));
        var ranks = bySeed.Select(Ranks.Doubled).ToList();
        var observed = ranks.Sum(Contribution);
        var levels = bySeed[0].Count;
        var untied = ranks.All(row => row.Distinct().Count() == levels);
        return new([.. bySeed.Select(Slope)], untied && levels <= 8 ? Exact(levels, bySeed.Count, observed) : Sampled(ranks, observed));
    }

    private static long Contribution(IReadOnlyList<int> doubledRanks) => doubledRanks.Select((rank, level) => (long)rank * (level + 1)).Sum();

    private static double Exact(int levels, int seeds, long observed)
    {
        var single = new Dictionary<long, double>();
        Permute([.. Enumerable.Range(1, levels).Select(rank => 2 * rank)], 0);
        var total = single.Values.Sum();
        var distribution = new Dictionary<long, double> { [0] = 1 };
        for (var seed = 0; seed < seeds; seed++)
        {
            var next = new Dictionary<long, double>();
            foreach (var (sum, probability) in distribution)
                foreach (var (contribution, ways) in single)
                    next[sum + contribution] = next.GetValueOrDefault(sum + contribution) + probability * ways / total;
            distribution = next;
        }

        return Math.Min(1, distribution.Where(pair => pair.Key >= observed).OrderBy(pair => pair.Value).Sum(pair => pair.Value));

        void Permute(int[] ranks, int place)
        {
            if (place == ranks.Length)
            {
                var contribution = Contribution(ranks);
                single[contribution] = single.GetValueOrDefault(contribution) + 1;
                return;
            }

            for (var other = place; other < ranks.Length; other++)
            {
                (ranks[place], ranks[other]) = (ranks[other], ranks[place]);
                Permute(ranks, place + 1);
                (ranks[place], ranks[other]) = (ranks[other], ranks[place]);
            }
        }
    }

    private static double Sampled(List<int[]> ranks, long observed)
    {
        var random = new SplitMix64(Seed);
        var extreme = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            long sum = 0;
            foreach (var row in ranks)
            {
                for (var i = row.Length - 1; i > 0; i--)
                {
                    var j = random.Below(i + 1);
                    (row[i], row[j]) = (row[j], row[i]);
                }

                sum += Contribution(row);
            }

            if (sum >= observed) extreme++;
        }

        return (extreme + 1.0) / (Draws + 1.0);
    }

    private static double Slope(IReadOnlyList<double> values)
    {
        var middle = (values.Count - 1) / 2.0;
        var mean = values.Average();
        return values.Select((value, level) => (level - middle) * (value - mean)).Sum() / values.Select((_, level) => (level - middle) * (level - middle)).Sum();
    }
}
