using System.Text;

namespace Harness.Orchestrator.Cli;

/// <summary>Plain columns, as wide as what is in them.</summary>
internal static class TextTable
{
    /// <summary>A line of headings and one per row; nothing when there is no row.</summary>
    public static string Of(string[] headings, IEnumerable<string[]> rows)
    {
        string[][] lines = [headings, .. rows.Select(row => row.Select(Terminal.Printable).ToArray())];
        if (lines.Length == 1) return "";
        var widths = Enumerable.Range(0, headings.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var line in lines) text.AppendLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return text.ToString();
    }
}
