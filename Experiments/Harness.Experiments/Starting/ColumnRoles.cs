using System.Globalization;
using System.Text.RegularExpressions;
using Harness.Data;

namespace Harness.Experiments.Starting;

/// <summary>What each column of a table is taken for, and why.</summary>
internal sealed class ColumnRoles
{
    /// <summary>Words of an input; a column with more is left out.</summary>
    private const int MostCategories = 20;

    // All take linear time: a time limit would hit a busy machine, not a bad file.
    private static readonly Regex clockName = Names("^(time|hour|clock)$");
    private static readonly Regex counterName = Names("^(no|nr|row|index|idx|id|step|t|time|timestamp|timestep|unnamed: 0)$");
    private static readonly Regex groupName = Names("(^|[_ .])(id|ids|symbol|ticker|store|series|unit|subject|patient|person|user|sensor|station|item|product|group|name|machine|device|country|city|region|code)$");
    private static readonly Regex targetName = Names("^(target|label|class|y|output|outcome|answer|is_?anomaly|activity)$");
    private static readonly Regex className = Names("(label|class|activity|state|category|kind|type)$");

    private readonly CsvProfile profile;
    private readonly List<string> notes = [];

    /// <param name="target">The column that the person asks for; null where the choice is ours.</param>
    /// <exception cref="StartRefusedException">No column can be a target.</exception>
    public ColumnRoles(CsvProfile profile, string? target, string name)
    {
        this.profile = profile;
        Time = FindTime();
        Group = FindGroup();
        Target = FindTarget(target, name);
        IsClassification = IsClass(Target);
        FindInputs();
        FindMissing();
    }

    public IReadOnlyList<string> Time { get; private set; } = [];

    public string? Group { get; }

    public ColumnProfile Target { get; }

    public bool IsClassification { get; }

    public List<string> Inputs { get; } = [];

    public List<string> Categorical { get; } = [];

    public bool HasMissing { get; private set; }

    public List<string> MissingValues { get; } = [];

    /// <summary>What was decided and why, one line each: a word, then the sentence.</summary>
    public IReadOnlyList<string> Notes => notes;

    private static Regex Names(string pattern) => new(pattern, RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private void Note(string topic, string sentence) => notes.Add($"{topic,-10}{sentence}");

    private string[] FindTime()
    {
        if (profile.Columns.FirstOrDefault(column => column.IsDate && column.Times is not null) is { } date)
        {
            // A day in one column, and the hour in another.
            var clock = profile.Columns.FirstOrDefault(column => column.At != date.At && clockName.IsMatch(column.Name) && column is { IsText: true, Missing: 0 } && Joins(date, column));
            if (clock is not null && Repeat(date.Times!))
            {
                Note("time", $"{date.Name} and {clock.Name} together");
                return [date.Name, clock.Name];
            }

            Note("time", $"{date.Name}: every row holds a date{Direction(date.Times!)}");
            return [date.Name];
        }

        string?[] parts = [Named("year"), Named("month"), Named("day"), Named("hour"), Named("minute")];
        if (parts[0] is not null && parts[1] is not null)
        {
            string[] found = [.. parts.TakeWhile(part => part is not null).OfType<string>()];
            Note("time", $"{string.Join(", ", found)} together");
            return found;
        }

        var counter = profile.Columns.FirstOrDefault(column => column is { IsNumeric: true, Missing: 0 } && column.Times is not null && counterName.IsMatch(column.Name) && IsRising(column.Values));
        if (counter is null) return [];
        Note("time", $"{counter.Name}: a number that rises from row to row");
        return [counter.Name];
    }

    private static string Direction(double[] times)
    {
        if (times.Length > 1 && times.Zip(times.Skip(1), (before, after) => after < before).All(falls => falls)) return ", the newest first; rows are read in order of time";
        return "";
    }

    private string? Named(string name) => profile.Columns.FirstOrDefault(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase) && column is { IsNumeric: true, IsWhole: true, Missing: 0 })?.Name;

    private static bool Repeat(double[] times) => times.Distinct().Count() < times.Length;

    private static bool IsRising(List<double> values) => Enumerable.Range(1, Math.Max(0, values.Count - 1)).All(i => values[i] > values[i - 1]);

    private static bool Joins(ColumnProfile date, ColumnProfile clock)
    {
        var text = new TimeText();
        return date.Distinct.Keys.Take(3).All(day => clock.Distinct.Keys.Take(24).All(hour => text.Add($"{day} {hour}")));
    }

    /// <summary>The column that tells apart rows of the same time; without a time, a column whose name says that it tells series apart.</summary>
    private string? FindGroup()
    {
        var times = Time.Count == 1 ? profile.Columns.First(column => column.Name == Time[0]).Times : null;
        if (Time.Count > 0 && (times is null || !Repeat(times))) return null;
        var candidates = profile.Columns.Where(column => !Time.Contains(column.Name, StringComparer.Ordinal) && column is { Missing: 0, IsDate: false } && (column.IsText || column.IsWhole)
            && column.Distinct.Count >= 2 && column.Distinct.Count <= Math.Min(CsvProfile.MostDistinct - 1, profile.Rows / 2)).OrderByDescending(column => column.IsText).ThenBy(column => column.At);
        if (times is null)
        {
            if (candidates.FirstOrDefault(column => groupName.IsMatch(column.Name)) is not { } named) return null;
            Note("group", string.Create(CultureInfo.InvariantCulture, $"{named.Name}: {named.Distinct.Count:N0} series by its name"));
            return named.Name;
        }

        foreach (var column in candidates.Where(column => column.IsText || groupName.IsMatch(column.Name)))
        {
            if (!TellsApart(column, times)) continue;
            Note("group", string.Create(CultureInfo.InvariantCulture, $"{column.Name}: {column.Distinct.Count:N0} series share their times; no window crosses from one to the next"));
            return column.Name;
        }

        Note("time", $"{Time[0]} is not used: several rows have the same time, and no column tells them apart. Rows are read as they stand");
        Time = [];
        return null;
    }

