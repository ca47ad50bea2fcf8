using Harness.Experiments.Metrics;
using Harness.Experiments.Specs;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"m of A grows (or falls) with a factor": Page's test over the factor's levels within each seed.</summary>
internal static class TrendJudge
{
    public static ClaimFinding Examine(TrendClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        var rows = facets.Select(facet => (facet.Label, Levels: ArmReadings.Of(facet.Arms, metric.Name).ToList())).ToList();
        if (rows.Count == 0) return ClaimFinding.NotTested(claim, metric, NotTestedReason.MissingCondition, $"{claim.That}, {claim.GrowsWith}");
        var evidence = new List<FacetEvidence>();
        foreach (var (label, levels) in rows)
        {
            foreach (var level in levels)
                if (level.Obstacle is { } obstacle) return ClaimFinding.NotTested(claim, metric, obstacle, level.Arm.Condition.Label);
            var seeds = levels.Skip(1).Aggregate(levels[0].BySeed.Keys, (common, level) => common.Intersect(level.BySeed.Keys)).Order().ToList();
            if (seeds.Count < Bootstrap.MinimumReplicates) return ClaimFinding.NotTested(claim, metric, NotTestedReason.TooFewSeeds, levels[0].Arm.Condition.Label);
            evidence.Add(Judge(label, levels, seeds, metric, claim.Falls));
        }

        return new(claim, metric, VerdictMethod.PageTrend, evidence, null) { IsTimed = rows.TrueForAll(row => row.Levels[0].Run is not null) };
    }

    private static FacetEvidence Judge(string label, List<ArmReadings> levels, List<long> seeds, MetricDescriptor metric, bool falls)
    {
        var scale = metric.Positive ? EffectScale.LogRatio : EffectScale.Difference;
        var sign = falls ? -1 : 1;
        var trend = Trend.Page([.. seeds.Select(seed => Row(seed, sign))]);
        var against = Trend.Page([.. seeds.Select(seed => Row(seed, -sign))]);
        // Page's test needs an order only; the slope is given where all values are finite.
        var finite = trend.Slopes.All(double.IsFinite);
        var effect = new PairedEffect(finite ? trend.Slopes : [.. seeds.Select(seed => Effects.Between(Row(seed, sign)[^1], Row(seed, sign)[0], EffectScale.Difference))]);
        var negligible = Margins.Of(metric);
        var (kind, p) = effect.Interval switch
        {
            { Low: > 0 } => (VerdictKind.Supported, Math.Min(1, 2 * trend.P)),
            { High: < 0 } => (VerdictKind.Contradicted, Math.Min(1, 2 * against.P)),
            { Low: { } low, High: { } high } when finite && low > -negligible && high < negligible => (VerdictKind.NoMeaningfulDifference, Math.Max(effect.Above(-negligible), effect.Below(negligible))),
            _ => (VerdictKind.Inconclusive, 1.0),
        };
        return new(label, seeds.Count, scale, effect.Interval.Value, effect.Interval.Low, effect.Interval.High, kind, p, null, finite ? effect.Spread : [], 0);

        double[] Row(long seed, int direction) => [.. levels.Select(level => direction * (metric.Positive ? Math.Log(level.BySeed[seed]) : level.BySeed[seed]))];
    }
}
