using System.Globalization;
using Harness.Abstractions.Specs;

namespace Harness.Data;

/// <summary>Makes the card of a data file.</summary>
public static class DataCards
{
    /// <summary>Fewer independent windows than this say little about the next ones.</summary>
    public const int FewWindows = 30;

    private const int MostNamed = 8, MostCompared = 64;

    /// <param name="text">The file, to look at columns that are no inputs; null where only the series is known.</param>
    public static DataCard Of(CsvSeries series, SequenceSets sets, HorizonRange horizon, DecodedText? text)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(sets);
        var numbers = !series.Selection.IsClassification;
        var (low, high, mean, deviation) = numbers ? RangeOf(series) : (0, 0, 0, 0);
        var time = TimeOf(series);
        var outside = numbers ? OutsideOf(series, low, high) : (double?)null;
        var card = new DataCard(series.Rows, series.Groups.Count, sets.Counts, sets.Independent)
        {
            ShortestSeries = series.Groups.Min(group => group.Count),
            LongestSeries = series.Groups.Max(group => group.Count),
            Time = time,
            Missing = series.MissingCells,
            Constant = [.. series.Inputs.Where(input => !input.IsFlag && IsConstant(series, input.Values)).Select(input => input.Column).Take(MostNamed)],
            Duplicate = Duplicates(series),
            Classes = ClassesOf(series, sets),
            Outside = outside,
            TargetMean = numbers ? mean : null,
            TargetDeviation = numbers ? deviation : null,
            Season = SeriesBaselines.SeasonOf(series),
        };
        return card with { Warnings = [.. Warnings(series, card, horizon, text is null ? null : CsvProfile.Of(text))] };
    }

    /// <summary>The card of a text.</summary>
    public static DataCard Of(TextCorpus corpus, DataSplit split, SequenceSets sets)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(sets);
        var later = corpus.Symbols.Span[split.Of(corpus.Symbols.Length).Train.End..];
        var unknown = later.Length == 0 ? 0 : (double)later.Count((ushort)0) / later.Length;
        var card = new DataCard(corpus.Symbols.Length, 1, sets.Counts, sets.Independent) { Unknown = unknown };
        List<DataWarning> warnings = [];
        if (unknown > 0.02) warnings.Add(DataWarning.UnknownCharacters);
        if (IsFew(card)) warnings.Add(DataWarning.FewWindows);
        return card with { Warnings = warnings };
    }

    private static bool IsFew(DataCard card) => Math.Min(card.Independent.Validation, card.Windows.Test > 0 ? card.Independent.Test : int.MaxValue) < FewWindows;

    private static IEnumerable<DataWarning> Warnings(CsvSeries series, DataCard card, HorizonRange horizon, CsvProfile? profile)
    {
        if (IsFew(card)) yield return DataWarning.FewWindows;
        if (card.Outside > 0.1) yield return DataWarning.OutsideRange;
        if (card.Time is { Gaps: > 0, Absent: > 0 }) yield return DataWarning.Gaps;
        if (Enumerable.Range(horizon.First, horizon.Count).Any(ahead => ahead > 0 && Leaks(series, ahead))) yield return DataWarning.Leak;
        if (profile is null) yield break;
        var inputs = series.Inputs.Select(input => input.Column).Append(series.Selection.Target).ToHashSet(StringComparer.Ordinal);
        if (profile.Columns.Any(column => inputs.Contains(column.Name) && column.Sentinel is not null && series.Selection.MissingValues.Count == 0)) yield return DataWarning.Sentinel;
        if (series.Selection.Time.Count > 0 || series.Selection.Group is not null) yield break;
        foreach (var column in profile.Columns.Where(column => column.IsDate && column.Times is not null))
        {
            if (Array.TrueForAll([.. column.Times!.Zip(column.Times!.Skip(1), (before, after) => after < before)], falls => falls))
            {
                yield return DataWarning.NewestFirst;
                yield break;
            }

            if (!Repeats(column.Times!)) continue;
            yield return DataWarning.Interleaved;
            yield break;
        }
    }

    /// <summary>Whether times come several times: several series share them.</summary>
    private static bool Repeats(double[] times) => times.Length > 4 && times.Distinct().Count() <= times.Length / 2;

    /// <summary>Whether an input is the target's value that is asked for, so that the future stands in the present.</summary>
    private static bool Leaks(CsvSeries series, int horizon)
    {
        if (series.Selection.IsWhole || series.Selection.IsClassification || series.Rows <= horizon + 8) return false;
        var rows = series.Rows - horizon;
        return series.Inputs.Where(input => !input.IsFlag && input.Column != series.Selection.Target).Any(input => IsAhead(input.Values) && !IsConstant(series, input.Values));

        bool IsAhead(double[] values)
        {
            // Most columns differ within the first rows.
            var different = 0;
            for (var row = 0; row < rows; row++)
                if (!values[row].Equals(series.Target[row + horizon]) && ++different >= 0.05 * rows) return false;
            return true;
        }
    }

    private static (double Low, double High, double Mean, double Deviation) RangeOf(CsvSeries series)
    {
        var (low, high, sum, count) = (double.PositiveInfinity, double.NegativeInfinity, 0.0, 0);
        for (var row = 0; row < series.Rows; row++)
        {
            var value = series.Target[row];
            if (series.Parts[row] != RowPart.Train || double.IsNaN(value)) continue;
            (low, high, sum, count) = (Math.Min(low, value), Math.Max(high, value), sum + value, count + 1);
        }

        var mean = sum / count;
        double variance = 0;
        for (var row = 0; row < series.Rows; row++)
            if (series.Parts[row] == RowPart.Train && !double.IsNaN(series.Target[row])) variance += (series.Target[row] - mean) * (series.Target[row] - mean);
        return (low, high, mean, Math.Sqrt(variance / count));
    }

    private static double? OutsideOf(CsvSeries series, double low, double high)
    {
        var (outside, count) = (0, 0);
        for (var row = 0; row < series.Rows; row++)
        {
            if (series.Parts[row] is RowPart.Train or RowPart.Later || double.IsNaN(series.Target[row])) continue;
            count++;
            if (series.Target[row] < low || series.Target[row] > high) outside++;
        }

        return count == 0 ? null : (double)outside / count;
    }

    private static bool IsConstant(CsvSeries series, double[] values)
    {
        var first = double.NaN;
        for (var row = 0; row < values.Length; row++)
        {
            if (series.Parts[row] != RowPart.Train || double.IsNaN(values[row])) continue;
            if (double.IsNaN(first)) first = values[row];
            else if (values[row] != first) return false;
        }

        return true;
    }

    private static List<string> Duplicates(CsvSeries series)
    {
        var found = new List<string>();
        var inputs = series.Inputs.Where(input => !input.IsFlag).Take(MostCompared).ToList();
        for (var i = 1; i < inputs.Count && found.Count < MostNamed; i++)
        {
            var twin = inputs.Take(i).FirstOrDefault(other => other.Values.AsSpan().SequenceEqual(inputs[i].Values));
            if (twin is not null) found.Add($"{inputs[i].Column} = {twin.Column}");
        }

        return found;
    }

    private static List<ClassShare> ClassesOf(CsvSeries series, SequenceSets sets)
    {
        if (!series.Selection.IsClassification) return [];
        var answers = series.Selection.IsWhole
            ? Enumerable.Range(0, sets.Train.Count).Select(i => series.Target[series.Groups[sets.Train[i]].Start])
            : Enumerable.Range(0, series.Rows).Where(row => series.Parts[row] == RowPart.Train && !double.IsNaN(series.Target[row])).Select(row => series.Target[row]);
        var counts = answers.CountBy(answer => (int)answer).ToDictionary();
        var total = (double)counts.Values.Sum();
        return [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(MostNamed).Select(pair => new ClassShare(series.Classes[pair.Key], pair.Value / total))];
    }

    internal static DataTime? TimeOf(CsvSeries series)
    {
        if (series.Times is not { Length: > 1 } times) return null;
        var steps = series.Groups.SelectMany(group => Enumerable.Range(group.Start + 1, Math.Max(0, group.Count - 1)).Select(row => times[row] - times[row - 1])).ToList();
        if (steps.Count == 0) return null;
        var usual = steps.CountBy(step => step).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
        var (every, unit) = UnitOf(usual, series.IsCalendar);
        var longest = unit switch { "month" => every * 31 * 86_400, "quarter" => every * 92 * 86_400, "year" => every * 366 * 86_400, _ => usual };
        var gaps = steps.Where(step => step > 1.5 * longest).ToList();
        return new(string.Join(" ", series.Selection.Time), Text(times.Min()), Text(times.Max()), every, unit, gaps.Count, gaps.Sum(gap => (long)Math.Round(gap / longest) - 1));

        string Text(double time)
        {
            if (!series.IsCalendar) return time.ToString("R", CultureInfo.InvariantCulture);
            var moment = new DateTime((long)(time * TimeSpan.TicksPerSecond), DateTimeKind.Utc);
            return moment.ToString(moment.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        }
    }

    private static (double Every, string Unit) UnitOf(double seconds, bool isCalendar)
    {
        if (!isCalendar) return (seconds, "number");
        const double day = 86_400;
        if (seconds >= 365 * day) return (Math.Round(seconds / (365.25 * day)), "year");
        if (seconds is >= 89 * day and <= 92 * day) return (1, "quarter");
        if (seconds is >= 28 * day and < 365 * day) return (Math.Round(seconds / (30.44 * day)), "month");
        if (seconds % (7 * day) == 0) return (seconds / (7 * day), "week");
        if (seconds % day == 0) return (seconds / day, "day");
        if (seconds % 3_600 == 0) return (seconds / 3_600, "hour");
        return seconds % 60 == 0 ? (seconds / 60, "minute") : (seconds, "second");
    }
}
