using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>What one facet (one combination of the factors that are held equal) says.</summary>
/// <param name="Facet">Its label; empty when the experiment has one.</param>
/// <param name="Count">Pairs of seeds, or seeds, that carry information.</param>
/// <param name="Estimate">The effect in the claim's direction (positive speaks for it) on the scale of <paramref name="Scale"/>, with its interval; computed when it is first read.</param>
/// <param name="Kind">What the interval says by itself, before correction for the family.</param>
/// <param name="P">Two-sided p of that statement; 1 when it says nothing.</param>
/// <param name="Open">One-sided p of the statement nearest to being decided, for <see cref="Statistics.SampleSize"/>.</param>
/// <param name="Better">Share of pairs of runs in which the claim's arm does better, ties half; absent for claims about one arm.</param>
internal sealed record FacetEvidence(string Facet, int Count, EffectScale Scale, Lazy<IntervalEstimate> Estimate, VerdictKind Kind, double P, double Open, double? Better)
{
    public double Effect => Estimate.Value.Value;

    /// <summary>Lower bound of the interval.</summary>
    public double? Low => Estimate.Value.Low;

    /// <summary>Upper bound of the interval.</summary>
    public double? High => Estimate.Value.High;

    /// <summary>What counts, on the scale of <see cref="Scale"/>; null when the claim needs none.</summary>
    public double? Margin { get; init; }

    /// <summary>Why this facet decides nothing; null when it was tested.</summary>
    public NotTestedReason? Reason { get; init; }

    /// <summary>Loss ÷ baseline of the arms, in the claim's order; empty for metrics without a loss.</summary>
    public IReadOnlyList<ArmLearning> Learning { get; init; } = [];

    /// <summary>Seeds that failed, with the difference of their shares; null where none did.</summary>
    public FailedSeeds? Failures { get; init; }

    /// <summary>Standard error of a p that was sampled; null where it was enumerated.</summary>
    public double? Error { get; init; }
}

/// <summary>How many seeds of each arm failed: rare failures do not move a typical seed, so they stand in a line of their own.</summary>
/// <param name="Reached">Whether failing means that the target was not reached; else that a seed diverged or learned nothing.</param>
/// <param name="Difference">Share of failures of the first arm minus that of the second.</param>
internal sealed record FailedSeeds(bool Reached, int First, int AllFirst, int Second, int AllSecond, Lazy<IntervalEstimate> Difference);

/// <summary>A claim, decided.</summary>
/// <param name="Metric">The metric of the claim, or null when it is unknown.</param>
/// <param name="AdjustedP">After Holm's correction over the <paramref name="Family"/> claims that were tested; absent when there was nothing to test.</param>
/// <param name="Further">About how many more seeds would settle an inconclusive claim; null when that cannot be said.</param>
internal sealed record ClaimDecision(
    ClaimSpec Claim,
    MetricDescriptor? Metric,
    VerdictKind Kind,
    NotTestedReason? Reason,
    string? ReasonDetail,
    VerdictMethod Method,
    IReadOnlyList<FacetEvidence> Facets,
    double? AdjustedP,
    int Family,
    int? Further)
{
    /// <summary>Whether the pairs are rounds of timing trials, not seeds.</summary>
    public bool IsTimed { get; init; }

    /// <summary>The facets that disagree after correction for their number and for the family; empty unless the verdict is <see cref="VerdictKind.Depends"/>.</summary>
    public IReadOnlyList<FacetEvidence> Disagreeing { get; init; } = [];

    /// <summary>The look at which it was decided or last looked at; null where the number of seeds was fixed.</summary>
    public LookStanding? Look { get; init; }
}

/// <param name="Number">From 1.</param>
/// <param name="Of">How many looks the plan has.</param>
/// <param name="Seeds">Seeds at this look.</param>
/// <param name="Level">The two-sided level at which one claim alone is tested at this look.</param>
/// <param name="Next">Seeds at the next look; null where the claim is closed or this look is the last.</param>
/// <param name="IsFutile">Whether it was closed because more seeds of the plan would hardly have decided it.</param>
internal sealed record LookStanding(int Number, int Of, int Seeds, double Level, int? Next, bool IsFutile);
