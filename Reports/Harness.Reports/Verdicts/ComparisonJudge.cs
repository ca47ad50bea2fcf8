using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"A beats B on m by δ".</summary>
internal static class ComparisonJudge
{
    public static ClaimFinding Examine(ComparisonClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        if (metric.LowerIsBetter is not { } lowerIsBetter || (claim.ByFactor is not null && !metric.Positive) || claim.ByFactor <= 0)
            return ClaimFinding.NotTested(claim, metric, NotTestedReason.MetricCannotDecide, metric.Name);
        var pairs = ArmPairs.Find(facets, claim.That, claim.Beats, metric.Name);
        if (pairs.Obstacle is { } obstacle)
            return ClaimFinding.NotTested(claim, metric, Degenerate.Instead(obstacle, facets.SelectMany(facet => new[] { ArmSelector.Find(facet, claim.That), ArmSelector.Find(facet, claim.Beats) }), metric.Name), pairs.Detail);

        var named = claim.ByFactor is { } factor ? Math.Log(factor) : claim.ByAmount;
        if (metric.Name == MetricCatalog.Parameters) return new(claim, metric, VerdictMethod.Exact, [.. pairs.Pairs.Select(pair => Counted(pair, ScaleOf(pair), named))]);
        var judged = pairs.Pairs.Select(pair =>
        {
            var scale = ScaleOf(pair);
            var margin = Margins.Of(metric, scale);
            // A claim that names how much it wins by is refuted by less; one that does not, by losing.
            var (needed, refuted, negligible) = (named ?? margin, named ?? -margin, named is null ? margin : 0);
            var test = lowerIsBetter ? PairTest.Of(pair.B, pair.A, pair.Seeds, metric, scale) : PairTest.Of(pair.A, pair.B, pair.Seeds, metric, scale);
            double? better = pair.IsTimed ? null : EffectSize.ProbabilityOfSuperiority(Oriented(pair.A), Oriented(pair.B));
            var evidence = PairEvidence.Of(pair, metric, scale, test, tested => Ruling.Compare(tested.Above, tested.Below, needed, refuted, negligible, tested.Count),
                [needed, refuted, negligible, -negligible], better, PairEvidence.ObstacleTo(pair, metric.Name, halfMustReach: false));
            return (Evidence: evidence with { Margin = needed }, test?.Method);
        }).ToList();
        return ClaimFinding.Of(claim, metric, judged.Select(found => found.Method).OfType<VerdictMethod>().FirstOrDefault(VerdictMethod.SignedRank), [.. judged.Select(found => found.Evidence)]) with
        {
            IsTimed = pairs.Pairs.All(pair => pair.IsTimed),
            HasOneBound = named is not null,
        };

        // Tasks of one experiment may have losses of different kinds.
        EffectScale ScaleOf(ArmPair pair) => claim.ByAmount is not null ? EffectScale.Difference
            : claim.ByFactor is not null ? EffectScale.LogRatio : Margins.ScaleOf(metric, pair.A.Arm.Condition.Trial);

        List<double> Oriented(ArmReadings arm) => [.. arm.BySeed.Values.Select(v => lowerIsBetter ? -v : v)];
    }

    private static FacetEvidence Counted(ArmPair pair, EffectScale scale, double? named)
    {
        var margin = Margins.Of(MetricCatalog.Find(MetricCatalog.Parameters)!, scale);
        var (a, b) = ((double)pair.A.Arm.Condition.Parameters, (double)pair.B.Arm.Condition.Parameters);
        var effect = scale == EffectScale.LogRatio ? Math.Log(b / a) : b - a;
        var kind = effect > (named ?? margin) - 1e-12 ? VerdictKind.Supported
            : named is null && effect >= -margin ? VerdictKind.NoMeaningfulDifference
            : VerdictKind.Contradicted;
        return PairEvidence.Exact(pair.Facet, pair.A.Finished, scale, effect, kind);
    }
}
