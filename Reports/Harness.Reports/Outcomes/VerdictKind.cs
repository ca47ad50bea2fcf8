namespace Harness.Reports.Outcomes;

/// <summary>What the evidence says about a claim.</summary>
public enum VerdictKind
{
    Supported,
    Contradicted,

    /// <summary>Shown to be too small to matter, which is more than not being shown to be large.</summary>
    NoMeaningfulDifference,

    /// <summary>Settings disagree, each with evidence of its own.</summary>
    Depends,

    /// <summary>Too little evidence: it is compatible with several answers.</summary>
    Inconclusive,

    /// <summary>The experiment cannot answer it; see <see cref="NotTestedReason"/>.</summary>
    NotTested,
}
