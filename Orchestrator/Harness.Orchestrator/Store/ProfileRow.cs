using Harness.Experiments.Results;
using Harness.Experiments.Specs;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Store;

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

    /// <param name="first">Where <see cref="Columns"/> begin.</param>
    public static GradientProfile Read(SqliteDataReader row, int first)
    {
        var nan = row.TextOrNull(first + 8) ?? "";
        return new GradientProfile(
            Enum.Parse<ProbeMoment>(row.GetString(first), ignoreCase: true), row.GetInt32(first + 1), row.GetString(first + 2), row.GetInt32(first + 3), row.GetBoolean(first + 4),
            MetricCodec.DecodeDoubles((byte[])row[first + 5]), Value(6, Slope), Value(7, HalfLife));

        double? Value(int column, string name) => nan.Contains(name, StringComparison.Ordinal) ? double.NaN : row.DoubleOrNull(first + column);
    }
}
