using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Store;

/// <summary>Columns as the values that they stand for.</summary>
internal static class Rows
{
    public static int? IntOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    public static long? LongOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static double? DoubleOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    /// <summary>The number of a column that always has one: NULL stands for NaN, which SQLite cannot store.</summary>
    public static double Number(this SqliteDataReader row, int column) => row.IsDBNull(column) ? double.NaN : row.GetDouble(column);

    /// <summary>A number of a column that also holds the words NaN, Infinity and -Infinity, or null.</summary>
    public static double? NumberOrWord(this SqliteDataReader row, int column) => row.GetValue(column) switch
    {
        string word => double.Parse(word, CultureInfo.InvariantCulture),
        double number => number,
        long whole => whole,
        _ => null,
    };

    /// <summary>A time, UTC.</summary>
    public static DateTimeOffset Time(this SqliteDataReader row, int column) =>
        DateTimeOffset.Parse(row.GetString(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);
}
