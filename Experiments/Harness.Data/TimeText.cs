using System.Globalization;
using Harness.Abstractions.Catalog;

namespace Harness.Data;

/// <summary>
/// The times of rows as people write them: 2016-07-01 13:00, 2016-07, 20160701, 1.7.2016, 7/1/2016 1:00 PM, Jul 1 2016, or a plain number.
/// Whether 1/7/2016 is in July or in January is decided by the whole column.
/// </summary>
internal sealed class TimeText
{
    private readonly GrowingList<(int A, int B, int Year, double Seconds)> read = new();
    private int largestA, largestB;
    private bool hasDots;

    /// <summary>Whether the times are dates, and not plain numbers; false as long as none was read.</summary>
    public bool IsCalendar { get; private set; }

    public int Count => read.Count;

    /// <summary>Reads one time; false when it is none, or of another kind than those before.</summary>
    public bool Add(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.IsEmpty) return false;
        if (NumberType.TryRead(text, out var number) && !IsCompactDate(text)) return AddAs(isCalendar: false, (0, 0, 0, number));
        return TryReadDate(text, out var fields) && AddAs(isCalendar: true, fields);
    }

    /// <summary>Seconds since year 1, or the plain numbers; null when no order of day and month suits all.</summary>
    public double[]? Resolve()
    {
        if (!IsCalendar) return [.. read.Select(time => time.Seconds)];
        // Both orders at once would be two formats in one column.
        if (largestA > 12 && largestB > 12) return null;
        var (monthFirst, dayFirst) = (largestA > 12 ? null : Seconds(dayFirst: false), largestB > 12 ? null : Seconds(dayFirst: true));
        if (monthFirst is null || dayFirst is null) return monthFirst ?? dayFirst;
        // Neither is ruled out: the order in which the rows run steadily, else the one that goes with the punctuation.
        var (falls, otherFalls) = (Turns(monthFirst), Turns(dayFirst));
        return falls == otherFalls ? (hasDots ? dayFirst : monthFirst) : falls < otherFalls ? monthFirst : dayFirst;
    }

    /// <summary>Drops what was read; <see cref="IsCalendar"/> stays.</summary>
    public void Release()
    {
        read.Clear();
    }

    private bool AddAs(bool isCalendar, (int A, int B, int Year, double Seconds) fields)
    {
        if (read.Count > 0 && IsCalendar != isCalendar) return false;
        IsCalendar = isCalendar;
        if (fields.Year != 0) (largestA, largestB) = (Math.Max(largestA, fields.A), Math.Max(largestB, fields.B));
        read.Add(fields);
        return true;
    }

    private static int Turns(double[] times)
    {
        var (rises, falls) = (0, 0);
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] > times[i - 1]) rises++;
            if (times[i] < times[i - 1]) falls++;
        }

        return Math.Min(rises, falls);
    }

    private double[]? Seconds(bool dayFirst)
    {
        var seconds = new double[read.Count];
        for (var i = 0; i < seconds.Length; i++)
        {
            var (a, b, year, rest) = read[i];
            if (year == 0) seconds[i] = rest;
            else if (DayOf(year, dayFirst ? b : a, dayFirst ? a : b) is { } day) seconds[i] = day + rest;
            else return null;
        }

        return seconds;
    }

    private static double? DayOf(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks / (double)TimeSpan.TicksPerSecond : null;

    private static bool IsCompactDate(ReadOnlySpan<char> text) =>
        text.Length == 8 && text.IndexOfAnyExceptInRange('0', '9') < 0 && DayOf(Int(text[..4]), Int(text[4..6]), Int(text[6..])) is not null && Int(text[..4]) is >= 1800 and <= 2200;

    private static int Int(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    private bool TryReadDate(ReadOnlySpan<char> text, out (int A, int B, int Year, double Seconds) fields)
    {
        fields = default;
        if (IsCompactDate(text))
        {
            fields = (0, 0, 0, DayOf(Int(text[..4]), Int(text[4..6]), Int(text[6..]))!.Value);
            return true;
        }

        Span<int> groups = stackalloc int[8];
        Span<int> lengths = stackalloc int[8];
        var (count, at, fraction) = (0, 0, 0.0);
        var afternoon = 0;
        var (zone, mark) = (0.0, ' ');
        while (at < text.Length)
        {
            var c = text[at];
            if (char.IsAsciiDigit(c))
            {
                var end = at;
                while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
                if (count >= 6 && mark is '.' or ',')
                {
                    fraction = double.Parse(text[at..end], NumberStyles.None, CultureInfo.InvariantCulture) / Math.Pow(10, end - at);
                }
                else
                {
                    if (end - at > 4 || count == groups.Length) return false;
                    (groups[count], lengths[count]) = (Int(text[at..end]), end - at);
                    count++;
                }

                at = end;
                continue;
            }

            if (char.IsAsciiLetter(c))
            {
                var rest = text[at..];
                if (c is 'T' or 't' && count is 2 or 3) at++;
                else if (rest.Equals("Z", StringComparison.OrdinalIgnoreCase) || rest.Equals("UTC", StringComparison.OrdinalIgnoreCase)) break;
                else if (count >= 4 && rest.Equals("AM", StringComparison.OrdinalIgnoreCase)) (afternoon, at) = (-1, text.Length);
                else if (count >= 4 && rest.Equals("PM", StringComparison.OrdinalIgnoreCase)) (afternoon, at) = (1, text.Length);
                else return TryReadWords(text, out fields);
                mark = ' ';
                continue;
            }

            if (c is '+' or '-' && count >= 5)
            {
                if (!TryReadZone(text[at..], out zone)) return false;
                break;
            }

            if (c is not ('-' or '/' or '.' or ':' or ' ' or ',')) return false;
            if (c == '.' && count == 1) hasDots = true;
            (mark, at) = (c, at + 1);
        }

        return Compose(groups[..count], lengths[..count], fraction, afternoon, zone, out fields);
    }

    private static bool Compose(ReadOnlySpan<int> groups, ReadOnlySpan<int> lengths, double fraction, int afternoon, double zone, out (int A, int B, int Year, double Seconds) fields)
    {
        fields = default;
        var count = groups.Length;
        if (count is < 2 or > 6) return false;
        var time = count > 3 ? groups[3..] : [];
        var hour = time.Length > 0 ? time[0] : 0;
        if (afternoon != 0) hour = hour % 12 + (afternoon > 0 ? 12 : 0);
        var (minute, second) = (time.Length > 1 ? time[1] : 0, time.Length > 2 ? time[2] : 0);
        if (hour > 24 || minute > 59 || second > 60) return false;
        var rest = hour * 3600.0 + minute * 60 + second + fraction - zone;
        if (lengths[0] == 4)
        {
            if (DayOf(groups[0], groups[1], count > 2 ? groups[2] : 1) is not { } day) return false;
            fields = (0, 0, 0, day + rest);
            return true;
        }

        if (count == 2)
        {
            if (lengths[1] != 4 || DayOf(groups[1], groups[0], 1) is not { } month) return false;
            fields = (0, 0, 0, month);
            return true;
        }

        // Two digits of a year as in the 1950s to the 2040s.
        var year = lengths[2] == 4 ? groups[2] : groups[2] < 50 ? 2000 + groups[2] : 1900 + groups[2];
        if (lengths[2] is not (2 or 4) || groups[0] is < 1 or > 31 || groups[1] is < 1 or > 31) return false;
        fields = (groups[0], groups[1], year, rest);
        return true;
    }

    /// <summary>Names of months, in English.</summary>
    private static bool TryReadWords(ReadOnlySpan<char> text, out (int A, int B, int Year, double Seconds) fields)
    {
        fields = default;
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)) return false;
        // What is left out would be taken from today's date.
        if (!HasYear(text)) return false;
        fields = (0, 0, 0, date.Ticks / (double)TimeSpan.TicksPerSecond);
        return true;
    }

    private static bool HasYear(ReadOnlySpan<char> text)
    {
        var run = 0;
        foreach (var c in text)
        {
            run = char.IsAsciiDigit(c) ? run + 1 : 0;
            if (run == 4) return true;
        }

        return false;
    }

    private static bool TryReadZone(ReadOnlySpan<char> text, out double seconds)
    {
        seconds = 0;
        var digits = text[1..];
        var colon = digits.IndexOf(':');
        var hours = colon >= 0 ? digits[..colon] : digits.Length > 2 ? digits[..2] : digits;
        var minutes = colon >= 0 ? digits[(colon + 1)..] : digits.Length > 2 ? digits[2..] : "0";
        if (!int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out var h) || !int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var m) || h > 14 || m > 59) return false;
        seconds = (text[0] == '-' ? -1 : 1) * (h * 3600.0 + m * 60);
        return true;
    }
}
