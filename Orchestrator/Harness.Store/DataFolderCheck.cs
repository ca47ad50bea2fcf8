using System.Globalization;
using Harness.Abstractions.Specs;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>One kind of thing in a data folder, and how many of them are as they were written.</summary>
/// <param name="Checked">How many were looked at.</param>
/// <param name="Damaged">A sentence for each damaged one.</param>
/// <param name="Cure">What to do about damage of this kind.</param>
internal sealed record CheckedPart(string Name, long Checked, IReadOnlyList<string> Damaged, string Cure);

/// <summary>Reads everything in a data folder and compares it with the checksums that were written with it. Changes nothing.</summary>
internal static class DataFolderCheck
{
    private const string Restore = "'harness restore FILE' puts a backup in place; else 'harness delete NAME' and run the experiment again";

    /// <exception cref="StoreException">There is no database, or it cannot be opened at all.</exception>
    public static IEnumerable<CheckedPart> Of(string folder)
    {
        using var connection = ResultsDatabase.ConnectForReading(folder);
        yield return Read("database", Restore, () => Structure(connection));
        yield return Read("experiments", Restore, () => Experiments(connection));
        yield return Read("curves", Restore, () => Curves(connection));
        yield return Read("data files", "run the experiment again beside the original file: it is copied anew", () => Files(folder, "files", file => DataFile.HashOfFile(file) == Path.GetFileName(file)));
        yield return Read("checkpoints", "delete the file; its trial resumes from an earlier checkpoint or begins anew", () => Files(folder, "checkpoints", CheckpointSeal.IsSound));
        yield return Read("weights", "delete the file; they cannot be exported until the trial is trained again", () => Files(folder, "weights", CheckpointSeal.IsSound));
    }

    /// <summary>"ok", or the first fault that SQLite finds in the structure of the database.</summary>
    public static string? Integrity(SqliteConnection connection) => connection.Scalar<string>("PRAGMA integrity_check(1)");

    private static CheckedPart Read(string name, string cure, Func<(long Checked, IReadOnlyList<string> Damaged)> check)
    {
        try
        {
            var (count, damaged) = check();
            return new CheckedPart(name, count, damaged, cure);
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException or InvalidCastException or FormatException or ArgumentException)
        {
            return new CheckedPart(name, 0, [$"cannot be read: {error.Message}"], cure);
        }
    }

    private static (long, IReadOnlyList<string>) Structure(SqliteConnection connection)
    {
        var found = connection.Query("PRAGMA integrity_check(20)", row => row.Text("integrity_check"));
        var orphans = connection.Query("PRAGMA foreign_key_check", row => $"table '{row.Text("table")}' refers to a row that is not there");
        return (connection.Scalar<long>("PRAGMA page_count"), [.. found is ["ok"] ? [] : found, .. orphans.Distinct(StringComparer.Ordinal)]);
    }

    private static (long, IReadOnlyList<string>) Experiments(SqliteConnection connection)
    {
        var seals = new RowSeals(connection);
        var experiments = connection.Query("SELECT id, name FROM experiment ORDER BY id", row => (Id: row.Long("id"), Name: row.Text("name")));
        return (experiments.Count, [.. experiments.SelectMany(experiment => seals.DamageOf(experiment.Id).Select(damage => string.Create(CultureInfo.InvariantCulture, $"{experiment.Name} #{experiment.Id}: {damage}")))]);
    }

    private static (long, IReadOnlyList<string>) Curves(SqliteConnection connection)
    {
        var damaged = new List<string>();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT k.trial_id, coalesce(m.name, 'of an unknown metric') AS metric, k.first_step, k.points, k.crc FROM metric_chunk k LEFT JOIN metric m ON m.id = k.metric_id";
        using var row = command.ExecuteReader();
        long count = 0;
        for (; row.Read(); count++)
        {
            if (MetricCodec.Checksum(row.Bytes("points")) != row.Long("crc"))
                damaged.Add(string.Create(CultureInfo.InvariantCulture, $"trial {row.Long("trial_id")}: the curve {row.Text("metric")} from step {row.Int("first_step")}"));
        }

        foreach (var page in connection.Query(
            "SELECT p.trial_id, p.metric_id, m.name AS metric, p.page, p.chunks FROM metric_page p JOIN metric m ON m.id = p.metric_id ORDER BY p.trial_id, p.metric_id, p.page",
            found => (Trial: found.Long("trial_id"), Id: found.Long("metric_id"), Metric: found.Text("metric"), Page: found.Int("page"), Chunks: found.Bytes("chunks"))))
        {
            if (!MetricPages.IsSound(connection, page.Trial, page.Id, page.Page, page.Chunks))
                damaged.Add(string.Create(CultureInfo.InvariantCulture, $"trial {page.Trial}: the overview of the curve {page.Metric}, page {page.Page}"));
        }

        return (count, damaged);
    }

    private static (long, IReadOnlyList<string>) Files(string folder, string name, Func<string, bool> isSound)
    {
        var path = Path.Combine(folder, name);
        // Unfinished ones are removed by who writes them next.
        string[] files = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Where(file => !file.EndsWith(".part", StringComparison.Ordinal)).Order(StringComparer.Ordinal)] : [];
        return (files.Length, [.. files.Where(file => !IsSound(file)).Select(file => $"{file} is not what was written")]);

        bool IsSound(string file)
        {
            try
            {
                return isSound(file);
            }
            catch (FileNotFoundException)
            {
                // Its trial ended meanwhile.
                return true;
            }
        }
    }
}
