using System.Text;

namespace Harness.Experiments.Starting;

/// <summary>A table that was read from a file in another format than CSV, to be written as CSV.</summary>
/// <param name="Names">The columns.</param>
/// <param name="Rows">The cells as text; a missing value is empty.</param>
internal sealed record SourceTable(IReadOnlyList<string> Names, IReadOnlyList<string[]> Rows)
{
    /// <summary>The table as CSV (RFC 4180) with commas, lines ending with LF.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder();
        Append(text, Names);
        foreach (var row in Rows) Append(text, row);
        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<string> cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0) text.Append(',');
            if (cells[i].AsSpan().ContainsAny(",\"\r\n")) text.Append('"').Append(cells[i].Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            else text.Append(cells[i]);
        }

        text.Append('\n');
    }
}

/// <summary>Series that each have one answer, as archives of time series keep them.</summary>
/// <param name="Channels">The names of a step's values.</param>
internal sealed record SourceSeries(IReadOnlyList<string> Channels, IReadOnlyList<LabelledSeries> Series)
{
    /// <summary>Whether the answers are numbers rather than classes.</summary>
    public bool IsRegression { get; init; }
}

/// <param name="Label">Its answer.</param>
/// <param name="Channels">[channel][step], as text; a missing value is empty.</param>
internal sealed record LabelledSeries(string Label, string[][] Channels)
{
    public int Steps => Channels.Max(channel => channel.Length);
}
