using System.Text.Json;
using Harness.Experiments.Specs;
using Harness.Orchestrator.Store;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Api;

/// <summary>Reads what belongs to no single experiment: workers, what runs on them, and events.</summary>
internal static class ClusterReader
{
    private const string EventColumns =
        "SELECT v.seq, v.at, v.kind, v.experiment_id, v.trial, t.id, v.attempt, v.worker, v.detail FROM event v LEFT JOIN trial t ON t.hash = v.trial";

    private const string OfExperiment =
        "($experiment IS NULL OR v.experiment_id = $experiment OR EXISTS (SELECT 1 FROM experiment_trial et WHERE et.trial_id = t.id AND et.experiment_id = $experiment))";

    /// <summary>What runs, as the database knows it: how far it is knows the scheduler.</summary>
    public static IReadOnlyList<RunningView> Running(SqliteConnection connection) => connection.Query(
        """
        SELECT t.id, t.hash, t.cell, t.seed, a.worker, a.number, a.started_at, a.resumed_from_step, json_extract(t.spec, '$.train.steps'),
               (SELECT c.label FROM experiment_trial et JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition
                WHERE et.trial_id = t.id ORDER BY et.experiment_id LIMIT 1), t.kind
        FROM attempt a JOIN trial t ON t.id = a.trial_id WHERE a.state = 'running' ORDER BY a.started_at, t.id
        """,
        row => new RunningView(
            row.GetInt64(0), row.GetString(1), row.GetString(10) == "timing" ? "timing" : FormattableString.Invariant($"{row.TextOrNull(9) ?? row.GetString(2)} seed {row.GetInt64(3)}"), row.GetString(2), row.GetString(4), row.GetInt32(5),
            row.IntOrNull(7) ?? 0, row.IntOrNull(8) ?? 0, null, row.IntOrNull(7), row.Time(6)));

    /// <summary>The workers that are there, then those that left last.</summary>
    /// <param name="running">What runs, wherever.</param>
    public static IReadOnlyList<WorkerView> Workers(SqliteConnection connection, ILookup<string, RunningView> running, int left) => connection.Query(
        """
        SELECT w.id, w.host, w.process_id, w.slots, w.joined_at, w.left_at, e.record FROM worker w LEFT JOIN environment e ON e.id = w.environment_id
        WHERE w.left_at IS NULL OR w.id IN (SELECT id FROM worker WHERE left_at IS NOT NULL ORDER BY left_at DESC LIMIT $left)
        ORDER BY w.left_at IS NOT NULL, w.left_at DESC, w.host, w.joined_at
        """,
        row =>
        {
            var environment = row.TextOrNull(6) is { } record ? JsonSerializer.Deserialize(record, HarnessJson.Default.EnvironmentRecord) : null;
            return new WorkerView(
                row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), environment?.Processor, environment?.Devices ?? [], row.Time(4), row.TimeOrNull(5),
                row.IsDBNull(5) ? [.. running[row.GetString(0)]] : []);
        },
        ("$left", left));

    /// <summary>Events after a sequence number, the oldest first.</summary>
    public static IReadOnlyList<EventView> EventsAfter(SqliteConnection connection, long after, long? experiment, int limit) => connection.Query(
        $"{EventColumns} WHERE v.seq > $after AND {OfExperiment} ORDER BY v.seq LIMIT $limit", Event, ("$after", after), ("$experiment", experiment), ("$limit", limit));

    /// <summary>Events before a sequence number, the newest first.</summary>
    /// <param name="kind">Only those of this kind; null for all.</param>
    public static IReadOnlyList<EventView> EventsBefore(SqliteConnection connection, long? before, long? experiment, string? trial, string? kind, int limit) => connection.Query(
        $"{EventColumns} WHERE v.seq < $before AND {OfExperiment} AND ($trial IS NULL OR v.trial = $trial) AND ($kind IS NULL OR v.kind = $kind) ORDER BY v.seq DESC LIMIT $limit",
        Event, ("$before", before ?? long.MaxValue), ("$experiment", experiment), ("$trial", trial), ("$kind", kind), ("$limit", limit));

    public static long LastEvent(SqliteConnection connection) => connection.Scalar<long>("SELECT coalesce(max(seq), 0) FROM event");

    /// <summary>Every trial, by state.</summary>
    public static StateCounts Trials(SqliteConnection connection)
    {
        var counts = new StateCounts();
        foreach (var (state, count) in connection.Query("SELECT state, count(*) FROM trial GROUP BY state", row => (row.GetString(0), row.GetInt64(1)))) counts[state] = count;
        return counts;
    }

    private static EventView Event(SqliteDataReader row) => new(
        row.GetInt64(0), row.Time(1), row.GetString(2), row.LongOrNull(3), row.TextOrNull(4), row.LongOrNull(5), row.IntOrNull(6), row.TextOrNull(7), row.TextOrNull(8));
}
