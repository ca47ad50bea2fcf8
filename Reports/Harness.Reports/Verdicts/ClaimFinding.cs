using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Verdicts;

/// <summary>What the facets say about a claim, before the family is looked at.</summary>
internal sealed record ClaimFinding(
    ClaimSpec Claim,
    MetricDescriptor? Metric,
    VerdictMethod Method,
    IReadOnlyList<FacetEvidence> Facets,
    double? Margin,
    NotTestedReason? Reason = null,
    string? ReasonDetail = null)
{
    /// <summary>Whether the pairs are rounds of timing trials, not seeds.</summary>
    public bool IsTimed { get; init; }

    public static ClaimFinding NotTested(ClaimSpec claim, MetricDescriptor? metric, NotTestedReason reason, string? detail = null) =>
        new(claim, metric, VerdictMethod.Exact, [], null, reason, detail);

    /// <summary>What all facets agree on, else inconclusive.</summary>
    public VerdictKind Kind => Facets.Select(f => f.Kind).Distinct().ToList() is [var only] ? only : VerdictKind.Inconclusive;

    /// <summary>The largest p of the facets: that of the statement that all of them make.</summary>
    public double P => Kind == VerdictKind.Inconclusive ? 1 : Facets.Max(f => f.P);

    /// <summary>Whether chance had a part: counts of parameters are exact and belong to no family of tests.</summary>
    public bool IsTested => Reason is null && Method != VerdictMethod.Exact;
}
