using Harness.Reports.Outcomes;

namespace Harness.Reports.Model;

/// <param name="Anchor">An id of the page, without the #.</param>
public sealed record ClaimLink(string Anchor, string Text);

/// <summary>A claim with its verdict, in words.</summary>
/// <param name="Id">Anchor.</param>
/// <param name="Name">The claim's id in the experiment.</param>
/// <param name="Mark">A shape for the verdict, beside its word: never colour alone.</param>
/// <param name="Findings">One line per combination of the factors that are held equal.</param>
/// <param name="Explanation">Why it is not tested, or what would settle it; null when the findings say it all.</param>
/// <param name="FinePrint">Margin, method, correction.</param>
/// <param name="Evidence">The figure and the table that decide it.</param>
public sealed record VerdictCard(
    string Id,
    string Name,
    VerdictKind Kind,
    string Mark,
    string Word,
    string Statement,
    IReadOnlyList<string> Findings,
    string? Explanation,
    IReadOnlyList<string> FinePrint,
    IReadOnlyList<ClaimLink> Evidence)
{
    /// <summary>The claim's answer as a sentence, as the summary has it.</summary>
    public required string Line { get; init; }

    /// <summary>Its settings on the axis that it shares with the claims on its metric.</summary>
    public IReadOnlyList<ForestRow> Rows { get; init; } = [];

    /// <summary>Settings that are not drawn.</summary>
    public int MoreRows { get; init; }

    /// <summary>Number of the article's claim that it answers; null when it is the experimenter's own.</summary>
    public int? Article { get; init; }
}

/// <summary>What would change the conclusion: the decided claim that rests on the least evidence.</summary>
/// <param name="Claim">Its card.</param>
public sealed record WeakestVerdict(string Text, ClaimLink Claim);

/// <param name="Introduction">Where the claims come from and how they are decided.</param>
/// <param name="Scope">What they are about and nothing beyond.</param>
public sealed record VerdictsModel(string Introduction, string Scope, IReadOnlyList<VerdictCard> Cards)
{
    /// <summary>The cards by metric, with what each metric's plots share.</summary>
    public required IReadOnlyList<ForestModel> Forests { get; init; }

    /// <summary>Null when no claim was decided by a test.</summary>
    public WeakestVerdict? Weakest { get; init; }
}
