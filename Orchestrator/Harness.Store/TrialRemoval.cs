using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>A trial that is no longer in the database.</summary>
/// <param name="Id">The number that it had.</param>
/// <param name="Files">The SHA-256 of each file that it read: data, initial weights.</param>
public sealed record RemovedTrial(long Id, string Trial, IReadOnlyList<string> Files);

/// <summary>Removes trials that no experiment asks for, whole: a trial that is there has everything that it measured.</summary>
internal sealed class TrialRemoval(SqliteConnection connection)
{
    private const int AtOnce = 100;

    public IReadOnlyList<RemovedTrial> Remove(long after)
    {
        var trials = connection.Query(
            """
            SELECT id, hash, json_extract(spec, '$.task.data') AS data, json_extract(spec, '$.model.weights') AS weights FROM trial
            WHERE id > $after AND state <> 'running' AND NOT EXISTS (SELECT 1 FROM experiment_trial et WHERE et.trial_id = trial.id) ORDER BY id LIMIT $most
            """,
            row => new RemovedTrial(row.Long("id"), row.Text("hash"), [.. new[] { row.TextOrNull("data"), row.TextOrNull("weights") }.OfType<string>()]), ("$after", after), ("$most", AtOnce));
        // Every measurement table references its trial by this column.
        var tables = connection.Query(
            "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'trial_id' WHERE m.type = 'table' AND m.name <> 'experiment_trial'", row => row.Text("name"));
        foreach (var trial in trials)
        {
            foreach (var table in tables) connection.Execute($"DELETE FROM {table} WHERE trial_id = $id", ("$id", trial.Id));
            connection.Execute("DELETE FROM event WHERE trial = $hash", ("$hash", trial.Trial));
            connection.Execute("DELETE FROM trial WHERE id = $id", ("$id", trial.Id));
        }

        return trials;
    }
}
