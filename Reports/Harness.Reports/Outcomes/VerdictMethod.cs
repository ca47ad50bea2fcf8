namespace Harness.Reports.Outcomes;

/// <summary>The test behind a decision, for the card's small print.</summary>
internal enum VerdictMethod
{
    Exact,

    /// <summary>Hodges and Lehmann's location of paired differences, Wilcoxon's signed-rank test.</summary>
    SignedRank,

    /// <summary>The exact test of a difference of shares.</summary>
    ShareDifference,
    LogRank,

    /// <summary>The median of one arm, sign test.</summary>
    Median,
    Binomial,
}
