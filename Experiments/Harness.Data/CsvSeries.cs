using System.Globalization;
using System.Text.RegularExpressions;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>What of a CSV file is read.</summary>
/// <param name="Separator"><c>comma</c>, <c>semicolon</c>, <c>tab</c>, or <c>detect</c>.</param>
/// <param name="Columns">The inputs, in this order; null for every column (without the target, when that is a class).</param>
/// <param name="Target">The column that is asked for.</param>
/// <param name="IsClassification">Whether the target's values are classes rather than numbers.</param>
public sealed record CsvSelection(string Separator, IReadOnlyList<string>? Columns, string Target, bool IsClassification);

/// <summary>The wanted columns of a CSV file as numbers: header required, numbers with digits, point and exponent, nothing missing.</summary>
public sealed class CsvSeries
{
    // Both take linear time: a time limit would hit a busy machine, not a bad file.
    /// <summary>1,234 and 1,234.5; of one group alone it cannot be told from a decimal comma.</summary>
    private static readonly Regex thousands = new(@"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    private static readonly Regex decimalComma = new(@"^[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>More classes than this are numbers, most probably.</summary>
    public const int MostClasses = 1_000;

    private static readonly string[] missing = ["NA", "N/A", "null", "none", "?", "-", "."];

    private readonly string name;
    private readonly CsvSelection selection;
    private readonly IList<DataProblem> problems;

    private CsvSeries(string name, CsvSelection selection, IList<DataProblem> problems) => (this.name, this.selection, this.problems) = (name, selection, problems);

    /// <summary>The word of the separator that was used.</summary>
    public string Separator { get; private set; } = "";

    /// <summary>The inputs' names, in order.</summary>
    public IReadOnlyList<string> Columns { get; private set; } = [];

    public int Rows { get; private set; }

    /// <summary>The inputs: one list of values per column, one value per row.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Inputs { get; private set; } = [];

    /// <summary>The target's values, one per row; for classes their numbers in order of first appearance.</summary>
    public IReadOnlyList<double> Target { get; private set; } = [];

    /// <summary>The classes in order of first appearance; empty for numbers.</summary>
    public IReadOnlyList<string> Classes { get; private set; } = [];

    /// <summary>Reads a file; null, and problems, when it cannot be used.</summary>
    /// <param name="name">What messages call the file.</param>
    public static CsvSeries? Read(ReadOnlySpan<byte> bytes, string name, CsvSelection selection, IList<DataProblem> problems)
    {
        if (DataText.Decode(bytes, name, problems) is not { } text) return null;
        var series = new CsvSeries(name, selection, problems);
        return series.Read(text) ? series : null;
    }

    private bool Read(string text)
    {
        var separator = selection.Separator switch { "comma" => ',', "semicolon" => ';', "tab" => '\t', _ => CsvText.DetectSeparator(text) };
        Separator = separator switch { ',' => "comma", ';' => "semicolon", _ => "tab" };
        var csv = new CsvText(text, separator);
        if (!csv.Next()) return Malformed(csv.Fault ?? new(1, 1, "there is no header"));
        if (Header(csv) is not { } header) return false;
        if (Find(header, selection.Target, "target") is not { } target) return false;

        Columns = selection.Columns ?? [.. header.Where(column => !selection.IsClassification || column != selection.Target)];
        var chosen = Columns.Select(column => Find(header, column, "columns")).OfType<int>().ToArray();
        if (chosen.Length < Columns.Count) return false;
        if (chosen.Length == 0) return Refuse(DiagnosticCodes.UnknownColumn, "columns", $"{name} has no column beside the target to learn from");
        return ReadRows(csv, header, chosen, target);
    }

    private string[]? Header(CsvText csv)
    {
        string[] header = [.. csv.Fields.Select(field => csv.Value(field).Trim())];
        for (var i = 0; i < header.Length; i++)
        {
            var field = csv.Fields[i];
            var fault = header[i].Length == 0 ? "a column without a name"
                : Array.IndexOf(header, header[i]) < i ? $"a second column \"{ShortText.Of(header[i])}\""
                : header.All(word => NumberType.TryRead(word, out _)) ? "the first line holds numbers, not the names of the columns"
                : null;
            if (fault is null) continue;
            Malformed(new(field.Line, field.Column, fault));
            return null;
        }

        return header;
    }

    private int? Find(string[] header, string column, string setting)
    {
        var at = Array.IndexOf(header, column);
        if (at >= 0) return at;
        var near = EditDistance.Nearest(column, header);
        Refuse(DiagnosticCodes.UnknownColumn, setting, $"{name}:1:1: there is no column \"{ShortText.Of(column)}\"",
            near is null ? ShortText.Of($"one of: {string.Join(", ", header)}") : null, near is null ? null : $"did you mean \"{near}\"?");
        return null;
    }

    private bool ReadRows(CsvText csv, string[] header, int[] chosen, int target)
    {
        var inputs = Array.ConvertAll(chosen, _ => new List<double>());
        var answers = new List<double>();
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        var known = classes.GetAlternateLookup<ReadOnlySpan<char>>();
        var bad = 0;
        while (csv.Next())
        {
            if (csv.Fields.Count != header.Length)
            {
                var (field, count) = (csv.Fields[^1], csv.Fields.Count);
                return Malformed(new(field.Line, field.Column, $"this row has {Fields(count)}, the header {Fields(header.Length)}"));
            }

            for (var i = 0; i < chosen.Length; i++) inputs[i].Add(Number(csv, header, chosen[i], "columns", ref bad));
            if (!selection.IsClassification)
            {
                answers.Add(Number(csv, header, target, "target", ref bad));
                continue;
            }

            var field2 = csv.Fields[target];
            var word = csv.Raw(field2).Trim();
            if (word.IsEmpty) BadCell(field2, header[target], "is empty", "target", ref bad);
            if (!known.TryGetValue(word, out var number))
            {
                if (classes.Count == MostClasses)
                    return Refuse(DiagnosticCodes.DegenerateData, "target", $"{At(field2)}: column \"{ShortText.Of(header[target])}\" has more than {MostClasses:N0} classes", null, "for numbers: problem: forecast");
                known[word] = number = classes.Count;
            }

            answers.Add(number);
        }

        if (csv.Fault is { } fault) return Malformed(fault);
        if (bad > 0)
        {
            if (bad > 1) problems[^1] = problems[^1] with { Message = string.Create(CultureInfo.InvariantCulture, $"{problems[^1].Message} (the first of {bad:N0} such cells)") };
            return false;
        }

        (Rows, Inputs, Target, Classes) = (answers.Count, inputs, answers, [.. classes.Keys]);
        return true;
    }

    /// <summary>The number in a cell; NaN, and once a problem, when there is none.</summary>
    private double Number(CsvText csv, string[] header, int column, string setting, ref int bad)
    {
        var field = csv.Fields[column];
        var word = csv.Raw(field).Trim();
        if (NumberType.TryRead(word, out var number)) return number;
        var said = word.IsEmpty ? "is empty" : $"holds \"{ShortText.Of(word.ToString())}\", which is not a number";
        BadCell(field, header[column], said, setting, ref bad, AdviceOn(word));
        return double.NaN;
    }

    private string? AdviceOn(ReadOnlySpan<char> word)
    {
        if (word.IsEmpty || missing.Contains(word.ToString(), StringComparer.OrdinalIgnoreCase) || double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            return "every cell needs a value; fill gaps or leave the rows out";
        if (thousands.IsMatch(word)) return "write decimals with a point, and no thousands separators";
        if (decimalComma.IsMatch(word)) return $"write decimals with a point: {word.ToString().Replace(',', '.')}";
        var columns = selection.Columns is null ? $": columns: [{ShortText.Of(selection.Target)}, ...]" : "";
        if (DateTime.TryParse(word, CultureInfo.InvariantCulture, out _)) return $"a date is no input; name the columns that hold numbers{columns}";
        return selection.Columns is null ? $"not every column holds numbers; name those that do{columns}" : null;
    }

    private void BadCell(CsvField field, string column, string said, string setting, ref int bad, string? suggestion = null)
    {
        if (bad++ == 0) Refuse(DiagnosticCodes.BadCell, setting, $"{At(field)}: column \"{ShortText.Of(column)}\" {said}", null, suggestion);
    }

    private bool Malformed(CsvFault fault) =>
        Refuse(DiagnosticCodes.MalformedData, "file", string.Create(CultureInfo.InvariantCulture, $"{name}:{fault.Line}:{fault.Column}: {fault.Message}"), "CSV with a header and rows of equal length");

    private bool Refuse(string code, string setting, string message, string? expected = null, string? suggestion = null)
    {
        problems.Add(new(code, setting, message, expected, suggestion));
        return false;
    }

    private string At(CsvField field) => string.Create(CultureInfo.InvariantCulture, $"{name}:{field.Line}:{field.Column}");

    private static string Fields(int count) => count == 1 ? "1 field" : string.Create(CultureInfo.InvariantCulture, $"{count} fields");
}
