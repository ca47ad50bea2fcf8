using System.Globalization;
using System.Xml.Linq;

namespace Harness.Reports.Figures;

/// <summary>Every word in a drawing: ticks, axis titles, labels at the ends of lines. Placed by coordinates, shown in the page's font.</summary>
internal static class PanelText
{
    private const double LineHeight = 15;

    /// <summary>Half the height of a digit: moves a text from its baseline to its middle.</summary>
    private const double Middle = 4.2;

    public static IEnumerable<XElement> For(Panel panel, PanelFrame frame)
    {
        foreach (var tick in panel.X.Ticks) yield return Text(frame.PixelX(tick.At), frame.Bottom + 18, tick.Label, "middle");
        foreach (var tick in panel.Y.Ticks) yield return Text(frame.Left - 8, frame.PixelY(tick.At) + Middle, PanelFrame.LeftLabel(tick.Label), "end");
        if (panel.X.Title.Length > 0) yield return Text((frame.Left + frame.Right) / 2, panel.Height - 6, panel.X.Title, "middle", muted: true);
        if (panel.Y.Title.Length > 0) yield return Text(2, 13, panel.Y.Title, "start", muted: true);
        foreach (var note in panel.Notes) yield return Text(frame.PixelX(note.X) + 9, frame.PixelY(note.Y) + Middle, note.Text, "start");
        foreach (var label in EndLabels(panel, frame)) yield return label;
    }

    private static IEnumerable<XElement> EndLabels(Panel panel, PanelFrame frame)
    {
        var labels = panel.Series
            .Where(series => series.EndLabel is not null)
            .Select(series => (Text: series.EndLabel!, Y: End(series), (PanelSeries?)series))
            .Where(label => label.Y is not null)
            .Select(label => (label.Text, Y: Math.Clamp(frame.PixelY(label.Y!.Value), frame.Top, frame.Bottom), Series: label.Item3))
            .Concat(panel.References.Select(line => (Text: line.Label, Y: frame.PixelY(line.At), Series: (PanelSeries?)null)))
            .ToList();
        var placed = LabelPlacement.Spread([.. labels.Select(label => label.Y)], LineHeight, frame.Top + 2, frame.Bottom - 2);
        for (var i = 0; i < labels.Count; i++)
        {
            var (text, wanted, series) = labels[i];
            // The leader carries the colour: coloured words would be too pale to read on one of the two surfaces.
            yield return new XElement("path",
                new XAttribute("d", $"M{Pixel(frame.Right + 1)} {Pixel(wanted)}L{Pixel(frame.Right + 9)} {Pixel(placed[i])}"),
                new XAttribute("fill", "none"), new XAttribute("stroke", series?.Style.Colour ?? "var(--muted)"),
                new XAttribute("stroke-width", series is null ? "1" : "2.4"),
                series is null ? null : new XAttribute("data-series", series.Key));
            var element = Text(frame.Right + 11, placed[i] + Middle, PanelFrame.RightLabel(text), "start", muted: series is null);
            if (series is not null)
            {
                element.SetAttributeValue("font-weight", "600");
                element.SetAttributeValue("data-series", series.Key);
            }

            yield return element;
        }
    }

    /// <summary>The height at which a series ends: its last finite centre point.</summary>
    private static double? End(PanelSeries series) =>
        series.Strokes.Where(stroke => stroke.Role == StrokeRole.Centre).SelectMany(stroke => stroke.Points)
            .Where(point => double.IsFinite(point.Y)).Select(point => (double?)point.Y).LastOrDefault();

    private static XElement Text(double x, double y, string text, string anchor, bool muted = false) =>
        new("text",
            new XAttribute("x", Pixel(x)), new XAttribute("y", Pixel(y)),
            new XAttribute("text-anchor", anchor),
            new XAttribute("font-size", PanelFrame.FontSize.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("fill", muted ? "var(--muted)" : "var(--ink)"),
            text);

    private static string Pixel(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);
}
