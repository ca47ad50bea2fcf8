using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness.Reports.Figures;

namespace Harness.Reports.Model;

/// <summary>The numbers that a drawing shows, in the units of its axes.</summary>
internal static class PanelNumbers
{
    /// <summary>One line or one point of a drawing.</summary>
    /// <param name="Kind"><c>line</c>, <c>seed</c> or <c>point</c>.</param>
    /// <param name="Low">Lower bounds of the intervals, null where a point has none; null where none has.</param>
    /// <param name="RowNames">The rows that stand for y; null where y is a number.</param>
    internal sealed record NumberLine(
        string Kind, string Key, string Name, long? Seed, IReadOnlyList<double> X, IReadOnlyList<double> Y,
        IReadOnlyList<double?>? Low = null, IReadOnlyList<double?>? High = null, IReadOnlyList<string>? RowNames = null);

    /// <param name="isWanted">Which series.</param>
    public static IEnumerable<NumberLine> Lines(FigurePanel panel, Func<PanelSeries, bool> isWanted) =>
        panel.Drawing.Series.Where(isWanted).SelectMany(series => Lines(panel.Drawing, series, NameOf(panel, series)));

    /// <summary>As the legend has it; for rows what stands beside them.</summary>
    public static string NameOf(FigurePanel panel, PanelSeries series) => panel.Drawing.Y.IsNames && series.Marks is [var row, ..] ? RowName(panel.Drawing, row.Y)
        : panel.Annotations.FirstOrDefault(annotation => annotation.IsSeries && annotation.Key == series.Key)?.Label ?? series.EndLabel ?? series.Key;

    /// <summary>For the page's script: the axes with their pixels, and each line with the points that are drawn. Null when there are none, or none that can be shown.</summary>
    /// <param name="seedWord">What a seed is called in the page's language.</param>
    /// <remarks>The default encoder escapes &lt;, so no name can end the element.</remarks>
    public static string? Json(FigurePanel panel, string seedWord)
    {
        List<NumberLine> lines = [.. Lines(panel, _ => true)];
        // An axis of values that are not finite has no places to point at.
        if (lines.Count == 0 || !new[] { panel.Drawing.X, panel.Drawing.Y }.All(axis => double.IsFinite(axis.Minimum) && double.IsFinite(axis.Maximum))) return null;
        var frame = new PanelFrame(panel.Drawing);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("seed", seedWord);
            Axis(json, "x", panel.Drawing.X, frame.Left, frame.Right);
            Axis(json, "y", panel.Drawing.Y, frame.Bottom, frame.Top);
            json.WriteStartArray("lines");
            foreach (var line in lines)
            {
                json.WriteStartObject();
                json.WriteString("kind", line.Kind);
                json.WriteString("key", line.Key);
                json.WriteString("name", line.Name);
                if (line.Seed is { } seed) json.WriteNumber("seed", seed);
                Numbers(json, "x", line.X.Select(x => (double?)x));
                if (line.RowNames is { } names)
                {
                    json.WriteStartArray("y");
                    foreach (var name in names) json.WriteStringValue(name);
                    json.WriteEndArray();
                }
                else
                {
                    Numbers(json, "y", line.Y.Select(y => (double?)y));
                }

                if (line.Low is { } low) Numbers(json, "low", low);
                if (line.High is { } high) Numbers(json, "high", high);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>For the page's script: the axes of a drawing whose lines are those of the drawing before it.</summary>
    public static string AxesJson(Panel drawing, string seedWord)
    {
        var frame = new PanelFrame(drawing);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("seed", seedWord);
            Axis(json, "x", drawing.X, frame.Left, frame.Right);
            Axis(json, "y", drawing.Y, frame.Bottom, frame.Top);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static IEnumerable<NumberLine> Lines(Panel drawing, PanelSeries series, string name)
    {
        var isLine = false;
        foreach (var stroke in series.Strokes.Where(stroke => stroke.Role is StrokeRole.Centre or StrokeRole.Seed))
        {
            var isCentre = stroke.Role == StrokeRole.Centre;
            isLine |= isCentre;
            var points = stroke.Points.Where(point => double.IsFinite(point.Y)).ToList();
            var bounds = isCentre && series.Band is { } band ? band.X.Select((x, i) => (x, band.Low[i], band.High[i])).DistinctBy(bound => bound.x).ToDictionary(bound => bound.x, bound => (bound.Item2, bound.Item3)) : [];
            yield return new(isCentre ? "line" : "seed", series.Key, name, stroke.Seed, [.. points.Select(point => drawing.X.ValueOf(point.X))], [.. points.Select(point => drawing.Y.ValueOf(point.Y))],
                bounds.Count == 0 ? null : [.. points.Select(point => bounds.TryGetValue(point.X, out var bound) ? drawing.Y.ValueOf(bound.Item1) : (double?)null)],
                bounds.Count == 0 ? null : [.. points.Select(point => bounds.TryGetValue(point.X, out var bound) ? drawing.Y.ValueOf(bound.Item2) : (double?)null)]);
        }

        // Marks along a line repeat its points.
        if (isLine || series.Marks.Count == 0) yield break;
        List<PanelMark> marks = [.. series.Marks];
        // The interval lies along the axis of what was measured.
        var interval = series.Strokes.FirstOrDefault(stroke => stroke.Role == StrokeRole.Interval)?.Points is [var from, var to]
            ? drawing.Y.IsNames ? (Low: drawing.X.ValueOf(from.X), High: drawing.X.ValueOf(to.X)) : (Low: drawing.Y.ValueOf(from.Y), High: drawing.Y.ValueOf(to.Y)) : ((double Low, double High)?)null;
        yield return new("point", series.Key, name, null, [.. marks.Select(mark => drawing.X.ValueOf(mark.X))], [.. marks.Select(mark => drawing.Y.ValueOf(mark.Y))],
            interval is null ? null : [.. marks.Select(_ => (double?)interval.Value.Low)], interval is null ? null : [.. marks.Select(_ => (double?)interval.Value.High)],
            drawing.Y.IsNames ? [.. marks.Select(mark => RowName(drawing, mark.Y))] : null);
    }

    /// <summary>The name of a row, after the heading above it: the same arm may stand under several.</summary>
    private static string RowName(Panel drawing, double position)
    {
        var heading = drawing.Notes.Where(note => note.IsHeading && note.Y > position).MinBy(note => note.Y)?.Text;
        var name = drawing.Y.Ticks.FirstOrDefault(tick => tick.At == position)?.Label ?? "";
        return heading is null ? name : $"{heading} · {name}";
    }

    private static void Axis(Utf8JsonWriter json, string name, PanelAxis axis, double from, double to)
    {
        json.WriteStartObject(name);
        json.WriteString("title", axis.Title);
        Number(json, "min", axis.Minimum);
        Number(json, "max", axis.Maximum);
        Number(json, "from", from);
        Number(json, "to", to);
        if (axis.IsLogarithmic) json.WriteBoolean("log", true);
        if (axis.IsNames) json.WriteBoolean("names", true);
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double?> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            if (value is { } number && double.IsFinite(number)) json.WriteRawValue(Text(number));
            else json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(Text(value));
    }

    /// <summary>Six digits are more than a reader needs of what is drawn, and half the bytes.</summary>
    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
