namespace Harness.Reports.Figures;

internal enum TextAnchor
{
    Start,
    Middle,
    End,
}

/// <summary>What is drawn over a plot at a fixed place, in the drawing's units: words, and the lines that tie them to their points.</summary>
/// <param name="SeriesKey">The series that it belongs to, or null.</param>
internal abstract record Placed(string? SeriesKey);

/// <param name="Y">Of the baseline.</param>
/// <param name="IsMuted">Whether it is paler than the numbers: titles of axes, names of reference lines.</param>
/// <param name="HasHalo">Whether lines that pass behind it are interrupted, so that it stays readable.</param>
internal sealed record PlacedText(double X, double Y, string Text, TextAnchor Anchor, bool IsMuted = false, bool IsBold = false, bool HasHalo = false, string? SeriesKey = null) : Placed(SeriesKey);

/// <param name="Colour">A variable of the style sheet.</param>
/// <param name="Dash">SVG dash array, or null for a solid line.</param>
internal sealed record PlacedLine(double X1, double Y1, double X2, double Y2, string Colour, double Width, string? Dash, string? SeriesKey = null) : Placed(SeriesKey);
