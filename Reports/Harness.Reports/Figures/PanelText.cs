namespace Harness.Reports.Figures;

/// <summary>Every word in a drawing: ticks, axis titles, labels at the ends of lines. Placed by coordinates, shown in the font of the page or of the file.</summary>
internal static class PanelText
{
    private const double LineHeight = 15, TickGap = 4;

    /// <summary>Half the height of a digit: moves a text from its baseline to its middle.</summary>
    private const double Middle = 4.2;

    public static IEnumerable<Placed> For(Panel panel, PanelFrame frame)
    {
        foreach (var tick in Readable(panel.X.Ticks, frame)) yield return new PlacedText(frame.PixelX(tick.At), frame.Bottom + 18, tick.Label, TextAnchor.Middle);
        foreach (var tick in panel.Y.Ticks) yield return new PlacedText(frame.Left - 8, frame.PixelY(tick.At) + Middle, PanelFrame.LeftLabel(tick.Label), TextAnchor.End);
        if (panel.X.Title.Length > 0) yield return new PlacedText((frame.Left + frame.Right) / 2, panel.Height - 6, panel.X.Title, TextAnchor.Middle, IsMuted: true);
        if (panel.Y.Title.Length > 0) yield return new PlacedText(2, 13, panel.Y.Title, TextAnchor.Start, IsMuted: true);
        foreach (var note in Notes(panel, frame)) yield return note;
        foreach (var label in EndLabels(panel, frame)) yield return label;
    }

    /// <summary>Notes beside their points; where several would cover each other they move apart, each tied to its point.</summary>
    private static IEnumerable<Placed> Notes(Panel panel, PanelFrame frame)
    {
        foreach (var heading in panel.Notes.Where(note => note.IsHeading))
            yield return new PlacedText(frame.Left + 4, frame.PixelY(heading.Y) + Middle, heading.Text, TextAnchor.Start, IsBold: true);

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
                if (Math.Abs(placed[i] - y) > 3) yield return new PlacedLine(x - 5, y, x - 1, placed[i], "var(--muted)", 1, null);
                yield return new PlacedText(x, placed[i] + Middle, text, TextAnchor.Start, HasHalo: true);
            }
        }

        static double Right((string Text, double X, double Y) note) => note.X + TextMetrics.Width(note.Text, PanelFrame.FontSize) + 6;
    }

    private static IEnumerable<Placed> EndLabels(Panel panel, PanelFrame frame)
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
                yield return new PlacedLine(end + 6, wanted, frame.Right, wanted, "var(--muted)", 1, "1 4");
            // The leader carries the colour: coloured words would be too pale to read on one of the two surfaces.
            yield return new PlacedLine(frame.Right + 1, wanted, frame.Right + 9, placed[i], series?.Style.Colour ?? "var(--muted)", series is null ? 1 : 2.4, null, series?.Key);
            yield return new PlacedText(frame.Right + 11, placed[i] + Middle, PanelFrame.RightLabel(text), TextAnchor.Start, IsMuted: series is null, IsBold: series is not null, SeriesKey: series?.Key);
        }
    }

    /// <summary>Where a series ends: its last finite centre point.</summary>
    private static PanelPoint? End(PanelSeries series) =>
        series.Strokes.Where(stroke => stroke.Role == StrokeRole.Centre).SelectMany(stroke => stroke.Points)
            .LastOrDefault(point => double.IsFinite(point.Y));

    /// <summary>All ticks, or every second, third … where a narrow drawing has no room for all labels.</summary>
    private static IEnumerable<AxisTick> Readable(IReadOnlyList<AxisTick> ticks, PanelFrame frame)
    {
        for (var every = 1; every < ticks.Count; every++)
        {
            List<AxisTick> kept = [.. ticks.Where((_, index) => index % every == 0)];
            if (kept.Zip(kept.Skip(1)).All(pair => frame.PixelX(pair.Second.At) - frame.PixelX(pair.First.At) >= (Width(pair.First) + Width(pair.Second)) / 2 + TickGap)) return kept;
        }

        return ticks.Take(1);

        static double Width(AxisTick tick) => TextMetrics.Width(tick.Label, PanelFrame.FontSize);
    }
}
