using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Reports.Exports;

/// <param name="Y">Of the baseline.</param>
/// <param name="Colour">A variable of the style sheet.</param>
internal sealed record SheetText(double X, double Y, string Text, string Colour, bool IsBold = false);

/// <param name="Panel">With the size that it has on the sheet.</param>
internal sealed record SheetPanel(double X, double Y, Panel Panel);

/// <summary>A figure laid out on a sheet of a given width: panels in a grid, one legend, and unless it is bare its title and caption.</summary>
/// <remarks>A unit is a twelfth of the height of its letters, which is 8 pt on paper.</remarks>
internal sealed record FigureSheet(
    double Width, double Height, string Title, string Caption, IReadOnlyList<SheetPanel> Panels, IReadOnlyList<SheetText> Words, IReadOnlyList<PlacedLine> Lines)
{
    /// <summary>Letters have this height in units.</summary>
    public const double FontSize = PanelFrame.FontSize;

    private const double LineHeight = 16, Gap = 22, NarrowestPanel = 300, KeyWidth = 26, LowestPlot = 180;

    /// <summary>A panel alone on a wide sheet is not as high as a page.</summary>
    private const double Steepest = 0.62;

    /// <param name="width">In units.</param>
    public static FigureSheet Of(FigureModel figure, double width, bool isBare, Texts texts)
    {
        var page = new Page(width);
        if (!isBare) page.Paragraph($"{texts.FigureWord(Numbers.Count(figure.Number))} · {figure.Title}", 0, width, "var(--ink)", isBold: true);
        var legend = Legend(figure);
        page.Legend(legend);
        var columns = Math.Clamp((int)((width + Gap) / (NarrowestPanel + Gap)), 1, figure.Panels.Count);
        var each = Math.Floor((width - (columns - 1) * Gap) / columns);
        foreach (var row in Rows(figure.Panels, columns)) page.Row(row, each, legend.Count > 0);
        if (!isBare) page.Paragraph(figure.Caption, 0, width, "var(--ink)");
        return new(width, Math.Ceiling(page.Y + 4), $"{texts.FigureWord(Numbers.Count(figure.Number))}: {figure.Title}", figure.Caption, page.Panels, page.Words, page.Lines);
    }

    /// <summary>Panels from left to right; those of one column under each other. A column that is shorter than its neighbours leaves places empty.</summary>
    private static IEnumerable<FigurePanel?[]> Rows(IReadOnlyList<FigurePanel> panels, int columns)
    {
        foreach (var side in panels.Where(panel => panel.Column is not null).GroupBy(panel => panel.Column).Select(column => column.ToList()).Chunk(columns))
            for (var row = 0; row < side.Max(column => column.Count); row++) yield return [.. side.Select(column => column.ElementAtOrDefault(row))];
        foreach (var row in panels.Where(panel => panel.Column is null).Chunk(columns)) yield return row;
    }

    /// <summary>Every series of the panels once, under the name that the page gives it.</summary>
    private static List<FigureAnnotation> Legend(FigureModel figure) =>
    [
        .. figure.Legend.Concat(figure.Panels.SelectMany(panel => panel.Annotations).Where(annotation => annotation.IsSeries))
            .Concat(figure.Panels.SelectMany(panel => panel.Drawing.Series).Where(series => series.EndLabel is not null).Select(series => new FigureAnnotation(series.Key, series.EndLabel!, series.Style, "")))
            .DistinctBy(annotation => annotation.Key, StringComparer.Ordinal),
    ];

    private sealed class Page(double width)
    {
        public double Y { get; private set; } = 2;

        public List<SheetPanel> Panels { get; } = [];

        public List<SheetText> Words { get; } = [];

        public List<PlacedLine> Lines { get; } = [];

        public void Paragraph(string text, double x, double room, string colour, bool isBold = false)
        {
            foreach (var line in InkFonts.Wrap(text, FontSize, room, isBold))
            {
                Y += LineHeight;
                Words.Add(new(x, Y - 4, line, colour, isBold));
            }

            Y += 4;
        }

        /// <summary>Each series with the line and the marker that it has in the drawing.</summary>
        public void Legend(List<FigureAnnotation> series)
        {
            if (series.Count == 0) return;
            double x = 0;
            Y += LineHeight;
            foreach (var entry in series)
            {
                var label = TextMetrics.Fit(entry.Label, FontSize, width - KeyWidth - 8);
                var needed = KeyWidth + 6 + InkFonts.Width(label, FontSize);
                if (x > 0 && x + needed > width)
                {
                    x = 0;
                    Y += LineHeight;
                }

                Lines.Add(new(x, Y - 8, x + KeyWidth, Y - 8, entry.Style.Colour, 2.4, entry.Style.Dash, entry.Key));
                Words.Add(new(x + KeyWidth / 2 - InkFonts.Width(entry.Style.Glyph, FontSize) / 2, Y - 3.8, entry.Style.Glyph, entry.Style.Colour));
                Words.Add(new(x + KeyWidth + 6, Y - 4, label, "var(--ink)"));
                x += needed + 18;
            }

            Y += 8;
        }

        /// <summary>Panels side by side: titles above, plots on one line, remarks below.</summary>
        public void Row(FigurePanel?[] row, double each, bool hasLegend)
        {
            var titles = row.Select(panel => InkFonts.Wrap(panel?.Title ?? "", FontSize, each, isBold: true)).ToList();
            var top = Y + LineHeight * titles.Max(lines => lines.Count) + 2;
            double bottom = top;
            foreach (var (index, panel) in row.Index())
            {
                if (panel is null) continue;
                var x = index * (each + Gap);
                for (var line = 0; line < titles[index].Count; line++) Words.Add(new(x, Y + LineHeight * (line + 1) - 4, titles[index][line], "var(--ink)", IsBold: true));
                var drawn = Sized(panel.Drawing, each, hasLegend);
                Panels.Add(new(x, top, drawn));
                var under = top + drawn.Height;
                foreach (var line in panel.Annotations.Where(annotation => !annotation.IsSeries).SelectMany(remark => InkFonts.Wrap($"{remark.Label}: {remark.Text}", FontSize, each)))
                {
                    under += LineHeight;
                    Words.Add(new(x, under - 4, line, "var(--muted)"));
                }

                bottom = Math.Max(bottom, under);
            }

            Y = bottom + 14;
        }

        /// <summary>Rows and fields keep their height; plots keep their shape. The legend takes over from the labels at the ends of lines.</summary>
        private static Panel Sized(Panel panel, double each, bool hasLegend)
        {
            var height = panel.Y.IsNames || panel.Image is not null ? panel.Height
                : Math.Max(Math.Min(panel.Height, LowestPlot), Math.Min(panel.Height * each / panel.Width, each * Steepest));
            return panel with
            {
                Width = (int)each,
                Height = (int)Math.Round(height),
                Series = hasLegend ? [.. panel.Series.Select(series => series with { EndLabel = null })] : panel.Series,
            };
        }
    }
}
