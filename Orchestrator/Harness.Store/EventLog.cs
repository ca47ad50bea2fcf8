using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Appends to the event table; the sequence number is the database's.</summary>
internal static class EventLog
{
    /// <param name="actor">Who asked for it; null where nobody did.</param>
    public static void Append(
        SqliteConnection connection, string at, string kind, long? experiment = null, string? trial = null, int? attempt = null, string? worker = null, string? detail = null, string? actor = null) =>
        connection.Execute("INSERT INTO event (at, kind, experiment_id, trial, attempt, worker, detail, actor) VALUES ($at, $kind, $experiment, $trial, $attempt, $worker, $detail, $actor)",
            ("$at", at), ("$kind", kind), ("$experiment", experiment), ("$trial", trial), ("$attempt", attempt), ("$worker", worker), ("$detail", detail), ("$actor", actor));
}
