using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Harness.Reports.Figures;

/// <summary>What a panel is painted with.</summary>
/// <param name="Colour">By role and index of the series; −1 for what belongs to none.</param>
/// <param name="Look">Widths and dashes; null where the page's style sheet sets them.</param>
internal sealed record PlotInk(Func<DrawnRole, int, Color> Colour, Func<DrawnRole, int, DrawnLook>? Look = null);

/// <summary>A panel as a plot of ScottPlot, without a word in it: words are placed by <see cref="PanelText"/>.</summary>
internal sealed class PanelPlot(Panel panel, PanelFrame frame, PlotInk ink)
{
    /// <summary>The caller disposes it.</summary>
    public Plot Draw()
    {
        var plot = new Plot();
        plot.FigureBackground.Color = ink.Colour(DrawnRole.Surface, -1);
        plot.DataBackground.Color = ink.Colour(DrawnRole.Surface, -1);
        DrawChrome(plot);
        foreach (var line in panel.References) DrawReference(plot, line);
        // Back to front over all series: bands, then seeds, then the lines that matter.
        ForEachSeries((series, index) => DrawBand(plot, series, index));
        ForEachSeries((series, index) => DrawStrokes(plot, series, index, StrokeRole.Seed));
        ForEachSeries((series, index) => DrawStrokes(plot, series, index, StrokeRole.Bar));
        ForEachSeries((series, index) => DrawStrokes(plot, series, index, StrokeRole.Interval));
        ForEachSeries((series, index) =>
        {
            DrawStrokes(plot, series, index, StrokeRole.Centre);
            DrawMarks(plot, series, index, crosses: false);
        });
        // Last of all: a run that diverged must not hide behind one that went well.
        ForEachSeries((series, index) => DrawMarks(plot, series, index, crosses: true));
        plot.Axes.SetLimits(panel.X.Minimum, panel.X.Maximum, panel.Y.Minimum, panel.Y.Maximum);
        return plot;
    }

    private void DrawChrome(Plot plot)
    {
        plot.Layout.Fixed(new PixelPadding(
            (float)frame.Left, (float)(panel.Width - frame.Right), (float)(panel.Height - frame.Bottom), (float)frame.Top));
        plot.Axes.Right.IsVisible = false;
        plot.Axes.Top.IsVisible = false;
        var colour = ink.Colour(DrawnRole.Frame, -1);
        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.FrameLineStyle.Color = colour;
            axis.MajorTickStyle.Color = colour;
            axis.MinorTickStyle.Color = colour;
        }

        plot.Axes.Bottom.TickGenerator = Ticks(panel.X);
        plot.Axes.Left.TickGenerator = Ticks(panel.Y);
        plot.Grid.MajorLineColor = ink.Colour(DrawnRole.Grid, -1);
        if (panel.Image is not null) plot.HideGrid(); // it would lie over the picture and be taken for part of it
    }

    /// <summary>Positions only: labels are placed by <see cref="PanelText"/>.</summary>
    private static NumericManual Ticks(PanelAxis axis) =>
        new([.. axis.Ticks.Select(tick => tick.At)], [.. axis.Ticks.Select(_ => "")]);

    private void DrawReference(Plot plot, ReferenceLine line)
    {
        var drawn = plot.Add.ScatterLine((double[])[panel.X.Minimum, panel.X.Maximum], (double[])[line.At, line.At]);
        Paint(drawn.LineStyle, DrawnRole.Reference, -1);
    }

    private void DrawBand(Plot plot, PanelSeries series, int index)
    {
        if (series.Band is not { } band || band.X.Count == 0) return;
        var fill = plot.Add.FillY([.. band.X], [.. band.Low], [.. band.High]);
        fill.FillColor = ink.Colour(DrawnRole.Band, index);
        fill.LineWidth = 0;
    }

    private void DrawStrokes(Plot plot, PanelSeries series, int index, StrokeRole role)
    {
        var drawn = role switch { StrokeRole.Centre => DrawnRole.Centre, StrokeRole.Seed => DrawnRole.Seed, StrokeRole.Bar => DrawnRole.Bar, _ => DrawnRole.Interval };
        foreach (var run in series.Strokes.Where(stroke => stroke.Role == role).SelectMany(stroke => Runs(stroke.Points)))
        {
            var line = plot.Add.ScatterLine(run.Select(p => p.X).ToArray(), run.Select(p => p.Y).ToArray());
            Paint(line.LineStyle, drawn, index);
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

    private void DrawMarks(Plot plot, PanelSeries series, int index, bool crosses)
    {
        foreach (var kind in series.Marks.Where(mark => mark.Kind == MarkerKind.Cross == crosses).GroupBy(mark => mark.Kind))
        {
            var marks = plot.Add.Markers(kind.Select(mark => mark.X).ToArray(), kind.Select(mark => mark.Y).ToArray(), Shape(kind.Key), crosses ? 11 : 7);
            marks.Color = ink.Colour(DrawnRole.Mark, index);
            if (ink.Look?.Invoke(DrawnRole.Mark, index).Width is { } width && kind.Key is MarkerKind.Cross or MarkerKind.TriangleDown) marks.MarkerStyle.LineWidth = (float)width;
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

    private void Paint(LineStyle line, DrawnRole role, int index)
    {
        line.Color = ink.Colour(role, index);
        if (ink.Look?.Invoke(role, index) is not { } look) return;
        line.Width = (float)(look.Width ?? 1);
        if (look.Dash is { } dash) line.Pattern = new([.. dash.Split(' ').Select(length => float.Parse(length, CultureInfo.InvariantCulture))], 0, dash);
    }

    private void ForEachSeries(Action<PanelSeries, int> draw)
    {
        for (var index = 0; index < panel.Series.Count; index++) draw(panel.Series[index], index);
    }
}
