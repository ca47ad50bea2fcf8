using Harness.Abstractions.Claims;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Verdicts;

/// <summary>
/// Decides a family of claims. A claim holds only where it holds in every facet that was tested (an intersection-union test: its p is the
/// largest over the facets and needs no correction for their number). Where facets answer differently, each answer corrected for the
/// number of facets, it depends. Over the claims Holm's procedure keeps the chance of any false verdict at 5 %.
/// </summary>
internal static class ClaimJudge
{
    public const double Level = 0.05;

    /// <param name="tuning">What was tuned before; null where nothing was.</param>
    /// <param name="texts">What is said of a search; English when null.</param>
    public static IReadOnlyList<ClaimDecision> Decide(IReadOnlyList<ClaimSpec> claims, IReadOnlyList<Facet> facets, TuningResults? tuning = null, Texts? texts = null)
    {
        var findings = claims.Select(claim => Examine(claim, facets, tuning is null ? null : new TunedClaims(tuning, texts ?? Texts.In(null)))).ToList();
        var tested = findings.Where(finding => finding.IsTested).ToList();
        var adjusted = MultipleTesting.Holm([.. tested.Select(finding => finding.P)]);
        return [.. findings.Select(finding => Conclude(finding, tested.IndexOf(finding) is var i and >= 0 ? adjusted[i] : null, tested.Count))];
    }

    /// <summary>What the facets say about one claim, before the family is looked at.</summary>
    /// <param name="tuned">What tuning keeps from being tested; null where nothing was tuned.</param>
    public static ClaimFinding Examine(ClaimSpec claim, IReadOnlyList<Facet> panels, TunedClaims? tuned = null)
    {
        // Experiments of earlier versions have claims about half-lives in the database.
        if (HalfLifeClaims.OnSlope(claim) is not { } decidable) return ClaimFinding.NotTested(claim, null, NotTestedReason.MetricCannotDecide, claim.On);
        claim = decidable;
        if (MetricCatalog.Find(claim.On) is not { IsClaimable: true } metric) return ClaimFinding.NotTested(claim, null, NotTestedReason.MetricCannotDecide, claim.On);
        var facets = ClaimFacets.Of(claim, panels);
        if (tuned?.Obstacle(metric, facets) is var (reason, detail)) return ClaimFinding.NotTested(claim, metric, reason, detail);
        return claim switch
        {
            ComparisonClaim comparison => ComparisonJudge.Examine(comparison, metric, facets),
            EquivalenceClaim equivalence => EquivalenceJudge.Examine(equivalence, metric, facets),
            ThresholdClaim threshold => ThresholdJudge.Examine(threshold, metric, facets),
            TrendClaim trend => TrendJudge.Examine(trend, metric, facets),
            _ => throw new ArgumentOutOfRangeException(nameof(claim), claim, "An unknown kind of claim."),
        };
    }

    /// <param name="adjusted">The finding's p after correction; null where chance had no part.</param>
    /// <param name="family">Claims that the correction is for.</param>
    public static ClaimDecision Conclude(ClaimFinding finding, double? adjusted, int family)
    {
        var kind = finding.Reason is not null ? VerdictKind.NotTested
            : adjusted is null || adjusted <= Level ? finding.Kind
            : VerdictKind.Inconclusive;
        // What Holm's procedure multiplied this claim's p by.
        var factor = adjusted is { } p && finding.P > 0 ? p / finding.P : 1;
        return new(
            finding.Claim, finding.Metric, kind, finding.Reason, finding.ReasonDetail, finding.Method, finding.Facets, adjusted, family,
            kind == VerdictKind.Inconclusive && !finding.IsTimed ? Further(finding, Level / Math.Max(1, family)) : null)
        {
            IsTimed = finding.IsTimed,
            Disagreeing = kind == VerdictKind.Depends ? [.. finding.Facets.Where(facet => finding.Corrected(facet) * factor <= Level)] : [],
        };
    }

    /// <summary>The seeds that the most uncertain facet lacks; null when one of them gives no estimate.</summary>
    private static int? Further(ClaimFinding finding, double level)
    {
        // Where settings disagree, each must pass the correction for their number.
        if (finding.Facets.Select(facet => facet.Kind).Where(kind => kind is not (VerdictKind.Inconclusive or VerdictKind.NotTested)).Distinct().Count() > 1) level /= finding.Facets.Count;
        var further = finding.Facets.Where(facet => facet.Reason is null && (facet.Kind == VerdictKind.Inconclusive || facet.P > level))
            .Select(facet => SampleSize.Further(facet.Count, facet.Open, level, finding.Method is VerdictMethod.SignedRank or VerdictMethod.Median)).ToList();
        return further.Count == 0 || further.Contains(null) ? null : further.Max();
    }
}
