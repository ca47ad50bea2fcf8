using Harness.Data;

namespace Harness.Experiments.Starting;

/// <summary>What a file was taken for.</summary>
/// <param name="Kind">In words.</param>
internal sealed record ReadSource(string Kind)
{
    /// <summary>The text, or the CSV that the file became.</summary>
    public string Text { get; init; } = "";

    public string Encoding { get; init; } = DataText.Detect;

    /// <summary>Whether <see cref="Text"/> is not the file's own.</summary>
    public bool IsConverted { get; init; }

    public bool IsProse { get; init; }

    public SourceSeries? Series { get; init; }

    /// <summary>The column that tells series apart, where that is known beforehand.</summary>
    public string? Group { get; init; }

    /// <summary>Why the text is no table.</summary>
    public string Fault { get; init; } = "this is no table";

    public CsvProfile? Profile
    {
        get => field ??= CsvProfile.Of(DecodedText.Of(Text));
        init;
    }

    /// <summary>The table cell by cell, with names for columns that have none.</summary>
    public SourceTable Cut()
    {
        var profile = Profile ?? throw new StartRefusedException(Fault);
        var csv = new CsvText(Text, profile.Separator);
        var rows = new List<string[]>();
        while (csv.Next())
            if (csv.Fields.Any(field => !csv.Raw(field).IsWhiteSpace())) rows.Add([.. csv.Fields.Select(field => csv.Value(field).Trim())]);
        return new([.. profile.Columns.Select(column => column.Name)], profile.HasNoHeader ? rows : rows[1..]);
    }
}

/// <summary>Finds out what kind of file somebody brings.</summary>
internal static class SourceReader
{
    /// <summary>Whether a file's name says that it is a table of lines.</summary>
    public static bool IsTable(string name) => tables.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static readonly string[] tables = [".csv", ".tsv", ".tab", ".dat", ".data", ".psv"];

    public static ReadSource Read(SourceFile file) => Read(file, needsAnswers: true);

    /// <param name="needsAnswers">Whether series without a class are refused.</param>
    public static ReadSource Read(SourceFile file, bool needsAnswers)
    {
        var bytes = file.Content.Span;
        if (bytes.IsEmpty) throw new StartRefusedException($"{file.Name} is empty.");
        if (DataText.IsParquet(bytes)) return new("Parquet, written as CSV") { Text = ParquetFiles.Read(file).ToCsv(), IsConverted = true };
        if (Path.GetExtension(file.Name).Equals(".parquet", StringComparison.OrdinalIgnoreCase)) throw new StartRefusedException($"{file.Name} does not begin and end as a Parquet file does. Copy it again: part of it may be missing.");
        if (bytes.StartsWith("PK\u0003\u0004"u8)) throw new StartRefusedException($"{file.Name} is a zip archive or a spreadsheet. Unpack it; from a spreadsheet, save the sheet as CSV.");
        var (text, encoding) = Decode(file);
        var extension = Path.GetExtension(file.Name).ToUpperInvariant();
        if (extension == ".TS" || (extension != ".ARFF" && text.Contains("@problemName", StringComparison.OrdinalIgnoreCase) && text.Contains("@data", StringComparison.OrdinalIgnoreCase)))
            return new("series of a .ts file") { Series = ArchiveFiles.ReadTs(text, file.Name, needsAnswers) };
        if (extension == ".ARFF")
        {
            var (table, series) = ArchiveFiles.ReadArff(text, file.Name);
            return new("ARFF, written as CSV") { Text = table?.ToCsv() ?? "", Series = series, IsConverted = true };
        }

        if (extension is ".JSONL" or ".NDJSON" or ".JSON") return new("JSON, written as CSV") { Text = JsonLines.Read(text, file.Name).ToCsv(), IsConverted = true };
        return OfText(file, text, encoding);
    }

    private static ReadSource OfText(SourceFile file, string text, string encoding)
    {
        var isTable = IsTable(file.Name);
        var profile = CsvProfile.Of(DecodedText.Of(text));
        if (profile is null || (!isTable && !LooksLikeTable(profile)))
        {
            if (isTable) return new("a table") { Text = text, Encoding = encoding, Fault = Fault(text) };
            return new($"plain text, {Name(encoding, file)}") { Text = text, Encoding = encoding, IsProse = true };
        }

        var kind = $"CSV, {profile.SeparatorWord}, {Name(encoding, file)}{(profile.HasDecimalComma ? ", decimal comma" : "")}{(profile.HasThousands ? ", digits in groups" : "")}";
        var source = new ReadSource(kind) { Text = text, Encoding = encoding, Profile = profile };
        return profile.HasNoHeader && ArchiveFiles.OfRows(source.Cut().Rows, file.Name) is { } series ? source with { Series = series } : source;
    }

    private static bool LooksLikeTable(CsvProfile profile) =>
        profile.Rows >= 8 && (profile.Columns.Count > 1 ? profile.Columns.Any(column => column.IsNumeric) : profile.Columns[0].IsNumeric);

    private static string Fault(string text)
    {
        var csv = new CsvText(text, CsvText.DetectSeparator(text));
        if (!csv.Next()) return csv.Fault is { } first ? FormattableString.Invariant($"line {first.Line}: {first.Message}.") : "there is no header.";
        var fields = csv.Fields.Count;
        while (csv.Next())
            if (csv.Fields.Count != fields) return FormattableString.Invariant($"line {csv.Fields[0].Line} has {csv.Fields.Count} fields, the first line {fields}. Every row needs as many fields as the header; a title or notes above the header must go.");
        return csv.Fault is { } fault ? FormattableString.Invariant($"line {fault.Line}: {fault.Message}.") : "there are no rows below the header.";
    }

    private static (string Text, string Encoding) Decode(SourceFile file)
    {
        var bytes = file.Content.Span;
        foreach (var encoding in new[] { DataText.Detect, "utf-16", "latin-1" })
        {
            if (encoding == "utf-16" && !DataText.LooksLikeUtf16(bytes)) continue;
            if (DataText.Decode(file.Content, file.Name, [], encoding) is { } text) return (text, encoding);
        }

        throw new StartRefusedException($"{file.Name} is no text and no Parquet file. What can be read: {ExperimentStart.Formats}.");
    }

    private static string Name(string encoding, SourceFile file) => encoding switch
    {
        "latin-1" => "Latin-1 (Windows-1252)",
        "utf-16" => "UTF-16",
        _ => file.Content.Span.StartsWith<byte>([0xFF, 0xFE]) || file.Content.Span.StartsWith<byte>([0xFE, 0xFF]) ? "UTF-16" : "UTF-8",
    };
}
