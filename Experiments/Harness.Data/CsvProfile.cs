using System.Globalization;

namespace Harness.Data;

/// <summary>What one column of a CSV file looks like, from its first rows.</summary>
/// <param name="Name">Empty for a column without one.</param>
internal sealed record ColumnProfile(string Name, int At)
{
    /// <summary>Rows that were looked at.</summary>
    public int Rows { get; set; }

    /// <summary>Cells that are empty or hold a usual mark for a missing value.</summary>
    public int Missing { get; set; }

    /// <summary>The marks for missing values that were met, without the empty cell.</summary>
    public SortedSet<string> Marks { get; } = new(StringComparer.Ordinal);

    public int Numbers { get; set; }

    public int Dates { get; set; }

    public int Texts { get; set; }

    /// <summary>The different cells, with how often each comes, up to <see cref="CsvProfile.MostDistinct"/> of them.</summary>
    internal Dictionary<string, int> Distinct { get; } = new(StringComparer.Ordinal);

    /// <summary>The numbers in order of their rows; NaN elsewhere.</summary>
    internal List<double> Values { get; } = [];

    /// <summary>The cells themselves, where they are of a few kinds; null where they are many.</summary>
    public string[]? Cells { get; set; }

    /// <summary>The times of the column, where every cell is one.</summary>
    public double[]? Times { get; set; }

    /// <summary>Whether nearly every cell is a number.</summary>
    public bool IsNumeric => Numbers > 0 && Dates == 0 && Texts == 0;

    /// <summary>Whether every cell is a date.</summary>
    public bool IsDate => Dates > 0 && Numbers == 0 && Texts == 0;

    public bool IsText => Texts > 0;

    public bool IsConstant => Distinct.Count <= 1;

    /// <summary>Whether the numbers count the rows: each one more than the one before.</summary>
    public bool CountsRows => IsNumeric && Missing == 0 && Values.Count > 2 && Enumerable.Range(1, Values.Count - 1).All(i => Values[i] == Values[i - 1] + 1);

    /// <summary>Whether all numbers are whole.</summary>
    public bool IsWhole => IsNumeric && Values.TrueForAll(value => double.IsNaN(value) || value == Math.Floor(value));

    /// <summary>
    /// A value that looks like a mark for missing ones: the smallest or largest, made of nines or negative and round, often repeated, and
    /// farther from the rest than twice the width of the rest.
    /// </summary>
    public double? Sentinel
    {
        get
        {
            double[] values = [.. Values.Where(value => !double.IsNaN(value)).Distinct().Order()];
            if (!IsNumeric || values.Length < 4) return null;
            if (IsMark(values[0]) && values[1] - values[0] > 2 * (values[^1] - values[1]) && IsFrequent(values[0])) return values[0];
            if (IsMark(values[^1]) && values[^1] - values[^2] > 2 * (values[^2] - values[0]) && IsFrequent(values[^1])) return values[^1];
            return null;
        }
    }

    private bool IsFrequent(double value) => Values.Count(other => other == value) >= Math.Max(2, Values.Count / 1_000);

    private static bool IsMark(double value)
    {
        var digits = Math.Abs(value).ToString(CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal);
        return (digits.Length >= 2 && digits.All(digit => digit == '9')) || (value < 0 && value == Math.Floor(value) && (value == -1 || value % 100 == 0));
    }
}

/// <summary>What a CSV file looks like, from its first rows: how it is written, and what each column holds.</summary>
internal sealed class CsvProfile
{
    public const int MostDistinct = 1_001;

    /// <summary>Rows that are looked at.</summary>
    public const int MostRows = 100_000;

    public required char Separator { get; init; }

    /// <summary>The word of the separator in experiment files.</summary>
    public string SeparatorWord => Separator switch { ',' => "comma", ';' => "semicolon", '|' => "pipe", ' ' => "space", _ => "tab" };

    /// <summary>Whether the first line holds numbers, so that the columns have no names.</summary>
    public bool HasNoHeader { get; private set; }

    public bool HasDecimalComma { get; private set; }

    public bool HasThousands { get; private set; }

    public IReadOnlyList<ColumnProfile> Columns { get; private set; } = [];

    public int Rows { get; private set; }

    /// <summary>Why the rest of the file was not looked at; null where it could be.</summary>
    public string? Fault { get; private set; }

