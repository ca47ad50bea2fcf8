using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"m of A grows (or falls) with a factor": the slope over the factor's levels within each seed, and its sign over seeds.</summary>
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
                if (level.Obstacle is { } obstacle) return Refused(obstacle, level.Arm);
            var seeds = levels.Skip(1).Aggregate(levels[0].BySeed.Keys, (common, level) => common.Intersect(level.BySeed.Keys)).Order().ToList();
            if (seeds.Count < Location.MinimumReplicates) return Refused(NotTestedReason.TooFewSeeds, levels[0].Arm);
            evidence.Add(Judge(label, levels, seeds, metric, claim.Falls));
        }

        return ClaimFinding.Of(claim, metric, VerdictMethod.SignedRank, evidence) with { IsTimed = rows.TrueForAll(row => row.Levels[0].Run is not null) };

        ClaimFinding Refused(NotTestedReason reason, Arm arm) => ClaimFinding.NotTested(claim, metric, Degenerate.Instead(reason, [arm], metric.Name), arm.Condition.Label);
    }

    private static FacetEvidence Judge(string label, List<ArmReadings> levels, List<long> seeds, MetricDescriptor metric, bool falls)
    {
        var scale = Margins.ScaleOf(metric, levels[0].Arm.Condition.Trial);
        var sign = falls ? -1 : 1;
        List<double> slopes = [.. seeds.Select(seed => sign * Trend.Slope([.. levels.Select(level => scale == EffectScale.LogRatio ? Math.Log(level.BySeed[seed]) : level.BySeed[seed])])).Where(slope => !double.IsNaN(slope))];
        List<ArmLearning> learning = [.. levels.Select(level => LearningFloor.Of(level.Arm, metric.Name)).OfType<ArmLearning>()];
        var reason = ArmReadings.IsSpeed(metric.Name) && levels[0].Run is null ? NotTestedReason.NotTimed
            : Degenerate.Reason([.. levels.Select(level => level.Arm)], metric.Name)
            ?? (metric.Name is MetricCatalog.StepsToTarget or MetricCatalog.Solved && levels.TrueForAll(level => level.Arm.Statistics.Solved == 0) ? NotTestedReason.NeverReached
                : learning.Count > 0 && learning.TrueForAll(level => !level.HasLearned) ? NotTestedReason.NothingLearned
                : slopes.Count == 0 ? NotTestedReason.NoInformation : null);
        var location = slopes.Count == 0 ? null : new SignedRankLocation(slopes);
        var negligible = Margins.Of(metric, scale);
        var ruling = reason is null && location is not null ? Ruling.Compare(location.Above, location.Below, 0, 0, negligible, slopes.Count) : new Ruling(VerdictKind.NotTested, 1, 1);
        return new(label, slopes.Count, scale, new(location?.Estimate ?? new(double.NaN, null, null, 0)), ruling.Kind, ruling.P, ruling.Open, null)
        {
            Reason = reason, Learning = learning,
        };
    }
}
