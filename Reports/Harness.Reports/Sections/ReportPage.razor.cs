using Harness.Reports.Model;
using Microsoft.AspNetCore.Components;

namespace Harness.Reports.Sections;

/// <summary>The page: which sections there are and in which order. A section without content is not in the list.</summary>
public partial class ReportPage
{
    /// <summary>A longer table of conditions is closed: the grid above has its essence.</summary>
    private const int MostOpenRows = 12;

    [Parameter, EditorRequired]
    public required ReportModel Model { get; set; }

    private IReadOnlyList<PageSection> Sections { get; set; } = [];

    private IEnumerable<ContentsEntry> Entries => Sections.Select(section => new ContentsEntry(section.Id, section.Title));

    protected override void OnParametersSet()
    {
        var texts = Model.Texts;
        var sections = new List<PageSection>();
        if (Model.Verdicts is { } verdicts) sections.Add(Section<VerdictsSection>("verdicts", texts.VerdictsSection, nameof(VerdictsSection.Verdicts), verdicts));
        if (Model.OwnData is { } ownData) sections.Add(Section<OwnDataSection>("own-data", texts.OwnDataSection, nameof(OwnDataSection.OwnData), ownData));
        if (Model.Article is { } article) sections.Add(Section<ArticleSection>("article", texts.ArticleSection, nameof(ArticleSection.Article), article));
        sections.Add(TableOf("overview", texts.OverviewSection, Model.Conditions, isClosed: Model.Conditions.Rows.Count > MostOpenRows));
        if (Model.Tuning is { } tuning) sections.Add(TableOf("tuned-settings", texts.TuningSearchSection, tuning));
        sections.AddRange(Model.Sections.Select(section => Section<FigureList>(section.Id, section.Title, nameof(FigureList.Figures), section.Figures)));
        sections.Add(Section<ComparedSection>("what-was-compared", texts.ComparedSection, nameof(ComparedSection.Model), Model));
        if (Model.Pairs is { } pairs) sections.Add(TableOf("every-pair", texts.PairsSection, pairs, isClosed: true));
        sections.Add(TableOf("reliability", texts.OutcomesSection, Model.Outcomes));
        sections.Add(Section<TrialsSection>("all-trials", texts.TrialsSection, nameof(TrialsSection.Table), Model.Trials));
        sections.Add(Section<DecidedSection>("decided", texts.DecidedSection, nameof(DecidedSection.Model), Model));
        sections.Add(Section<ReproductionSection>("reproduction", texts.ReproductionSection, nameof(ReproductionSection.Reproduction), Model.Reproduction));
        sections.Add(new("glossary", texts.GlossarySection, typeof(GlossaryPlace), new Dictionary<string, object>(StringComparer.Ordinal)));
        Sections = sections;
    }

    private PageSection TableOf(string id, string title, Table table, bool isClosed = false) =>
        isClosed && table.Rows.Count > 0 ? Section<ClosedTable>(id, title, nameof(ClosedTable.Table), table) : Section<TableView>(id, title, nameof(TableView.Table), table);

    private PageSection Section<TComponent>(string id, string title, string parameter, object value)
        where TComponent : IComponent =>
        new(id, title, typeof(TComponent), new Dictionary<string, object>(StringComparer.Ordinal) { [parameter] = value, ["Texts"] = Model.Texts });

    private sealed record PageSection(string Id, string Title, Type Component, IDictionary<string, object> Parameters);
}

/// <summary>A line of the table of contents.</summary>
public sealed record ContentsEntry(string Id, string Title);
