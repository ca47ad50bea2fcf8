using System.Globalization;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace Harness.Experiments.Starting;

/// <summary>Reads Parquet files: plain columns of numbers, words, times and truth values.</summary>
internal static class ParquetFiles
{
    /// <summary>Rows times columns; beyond, the CSV file would be too large anyway.</summary>
    private const long MostCells = 40_000_000;

    /// <exception cref="StartRefusedException">The file is damaged, too large, or holds nothing but nested columns.</exception>
    public static SourceTable Read(SourceFile file)
    {
        try
        {
            return ReadAsync(file).GetAwaiter().GetResult();
        }
        catch (Exception problem) when (problem is not StartRefusedException and not OutOfMemoryException)
        {
            // The library throws what it meets, of many types, when a file is damaged.
            throw new StartRefusedException($"{file.Name}: the Parquet file cannot be read: {problem.Message}");
        }
    }

    private static async Task<SourceTable> ReadAsync(SourceFile file)
    {
        await using var stream = new MemoryStream(file.Content.ToArray(), writable: false);
        await using (var reader = await ParquetReader.CreateAsync(stream, leaveStreamOpen: true))
        {
            long rows = 0;
            foreach (var group in reader.RowGroups) rows += group.RowCount;
            if (rows * reader.Schema.Fields.Count > MostCells) throw new StartRefusedException(string.Create(CultureInfo.InvariantCulture, $"{file.Name} has {rows:N0} rows of {reader.Schema.Fields.Count} columns. Keep fewer of either, and write it again."));
        }

        stream.Position = 0;
        var read = await ParquetSerializer.DeserializeUntypedAsync(stream);
        string[] names = [.. read.Schema.Fields.OfType<DataField>().Where(field => !field.IsArray).Select(field => field.Name)];
        if (names.Length == 0) throw new StartRefusedException($"{file.Name} holds nested columns only, and a table needs plain ones.");
        return new(names, [.. read.Data.Select(row => names.Select(name => Text(row.TryGetValue(name, out var value) ? value : null)).ToArray())]);
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        double.NaN or float.NaN => "",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        bool truth => truth ? "1" : "0",
        byte[] bytes => System.Text.Encoding.UTF8.GetString(bytes),
        ReadOnlyMemory<byte> bytes => System.Text.Encoding.UTF8.GetString(bytes.Span),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
