using Harness.Abstractions.Metrics;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// Every two arms of every facet on the final loss: what a reader looks up who cares for a pair that no claim names. The effect is the one
/// that a card would show. A description; the tests are not corrected for their number, and the table says so.
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
            var arms = facet.Arms.Where(arm => arm.Condition.Trials.Count(trial => TrialStatistics.FinalLossOf(trial) is not null) >= Location.MinimumReplicates).ToList();
            for (var i = 0; i < arms.Count; i++)
            {
                for (var j = i + 1; j < arms.Count; j++)
                {
                    if (++all <= MostRows) rows.Add(Row(facet, [arms[i], arms[j]], texts));
                }
            }
        }

        return rows.Count == 0 ? null : new(Id, texts.PairsCaption,
        [
            new(texts.Condition), new(texts.Pair), new(texts.BetterShare, true, texts.BetterShareHint),
            new(texts.LossEffect, true, texts.LossEffectHint), new(texts.SignedRankP, true, texts.Uncorrected),
        ], rows, all > rows.Count ? texts.PairsLeftOut(rows.Count, all) : null);
    }

    private static TableRow Row(Facet facet, IReadOnlyList<Arm> arms, Texts texts)
    {
        var metric = MetricCatalog.Find(MetricCatalog.EvaluationLoss)!;
        var scale = Margins.ScaleOf(metric, arms[0].Condition.Trial);
        var readings = ArmReadings.Of(arms, metric.Name);
        var (a, b) = (readings[0], readings[1]);
        // A smaller loss is better: the first is better where the second is larger.
        var better = a.BySeed.Count == 0 || b.BySeed.Count == 0 ? double.NaN : EffectSize.ProbabilityOfSuperiority([.. b.BySeed.Values], [.. a.BySeed.Values]);
        var test = PairTest.Of(a, b, [.. a.BySeed.Keys.Intersect(b.BySeed.Keys).Order()], metric, scale);
        var p = test is null ? 1 : Math.Min(1, 2 * Math.Min(test.Above(0), test.Below(0)));
        return new(null,
        [
            new(facet.Label.Length == 0 ? texts.AllConditions : facet.Label), new(texts.PairOf(arms[0].Label, arms[1].Label)),
            double.IsNaN(better) ? new(Numbers.Absent) : new(Numbers.Percent(better), better),
            test is null ? new(Numbers.Absent) : Effect(test.Estimate([]), scale, texts),
            new(p < 0.0001 ? "< 0.0001" : Numbers.Short(p), p),
        ]);
    }

    private static TableCell Effect(IntervalEstimate estimate, EffectScale scale, Texts texts)
    {
        var (value, low, high) = (Natural(estimate.Value), Natural(estimate.Low), Natural(estimate.High));
        return TableCell.Of(value, low is { } from && high is { } to ? texts.Bounds(Numbers.Range(from, to), estimate.IsRange) : null);

        double? Natural(double? effect) => scale == EffectScale.LogRatio && effect is { } log ? Math.Exp(log) : effect;
    }
}
