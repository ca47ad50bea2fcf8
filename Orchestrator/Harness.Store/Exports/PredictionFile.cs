using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Data;

namespace Harness.Store.Exports;

/// <summary>Predictions for new rows, as the trainer's CSV or as Parquet with typed columns.</summary>
internal static class PredictionFile
{
    /// <param name="csv">The file that the trainer wrote.</param>
    /// <param name="path">Where the predictions go: Parquet if it ends with <c>.parquet</c>, else CSV; <c>-</c> is standard output.</param>
    /// <exception cref="IOException">It cannot be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public static void Write(string csv, IReadOnlyList<PredictionColumn> columns, string path)
    {
        if (Path.GetExtension(path).Equals(".parquet", StringComparison.OrdinalIgnoreCase)) Table(File.ReadAllText(csv), columns).Write(path);
        else UnfinishedFile.Write(path, target => File.Copy(csv, target));
    }

    private static ParquetTable Table(string text, IReadOnlyList<PredictionColumn> columns)
    {
        var cells = columns.Select(_ => new List<string>()).ToArray();
        var csv = new CsvText(text, ',');
        // The header.
        csv.Next();
        while (csv.Next())
            for (var i = 0; i < cells.Length; i++) cells[i].Add(csv.Value(csv.Fields[i]));
        var table = new ParquetTable();
        foreach (var (column, values) in columns.Zip(cells))
        {
            switch (column.Kind)
            {
                case PredictionKind.Row:
                    table.Add<long>(column.Name, [.. values.Select(value => value.Length == 0 ? (long?)null : long.Parse(value, CultureInfo.InvariantCulture))]);
                    break;
                case PredictionKind.Number:
                    table.Add<double>(column.Name, [.. values.Select(value => value.Length == 0 ? (double?)null : double.Parse(value, CultureInfo.InvariantCulture))]);
                    break;
                default:
                    table.Add(column.Name, values);
                    break;
            }
        }

        return table;
    }
}
