using Harness.Reports.Figures;

namespace Harness.Reports.Model;

/// <summary>One drawing of a figure with its title and legend. It is drawn when somebody asks for it: in the page's colours, or on white paper for a file of its own.</summary>
public sealed record FigurePanel
{
    /// <summary>A drawing this low is a scale that belongs to the others.</summary>
    private const int LowestOfItsOwn = 80;

    private string? svg, linearSvg;

    internal FigurePanel(string title, Panel drawing, IReadOnlyList<FigureAnnotation> annotations) => (Title, Drawing, Annotations) = (title, drawing, annotations);

    /// <summary>What the panel's conditions share; empty when the figure has one panel.</summary>
    public string Title { get; }

    internal Panel Drawing { get; }

    /// <summary>The drawing, safe to put into a page as it is.</summary>
    public string Svg => svg ??= PanelRenderer.Render(Drawing);

    /// <summary>The drawing with a linear axis in place of the logarithmic one, for readers who want to see it; null where it would not help.</summary>
    internal Panel? Linear { get; init; }

    public string? LinearSvg => linearSvg ??= Linear is null ? null : PanelRenderer.Render(Linear);

    /// <summary>Whether it explains the other drawings and shows nothing by itself.</summary>
    public bool IsScale => Drawing.Height < LowestOfItsOwn;

    /// <summary>Whether single seeds are drawn, which readers can hide.</summary>
    public bool HasSeeds => Drawing.Series.Any(series => series.Strokes.Any(stroke => stroke.Role == StrokeRole.Seed));

    /// <summary>Panels of one column stand under each other, so that their axes line up; null where order alone counts.</summary>
    public int? Column { get; init; }

    /// <summary>Short statements under the drawing, one per series, with the series' colour.</summary>
    public IReadOnlyList<FigureAnnotation> Annotations { get; init; }
}

/// <param name="Style">Colour and marker of the series, so that the list serves as the legend.</param>
public sealed record FigureAnnotation(string Key, string Label, SeriesStyle Style, string Text)
{
    /// <summary>Whether it names a series of the drawing; a remark has no key in it.</summary>
    public bool IsSeries { get; init; } = true;
}

/// <summary>A figure: what was found, the drawing, the numbers behind it and how to read it.</summary>
/// <param name="Id">Anchor.</param>
/// <param name="Caption">The finding, as a sentence with its n.</param>
/// <param name="HowToRead">Paragraphs for readers who see such a figure for the first time.</param>
/// <param name="Notes">What is not in the drawing and why.</param>
public sealed record FigureModel(
    string Id,
    int Number,
    string Title,
    string Caption,
    IReadOnlyList<FigurePanel> Panels,
    Table Table,
    IReadOnlyList<string> HowToRead,
    IReadOnlyList<string> Notes)
{
    /// <summary>The series of all panels, named once; empty where the panels' annotations are the legend.</summary>
    public IReadOnlyList<FigureAnnotation> Legend { get; init; } = [];

    /// <summary>With more panels one legend stands for all of them; the numbers are in the table.</summary>
    private const int MostWithAnnotations = 2;

    /// <summary>The figure with one legend, where its panels would repeat it.</summary>
    public FigureModel WithOneLegend()
    {
        List<FigureAnnotation> series = [.. Panels.SelectMany(panel => panel.Annotations).DistinctBy(annotation => annotation.Key, StringComparer.Ordinal)];
        // What explains a panel is no legend: it is there once.
        return Panels.Count <= MostWithAnnotations || series.Count == 0 || !Panels.Any(panel => panel.Annotations.Count > 1 && panel.Annotations.All(own => own.IsSeries)) ? this
            : this with { Legend = [.. series.Select(own => own with { Text = "" })], Panels = [.. Panels.Select(panel => panel with { Annotations = [] })] };
    }

    /// <summary>Whether only title and caption are shown at first: a page opens with a few drawings.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The claims that this figure helps to decide.</summary>
    public IReadOnlyList<ClaimLink> Decides { get; init; } = [];
}
