using Harness.Reports.Outcomes;
using Harness.Reports.Summaries;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <param name="Status">What kind of end the experiment came to.</param>
/// <param name="StatusText">The same as words with counts.</param>
/// <param name="Facts">Term and value, in order.</param>
/// <param name="Moment">Machine-readable date of <paramref name="Date"/>.</param>
public sealed record Masthead(
    string Title,
    string? Question,
    ReportStatus Status,
    string StatusText,
    string Date,
    string Moment,
    IReadOnlyList<Fact> Facts);

/// <param name="Code">Whether the value is an identifier, shown in fixed width.</param>
public sealed record Fact(string Term, string Value, bool Code = false);

/// <summary>What it takes to run the experiment again, and to use its numbers elsewhere.</summary>
/// <param name="Environments">One table column per machine.</param>
public sealed record Reproduction(
    string Command,
    IReadOnlyList<string> Overrides,
    string SpecPath,
    string SpecText,
    Table Environments,
    IReadOnlyList<string> Methods,
    string DataJson);

/// <summary>Figures about one question.</summary>
/// <param name="Id">Anchor.</param>
public sealed record FigureSection(string Id, string Title, IReadOnlyList<FigureModel> Figures);

/// <summary>Everything a report shows, computed; the sections only lay it out. The dashboard embeds the same sections.</summary>
/// <param name="Notices">What a reader must know before believing a number: failed trials, missing conditions, one seed.</param>
public sealed record ReportModel(
    Texts Texts,
    Masthead Masthead,
    IReadOnlyList<string> Notices,
    VerdictsModel? Verdicts,
    Table Conditions,
    IReadOnlyList<FigureSection> Sections,
    Table Trials,
    Reproduction Reproduction)
{
    /// <summary>The answer, as terminal, dashboard and HTTP interface have it.</summary>
    public required ReportSummary Summary { get; init; }

    /// <inheritdoc cref="ReportOptions.Dashboard"/>
    public string? Dashboard { get; init; }

    /// <summary>The settings that were varied.</summary>
    public required Table Compared { get; init; }

    /// <summary>What a person's own data hold and how networks compare with simple predictors; null where no task reads a file.</summary>
    public OwnDataModel? OwnData { get; init; }

    /// <summary>The settings that were the same for all conditions.</summary>
    public required Table Unvaried { get; init; }

    /// <summary>Every two arms against each other; null when there are not two with enough seeds.</summary>
    public Table? Pairs { get; init; }

    /// <summary>What tuning chose and what it cost; null where nothing was tuned.</summary>
    public Table? Tuning { get; init; }

    /// <summary>How the trials ended as such.</summary>
    public required Table Outcomes { get; init; }

    /// <summary>The course article's claims one by one; null when no claim of the experiment names one.</summary>
    public ArticleModel? Article { get; init; }
}
