using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Verdicts;

/// <summary>What the evidence says about a claim.</summary>
public enum VerdictKind
{
    Supported,
    Contradicted,

    /// <summary>Shown to be too small to matter, which is more than not being shown to be large.</summary>
    NoMeaningfulDifference,

    /// <summary>The evidence is compatible with several answers.</summary>
    Inconclusive,

    /// <summary>The experiment cannot answer it; see <see cref="NotTestedReason"/>.</summary>
    NotTested,
}

public enum NotTestedReason
{
    /// <summary>The experiment has no such arm, or never has both in otherwise equal conditions.</summary>
    MissingCondition,

    /// <summary>Trials are still to come; looking early and often finds differences that are not there.</summary>
    StillRunning,

    /// <summary>Fewer than three paired seeds.</summary>
    TooFewSeeds,

    /// <summary>More than a fifth of the planned trials failed or were cancelled.</summary>
    TooManyFailures,

    /// <summary>Some finished trials have no value, so only survivors could be compared.</summary>
    CoverageDiffers,

    /// <summary>Times from different devices.</summary>
    DifferentDevices,

    /// <summary>Fewer than three seeds of which both trials were timed on one machine.</summary>
    DifferentMachines,

    /// <summary>The metric has no better direction, or no ratio where the claim needs one.</summary>
    MetricCannotDecide,
}

/// <summary>How an effect is written: as a ratio (computed as its logarithm) or as a difference in the metric's unit.</summary>
public enum EffectScale
{
    LogRatio,
    Difference,
}

/// <summary>What one facet (one combination of the factors that are held equal) says.</summary>
/// <param name="Facet">Its label; empty when the experiment has one.</param>
/// <param name="Count">Pairs of seeds, or seeds.</param>
/// <param name="Effect">In the claim's direction: positive speaks for it. On the scale of <paramref name="Scale"/>.</param>
/// <param name="Low">Lower bound of the 95 % interval.</param>
/// <param name="High">Upper bound of the 95 % interval.</param>
/// <param name="Kind">What the interval says by itself, before correction for the family.</param>
/// <param name="P">Two-sided p of that statement; 1 when it says nothing.</param>
/// <param name="Better">Share of pairs of runs in which the claim's arm does better, ties half; absent for claims about one arm.</param>
/// <param name="Differences">What the number of further seeds is estimated from; empty where it cannot be.</param>
/// <param name="Bound">The bound that is nearest to being decided.</param>
internal sealed record FacetEvidence(
    string Facet,
    int Count,
    EffectScale Scale,
    double Effect,
    double? Low,
    double? High,
    VerdictKind Kind,
    double P,
    double? Better,
    IReadOnlyList<double> Differences,
    double Bound);

/// <summary>The test behind a decision, for the card's small print.</summary>
internal enum VerdictMethod
{
    Exact,
    PairedSignFlip,
    PairedSignedRank,
    FisherExact,
    LogRank,
    EquivalenceTest,
    BinomialTest,
    PageTrend,
}

/// <summary>A claim, decided.</summary>
/// <param name="Metric">The metric of the claim, or null when it is unknown.</param>
/// <param name="Margin">What counts: a ratio on the log-ratio scale, else a difference; null when the claim needs none.</param>
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
    double? Margin,
    double? AdjustedP,
    int Family,
    int? Further)
{
    /// <summary>Whether the pairs are rounds of timing trials, not seeds.</summary>
    public bool IsTimed { get; init; }
}
