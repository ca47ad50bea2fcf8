namespace Harness.Reports.Statistics;

/// <summary>Ranks with ties, doubled: a mid-rank is a multiple of one half, and whole numbers can be counted exactly.</summary>
internal static class Ranks
{
    /// <summary>Twice the rank (from 1) of each value among all of them; equal values share the mean of their ranks.</summary>
    public static int[] Doubled(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new int[values.Count];
        for (var from = 0; from < order.Length;)
        {
            var until = from + 1;
            while (until < order.Length && values[order[until]] == values[order[from]]) until++;
            // Ranks from+1 … until have the mean (from + 1 + until) / 2.
            for (var i = from; i < until; i++) ranks[order[i]] = from + 1 + until;
            from = until;
        }

        return ranks;
    }
}
