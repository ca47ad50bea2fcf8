using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>The wanted columns of a CSV file, row by row as they stand in it; says everything that cannot be used at once.</summary>
internal sealed class CsvTable
{
    /// <summary>More classes than this are numbers, most probably.</summary>
    public const int MostClasses = 1_000;

    /// <summary>Columns that are named when several cannot be used.</summary>
    private const int MostNamed = 12;

    private readonly string name;
    private readonly CsvSelection selection;
    private readonly IList<DataProblem> problems;
    private readonly MissingMarks missing;
    private readonly NumberStyle style;
    private readonly List<CsvColumn> columns = [];
    private string[] header = [];

    public CsvTable(string name, CsvSelection selection, IList<DataProblem> problems)
    {
        (this.name, this.selection, this.problems) = (name, selection, problems);
        missing = new(selection.MissingValues, selection.Missing != MissingRule.Refuse);
        style = new(selection.HasDecimalComma, selection.HasThousands);
    }

    public string Separator { get; private set; } = "";

    /// <summary>The names of the inputs, in order.</summary>
    public IReadOnlyList<string> Inputs { get; private set; } = [];

    /// <summary>The line of the file on which each row begins, from 1.</summary>
    public GrowingList<int> Lines { get; } = new();

    /// <summary>The time of each row; null where no column holds it.</summary>
    public TimeText? Times { get; private set; }

    /// <summary>Drops the rows, when what is wanted of them has been copied.</summary>
    public void Release()
    {
        foreach (var column in columns) column.Release();
        Lines.Clear();
        Times?.Release();
    }

    public CsvColumn this[string column] => columns.First(known => known.Name == column);

    /// <summary>Reads all rows; false, and problems, when something cannot be used.</summary>
    public bool Read(DecodedText text)
    {
        var separator = selection.Separator switch { "comma" => ',', "semicolon" => ';', "tab" => '\t', "pipe" => '|', "space" => ' ', _ => CsvText.DetectSeparator(text) };
        Separator = WordOf(separator);
        var csv = new CsvText(text, separator);
        if (!csv.Next()) return Malformed(csv.Fault ?? new(1, 1, "there is no header"));
        if (!ReadHeader(csv)) return false;
        if (Choose(selection.Target, "target") is not { } target) return false;
        (target.IsNumber, target.IsWord, target.MostWords) = (!selection.IsClassification, selection.IsClassification, MostClasses);

        Inputs = selection.Columns ?? [.. header.Where(IsInput)];
        var chosen = Inputs.Select(column => Choose(column, "columns")).ToList();
        foreach (var column in chosen.OfType<CsvColumn>())
        {
            if (selection.Categorical.Contains(column.Name, StringComparer.Ordinal)) column.IsWord = true;
            else column.IsNumber = true;
        }

        var (group, part) = (Word(selection.Group, "group"), Word(selection.Part, "part"));
        var time = selection.Time.Select(column => Choose(column, "time", isRead: false)).ToList();
        if (problems.Count > 0) return false;
        if (Inputs.Count == 0) return Refuse(DiagnosticCodes.UnknownColumn, "columns", $"{name} has no column beside the target to learn from");
        if (selection.Categorical.FirstOrDefault(column => !Inputs.Contains(column, StringComparer.Ordinal)) is { } stray)
            return Refuse(DiagnosticCodes.UnknownColumn, "categorical", $"{name}:1:1: \"{ShortText.Of(stray)}\" is not among the inputs", "columns that are inputs");
        if (time.Count > 0) Times = new TimeText();
        return ReadRows(csv, [.. time.OfType<CsvColumn>().Select(column => column.At)]);

        CsvColumn? Word(string? column, string setting)
        {
            if (column is null || Choose(column, setting) is not { } found) return null;
            found.IsWord = true;
            return found;
        }
    }

    private static string WordOf(char separator) => separator switch { ',' => "comma", ';' => "semicolon", '|' => "pipe", ' ' => "space", _ => "tab" };

    /// <summary>Whether a column is an input when none are named: it has a name and no other role.</summary>
    private bool IsInput(string column) =>
        column.Length > 0 && !selection.Time.Contains(column, StringComparer.Ordinal) && column != selection.Group && column != selection.Part
        && (column != selection.Target || (!selection.IsClassification && !selection.IsWhole));

