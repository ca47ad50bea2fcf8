using System.Globalization;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>The order in which rows are read: series by series as these first appear, each in order of time.</summary>
internal sealed class RowOrder
{
    private readonly int[]? sources;

    private RowOrder(int[]? sources, IReadOnlyList<RowGroup> groups) => (this.sources, Groups) = (sources, groups);

    public IReadOnlyList<RowGroup> Groups { get; }

    /// <summary>The times in this order; null without a time column.</summary>
    public double[]? Times { get; private set; }

    /// <summary>Whether a series was not in order of time in the file.</summary>
    public bool WasSorted { get; private set; }

    /// <summary>The row of the file that is a row of this order.</summary>
    public int Source(int row) => sources is null ? row : sources[row];

    public T[] Apply<T>(T[] values) => sources is null ? values : Array.ConvertAll(sources, row => values[row]);

    /// <summary>Null, and problems, where times cannot be told apart.</summary>
    public static RowOrder? Of(CsvTable table, CsvSelection selection, string name, IList<DataProblem> problems)
    {
        var rows = table.Lines.Count;
        int[]? sources = null;
        IReadOnlyList<RowGroup> groups = [new("", 0, rows)];
        if (selection.Group is { } column)
        {
            var words = table[column].Words;
            sources = [.. Enumerable.Range(0, rows).OrderBy(row => words[row])];
            groups = [.. sources.Select((row, at) => (Word: words[row], At: at)).GroupBy(pair => pair.Word).Select(group => new RowGroup(table[column].Vocabulary[group.Key], group.First().At, group.Last().At + 1))];
        }

        if (table.Times is null) return new(sources, groups);
        if (table.Times.Resolve() is not { } times)
        {
            problems.Add(new(DiagnosticCodes.BadCell, "time", $"{name}: the dates of \"{ShortText.Of(string.Join(", ", selection.Time))}\" have day and month in more than one order", "one order of day and month, or 2016-07-01"));
            return null;
        }

        table.Times.Release();
        sources ??= [.. Enumerable.Range(0, rows)];
        var wasSorted = false;
        foreach (var group in groups)
        {
            var span = sources.AsSpan(group.Start, group.Count);
            if (!IsRising(span, times))
            {
                wasSorted = true;
                // By row where times are equal, so that the order is one alone.
                int[] sorted = [.. span.ToArray().OrderBy(row => times[row]).ThenBy(row => row)];
                sorted.CopyTo(span);
            }

            for (var i = 1; i < span.Length; i++)
            {
                if (times[span[i]] > times[span[i - 1]]) continue;
                var series = group.Name.Length > 0 ? $" in series \"{ShortText.Of(group.Name)}\"" : "";
                problems.Add(new(DiagnosticCodes.BadCell, "time", string.Create(CultureInfo.InvariantCulture, $"{name}:{table.Lines[span[i]]}:1: the time of this row is that of line {table.Lines[span[i - 1]]}{series}"),
                    "one row for each time of a series", selection.Group is null ? "if the file holds several series, name the column that tells them apart: group" : "keep one of the rows"));
                return null;
            }
        }

        // Rows that stand in order already need no copy of every column.
        if (selection.Group is null && !wasSorted) return new(null, groups) { Times = times };
        return new(sources, groups) { Times = Array.ConvertAll(sources, row => times[row]), WasSorted = wasSorted };
    }

    private static bool IsRising(ReadOnlySpan<int> rows, double[] times)
    {
        for (var i = 1; i < rows.Length; i++)
            if (!(times[rows[i]] > times[rows[i - 1]])) return false;
        return true;
    }
}
