using System.Text.Json.Serialization;
using Harness.Reports.Figures;

namespace Harness.Reports.Summaries;

/// <summary>
/// An experiment's answer: one sentence, what carries it, and what to do next. Report, terminal, dashboard and HTTP interface show this and no words of their own.
/// </summary>
/// <param name="Language">As a BCP 47 tag.</param>
/// <param name="Headline">The answer to the question, as a sentence.</param>
/// <param name="Findings">At most four entries: by how much and how sure, what was solved, where it does not hold, what it costs.</param>
/// <param name="Next">What to do next, as a sentence.</param>
/// <param name="Claims">In the order of the experiment file.</param>
/// <param name="Verdicts">How many claims have which verdict; those that occur, in the order of the legend.</param>
/// <param name="Finished">Trials with a result.</param>
/// <param name="Planned">All trials.</param>
public sealed record ReportSummary(
    string Language,
    string Name,
    string? Question,
    string Headline,
    IReadOnlyList<string> Findings,
    string Next,
    IReadOnlyList<VerdictCount> Verdicts,
    IReadOnlyList<ClaimLine> Claims,
    SummaryGrid Grid,
    long Finished,
    long Planned)
{
    /// <summary>What to use for a person's own data, file by file and length by length; empty for generated tasks.</summary>
    public IReadOnlyList<string> Recommendations { get; init; } = [];
}

/// <param name="Verdict">One of <see cref="VerdictNames"/>.</param>
/// <param name="Mark">A shape for the verdict: never colour alone.</param>
/// <param name="Word">The verdict in the summary's language.</param>
public sealed record VerdictCount(string Verdict, string Mark, string Word, int Count);

/// <summary>A claim on one line.</summary>
/// <param name="Id">The claim's id in the experiment file.</param>
/// <param name="Verdict">One of <see cref="VerdictNames"/>.</param>
/// <param name="Statement">The claim as a sentence.</param>
/// <param name="Text">What was found: the effect with its interval, or why there is none.</param>
/// <param name="Settings">What each setting says by itself, before correction.</param>
public sealed record ClaimLine(string Id, string Verdict, string Mark, string Word, string Statement, string Text, IReadOnlyList<ClaimSetting> Settings)
{
    /// <summary>What <see cref="ClaimSetting.Effect"/> is: a factor, a difference, or the measured value itself.</summary>
    public required string Scale { get; init; }

    /// <summary>What the claim asks for, on that scale; null when it names nothing.</summary>
    public double? Claimed { get; init; }

    /// <summary>The edges of what is too small to matter, on that scale; null where nothing is.</summary>
    public double? NegligibleFrom { get; init; }

    /// <inheritdoc cref="NegligibleFrom"/>
    public double? NegligibleTo { get; init; }

    /// <summary>What the numbers on the axis mean.</summary>
    public required string Axis { get; init; }
}

/// <summary>One setting's evidence.</summary>
/// <param name="Setting">Empty when the claim has one.</param>
/// <param name="Effect">In the claim's favour: how many times smaller a loss is, by how much an accuracy is higher. Null when it has no finite value, or is on another scale than the claim's first setting.</param>
/// <param name="Low">Lower end of the 95 % interval, or of the range below six seeds; null when there is none, or none that is finite.</param>
/// <param name="High">Upper end.</param>
/// <param name="Seeds">Pairs or seeds (rounds for timing trials) that carry information.</param>
/// <param name="Text">Effect and interval, written.</param>
public sealed record ClaimSetting(string Setting, string Verdict, string Mark, double? Effect, double? Low, double? High, int Seeds, string Text);

/// <summary>Settings by arms.</summary>
public sealed record SummaryGrid(IReadOnlyList<GridArm> Arms, IReadOnlyList<GridRow> Rows);

/// <param name="Name">What figures call the arm.</param>
public sealed record GridArm(string Key, string Name)
{
    /// <summary>How figures draw it.</summary>
    [JsonIgnore]
    public SeriesStyle Style { get; init; } = Palette.All.First();
}

/// <param name="Setting">Empty when there is one.</param>
/// <param name="Cells">One per arm; null where the arm was not tried.</param>
public sealed record GridRow(string Setting, IReadOnlyList<GridCell?> Cells);

/// <param name="LossOverBaseline">Median over the finished seeds of loss ÷ baseline; null when unknown or when half of them diverged.</param>
/// <param name="Seeds">Loss ÷ baseline of each seed that finished and did not diverge, ascending.</param>
public sealed record GridCell(int Solved, int Finished, int Planned, int Diverged, double? LossOverBaseline, IReadOnlyList<double> Seeds);
