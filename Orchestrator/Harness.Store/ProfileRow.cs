using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>A gradient profile as a row of its table.</summary>
internal static class ProfileRow
{
    /// <summary>The columns that <see cref="Read"/> expects.</summary>
    public const string Columns = "moment, step, state, layer, backwards, norms, slope, half_life, nan";

    private const string Slope = "slope", HalfLife = "half_life";

    /// <summary>Names the columns whose value is NaN and therefore NULL; null when none is.</summary>
    public static string? NanColumns(GradientProfile profile) => (profile.Slope, profile.HalfLife) switch
    {
        (double.NaN, double.NaN) => $"{Slope}, {HalfLife}",
        (double.NaN, _) => Slope,
        (_, double.NaN) => HalfLife,
        _ => null,
    };

    public static GradientProfile Read(SqliteDataReader row)
    {
        var nan = row.TextOrNull("nan") ?? "";
        return new GradientProfile(
            Enum.Parse<ProbeMoment>(row.Text("moment"), ignoreCase: true), row.Int("step"), row.Text("state"), row.Int("layer"), row.Flag("backwards"),
            MetricCodec.DecodeDoubles(row.Bytes("norms")), Value(Slope), Value(HalfLife));

        double? Value(string column) => nan.Contains(column, StringComparison.Ordinal) ? double.NaN : row.DoubleOrNull(column);
    }
}