    private bool ReadHeader(CsvText csv)
    {
        header = [.. csv.Fields.Select(field => csv.Value(field).Trim())];
        if (header.All(word => NumberType.TryRead(word, out _))) return At(0, "the first line holds numbers, not the names of the columns");
        for (var i = 0; i < header.Length; i++)
            if (header[i].Length > 0 && Array.IndexOf(header, header[i]) < i) return At(i, $"a second column \"{ShortText.Of(header[i])}\"");
        return true;

        bool At(int column, string fault) => Malformed(new(csv.Fields[column].Line, csv.Fields[column].Column, fault));
    }

    private CsvColumn? Choose(string column, string setting, bool isRead = true)
    {
        var at = Array.IndexOf(header, column);
        if (at < 0 || column.Length == 0)
        {
            var near = EditDistance.Nearest(column, header);
            Refuse(DiagnosticCodes.UnknownColumn, setting, $"{name}:1:1: there is no column \"{ShortText.Of(column)}\"",
                near is null ? ShortText.Of($"one of: {string.Join(", ", header)}") : null, near is null ? null : $"did you mean \"{near}\"?");
            return null;
        }

        if (columns.Find(known => known.At == at) is { } known) return known;
        var chosen = new CsvColumn(column, at, setting);
        if (isRead) columns.Add(chosen);
        return chosen;
    }

    private bool ReadRows(CsvText csv, int[] time)
    {
        List<(CsvField[] Fields, int Line)> empty = [];
        while (csv.Next())
        {
            // Rows of separators alone are what spreadsheets leave at the end; between other rows they are missing values.
            if (header.Length > 1 && csv.IsBlank)
            {
                // The next record takes their place in memory; they hold nothing that is asked for.
                if (csv.Fields.Count == header.Length) empty.Add(([.. csv.Fields.Select(field => field with { Start = 0, End = 0 })], csv.Fields[0].Line));
                continue;
            }

            foreach (var (fields, line) in empty) Row(csv, fields, line, time);
            empty.Clear();
            if (csv.Fields.Count != header.Length)
            {
                var (field, count) = (csv.Fields[^1], csv.Fields.Count);
                return Malformed(new(field.Line, field.Column, $"this row has {Fields(count)}, the header {Fields(header.Length)}"));
            }

            if (!Row(csv, csv.Fields, csv.Fields[0].Line, time)) return false;
        }

        if (csv.Fault is { } fault) return Malformed(fault);
        return Report();
    }

    private bool Row(CsvText csv, IReadOnlyList<CsvField> fields, int line, int[] time)
    {
        Lines.Add(line);
        foreach (var column in columns)
        {
            var field = fields[column.At];
            var cell = csv.Raw(field).Trim();
            var number = double.NaN;
            var isMissing = missing.Hold(cell);
            var isNumber = column.IsNumber && !isMissing && style.TryRead(cell, out number);
            if (isNumber && missing.Hold(number)) (isMissing, isNumber) = (true, false);
            if (isMissing ? selection.Missing == MissingRule.Refuse || IsKey(column) : column.IsNumber && !isNumber) Bad(column, field, cell);
            if (column.IsNumber) column.Values.Add(isNumber ? number : double.NaN);
            if (!column.IsWord) continue;
            var place = isMissing ? -1 : column.PlaceOf(field.IsEscaped ? csv.Value(field).AsSpan().Trim() : cell);
            if (place < 0 && !isMissing)
                return Refuse(DiagnosticCodes.DegenerateData, "target", $"{At(field)}: column \"{ShortText.Of(column.Name)}\" has more than {MostClasses:N0} classes", null, "for numbers: problem: forecast");
            column.Words.Add(place);
        }

        return Times is null || ReadTime(csv, fields, time);
    }

    private bool ReadTime(CsvText csv, IReadOnlyList<CsvField> fields, int[] time)
    {
        var text = time.Length == 1 ? csv.Raw(fields[time[0]]).ToString() : string.Join(' ', time.Select(at => csv.Raw(fields[at]).Trim().ToString()));
        return Times!.Add(text) || Refuse(DiagnosticCodes.BadCell, "time", $"{At(fields[time[0]])}: \"{ShortText.Of(text)}\" is not a time{(Times.Count > 0 ? " like those before it" : "")}", "times such as 2016-07-01 13:00, 2016-07, 1.7.2016 or 20160701, or rising numbers");
    }

