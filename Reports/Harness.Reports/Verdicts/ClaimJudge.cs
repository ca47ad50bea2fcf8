using Harness.Experiments.Metrics;
using Harness.Experiments.Specs;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>
/// Decides a family of claims. A claim holds only where it holds in every facet (an intersection-union test: its p is the
/// largest over the facets and needs no correction for their number); over the claims Holm's procedure keeps the chance of
/// any false verdict at 5 %. A verdict needs both: the interval on its side in every facet, and the corrected p.
/// </summary>
internal static class ClaimJudge
{
    public const double Level = 0.05;

    public static IReadOnlyList<ClaimDecision> Decide(IReadOnlyList<ClaimSpec> claims, IReadOnlyList<Facet> facets)
    {
        var findings = claims.Select(claim => Examine(claim, facets)).ToList();
        var tested = findings.Where(finding => finding.IsTested).ToList();
        var adjusted = MultipleTesting.Holm([.. tested.Select(finding => finding.P)]);
        return [.. findings.Select(finding => Conclude(finding, tested.IndexOf(finding) is var i and >= 0 ? adjusted[i] : null, tested.Count))];
    }

    private static ClaimFinding Examine(ClaimSpec claim, IReadOnlyList<Facet> panels)
    {
        // Experiments of earlier versions have claims about half-lives in the database.
        if (HalfLifeClaims.OnSlope(claim) is not { } decidable) return ClaimFinding.NotTested(claim, null, NotTestedReason.MetricCannotDecide, claim.On);
        claim = decidable;
        if (MetricCatalog.Find(claim.On) is not { IsClaimable: true } metric) return ClaimFinding.NotTested(claim, null, NotTestedReason.MetricCannotDecide, claim.On);
        var facets = ClaimFacets.Of(claim, panels);
        return claim switch
        {
            ComparisonClaim comparison => ComparisonJudge.Examine(comparison, metric, facets),
            EquivalenceClaim equivalence => EquivalenceJudge.Examine(equivalence, metric, facets),
            ThresholdClaim threshold => ThresholdJudge.Examine(threshold, metric, facets),
            TrendClaim trend => TrendJudge.Examine(trend, metric, facets),
            _ => throw new ArgumentOutOfRangeException(nameof(claim), claim, "An unknown kind of claim."),
        };
    }

    private static ClaimDecision Conclude(ClaimFinding finding, double? adjusted, int family)
    {
        var kind = finding.Reason is not null ? VerdictKind.NotTested
            : adjusted is null || adjusted <= Level ? finding.Kind
            : VerdictKind.Inconclusive;
        return new(
            finding.Claim, finding.Metric, kind, finding.Reason, finding.ReasonDetail, finding.Method, finding.Facets, finding.Margin, adjusted, family,
            kind == VerdictKind.Inconclusive && !finding.IsTimed ? Further(finding, Level / Math.Max(1, family)) : null)
        {
            IsTimed = finding.IsTimed,
        };
    }

    /// <summary>The seeds that the most uncertain facet lacks; null when one of them gives no estimate.</summary>
    private static int? Further(ClaimFinding finding, double level)
    {
        // Facets that disagree are not brought together by more seeds.
        if (finding.Facets.Select(f => f.Kind).Where(k => k != VerdictKind.Inconclusive).Distinct().Count() > 1) return null;
        var further = finding.Facets.Where(f => f.Kind == VerdictKind.Inconclusive || f.P > level)
            .Select(f => f.Differences.Count < 2 ? Floor(finding.Method, f, level) : SampleSize.Further(f.Differences, f.Bound, level)).ToList();
        return further.Count == 0 || further.Contains(null) ? null : further.Max();
    }

    /// <summary>
    /// The seeds that lack where all of them already say the same and only their number keeps p up: with n pairs no exact two-sided test
    /// over signs or signed ranks gives less than 2/2ⁿ.
    /// </summary>
    private static int? Floor(VerdictMethod method, FacetEvidence evidence, double level) =>
        method is VerdictMethod.PairedSignFlip or VerdictMethod.PairedSignedRank && evidence.Kind != VerdictKind.Inconclusive && evidence.P <= Math.Pow(2, 1 - evidence.Count) * (1 + 1e-9)
            ? Math.Max(1, (int)Math.Ceiling(Math.Log2(2 / level) - 1e-9) - evidence.Count)
            : null;
}
