using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;

namespace Harness.Experiments.Starting;

/// <summary>Reads the formats of the time-series archives: <c>.ts</c> (aeon, sktime), <c>.arff</c> (Weka), and rows of label and values (UCR).</summary>
internal static class ArchiveFiles
{
    /// <summary>Columns from which on a row without names is a series of its own.</summary>
    private const int FewestSteps = 16;

    /// <param name="needsAnswers">Whether series without a class are refused. Those that are read have an empty one.</param>
    /// <exception cref="StartRefusedException">With line and cure.</exception>
    public static SourceSeries ReadTs(string text, string name, bool needsAnswers)
    {
        var series = new List<LabelledSeries>();
        var (hasLabel, isRegression, inData, number) = (false, false, false, 0);
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or '%') continue;
            if (!inData)
            {
                if (line[0] != '@') throw Refuse(name, number, "a line that is neither @ nor # before @data");
                var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (Is(words[0], "@classLabel")) hasLabel = words.Length > 1 && Is(words[1], "true");
                if (Is(words[0], "@targetlabel")) (hasLabel, isRegression) = (words.Length > 1 && Is(words[1], "true"), true);
                inData = Is(words[0], "@data");
                continue;
            }

            if (!hasLabel && needsAnswers) throw new StartRefusedException($"{name}: the file says that its series have no class (@classLabel false), so there is nothing to ask for. A file with @classLabel true and the classes is needed.");
            // A colon parts the dimensions, and the last one is the class.
            var parts = line.Split(':');
            if (hasLabel && parts.Length < 2) throw Refuse(name, number, "a series without a class behind its last colon");
            series.Add(new(hasLabel ? parts[^1].Trim() : "", [.. (hasLabel ? parts[..^1] : parts).Select(part => Values(part, name, number))]));
        }

        if (series.Count == 0) throw new StartRefusedException($"{name}: there is no series behind @data.");
        return Checked(series, name, isRegression);

        static bool Is(string word, string other) => string.Equals(word, other, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A table, or series when every row is one: many numeric attributes and then a class.</summary>
    /// <exception cref="StartRefusedException">With line and cure.</exception>
    public static (SourceTable? Table, SourceSeries? Series) ReadArff(string text, string name)
    {
        List<string> names = [], types = [];
        var rows = new List<string[]>();
        var (inData, number) = (false, 0);
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '%') continue;
            if (!inData)
            {
                if (line.StartsWith("@attribute", StringComparison.OrdinalIgnoreCase))
                {
                    var rest = line["@attribute".Length..].Trim();
                    var quote = rest.Length > 0 && rest[0] is '\'' or '"' ? rest[0] : ' ';
                    var end = quote == ' ' ? rest.IndexOfAny([' ', '\t', '{']) : rest.IndexOf(quote, 1);
                    if (end <= 0) throw Refuse(name, number, "an attribute without a type");
                    names.Add(quote == ' ' ? rest[..end] : rest[1..end]);
                    types.Add(rest[(quote == ' ' ? end : end + 1)..].Trim());
                    if (types[^1].StartsWith("relational", StringComparison.OrdinalIgnoreCase))
                        throw new StartRefusedException($"{name}:{number}: relational attributes are not read. The same data come as a .ts file from https://www.timeseriesclassification.com.");
                }

                inData = line.StartsWith("@data", StringComparison.OrdinalIgnoreCase);
                continue;
            }

            if (line[0] == '{') throw new StartRefusedException($"{name}:{number}: sparse rows ({{index value, ...}}) are not read. Save the file as CSV.");
            string[] cells = [.. Cells(line).Select(cell => cell == "?" ? "" : cell)];
            if (cells.Length != names.Count) throw Refuse(name, number, FormattableString.Invariant($"this row has {cells.Length} values, and there are {names.Count} attributes"));
            rows.Add(cells);
        }

        if (rows.Count == 0) throw new StartRefusedException($"{name}: there are no rows behind @data.");
        var isSeries = names.Count > FewestSteps && types[^1].StartsWith('{') && types.Take(types.Count - 1).All(type => type.StartsWith("real", StringComparison.OrdinalIgnoreCase) || type.StartsWith("num", StringComparison.OrdinalIgnoreCase) || type.StartsWith("int", StringComparison.OrdinalIgnoreCase));
        return isSeries
            ? (null, Checked([.. rows.Select(row => new LabelledSeries(row[^1], [row[..^1]]))], name, isRegression: false))
            : (new(names, rows), null);
    }

    /// <summary>Series from rows of numbers without a header: a class with few values, then the steps. Null when the rows are something else.</summary>
    public static SourceSeries? OfRows(IReadOnlyList<string[]> rows, string name)
    {
        if (rows.Count < 4 || rows[0].Length <= FewestSteps) return null;
        var labels = rows.Select(row => row[0]).Distinct(StringComparer.Ordinal).ToList();
        if (labels.Count < 2 || labels.Count > Math.Max(2, rows.Count / 3) || !labels.TrueForAll(label => NumberType.TryRead(label, out var number) && number == Math.Floor(number))) return null;
        return Checked([.. rows.Select(row => new LabelledSeries(SettingValue.Canonical(double.Parse(row[0], CultureInfo.InvariantCulture)), [row[1..]]))], name, isRegression: false);
    }

    private static SourceSeries Checked(List<LabelledSeries> series, string name, bool isRegression)
    {
        var dimensions = series[0].Channels.Length;
        var odd = series.FindIndex(one => one.Channels.Length != dimensions);
        if (odd >= 0) throw new StartRefusedException(FormattableString.Invariant($"{name}: series {odd + 1} has {series[odd].Channels.Length} dimensions, the first has {dimensions}. All need the same."));
        // Padding of shorter series at their end is no value.
        string[][] Trimmed(string[][] channels)
        {
            var steps = channels.Max(channel => channel.Length);
            while (steps > 1 && channels.All(channel => channel.Length < steps || channel[steps - 1].Length == 0)) steps--;
            return [.. channels.Select(channel => channel.Length > steps ? channel[..steps] : channel)];
        }

        return new(dimensions == 1 ? ["value"] : [.. Enumerable.Range(1, dimensions).Select(number => FormattableString.Invariant($"dim{number}"))],
            [.. series.Select(one => one with { Channels = Trimmed(one.Channels) })])
        { IsRegression = isRegression };
    }

    private static string[] Values(string part, string name, int line)
    {
        // (time,value),(time,value): the values, for steps are what a network sees.
        var cells = part.Contains('(', StringComparison.Ordinal)
            ? part.Split(')', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair[(pair.LastIndexOf(',') + 1)..].Trim()).Where(cell => cell.Length > 0)
            : part.Split(',').Select(cell => cell.Trim());
        string[] values = [.. cells.Select(cell => cell is "?" || cell.Equals("NaN", StringComparison.OrdinalIgnoreCase) ? "" : cell)];
        var wrong = Array.FindIndex(values, value => value.Length > 0 && !NumberType.TryRead(value, out _));
        return wrong < 0 ? values : throw Refuse(name, line, $"\"{ShortText.Of(values[wrong])}\" is not a number");
    }

    private static IEnumerable<string> Cells(string line)
    {
        var at = 0;
        while (at <= line.Length)
        {
            while (at < line.Length && line[at] is ' ' or '\t') at++;
            if (at < line.Length && line[at] is '\'' or '"')
            {
                var end = line.IndexOf(line[at], at + 1);
                if (end < 0) end = line.Length - 1;
                yield return line[(at + 1)..Math.Max(at + 1, end)];
                var comma = line.IndexOf(',', end);
                at = comma < 0 ? line.Length + 1 : comma + 1;
            }
            else
            {
                var comma = line.IndexOf(',', at);
                yield return (comma < 0 ? line[at..] : line[at..comma]).Trim();
                at = comma < 0 ? line.Length + 1 : comma + 1;
            }
        }
    }

    private static StartRefusedException Refuse(string name, int line, string message) => new(FormattableString.Invariant($"{name}:{line}: {message}."));
}
