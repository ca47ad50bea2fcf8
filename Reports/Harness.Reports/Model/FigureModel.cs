using Harness.Reports.Figures;

namespace Harness.Reports.Model;

/// <param name="Title">What the panel's conditions share; empty when the figure has one panel.</param>
/// <param name="Svg">The drawing, safe to put into a page as it is.</param>
/// <param name="Annotations">Short statements under the drawing, one per series, with the series' colour.</param>
public sealed record FigurePanel(string Title, string Svg, IReadOnlyList<FigureAnnotation> Annotations);

/// <param name="Style">Colour and marker of the series, so that the list serves as the legend.</param>
public sealed record FigureAnnotation(string Key, string Label, SeriesStyle Style, string Text);

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
    /// <summary>Whether only title and caption are shown at first: a page opens with a few drawings.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The claims that this figure helps to decide.</summary>
    public IReadOnlyList<ClaimLink> Decides { get; init; } = [];
}
