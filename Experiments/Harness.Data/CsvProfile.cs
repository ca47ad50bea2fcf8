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
    public static CsvProfile? Of(DecodedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var profile = new CsvProfile { Separator = SeparatorOf(text) };
        return profile.Look(text) ? profile : null;
    }

    /// <summary>Blanks part the fields only where no other separator does and all of the first lines have the same number of fields.</summary>
    private static char SeparatorOf(DecodedText text)
    {
        var found = CsvText.DetectSeparator(text);
        if (IsOnFirstLine(text, found)) return found;
        var csv = new CsvText(text, ' ');
        var counts = new HashSet<int>();
        for (var i = 0; i < 20 && csv.Next(); i++) counts.Add(csv.Fields.Count);
        return csv.Fault is null && counts.Count == 1 && counts.First() > 1 ? ' ' : found;
    }

    /// <summary>Whether the first line holds a separator, or names one.</summary>
    private static bool IsOnFirstLine(DecodedText text, char separator)
    {
        using var reader = text.Open();
        var piece = new char[4_096];
        for (var isFirst = true; reader.Read(piece.AsSpan()) is > 0 and var count; isFirst = false)
        {
            if (isFirst && CsvText.FirstLineNames(piece.AsSpan(0, count)) is not null) return true;
            var end = piece.AsSpan(0, count).IndexOf('\n');
            if (piece.AsSpan(0, end < 0 ? count : end).Contains(separator)) return true;
            if (end >= 0) return false;
        }

        return false;
    }

    private bool Look(DecodedText text)
    {
        var csv = new CsvText(text, Separator);
        if (!csv.Next()) return false;
        string[] header = [.. csv.Fields.Select(field => csv.Value(field).Trim())];
        HasNoHeader = header.Length > 0 && header.All(word => word.Length > 0 && CellAdvice.KindOf(word) is not (CellAdvice.Text or CellAdvice.Missing) || Abstractions.Catalog.NumberType.TryRead(word, out _));
        var style = StyleOf(text, header);
        List<Watched> columns = [.. header.Select((name, at) => new Watched(new(HasNoHeader ? FormattableString.Invariant($"column{at + 1}") : name, at), style))];
        if (HasNoHeader) Add(header);
        while (Rows < MostRows && csv.Next())
        {
            if (csv.IsBlank) continue;
            if (csv.Fields.Count != header.Length) return false;
            foreach (var column in columns)
            {
                var field = csv.Fields[column.Profile.At];
                column.Look(field.IsEscaped ? csv.Value(field).AsSpan().Trim() : csv.Raw(field).Trim());
            }

            Rows++;
        }

        if (csv.Fault is { } fault) Fault = string.Create(CultureInfo.InvariantCulture, $"line {fault.Line}: {fault.Message}");
        if (Rows == 0) return false;
        foreach (var column in columns) column.Conclude();
        Columns = [.. columns.Select(column => column.Profile)];
        return true;

        void Add(string[] row)
        {
            foreach (var column in columns) column.Look(row[column.Profile.At]);
            Rows++;
        }
    }

    /// <summary>How numbers are written, by the first rows.</summary>
    private NumberStyle StyleOf(DecodedText text, string[] header)
    {
        const int looked = 2_000;
        var csv = new CsvText(text, Separator);
        csv.Next();
        var hasPointAndComma = false;
        var rows = 0;
        if (HasNoHeader) Look(header);
        while (rows < looked && csv.Next())
            if (!csv.IsBlank) Look([.. csv.Fields.Select(field => csv.Value(field).Trim())]);

        // Groups of three alone look like both; a comma that is a decimal mark somewhere is one everywhere.
        if (HasDecimalComma) HasThousands = hasPointAndComma;
        return new(HasDecimalComma, HasThousands);

        void Look(string[] row)
        {
            rows++;
            foreach (var cell in row)
            {
                if (Abstractions.Catalog.NumberType.TryRead(cell, out _)) continue;
                var kind = CellAdvice.KindOf(cell);
                HasDecimalComma |= kind == CellAdvice.DecimalComma;
                HasThousands |= kind == CellAdvice.Thousands;
                hasPointAndComma |= kind == CellAdvice.DecimalComma && cell.Contains('.', StringComparison.Ordinal);
            }
        }
    }

    /// <summary>A column while its cells are looked at, one after another.</summary>
    private sealed class Watched(ColumnProfile profile, NumberStyle style)
    {
        private readonly TimeText times = new();
        private readonly List<string> cells = [];
        private bool hasMany;

        public ColumnProfile Profile => profile;

        public void Look(ReadOnlySpan<char> cell)
        {
            profile.Rows++;
            var isNumber = style.TryRead(cell, out var number);
            if (cell.Length == 0 || MissingMarks.IsUsual(cell))
            {
                profile.Missing++;
                if (cell.Length > 0) profile.Marks.Add(cell.ToString());
            }
            else if (isNumber)
            {
                profile.Numbers++;
                times.Add(cell);
            }
            else if (times.Add(cell))
            {
                profile.Dates++;
            }
            else
            {
                profile.Texts++;
            }

            profile.Values.Add(isNumber ? number : double.NaN);
            Count(cell);
        }

        public void Conclude()
        {
            if (times.Count == profile.Rows && profile.Texts == 0) profile.Times = times.Resolve();
            if (!hasMany) profile.Cells = [.. cells];
            // 20160701 is a number to every other reader.
            if (profile.Times is not null && times.IsCalendar) (profile.Dates, profile.Numbers) = (profile.Rows, 0);
        }

        private void Count(ReadOnlySpan<char> cell)
        {
            var known = profile.Distinct.GetAlternateLookup<ReadOnlySpan<char>>();
            if (known.TryGetValue(cell, out var word, out var count)) known[cell] = count + 1;
            else if (hasMany) return;
            else profile.Distinct[word = cell.ToString()] = 1;
            hasMany |= profile.Distinct.Count == MostDistinct;
            if (hasMany) cells.Clear();
            else cells.Add(word);
        }
    }
}