    /// <summary>Series and part are never guessed.</summary>
    private bool IsKey(CsvColumn column) => column.Name == selection.Group || column.Name == selection.Part;

    private static void Bad(CsvColumn column, CsvField field, ReadOnlySpan<char> cell)
    {
        if (column.Bad++ > 0) return;
        (column.FirstBad, column.FirstWord) = (field, cell.ToString());
    }

    /// <summary>One problem for all columns that cannot be used, with the lines of the experiment file that would help.</summary>
    private bool Report()
    {
        var bad = columns.Where(column => column.Bad > 0).ToList();
        if (bad.Count == 0) return true;
        var first = bad[0];
        var further = bad.Count == 1 ? "" : $"; nor can {string.Join(", ", bad.Skip(1).Take(MostNamed).Select(column => $"\"{ShortText.Of(column.Name)}\" be read ({Count(column)}{(column.FirstWord.Length == 0 ? "empty" : $"\"{ShortText.Of(column.FirstWord)}\"")})"))}{(bad.Count > MostNamed + 1 ? ", ..." : "")}";
        var said = first.FirstWord.Length == 0 ? "is empty" : $"holds \"{ShortText.Of(first.FirstWord)}\", which is {(missing.Hold(first.FirstWord) ? "a missing value" : "not a number")}";
        var count = first.Bad > 1 ? string.Create(CultureInfo.InvariantCulture, $" (the first of {first.Bad:N0} such values)") : "";
        return Refuse(DiagnosticCodes.BadCell, first.Setting, $"{At(first.FirstBad)}: column \"{ShortText.Of(first.Name)}\" {said}{count}{further}", null, Advice(bad));

        static string Count(CsvColumn column) => column.Bad == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{column.Bad:N0} values, the first is ");
    }

    /// <summary>The keys that would let all of the columns be read, kind by kind.</summary>
    private string Advice(List<CsvColumn> bad)
    {
        var kinds = bad.ToLookup(column => CellAdvice.KindOf(column.FirstWord), StringComparer.Ordinal);
        var cures = new List<string>();
        if (kinds[CellAdvice.DecimalComma].Any()) cures.Add($"decimals with a comma: decimal: comma{(kinds[CellAdvice.DecimalComma].Any(column => column.FirstWord.Contains('.', StringComparison.Ordinal)) ? ", thousands: accept" : "")}");
        if (kinds[CellAdvice.Thousands].Any()) cures.Add("digits in groups: thousands: accept (or decimal: comma, where the comma stands before decimals)");
        if (kinds[CellAdvice.Date].ToList() is { Count: > 0 } dates) cures.Add($"a date is no input: time: {(dates.Count == 1 ? ShortText.Of(dates[0].Name) : "COLUMN")}");
        if (kinds[CellAdvice.Missing].ToList() is { Count: > 0 } gaps)
        {
            var marks = gaps.Select(column => column.FirstWord).Where(word => word.Length > 0 && !MissingMarks.IsUsual(word)).Distinct(StringComparer.Ordinal).ToList();
            cures.Add($"values are missing: missing: forward{(marks.Count > 0 ? $", missing_values: [{string.Join(", ", marks.Select(mark => $"\"{ShortText.Of(mark)}\""))}]" : "")}");
        }

        var texts = kinds[CellAdvice.Text].ToList();
        if (texts.Exists(column => column.Name == selection.Target)) cures.Add("for a target that is a class: problem: classify");
        if (texts.Where(column => column.Name != selection.Target).Select(column => ShortText.Of(column.Name)).ToList() is { Count: > 0 } words) cures.Add($"words: categorical: [{string.Join(", ", words)}]");
        var usable = columns.Where(column => column is { Bad: 0, IsNumber: true } && Inputs.Contains(column.Name, StringComparer.Ordinal)).Select(column => column.Name).ToList();
        if (selection.Columns is null && usable.Count > 0 && bad.Exists(column => column.Name != selection.Target)) cures.Add($"or only what can be read: columns: [{string.Join(", ", usable)}]");
        return string.Join("; ", cures);
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
