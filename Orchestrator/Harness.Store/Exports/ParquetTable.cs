using Parquet;
using Parquet.Schema;

namespace Harness.Store.Exports;

/// <summary>Columns of equal length, written as one Parquet file.</summary>
internal sealed class ParquetTable
{
    /// <summary>Rows that readers can skip together.</summary>
    private const int GroupRows = 1_000_000;

    private readonly List<(DataField Field, Func<ParquetRowGroupWriter, int, int, Task> Write, int Count)> columns = [];

    public void Add(string name, IReadOnlyList<string?> values)
    {
        var field = new DataField(name, typeof(string), isNullable: true);
        columns.Add((field, async (group, first, count) => await group.WriteAsync(field, [.. values.Skip(first).Take(count)]), values.Count));
    }

    /// <summary>A column of numbers or truth values; null is absent.</summary>
    public void Add<T>(string name, T?[] values)
        where T : struct
    {
        var field = new DataField(name, typeof(T), isNullable: true);
        columns.Add((field, async (group, first, count) => await group.WriteAsync<T>(field, new ReadOnlyMemory<T?>(values, first, count)), values.Length));
    }

    /// <summary>A column of numbers, all there.</summary>
    public void Add<T>(string name, T[] values)
        where T : struct
    {
        var field = new DataField(name, typeof(T), isNullable: false);
        columns.Add((field, async (group, first, count) => await group.WriteAsync(field, new ReadOnlyMemory<T>(values, first, count)), values.Length));
    }

    public void Write(string path) => UnfinishedFile.Write(path, file => WriteWhole(file).GetAwaiter().GetResult());

    private async Task WriteWhole(string path)
    {
        var rows = columns.Count == 0 ? 0 : columns[0].Count;
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(columns.Select(column => column.Field)), file);
        for (var first = 0; first == 0 || first < rows; first += GroupRows)
        {
            using var group = writer.CreateRowGroup();
            foreach (var column in columns) await column.Write(group, first, Math.Min(GroupRows, rows - first));
        }
    }
}
