using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"A equals B on m within δ": decided by two one-sided tests, never by the absence of a significant difference.</summary>
internal static class EquivalenceJudge
{
    public static ClaimFinding Examine(EquivalenceClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        if (!(claim.WithinFactor > 1)) return ClaimFinding.NotTested(claim, metric, NotTestedReason.MetricCannotDecide, metric.Name);
        var pairs = ArmPairs.Find(facets, claim.That, claim.EqualTo, metric.Name);
        if (pairs.Obstacle is { } obstacle) return ClaimFinding.NotTested(claim, metric, obstacle, pairs.Detail);
        var margin = Math.Log(claim.WithinFactor);
        if (metric.Name == MetricCatalog.Parameters) return new(claim, metric, VerdictMethod.Exact, [.. pairs.Pairs.Select(pair => Counted(pair, margin))], margin);

        var evidence = new List<FacetEvidence>();
        foreach (var pair in pairs.Pairs)
        {
            double[] ratios = [.. pair.Seeds.Select(seed => Effects.Between(pair.A.BySeed[seed], pair.B.BySeed[seed], EffectScale.LogRatio))];
            // One seed that diverged or scored 0 has no ratio, and leaving it out would flatter.
            if (!ratios.All(double.IsFinite)) return ClaimFinding.NotTested(claim, metric, NotTestedReason.CoverageDiffers, pair.A.Arm.Condition.Label);
            evidence.Add(Judge(pair, ratios, claim.WithinFactor, margin));
        }

        return new(claim, metric, VerdictMethod.EquivalenceTest, evidence, margin) { IsTimed = pairs.Pairs.All(pair => pair.IsTimed) };
    }

    private static FacetEvidence Judge(ArmPair pair, double[] ratios, double factor, double margin)
    {
        // The 95 % interval decides against, the 90 % interval (two tests at 5 %) for: Schuirmann's rule.
        var wide = Equivalence.PairedRatio(ratios, factor, alpha: 0.025);
        var (low, high) = (Math.Log(wide.Low), Math.Log(wide.High));
        var (kind, p) = wide.P <= ClaimJudge.Level ? (VerdictKind.Supported, wide.P)
            // The larger one-sided p belongs to the bound that was passed; its complement is the p of having passed it.
            : low > margin || high < -margin ? (VerdictKind.Contradicted, 2 * (1 - wide.P))
            : (VerdictKind.Inconclusive, 1.0);
        var mean = ratios.Average();
        return new(pair.Facet, pair.Seeds.Count, EffectScale.LogRatio, mean, low, high, kind, p,
            EffectSize.ProbabilityOfSuperiority([.. pair.A.BySeed.Values], [.. pair.B.BySeed.Values]), ratios, mean >= 0 ? margin : -margin);
    }

    private static FacetEvidence Counted(ArmPair pair, double margin)
    {
        var effect = Math.Log((double)pair.A.Arm.Condition.Parameters / pair.B.Arm.Condition.Parameters);
        return new(pair.Facet, pair.A.Finished, EffectScale.LogRatio, effect, null, null,
            Math.Abs(effect) <= margin ? VerdictKind.Supported : VerdictKind.Contradicted, 0, null, [], margin);
    }
}
