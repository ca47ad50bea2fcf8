using System.Globalization;
using Harness.Reports.Formatting;
using Harness.Store.Views;

namespace Harness.Server.Dashboard.Parts;

/// <summary>Conditions of several experiments as lines over one axis per factor, with what they reached as the last axis.</summary>
/// <param name="Omitted">Conditions that are not drawn.</param>
public sealed record ParallelChart(IReadOnlyList<ParallelAxis> Axes, IReadOnlyList<ParallelLine> Lines, int Omitted)
{
    public const int Width = 960, Height = 320, Left = 60, Right = 90, Top = 34, Bottom = 16;

    /// <summary>More lines are one area.</summary>
    private const int MostLines = 400;

    /// <summary>Factors beyond these have no room; the last axis is the result's.</summary>
    private const int MostFactors = 7;

    private const string ResultAxis = "loss ÷ baseline";

    /// <summary>Null while no condition has a result.</summary>
    internal static ParallelChart? Of(IReadOnlyList<IReadOnlyList<ConditionPoint>> experiments)
    {
        var known = experiments.SelectMany((points, experiment) => points.Select(point => (Experiment: experiment, Point: point))).Where(line => Result(line.Point) is not null).ToList();
        if (!known.Exists(line => Result(line.Point) is { } result && double.IsFinite(result) && result > 0)) return null;
        List<string> factors = [.. known.SelectMany(line => line.Point.Factors.Keys).Distinct(StringComparer.Ordinal)
            .Where(factor => known.Select(line => HeatMap.Level(line.Point, factor)).Distinct(StringComparer.Ordinal).Take(2).Count() > 1).Take(MostFactors)];
        var results = LossScale.Of(known.Select(line => Result(line.Point)!.Value), Top, Height - Bottom);
        var axes = factors.Select((factor, index) => AxisOf(factor, X(index, factors.Count), [.. HeatMap.Levels(known.Select(line => line.Point), factor)])).Append(new ParallelAxis(ResultAxis, X(factors.Count, factors.Count), results.Marks)).ToList();
        return new(axes, [.. known.Take(MostLines).Select(line => new ParallelLine(
            line.Experiment, line.Point, string.Join(' ', axes.Select((axis, index) => string.Create(CultureInfo.InvariantCulture, $"{axis.X:0.#},{(index == factors.Count ? results.At(Result(line.Point)!.Value) : axis.Of(HeatMap.Level(line.Point, factors[index]))):0.#}")))))],
            Math.Max(0, known.Count - MostLines));
    }

    internal static double? Result(ConditionPoint point) => point.LossOverBaseline ?? point.MedianLoss;

    private static ParallelAxis AxisOf(string factor, double x, IReadOnlyList<string> levels) =>
        new(factor, x, [.. levels.Select((level, index) => new ChartMark(levels.Count == 1 ? (Top + Height - Bottom) / 2.0 : Height - Bottom - (index * (Height - Bottom - Top) / (double)(levels.Count - 1)), level))]);

    private static double X(int index, int last) => Left + (last == 0 ? 0 : index * (Width - Left - Right) / (double)last);
}

/// <param name="Marks">The levels of a factor, or the numbers of a result.</param>
public sealed record ParallelAxis(string Name, double X, IReadOnlyList<ChartMark> Marks)
{
    public double Of(string level) => Marks.First(mark => mark.Text == level).At;

    /// <summary>Marks that have room for their texts.</summary>
    public IEnumerable<ChartMark> Written => Marks.Where((_, index) => index % ((Marks.Count + 15) / 16) == 0);
}

/// <param name="Experiment">Its place among those compared, from 0.</param>
/// <param name="Points">As in the attribute points of an SVG polyline.</param>
public sealed record ParallelLine(int Experiment, ConditionPoint Point, string Points)
{
    public string Text => $"{Point.Label}: {Numbers.Short(ParallelChart.Result(Point))}";
}
