namespace Harness.Reports.Figures;

/// <summary>Where the plot area lies in the drawing, and how data become pixels. Computed from the panel, never from fonts.</summary>
internal sealed class PanelFrame
{
    public const double FontSize = 12;
    private const double TickGap = 8;
    private const double LongestLabel = 150;

    public PanelFrame(Panel panel)
    {
        X = panel.X;
        Y = panel.Y;
        var tick = panel.Y.Ticks.Select(t => TextMetrics.Width(LeftLabel(t.Label), FontSize)).DefaultIfEmpty(0).Max();
        var ends = panel.Series.Select(s => s.EndLabel).Concat(panel.References.Select(r => r.Label)).OfType<string>()
            .Select(label => TextMetrics.Width(RightLabel(label), FontSize) * TextMetrics.Bold).DefaultIfEmpty(0).Max();
        var notes = panel.Notes.Where(note => !note.IsHeading).Select(note => TextMetrics.Width(note.Text, FontSize)).DefaultIfEmpty(0).Max();
        // Half of the first label of the x axis may stand to the left of the axis itself.
        var first = panel.X.Ticks.Take(1).Select(t => TextMetrics.Width(t.Label, FontSize) / 2).DefaultIfEmpty(0).Max();
        Left = Math.Ceiling(Math.Max(tick + TickGap + 4, first + 2));
        Right = panel.Width - Math.Ceiling(Math.Max(ends > 0 ? ends + 18 : 14, notes > 0 ? notes + 12 : 0));
        Top = panel.Y.Title.Length > 0 ? 26 : 8;
        Bottom = panel.Height - (panel.X.Title.Length > 0 ? 42 : 26);
    }

    public PanelAxis X { get; }

    public PanelAxis Y { get; }

    public double Left { get; }

    public double Right { get; }

    public double Top { get; }

    public double Bottom { get; }

    public double PixelX(double value) => Left + (value - X.Minimum) / (X.Maximum - X.Minimum) * (Right - Left);

    public double PixelY(double value) => Bottom - (value - Y.Minimum) / (Y.Maximum - Y.Minimum) * (Bottom - Top);

    public static string LeftLabel(string text) => TextMetrics.Fit(text, FontSize, LongestLabel);

    public static string RightLabel(string text) => TextMetrics.Fit(text, FontSize, LongestLabel);
}
