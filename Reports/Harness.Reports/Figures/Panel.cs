
namespace Harness.Reports.Figures;

/// <param name="At">Position in the axis' own coordinates (log10 of the value on a logarithmic axis).</param>
internal sealed record AxisTick(double At, string Label);

internal sealed record PanelAxis(string Title, double Minimum, double Maximum, IReadOnlyList<AxisTick> Ticks)
{
    /// <summary>Whether positions are log10 of the value.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Whether positions are rows that the ticks name.</summary>
    public bool IsNames { get; init; }

    /// <summary>The value at a position.</summary>
    public double ValueOf(double position) => IsLogarithmic ? Math.Pow(10, position) : position;
}

internal sealed record PanelPoint(double X, double Y);

internal enum StrokeRole
{
    /// <summary>The series itself.</summary>
    Centre,

    /// <summary>One seed, drawn faint behind it.</summary>
    Seed,

    /// <summary>An interval around a point.</summary>
    Interval,

    /// <summary>From zero to a count: its length is the value, and it is no interval.</summary>
    Bar,
}

/// <summary>A polyline; a point with a coordinate that is not finite interrupts it.</summary>
internal sealed record PanelStroke(StrokeRole Role, IReadOnlyList<PanelPoint> Points)
{
    /// <summary>Whose curve it is; null for what belongs to all seeds.</summary>
    public long? Seed { get; init; }
}

/// <summary>The area between two curves over the same x.</summary>
internal sealed record PanelBand(IReadOnlyList<double> X, IReadOnlyList<double> Low, IReadOnlyList<double> High);

internal sealed record PanelMark(MarkerKind Kind, double X, double Y);

/// <param name="Key">Goes into <c>data-series</c>, so that a page can highlight the series.</param>
/// <param name="EndLabel">Written beside the last point; null writes nothing.</param>
internal sealed record PanelSeries(
    string Key,
    SeriesStyle Style,
    IReadOnlyList<PanelStroke> Strokes,
    PanelBand? Band,
    IReadOnlyList<PanelMark> Marks,
    string? EndLabel)
{
    /// <summary>What the drawing shows a part of: every point, neither thinned nor cut at the edge; null where the drawing has it all.</summary>
    public Func<IEnumerable<FigureNumber>>? Numbers { get; init; }
}

/// <summary>A number of a figure as it was measured, in the units of the axes.</summary>
/// <param name="Kind">What it is: <c>median</c>, <c>seed</c>, <c>point</c>, <c>diverged</c>, <c>reference</c> or <c>cell</c>.</param>
/// <param name="Seed">Null for what belongs to all seeds.</param>
/// <param name="Low">Lower bound of the interval, or null.</param>
/// <param name="High">Upper bound of the interval, or null.</param>
internal sealed record FigureNumber(string Kind, long? Seed, double X, double Y, double? Low = null, double? High = null);

/// <summary>A horizontal line that belongs to no series: a baseline, a floor.</summary>
internal sealed record ReferenceLine(double At, string Label);

/// <summary>A text at the right of a point, e.g. the value of a row.</summary>
internal sealed record PanelNote(double X, double Y, string Text)
{
    /// <summary>Whether it heads the rows below it, and not a point.</summary>
    public bool IsHeading { get; init; }
}

/// <summary>One drawing: what is drawn, in data coordinates, without a pixel in it.</summary>
/// <param name="Id">Prefix of every id in the drawing; unique in the page.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Description">Accessible description: what a reader would see.</param>
internal sealed record Panel(
    string Id,
    string Title,
    string Description,
    int Width,
    int Height,
    PanelAxis X,
    PanelAxis Y,
    IReadOnlyList<PanelSeries> Series,
    IReadOnlyList<ReferenceLine> References,
    IReadOnlyList<PanelNote> Notes)
{
    /// <summary>Fills the plot area, behind everything else; null for none.</summary>
    public PanelImage? Image { get; init; }
}
