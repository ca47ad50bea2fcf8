using System.Globalization;

namespace Harness.Data;

/// <summary>The times of rows that a series does not hold yet: its last time and as many usual steps as a row lies beyond it.</summary>
public sealed class NextTimes
{
    private const double Day = 86_400;

    private readonly double[] times;
    private readonly double step;
    private readonly int months;
    private readonly bool isCalendar;

    private NextTimes(double[] times, double step, int months, bool isCalendar) => (this.times, this.step, this.months, this.isCalendar) = (times, step, months, isCalendar);

    /// <summary>Null where the series has no times, or skips some: then the next one is not known.</summary>
    public static NextTimes? Of(CsvSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Times is not { } times || DataCards.TimeOf(series) is not { Gaps: 0 } time) return null;
        var months = time.Unit switch { "month" => time.Every, "quarter" => 3 * time.Every, "year" => 12 * time.Every, _ => 0 };
        var seconds = time.Unit switch { "number" or "second" => 1, "minute" => 60, "hour" => 3_600, "day" => Day, "week" => 7 * Day, _ => 0 };
        return new(times, time.Every * seconds, (int)months, series.IsCalendar);
    }

    /// <summary>The time so many rows beyond a row of the series, as 1961-01-01 or 1961-01-01 13:00; 1961-01 where a month begins and rows are months apart.</summary>
    public string After(int row, int rows)
    {
        if (!isCalendar) return (times[row] + rows * step).ToString("R", CultureInfo.InvariantCulture);
        var last = new DateTime((long)Math.Round(times[row]) * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
        var next = months > 0 ? last.AddMonths(months * rows) : last.AddSeconds(step * rows);
        var isMonth = months > 0 && last is { Day: 1 } && last.TimeOfDay == TimeSpan.Zero;
        return next.ToString(isMonth ? "yyyy-MM" : next.TimeOfDay == TimeSpan.Zero && step % Day == 0 ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }
}
