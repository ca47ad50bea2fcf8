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
        foreach (var note in Notes(panel, frame)) yield return note;
        foreach (var label in EndLabels(panel, frame)) yield return label;
    }

    /// <summary>Notes beside their points; where several would cover each other they move apart, each tied to its point.</summary>
    private static IEnumerable<XElement> Notes(Panel panel, PanelFrame frame)
    {
        foreach (var heading in panel.Notes.Where(note => note.IsHeading))
        {
            var element = Text(frame.Left + 4, frame.PixelY(heading.Y) + Middle, heading.Text, "start");
            element.SetAttributeValue("font-weight", "600");
            yield return element;
        }

        var notes = panel.Notes.Where(note => !note.IsHeading).Select(note => (note.Text, X: frame.PixelX(note.X) + 9, Y: frame.PixelY(note.Y))).OrderBy(note => note.Y).ToList();
        // Those whose texts share a stretch of the x axis must not share one of the y axis.
        var groups = new List<List<(string Text, double X, double Y)>>();
        foreach (var note in notes)
        {
            var touching = groups.Where(group => group.Exists(other => Math.Abs(other.Y - note.Y) < LineHeight * (group.Count + 1) && note.X < Right(other) && other.X < Right(note))).ToList();
            var merged = touching.SelectMany(group => group).Append(note).ToList();
            groups.RemoveAll(touching.Contains);
            groups.Add(merged);
        }

        foreach (var group in groups)
        {
            var placed = LabelPlacement.Spread([.. group.Select(note => note.Y)], LineHeight, frame.Top + 6, frame.Bottom - 6);
            for (var i = 0; i < group.Count; i++)
            {
                var (text, x, y) = group[i];
                if (Math.Abs(placed[i] - y) > 3) yield return Line($"M{Pixel(x - 5)} {Pixel(y)}L{Pixel(x - 1)} {Pixel(placed[i])}", "var(--muted)", "1", null);
                var element = Text(x, placed[i] + Middle, text, "start");
                // Lines that pass behind a word leave it readable.
                element.SetAttributeValue("stroke", "var(--surface)");
                element.SetAttributeValue("stroke-width", "3");
                element.SetAttributeValue("paint-order", "stroke");
                yield return element;
            }
        }

        static double Right((string Text, double X, double Y) note) => note.X + TextMetrics.Width(note.Text, PanelFrame.FontSize) + 6;
    }

    private static IEnumerable<XElement> EndLabels(Panel panel, PanelFrame frame)
    {
        var labels = panel.Series
            .Where(series => series.EndLabel is not null)
            .Select(series => (Text: series.EndLabel!, End: End(series), Series: (PanelSeries?)series))
            .Where(label => label.End is not null)
            .Select(label => (label.Text, X: frame.PixelX(label.End!.X), Y: Math.Clamp(frame.PixelY(label.End!.Y), frame.Top, frame.Bottom), label.Series))
            .Concat(panel.References.Select(line => (Text: line.Label, X: frame.Right, Y: frame.PixelY(line.At), Series: (PanelSeries?)null)))
            .ToList();
        var placed = LabelPlacement.Spread([.. labels.Select(label => label.Y)], LineHeight, frame.Top + 2, frame.Bottom - 2);
        for (var i = 0; i < labels.Count; i++)
        {
            var (text, end, wanted, series) = labels[i];
            // A series that ends early is tied to its label by dots that nobody takes for data.
            if (frame.Right - end > 12)
                yield return Line($"M{Pixel(end + 6)} {Pixel(wanted)}L{Pixel(frame.Right)} {Pixel(wanted)}", "var(--muted)", "1", "1 4");
            // The leader carries the colour: coloured words would be too pale to read on one of the two surfaces.
            var leader = Line($"M{Pixel(frame.Right + 1)} {Pixel(wanted)}L{Pixel(frame.Right + 9)} {Pixel(placed[i])}",
                series?.Style.Colour ?? "var(--muted)", series is null ? "1" : "2.4", null);
            leader.SetAttributeValue("data-series", series?.Key);
            yield return leader;
            var element = Text(frame.Right + 11, placed[i] + Middle, PanelFrame.RightLabel(text), "start", muted: series is null);
            if (series is not null)
            {
                element.SetAttributeValue("font-weight", "600");
                element.SetAttributeValue("data-series", series.Key);
            }

            yield return element;
        }
    }

    /// <summary>Where a series ends: its last finite centre point.</summary>
    private static PanelPoint? End(PanelSeries series) =>
        series.Strokes.Where(stroke => stroke.Role == StrokeRole.Centre).SelectMany(stroke => stroke.Points)
            .LastOrDefault(point => double.IsFinite(point.Y));

    private static XElement Line(string path, string colour, string width, string? dash)
    {
        var line = new XElement("path",
            new XAttribute("fill", "none"), new XAttribute("stroke", colour), new XAttribute("stroke-width", width), new XAttribute("d", path));
        line.SetAttributeValue("stroke-dasharray", dash);
        return line;
    }

    private static XElement Text(double x, double y, string text, string anchor, bool muted = false) =>
        new("text",
            new XAttribute("x", Pixel(x)), new XAttribute("y", Pixel(y)),
            new XAttribute("text-anchor", anchor),
            new XAttribute("font-size", PanelFrame.FontSize.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("fill", muted ? "var(--muted)" : "var(--ink)"),
            text);

    private static string Pixel(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);
}