    /// <summary>Looks at a text; null when it has no rows of several equal lengths that a table would have.</summary>
    public static CsvProfile? Of(string text, char? separator = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var profile = new CsvProfile { Separator = separator ?? SeparatorOf(text) };
        return profile.Look(text) ? profile : null;
    }

    /// <summary>Blanks part the fields only where no other separator does and all of the first lines have the same number of fields.</summary>
    private static char SeparatorOf(string text)
    {
        var found = CsvText.DetectSeparator(text);
        var lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
        var first = lineEnd < 0 ? text : text[..lineEnd];
        if (CsvText.FirstLineNames(text) is not null || first.Contains(found, StringComparison.Ordinal)) return found;
        var csv = new CsvText(text, ' ');
        var counts = new HashSet<int>();
        for (var i = 0; i < 20 && csv.Next(); i++) counts.Add(csv.Fields.Count);
        return csv.Fault is null && counts.Count == 1 && counts.First() > 1 ? ' ' : found;
    }

    private bool Look(string text)
    {
        var csv = new CsvText(text, Separator);
        if (!csv.Next()) return false;
        string[] header = [.. csv.Fields.Select(field => csv.Value(field).Trim())];
        HasNoHeader = header.Length > 0 && header.All(word => word.Length > 0 && CellAdvice.KindOf(word) is not (CellAdvice.Text or CellAdvice.Missing) || Abstractions.Catalog.NumberType.TryRead(word, out _));
        var columns = header.Select((name, at) => new ColumnProfile(HasNoHeader ? FormattableString.Invariant($"column{at + 1}") : name, at)).ToList();
        var rows = new List<string[]>();
        if (HasNoHeader) rows.Add(header);
        while (rows.Count < MostRows && csv.Next())
        {
            if (csv.Fields.All(field => csv.Raw(field).IsWhiteSpace())) continue;
            if (csv.Fields.Count != header.Length) return false;
            rows.Add([.. csv.Fields.Select(field => csv.Value(field).Trim())]);
        }

        if (csv.Fault is { } fault) Fault = string.Create(CultureInfo.InvariantCulture, $"line {fault.Line}: {fault.Message}");
        Rows = rows.Count;
        if (rows.Count == 0) return false;
        foreach (var row in rows.Take(2_000))
            foreach (var cell in row)
            {
                if (Abstractions.Catalog.NumberType.TryRead(cell, out _)) continue;
                var kind = CellAdvice.KindOf(cell);
                HasDecimalComma |= kind == CellAdvice.DecimalComma;
                HasThousands |= kind == CellAdvice.Thousands;
            }

        // Groups of three alone look like both; a comma that is a decimal mark somewhere is one everywhere.
        if (HasDecimalComma) HasThousands = rows.Take(2_000).Any(row => row.Any(cell => cell.Contains('.', StringComparison.Ordinal) && CellAdvice.KindOf(cell) == CellAdvice.DecimalComma));
        var style = new NumberStyle(HasDecimalComma, HasThousands);
        foreach (var column in columns) Look(column, rows, style);
        Columns = columns;
        return true;
    }

    private static void Look(ColumnProfile column, List<string[]> rows, NumberStyle style)
    {
        var times = new TimeText();
        foreach (var row in rows)
        {
            var cell = row[column.At];
            column.Rows++;
            var isNumber = style.TryRead(cell, out var number);
            if (cell.Length == 0 || MissingMarks.IsUsual(cell))
            {
                column.Missing++;
                if (cell.Length > 0) column.Marks.Add(cell);
            }
            else if (isNumber)
            {
                column.Numbers++;
                times.Add(cell);
            }
            else if (times.Add(cell))
            {
                column.Dates++;
            }
            else
            {
                column.Texts++;
            }

            column.Values.Add(isNumber ? number : double.NaN);
            if (column.Distinct.Count < MostDistinct || column.Distinct.ContainsKey(cell)) column.Distinct[cell] = column.Distinct.GetValueOrDefault(cell) + 1;
        }

        if (times.Count == rows.Count && column.Texts == 0) column.Times = times.Resolve();
        if (column.Distinct.Count < MostDistinct) column.Cells = [.. rows.Select(row => row[column.At])];
        // 20160701 is a number to every other reader.
        if (column.Times is not null && times.IsCalendar) (column.Dates, column.Numbers) = (column.Rows, 0);
    }
}
