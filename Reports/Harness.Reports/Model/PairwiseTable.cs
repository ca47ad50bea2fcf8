using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// Every two arms of every facet on the final loss, as independent samples: what a reader looks up who cares for a pair that no
/// claim names. A description; the tests are not corrected for their number, and the table says so.
/// </summary>
internal static class PairwiseTable
{
    public const string Id = "pairs";

    /// <summary>More rows than this are a wall, not a table.</summary>
    private const int MostRows = 400;

    /// <summary>The table, or null when no facet has two arms with three finished seeds each.</summary>
    public static Table? Of(IReadOnlyList<Facet> facets, Texts texts)
    {
        var rows = new List<TableRow>();
        var all = 0;
        foreach (var facet in facets)
        {
            var arms = facet.Arms.Select(arm => (Arm: arm, Losses: Losses(arm))).Where(pair => pair.Losses.Length >= Bootstrap.MinimumReplicates).ToList();
            for (var i = 0; i < arms.Count; i++)
            {
                for (var j = i + 1; j < arms.Count; j++)
                {
                    if (++all <= MostRows) rows.Add(Row(facet, arms[i], arms[j], texts));
                }
            }
        }

        return rows.Count == 0 ? null : new(Id, texts.PairsCaption,
        [
            new(texts.Condition), new(texts.Pair), new(texts.BetterShare, true, texts.BetterShareHint), new(texts.CliffsDelta, true),
            new(texts.InterquartileRatio, true, texts.InterquartileHint), new(texts.MannWhitneyP, true, texts.Uncorrected),
        ], rows, all > rows.Count ? texts.PairsLeftOut(rows.Count, all) : null);
    }

    private static double[] Losses(Arm arm) => [.. arm.Condition.Trials.Select(TrialStatistics.FinalLossOf).OfType<double>()];

    private static TableRow Row(Facet facet, (Arm Arm, double[] Losses) a, (Arm Arm, double[] Losses) b, Texts texts)
    {
        // A smaller loss is better: the first is better where the second is larger.
        var better = EffectSize.ProbabilityOfSuperiority(b.Losses, a.Losses);
        var (meanA, meanB) = (Descriptive.InterquartileMean(a.Losses), Descriptive.InterquartileMean(b.Losses));
        var p = RankTests.MannWhitney(a.Losses, b.Losses);
        return new(null,
        [
            new(facet.Label.Length == 0 ? texts.AllConditions : facet.Label), new(texts.PairOf(a.Arm.Label, b.Arm.Label)),
            new(Numbers.Percent(better), better), TableCell.Of(EffectSize.CliffsDelta(b.Losses, a.Losses)),
            double.IsFinite(meanA) && double.IsFinite(meanB) && meanB > 0 ? TableCell.Of(meanA / meanB) : new(Numbers.Absent),
            new(p < 0.0001 ? "< 0.0001" : Numbers.Short(p), p),
        ]);
    }
}
