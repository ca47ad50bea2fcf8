using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Columns by their names, as the values that they stand for.</summary>
/// <remarks>An expression is named by the statement's <c>AS</c>. A name that the statement does not have throws <see cref="ArgumentOutOfRangeException"/>.</remarks>
internal static class Rows
{
    public static string Text(this SqliteDataReader row, string column) => row.GetString(row.GetOrdinal(column));

    public static string? TextOrNull(this SqliteDataReader row, string column) => row.IsNull(column) ? null : row.Text(column);

    public static int Int(this SqliteDataReader row, string column) => row.GetInt32(row.GetOrdinal(column));

    public static int? IntOrNull(this SqliteDataReader row, string column) => row.IsNull(column) ? null : row.Int(column);

    public static double? NumberOrNull(this SqliteDataReader row, string column) => row.IsNull(column) ? null : row.Number(column);

    public static long Long(this SqliteDataReader row, string column) => row.GetInt64(row.GetOrdinal(column));

    public static long? LongOrNull(this SqliteDataReader row, string column) => row.IsNull(column) ? null : row.Long(column);

    public static bool Flag(this SqliteDataReader row, string column) => row.GetBoolean(row.GetOrdinal(column));

    public static double? DoubleOrNull(this SqliteDataReader row, string column) => row.IsNull(column) ? null : row.GetDouble(row.GetOrdinal(column));

    /// <summary>The number of a column that always has one: NULL stands for NaN, which SQLite cannot store.</summary>
    public static double Number(this SqliteDataReader row, string column) => row.DoubleOrNull(column) ?? double.NaN;

    /// <summary>A number of a column that also holds the words NaN, Infinity and -Infinity, or null.</summary>
    public static double? NumberOrWord(this SqliteDataReader row, string column) => row.GetValue(row.GetOrdinal(column)) switch
    {
        string word => double.Parse(word, CultureInfo.InvariantCulture),
        double number => number,
        long whole => whole,
        _ => null,
    };

    public static byte[] Bytes(this SqliteDataReader row, string column) => (byte[])row.GetValue(row.GetOrdinal(column));

    public static byte[]? BytesOrNull(this SqliteDataReader row, string column) => row.IsNull(column) ? null : row.Bytes(column);

    /// <summary>A time, UTC.</summary>
    public static DateTimeOffset Time(this SqliteDataReader row, string column) =>
        DateTimeOffset.Parse(row.Text(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader row, string column) => row.IsNull(column) ? null : row.Time(column);

    private static bool IsNull(this SqliteDataReader row, string column) => row.IsDBNull(row.GetOrdinal(column));
}
