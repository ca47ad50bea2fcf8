using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"m of A grows (or falls) with a factor": Page's test over the factor's levels within each seed.</summary>
internal static class TrendJudge
{
    public static ClaimFinding Examine(TrendClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        var arms = facets.SelectMany(facet => facet.Arms).Where(arm => Names(arm, claim.That) && Level(arm, claim.GrowsWith) is not null).ToList();
        // Conditions that differ in nothing but the factor form one row of levels.
        var rows = arms.GroupBy(arm => Others(arm, claim.GrowsWith), StringComparer.Ordinal)
            .Select(group => (Label: group.Key, Levels: ArmReadings.Of([.. group.OrderBy(arm => Level(arm, claim.GrowsWith)!.Value)], metric.Name).ToList()))
            .Where(row => row.Levels.Count > 1).Select(row => (Label: Place(facets, row.Levels[0].Arm, claim.GrowsWith), row.Levels)).ToList();
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

    private static bool Names(Arm arm, string name) => arm.Condition.Factors.TryGetValue("arm", out var label)
        ? string.Equals(label, name, StringComparison.Ordinal)
        : string.Equals(arm.Condition.Trial.Model.Cell, name, StringComparison.Ordinal);

    private static double? Level(Arm arm, string factor) =>
        arm.Condition.Factors.TryGetValue(factor, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The arm's facet without the factor that the claim is about.</summary>
    private static string Place(IReadOnlyList<Facet> facets, Arm arm, string factor) =>
        string.Join(" · ", facets.First(facet => facet.Arms.Contains(arm)).Levels.Where(level => level.Factor != factor).Select(level => level.Level));

    private static string Others(Arm arm, string factor) => string.Join(" · ", arm.Condition.Factors
        .Where(pair => pair.Key != factor && pair.Key != "cell" && pair.Key != "arm")
        .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
}
