using System.Text;
using Harness.Data;

namespace Harness.Experiments.Starting;

/// <summary>New rows for a trained model, in any format that <see cref="ExperimentStart"/> reads.</summary>
public static class NewRows
{
    private const int HeadBytes = 1 << 18;

    private static readonly string[] others = [".ts", ".arff", ".json", ".jsonl", ".ndjson", ".parquet"];

    /// <summary>
    /// What a file becomes as CSV, with the columns that it had when <c>harness new</c> made an experiment of such a file. Whole series are laid out
    /// one row per step, named <c>1</c>, <c>2</c>, … in their order, without parts.
    /// </summary>
    /// <returns>UTF-8 with a header; null for a CSV file or a text, which trainers read as they are.</returns>
    /// <exception cref="StartRefusedException">The file cannot be read; with line and cure.</exception>
    public static byte[]? AsCsv(SourceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!NeedsReading(file)) return null;
        var source = SourceReader.Read(file, needsAnswers: false);
        if (source.Series is { } series) return Encoding.UTF8.GetBytes(SeriesParts.TableOfNew(series).ToCsv());
        return source.IsConverted ? Encoding.UTF8.GetBytes(source.Text) : null;
    }

    /// <summary>Whether the file could be anything but CSV with a header, or a text: a whole one is not decoded to find that out.</summary>
    private static bool NeedsReading(SourceFile file)
    {
        var bytes = file.Content;
        if (DataText.IsParquet(bytes.Span) || bytes.Span.StartsWith("PK\u0003\u0004"u8) || others.Contains(Path.GetExtension(file.Name), StringComparer.OrdinalIgnoreCase)) return true;
        var beginning = bytes.Span[..Math.Min(bytes.Length, HeadBytes)];
        // Half a row has too few fields for a table.
        if (bytes.Length > HeadBytes && beginning.LastIndexOf((byte)'\n') is >= 0 and var end) beginning = beginning[..(end + 1)];
        var head = DecodedText.Of(Encoding.Latin1.GetString(beginning));
        return CsvProfile.Of(head) is { HasNoHeader: true } || head.ToString().Contains("@problemName", StringComparison.OrdinalIgnoreCase);
    }
}
