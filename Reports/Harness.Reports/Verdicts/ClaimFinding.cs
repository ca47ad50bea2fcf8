using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Verdicts;

/// <summary>What the facets say about a claim, before the family is looked at.</summary>
internal sealed record ClaimFinding(
    ClaimSpec Claim,
    MetricDescriptor? Metric,
    VerdictMethod Method,
    IReadOnlyList<FacetEvidence> Facets,
    NotTestedReason? Reason = null,
    string? ReasonDetail = null)
{
    /// <summary>Whether the pairs are rounds of timing trials, not seeds.</summary>
    public bool IsTimed { get; init; }

    public static ClaimFinding NotTested(ClaimSpec claim, MetricDescriptor? metric, NotTestedReason reason, string? detail = null) =>
        new(claim, metric, VerdictMethod.Exact, [], reason, detail);

    /// <summary>What was found facet by facet; not tested, with the facets, where none of them could be.</summary>
    public static ClaimFinding Of(ClaimSpec claim, MetricDescriptor? metric, VerdictMethod method, IReadOnlyList<FacetEvidence> facets) =>
        facets.All(facet => facet.Reason is not null) ? new(claim, metric, method, facets, facets[0].Reason) : new(claim, metric, method, facets);

    /// <summary>What all tested facets agree on; that it depends, where two answers each have evidence; else inconclusive.</summary>
    public VerdictKind Kind => Tested.Select(f => f.Kind).Distinct().ToList() is [var only] ? only : Answers.Count > 1 ? VerdictKind.Depends : VerdictKind.Inconclusive;

    /// <summary>
    /// The p of the statement that <see cref="Kind"/> makes: where the facets agree the largest, that of all of them being right; where they
    /// disagree that of the second answer, each answer's being the smallest of its facets times the number of facets (Bonferroni).
    /// </summary>
    public double P => Kind switch
    {
        VerdictKind.Inconclusive => 1,
        VerdictKind.Depends => Answers.Values.Order().ElementAt(1),
        _ => Tested.Max(f => f.P),
    };

    /// <summary>Whether chance had a part: counts of parameters are exact and belong to no family of tests.</summary>
    public bool IsTested => Reason is null && Method != VerdictMethod.Exact;

    /// <summary>Whether one bound decides for and against: such a claim has no third answer.</summary>
    public bool HasOneBound { get; init; }

    /// <summary>
    /// The p of a facet's answer being the answer of any facet, corrected for the number of facets that one could have picked from. With one
    /// bound a false answer can lie on one side only, so that the one-sided p, half of the facet's, is enough.
    /// </summary>
    public double Corrected(FacetEvidence facet) =>
        facet.Kind is VerdictKind.Inconclusive or VerdictKind.NotTested ? 1 : Math.Min(1, facet.P * Tested.Count / (HasOneBound ? 2 : 1));

    private List<FacetEvidence> Tested => [.. Facets.Where(facet => facet.Reason is null)];

    /// <summary>The answers that at least one facet gives after correction, with the smallest p of each.</summary>
    private Dictionary<VerdictKind, double> Answers => Tested.Where(facet => Corrected(facet) <= ClaimJudge.Level)
        .GroupBy(facet => facet.Kind).ToDictionary(group => group.Key, group => group.Min(Corrected));
}
