using System.Text;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Reports.Exports;

/// <summary>A table of the report as a <c>tabular</c> of booktabs: its rows as the page has them, numbers aligned right.</summary>
internal static class LatexTable
{
    public static string Write(Table table, Texts texts)
    {
        var text = new StringBuilder("% needs \\usepackage{booktabs}\n");
        text.Append("\\begin{tabular}{@{}").Append(string.Concat(table.Columns.Select(column => column.Numeric ? 'r' : 'l'))).Append("@{}}\n  \\toprule\n");
        Row(text, table.Columns.Select(column => Latex.Escape(column.Name)));
        if (table.Columns.Any(column => column.Hint is not null)) Row(text, table.Columns.Select(column => column.Hint is { } hint ? $"{{\\footnotesize {Latex.Escape(hint)}}}" : ""));
        text.Append("  \\midrule\n");
        foreach (var row in table.Rows) Row(text, row.Cells.Select(cell => Cell(cell, texts)));
        return text.Append("  \\bottomrule\n\\end{tabular}\n").ToString();
    }

    private static string Cell(TableCell cell, Texts texts) =>
        (cell.IsBest ? $"{Latex.Escape(texts.BestMark)} " : "") + Latex.Escape(cell.Text) + (cell.Detail is { } detail ? $" ({Latex.Escape(detail)})" : "");

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("  ").AppendJoin(" & ", cells).Append(" \\\\\n");
}
