using Harness.Abstractions.Claims;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Verdicts;

/// <summary>"A equals B on m within δ": decided by showing both bounds, never by the absence of a significant difference.</summary>
internal static class EquivalenceJudge
{
    public static ClaimFinding Examine(EquivalenceClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        if (!(claim.WithinFactor > 1) || metric.Name is MetricCatalog.Solved or MetricCatalog.Diverged) return ClaimFinding.NotTested(claim, metric, NotTestedReason.MetricCannotDecide, metric.Name);
        var pairs = ArmPairs.Find(facets, claim.That, claim.EqualTo, metric.Name);
        if (pairs.Obstacle is { } obstacle)
            return ClaimFinding.NotTested(claim, metric, Degenerate.Instead(obstacle, facets.SelectMany(facet => new[] { ArmSelector.Find(facet, claim.That), ArmSelector.Find(facet, claim.EqualTo) }), metric.Name), pairs.Detail);
        if (metric.Name == MetricCatalog.Parameters) return new(claim, metric, VerdictMethod.Exact, [.. pairs.Pairs.Select(pair => Counted(pair, Math.Log(claim.WithinFactor)))]);
        if (!metric.Positive && pairs.Pairs.Any(pair => pair.A.BySeed.Values.Concat(pair.B.BySeed.Values).Any(value => value < 0)))
            return ClaimFinding.NotTested(claim, metric, NotTestedReason.MetricCannotDecide, metric.Name);
        var judged = pairs.Pairs.Select(pair =>
        {
            // A ratio of nats depends on how hard the task is: such losses are equal within a difference.
            var (scale, margin) = NatsScale.Applies(metric.Name, pair.A.Arm.Condition.Trial.Task) ? (EffectScale.Difference, NatsScale.Margin) : (EffectScale.LogRatio, Math.Log(claim.WithinFactor));
            var test = PairTest.Of(pair.A, pair.B, pair.Seeds, metric, scale);
            var evidence = PairEvidence.Of(pair, metric, scale, test, tested => Ruling.Equal(tested.Above, tested.Below, margin, tested.Count), [margin, -margin], null,
                PairEvidence.ObstacleTo(pair, metric.Name, halfMustReach: true));
            return (Evidence: evidence with { Margin = margin }, test?.Method);
        }).ToList();
        return ClaimFinding.Of(claim, metric, judged.Select(found => found.Method).OfType<VerdictMethod>().FirstOrDefault(VerdictMethod.SignedRank), [.. judged.Select(found => found.Evidence)]) with
        {
            IsTimed = pairs.Pairs.All(pair => pair.IsTimed),
        };
    }

    private static FacetEvidence Counted(ArmPair pair, double margin)
    {
        var effect = Math.Log((double)pair.A.Arm.Condition.Parameters / pair.B.Arm.Condition.Parameters);
        return PairEvidence.Exact(pair.Facet, pair.A.Finished, EffectScale.LogRatio, effect, Math.Abs(effect) <= margin ? VerdictKind.Supported : VerdictKind.Contradicted);
    }
}
