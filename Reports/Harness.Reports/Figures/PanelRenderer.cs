using ScottPlot;
using ScottPlot.TickGenerators;

namespace Harness.Reports.Figures;

/// <summary>Draws a panel with ScottPlot and hands it to <see cref="SvgNormalizer"/>.</summary>
internal static class PanelRenderer
{
    /// <summary>The panel as an <c>svg</c> element to be put into a page.</summary>
    public static string Render(Panel panel)
    {
        var frame = new PanelFrame(panel);
        using var plot = new Plot();
        plot.FigureBackground.Color = SentinelColours.Of(DrawnRole.Surface);
        plot.DataBackground.Color = SentinelColours.Of(DrawnRole.Surface);
        DrawChrome(plot, panel, frame);
        foreach (var line in panel.References) DrawReference(plot, panel, line);
        // Back to front over all series: bands, then seeds, then the lines that matter.
        ForEachSeries(panel, (series, index) => DrawBand(plot, series, index));
        ForEachSeries(panel, (series, index) => DrawStrokes(plot, series, index, StrokeRole.Seed));
        ForEachSeries(panel, (series, index) => DrawStrokes(plot, series, index, StrokeRole.Interval));
        ForEachSeries(panel, (series, index) =>
        {
            DrawStrokes(plot, series, index, StrokeRole.Centre);
            DrawMarks(plot, series, index, crosses: false);
        });
        // Last of all: a run that diverged must not hide behind one that went well.
        ForEachSeries(panel, (series, index) => DrawMarks(plot, series, index, crosses: true));
        plot.Axes.SetLimits(panel.X.Minimum, panel.X.Maximum, panel.Y.Minimum, panel.Y.Maximum);
        return SvgNormalizer.Normalize(
            plot.GetSvgXml(panel.Width, panel.Height), panel, panel.Image is { } image ? [image.Element(frame)] : [], PanelText.For(panel, frame));
    }

    private static void DrawChrome(Plot plot, Panel panel, PanelFrame frame)
    {
        plot.Layout.Fixed(new PixelPadding(
            (float)frame.Left, (float)(panel.Width - frame.Right), (float)(panel.Height - frame.Bottom), (float)frame.Top));
        plot.Axes.Right.IsVisible = false;
        plot.Axes.Top.IsVisible = false;
        var ink = SentinelColours.Of(DrawnRole.Frame);
        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.FrameLineStyle.Color = ink;
            axis.MajorTickStyle.Color = ink;
            axis.MinorTickStyle.Color = ink;
        }

        plot.Axes.Bottom.TickGenerator = Ticks(panel.X);
        plot.Axes.Left.TickGenerator = Ticks(panel.Y);
        plot.Grid.MajorLineColor = SentinelColours.Of(DrawnRole.Grid);
        if (panel.Image is not null) plot.HideGrid(); // it would lie over the picture and be taken for part of it
    }

    /// <summary>Positions only: labels are placed by <see cref="PanelText"/>.</summary>
    private static NumericManual Ticks(PanelAxis axis) =>
        new([.. axis.Ticks.Select(tick => tick.At)], [.. axis.Ticks.Select(_ => "")]);

    private static void DrawReference(Plot plot, Panel panel, ReferenceLine line)
    {
        var drawn = plot.Add.ScatterLine((double[])[panel.X.Minimum, panel.X.Maximum], (double[])[line.At, line.At]);
        drawn.Color = SentinelColours.Of(DrawnRole.Reference);
    }

    private static void DrawBand(Plot plot, PanelSeries series, int index)
    {
        if (series.Band is not { } band || band.X.Count == 0) return;
        var fill = plot.Add.FillY([.. band.X], [.. band.Low], [.. band.High]);
        fill.FillColor = SentinelColours.Of(DrawnRole.Band, index);
        fill.LineWidth = 0;
    }

    private static void DrawStrokes(Plot plot, PanelSeries series, int index, StrokeRole role)
    {
        var colour = SentinelColours.Of(
            role switch { StrokeRole.Centre => DrawnRole.Centre, StrokeRole.Seed => DrawnRole.Seed, _ => DrawnRole.Interval }, index);
        foreach (var run in series.Strokes.Where(stroke => stroke.Role == role).SelectMany(stroke => Runs(stroke.Points)))
        {
            var line = plot.Add.ScatterLine(run.Select(p => p.X).ToArray(), run.Select(p => p.Y).ToArray());
            line.Color = colour;
        }
    }

    /// <summary>Stretches of finite points; a single point is no line.</summary>
    private static IEnumerable<IReadOnlyList<PanelPoint>> Runs(IReadOnlyList<PanelPoint> points)
    {
        var run = new List<PanelPoint>();
        foreach (var point in points)
        {
            if (double.IsFinite(point.X) && double.IsFinite(point.Y))
            {
                run.Add(point);
                continue;
            }

            if (run.Count > 1) yield return run;
            run = [];
        }

        if (run.Count > 1) yield return run;
    }

    private static void DrawMarks(Plot plot, PanelSeries series, int index, bool crosses)
    {
        foreach (var kind in series.Marks.Where(mark => mark.Kind == MarkerKind.Cross == crosses).GroupBy(mark => mark.Kind))
        {
            var marks = plot.Add.Markers(kind.Select(mark => mark.X).ToArray(), kind.Select(mark => mark.Y).ToArray(), Shape(kind.Key), crosses ? 11 : 7);
            marks.Color = SentinelColours.Of(DrawnRole.Mark, index);
        }
    }

    private static MarkerShape Shape(MarkerKind kind) => kind switch
    {
        MarkerKind.Circle => MarkerShape.FilledCircle,
        MarkerKind.Square => MarkerShape.FilledSquare,
        MarkerKind.Triangle => MarkerShape.FilledTriangleUp,
        MarkerKind.Diamond => MarkerShape.FilledDiamond,
        MarkerKind.TriangleDown => MarkerShape.OpenTriangleDown,
        _ => MarkerShape.Eks,
    };

    private static void ForEachSeries(Panel panel, Action<PanelSeries, int> draw)
    {
        for (var index = 0; index < panel.Series.Count; index++) draw(panel.Series[index], index);
    }
}
