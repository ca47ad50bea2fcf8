using System.Globalization;
using System.Text;
using Harness.Reports.Figures;
using Harness.Reports.Model;

namespace Harness.Reports.Exports;

/// <summary>The numbers of a figure as a tidy table (RFC 4180, UTF-8): one number a line, in the units of the axes.</summary>
internal static class FigureCsv
{
    public static string Write(FigureModel figure)
    {
        var text = new StringBuilder("panel,kind,series,seed,x,y,low,high,value\r\n");
        foreach (var panel in figure.Panels) Panel(text, panel);
        return text.ToString();
    }

    private static void Panel(StringBuilder text, FigurePanel panel)
    {
        var drawing = panel.Drawing;
        foreach (var series in drawing.Series)
        {
            if (series.Numbers is not { } measured) continue;
            foreach (var number in measured())
                Line(text, panel.Title, number.Kind, PanelNumbers.NameOf(panel, series), Seed(number.Seed), Number(number.X), Number(number.Y), Number(number.Low), Number(number.High), "");
        }

        foreach (var line in PanelNumbers.Lines(panel, series => series.Numbers is null))
        {
            for (var i = 0; i < line.X.Count; i++)
                Line(text, panel.Title, line.Kind, line.Name, Seed(line.Seed), Number(line.X[i]), line.RowNames?[i] ?? Number(line.Y[i]), Number(line.Low?[i]), Number(line.High?[i]), "");
        }

        foreach (var line in drawing.References) Line(text, panel.Title, "reference", line.Label, "", "", Number(drawing.Y.ValueOf(line.At)), "", "", "");
        if (drawing.Image is { } image) Cells(text, panel.Title, drawing, image);
    }

    /// <summary>Rows without a scale are numbered from the top, as the drawing names them.</summary>
    private static void Cells(StringBuilder text, string panel, Panel drawing, PanelImage image)
    {
        for (var row = image.Rows - 1; row >= 0; row--)
        {
            for (var column = 0; column < image.Columns; column++)
            {
                if (image.ValueAt(column, row) is var value && double.IsNaN(value)) continue;
                var y = drawing.Y.Ticks.Count == 0 ? image.Rows - row : drawing.Y.Minimum + (drawing.Y.Maximum - drawing.Y.Minimum) * row / image.Rows;
                Line(text, panel, "cell", "", "", Number(drawing.X.ValueOf(drawing.X.Minimum + (drawing.X.Maximum - drawing.X.Minimum) * column / image.Columns)), Number(y), "", "", Number(value));
            }
        }
    }

    private static void Line(StringBuilder text, params ReadOnlySpan<string> cells)
    {
        for (var i = 0; i < cells.Length; i++) text.Append(i == 0 ? "" : ",").Append(Quoted(cells[i]));
        text.Append("\r\n");
    }

    private static string Seed(long? seed) => seed?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>Nine digits tell every float32 from its neighbours: what was stored can be read back.</summary>
    private static string Number(double? value) => value is not { } number ? "" : number.ToString("G9", CultureInfo.InvariantCulture);

    /// <summary>A name that a spreadsheet would take for a formula is marked as text.</summary>
    private static string Quoted(string cell)
    {
        if (cell.Length > 0 && "=+-@\t\r".Contains(cell[0], StringComparison.Ordinal) && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) cell = "'" + cell;
        return cell.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }
}
