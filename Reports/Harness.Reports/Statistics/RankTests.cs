namespace Harness.Reports.Statistics;

/// <summary>Exact rank tests. Ties are handled by conditioning on the observed mid-ranks; nothing is approximated.</summary>
internal static class RankTests
{
    /// <summary>
    /// Wilcoxon's signed-rank test (1945), one-sided and exact: the sign of every difference is as likely + as −. The probability of positive
    /// ranks at least as large as the observed ones. Differences may be infinite; those that are zero are dropped, as Wilcoxon did.
    /// </summary>
    /// <returns>p; 1 when nothing is left.</returns>
    public static double SignedRankGreater(IReadOnlyList<double> differences)
    {
        var kept = differences.Where(d => d != 0).ToList();
        if (kept.Count == 0) return 1;
        var ranks = Ranks.Doubled([.. kept.Select(Math.Abs)]);
        var total = ranks.Sum();
        // ways[s]: in how many of the 2^n sign patterns the positive ranks sum to s/2; doubles stay exact up to n = 53.
        var ways = new double[total + 1];
        ways[0] = 1;
        foreach (var rank in ranks)
            for (var sum = total; sum >= rank; sum--) ways[sum] += ways[sum - rank];
        var observed = ranks.Where((_, i) => kept[i] > 0).Sum();
        return Math.Min(1, ways.Skip(observed).Sum() / Math.Pow(2, kept.Count));
    }

    /// <summary>Mann and Whitney's U test (1947), two-sided and exact: every assignment of the pooled ranks to the samples is as likely.</summary>
    /// <exception cref="ArgumentException">A sample is empty.</exception>
    public static double MannWhitney(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count == 0 || y.Count == 0) throw new ArgumentException("A comparison needs values on both sides.", x.Count == 0 ? nameof(x) : nameof(y));
        var ranks = Ranks.Doubled([.. x, .. y]);
        var total = ranks.Sum();
        // ways[k][s]: how many choices of k ranks sum to s/2.
        var ways = Enumerable.Range(0, x.Count + 1).Select(_ => new double[total + 1]).ToArray();
        ways[0][0] = 1;
        foreach (var rank in ranks)
            for (var chosen = x.Count; chosen >= 1; chosen--)
                for (var sum = total; sum >= rank; sum--) ways[chosen][sum] += ways[chosen - 1][sum - rank];
        var observed = ranks.Take(x.Count).Sum();
        var below = ways[x.Count].Take(observed + 1).Sum();
        var above = ways[x.Count].Skip(observed).Sum();
        return Math.Min(1, 2 * Math.Min(below, above) / ways[x.Count].Sum());
    }
}