    private static bool TellsApart(ColumnProfile column, double[] times)
    {
        var seen = new HashSet<(double Time, string Word)>();
        return column.Cells is { } cells && Enumerable.Range(0, times.Length).All(row => seen.Add((times[row], cells[row])));
    }

    private ColumnProfile FindTarget(string? asked, string name)
    {
        var all = profile.Columns.Where(column => column.Name.Length > 0).ToList();
        if (asked is not null)
        {
            var found = all.Find(column => column.Name == asked) ?? throw new StartRefusedException($"{name}: there is no column \"{asked}\". One of: {string.Join(", ", all.Select(column => column.Name))}.");
            if (found.IsConstant) throw new StartRefusedException($"{name}: column \"{asked}\" never changes, so there is nothing to learn.");
            Note("target", $"{found.Name}, as asked");
            return found;
        }

        var candidates = all.Where(column => !Time.Contains(column.Name, StringComparer.Ordinal) && column.Name != Group && column is { IsConstant: false, IsDate: false } && !IsCounter(column)
            && (column.IsNumeric || column.Distinct.Count <= MostCategories)).ToList();
        // Beside x, y is a coordinate more often than the answer.
        if (candidates.Where(column => targetName.IsMatch(column.Name)).OrderBy(column => column.Name is "y" or "Y").FirstOrDefault() is { } named)
        {
            Note("target", $"{named.Name}, by its name; --target chooses another");
            return named;
        }

        var numbers = candidates.Where(column => column.IsNumeric).ToList();
        // A column that is mostly one value, such as hours of rain, is seldom what somebody wants to know.
        var last = numbers.LastOrDefault(column => column.Distinct.Values.Max() <= column.Rows / 2) ?? numbers.LastOrDefault() ?? candidates.LastOrDefault()
            ?? throw new StartRefusedException($"{name}: no column could be asked for: none beside time and series holds numbers or a few words that change.");
        Note("target", candidates.Count == 1 ? $"{last.Name}: the only column to ask for" : $"{last.Name}: the last column of numbers that vary; --target chooses another of: {string.Join(", ", candidates.Where(column => column != last).Select(column => column.Name))}");
        return last;
    }

    private bool IsCounter(ColumnProfile column) => column.CountsRows && profile.Rows > 3 && (column.At == 0 || counterName.IsMatch(column.Name));

    private static bool IsClass(ColumnProfile column) => column.IsText || (column.IsWhole && (column.Distinct.Count == 2 || (column.Distinct.Count <= 10 && className.IsMatch(column.Name))));

    private void FindInputs()
    {
        List<string> left = [];
        foreach (var column in profile.Columns)
        {
            var isTarget = column == Target;
            if (Time.Contains(column.Name, StringComparer.Ordinal) || column.Name == Group) continue;
            if (column.Name.Length == 0) left.Add(FormattableString.Invariant($"column {column.At + 1} (no name{(column.CountsRows ? ", it counts the rows" : "")})"));
            else if (column.IsConstant) left.Add($"{column.Name} (never changes)");
            else if (!isTarget && IsCounter(column)) left.Add($"{column.Name} (counts the rows)");
            else if (column.IsNumeric) Inputs.Add(column.Name);
            else if (column.IsText && column.Distinct.Count <= MostCategories) Categorical.Add(column.Name);
            else if (!isTarget) left.Add($"{column.Name} ({(column.IsDate ? "dates" : column.Numbers > 0 ? "numbers and words" : "words of many kinds")})");
        }

        Inputs.AddRange(Categorical);
        Note("inputs", Inputs.Count == 0 ? "none" : string.Join(", ", Inputs) + (Categorical.Count > 0 ? $"; as words, each an input of 0 or 1: {string.Join(", ", Categorical)}" : ""));
        if (left.Count > 0) Note("left out", string.Join(", ", left));
        Note("problem", IsClassification ? $"classify: {Target.Name} holds {Target.Distinct.Count - (Target.Missing > 0 ? 1 : 0)} different {(Target.IsText ? "words" : "whole numbers")}" : $"forecast: {Target.Name} holds numbers");
    }

    private void FindMissing()
    {
        var used = profile.Columns.Where(column => column == Target || Inputs.Contains(column.Name, StringComparer.Ordinal)).ToList();
        foreach (var column in used.Where(column => column.Sentinel is not null))
        {
            var mark = column.Sentinel!.Value.ToString("R", CultureInfo.InvariantCulture);
            if (!MissingValues.Contains(mark, StringComparer.Ordinal)) MissingValues.Add(mark);
            Note("missing", $"{mark} in {column.Name} lies far from all other values, so it is read as missing");
        }

        var cells = used.Sum(column => (long)column.Missing);
        HasMissing = cells > 0 || MissingValues.Count > 0;
        if (cells == 0) return;
        var marks = used.SelectMany(column => column.Marks).Distinct(StringComparer.Ordinal).ToList();
        Note("missing", string.Create(CultureInfo.InvariantCulture, $"{cells:N0} values{(marks.Count > 0 ? $" ({string.Join(", ", marks)})" : "")}; an input takes the value before it, windows whose answer is missing are left out"));
    }
}
