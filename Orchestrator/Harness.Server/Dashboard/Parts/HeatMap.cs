using System.Globalization;
using Harness.Reports.Formatting;
using Harness.Store.Views;

namespace Harness.Server.Dashboard.Parts;

/// <summary>An experiment's conditions by two factors: what thousands of tiles would not tell.</summary>
/// <param name="Rows">The factor of the rows; null where the experiment has none.</param>
/// <param name="Columns">The factor of the columns; null where it has one only.</param>
/// <param name="Measure">What the cells show.</param>
/// <param name="Hidden">How many levels are left out, because no screen has room for them.</param>
public sealed record HeatMap(
    IReadOnlyList<string> Factors, string? Rows, string? Columns, HeatMeasure Measure, IReadOnlyList<string> RowLevels, IReadOnlyList<string> ColumnLevels, IReadOnlyList<IReadOnlyList<HeatCell?>> Cells, int Hidden)
{
    /// <summary>Steps of the colour ramp, from the best to the worst.</summary>
    public const int Shades = 8;

    private const int MostLevels = 60;

    /// <param name="rows">The factor wanted for the rows; another one is taken where there is none of that name.</param>
    /// <param name="columns">Likewise.</param>
    internal static HeatMap Of(IReadOnlyList<ConditionPoint> points, string? rows, string? columns, HeatMeasure measure)
    {
        List<string> factors = [.. points.SelectMany(point => point.Factors.Keys).Distinct(StringComparer.Ordinal)];
        var varied = factors.Where(factor => points.Select(point => Level(point, factor)).Distinct(StringComparer.Ordinal).Take(2).Count() > 1).ToList();
        if (varied.Count == 0) varied = factors;
        var down = varied.Contains(rows, StringComparer.Ordinal) ? rows : varied.Find(factor => factor != columns);
        var across = varied.Contains(columns, StringComparer.Ordinal) && columns != down ? columns : varied.Find(factor => factor != down);
        var (rowLevels, columnLevels) = (Levels(points, down), Levels(points, across));
        var groups = points.ToLookup(point => (Level(point, down), Level(point, across)));
        var values = groups.ToDictionary(group => group.Key, group => Value([.. group], measure));
        var ramp = Ramp.Of(values.Values.OfType<double>(), measure);
        var cells = rowLevels.Take(MostLevels).Select(row => (IReadOnlyList<HeatCell?>)[.. columnLevels.Take(MostLevels).Select(column => groups.Contains((row, column))
            ? new HeatCell(values[(row, column)], groups[(row, column)].Sum(point => point.Trials), groups[(row, column)].Sum(point => point.Finished), ramp.Shade(values[(row, column)])) : null)]).ToList();
        return new(varied, down, across, measure, [.. rowLevels.Take(MostLevels)], [.. columnLevels.Take(MostLevels)], cells, Math.Max(0, rowLevels.Count - MostLevels) + Math.Max(0, columnLevels.Count - MostLevels));
    }

    /// <summary>The levels of a factor, numbers by size; one empty level where there is no factor.</summary>
    internal static List<string> Levels(IEnumerable<ConditionPoint> points, string? factor)
    {
        var levels = points.Select(point => Level(point, factor)).Distinct(StringComparer.Ordinal).ToList();
        return levels.TrueForAll(level => Number(level) is not null) ? [.. levels.OrderBy(level => Number(level))] : levels;
    }

    internal static string Level(ConditionPoint point, string? factor) => factor is null ? "" : point.Factors.GetValueOrDefault(factor, "–");

    private static double? Number(string level) => double.TryParse(level, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The median over conditions of what their seeds gave; a share over all trials. Null while nothing has finished.</summary>
    private static double? Value(IReadOnlyList<ConditionPoint> points, HeatMeasure measure)
    {
        if (measure == HeatMeasure.Done) return (double)points.Sum(point => point.Finished) / Math.Max(1, points.Sum(point => point.Trials));
        var finished = points.Sum(point => point.Finished);
        if (finished == 0) return null;
        if (measure == HeatMeasure.Solved) return (double)points.Sum(point => point.Solved) / finished;
        if (measure == HeatMeasure.Diverged) return (double)points.Sum(point => point.Diverged) / finished;
        var known = points.Select(point => point.LossOverBaseline ?? point.MedianLoss).OfType<double>().Order().ToList();
        return known.Count == 0 ? null : known.Count % 2 == 1 ? known[known.Count / 2] : (known[(known.Count / 2) - 1] + known[known.Count / 2]) / 2;
    }
}

/// <summary>What a heat map shows.</summary>
public enum HeatMeasure
{
    /// <summary>Median loss, divided by the baseline where there is one.</summary>
    Loss,
    Solved,
    Diverged,

    /// <summary>The share of trials with a result.</summary>
    Done,
}

/// <param name="Value">Null while nothing has finished.</param>
/// <param name="Shade">From 0, the best; null without a value.</param>
public sealed record HeatCell(double? Value, int Trials, int Finished, int? Shade)
{
    public string Text(HeatMeasure measure) => Value is not { } value ? "·" : measure == HeatMeasure.Loss ? Numbers.Short(value) : Numbers.Percent(value);
}

/// <summary>Values as steps of a colour ramp: losses by decades, shares as they are.</summary>
internal sealed record Ramp(double Low, double High, bool IsLogarithmic)
{
    public static Ramp Of(IEnumerable<double> values, HeatMeasure measure)
    {
        if (measure != HeatMeasure.Loss) return new(0, 1, false);
        var powers = values.Where(value => double.IsFinite(value) && value > 0).Select(Math.Log10).ToList();
        return powers.Count == 0 ? new(0, 1, true) : new(powers.Min(), powers.Max(), true);
    }

    public int? Shade(double? value)
    {
        if (value is not { } known) return null;
        var at = IsLogarithmic ? Math.Log10(Math.Max(known, double.Epsilon)) : known;
        if (double.IsInfinity(at)) return HeatMap.Shades - 1;
        var share = High > Low ? Math.Clamp((at - Low) / (High - Low), 0, 1) : 0;
        return (int)Math.Min(HeatMap.Shades - 1, share * HeatMap.Shades);
    }
}
