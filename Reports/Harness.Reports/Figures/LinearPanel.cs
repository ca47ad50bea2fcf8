namespace Harness.Reports.Figures;

/// <summary>The same drawing with a linear axis in place of a logarithmic one.</summary>
internal static class LinearPanel
{
    /// <summary>Below one decade both axes look alike; above six, a linear one shows the largest values and a line at zero.</summary>
    private const double FewestDecades = 1, MostDecades = 6;

    /// <summary>The drawing with the measured axis from zero: y where it is logarithmic, else x; null where a linear axis would not help.</summary>
    public static Panel? Of(Panel panel)
    {
        var (isY, isX) = (Suits(panel.Y), Suits(panel.X));
        if (panel.Image is not null || (!isY && (!isX || panel.Y.IsLogarithmic))) return null;
        Func<double, double> x = isY ? at => at : panel.X.ValueOf, y = isY ? panel.Y.ValueOf : at => at;
        return panel with
        {
            Id = panel.Id + "-linear",
            X = isY ? panel.X : FromZero(panel.X),
            Y = isY ? FromZero(panel.Y) : panel.Y,
            Series = [.. panel.Series.Select(series => series with
            {
                Strokes = [.. series.Strokes.Select(stroke => stroke with { Points = [.. stroke.Points.Select(point => new PanelPoint(x(point.X), y(point.Y)))] })],
                Band = series.Band is not { } band ? null : new([.. band.X.Select(x)], [.. band.Low.Select(y)], [.. band.High.Select(y)]),
                Marks = [.. series.Marks.Select(mark => mark with { X = x(mark.X), Y = y(mark.Y) })],
            })],
            References = [.. panel.References.Select(line => line with { At = y(line.At) })],
            Notes = [.. panel.Notes.Select(note => note with { X = x(note.X), Y = y(note.Y) })],
        };
    }

    private static bool Suits(PanelAxis axis) => axis.IsLogarithmic && axis.Maximum - axis.Minimum is >= FewestDecades and <= MostDecades;

    private static PanelAxis FromZero(PanelAxis axis) => AxisScale.Linear(axis.Title, 0, axis.ValueOf(axis.Maximum));
}
