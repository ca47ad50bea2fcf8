using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Microsoft.Data.Sqlite;

namespace Harness.Store.Views;

/// <summary>Reads what belongs to no single experiment: workers, what runs on them, and events.</summary>
internal static class ClusterReader
{
    /// <summary>What an event's trial is called in the latest experiment that asks for it.</summary>
    private const string EventLabel =
        """
        (SELECT c.label || ' seed ' || t.seed FROM experiment_trial et JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition
         WHERE et.trial_id = t.id ORDER BY et.experiment_id DESC LIMIT 1)
        """;

    private const string EventSource = "FROM event v LEFT JOIN trial t ON t.hash = v.trial";

    private const string EventColumns = $"SELECT v.seq, v.at, v.kind, v.experiment_id, v.trial, t.id AS trial_id, v.attempt, v.worker, v.detail, v.actor, {EventLabel} AS label {EventSource}";

    private const string WorkerColumns = "SELECT w.id, w.host, w.process_id, w.slots, w.joined_at, w.left_at, w.environment_id, w.draining FROM worker w";

    /// <summary>Experiments with more trials are found in the stretch of events that is looked at; the events of others are looked up.</summary>
    private const long MostTrialsLookedUp = 2000;

    /// <summary>By the words of <see cref="EventOrder.Sorts"/>.</summary>
    private static readonly Dictionary<string, string> eventOrders = new(StringComparer.Ordinal) { ["when"] = "v.seq", ["kind"] = "v.kind", ["who"] = "v.actor COLLATE NOCASE" };

    /// <summary>A search looks at so many events before giving an answer: longer ones would hold a connection for seconds.</summary>
    private const long MostSearched = 100_000;

    /// <summary>What of a running attempt does not change while it runs, but its slot, which the database does not know; null when it is not stored yet.</summary>
    public static RunningView? Attempt(SqliteConnection connection, string trial, int attempt) => connection.Query(
        """
        SELECT t.id, t.cell, t.seed, a.worker, a.started_at, a.resumed_from_step, json_extract(t.spec, '$.train.steps') AS steps, c.label, t.kind, e.id AS experiment_id, e.name
        FROM trial t JOIN attempt a ON a.trial_id = t.id AND a.number = $attempt
        LEFT JOIN experiment_trial et ON et.trial_id = t.id AND et.experiment_id = (SELECT max(experiment_id) FROM experiment_trial WHERE trial_id = t.id)
        LEFT JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition LEFT JOIN experiment e ON e.id = et.experiment_id WHERE t.hash = $trial
        """,
        row => new RunningView(
            row.Long("id"), trial, row.Text("kind") == "timing" ? "timing" : FormattableString.Invariant($"{row.TextOrNull("label") ?? row.Text("cell")} seed {row.Long("seed")}"), row.Text("cell"), row.Text("worker"), attempt,
            row.IntOrNull("resumed_from_step") ?? 0, row.IntOrNull("steps") ?? 0, null, row.IntOrNull("resumed_from_step"), row.Time("started_at"), Slot: "")
        { Of = row.LongOrNull("experiment_id") is { } experiment ? new TrialMembership(experiment, row.Text("name"), row.TextOrNull("label") ?? row.Text("kind")) : null },
        ("$trial", trial), ("$attempt", attempt)).SingleOrDefault();

    /// <summary>The workers that are there, by machine, a page at a time; after the last of them those that left last.</summary>
    /// <param name="after">Only those that come after this one in the order, whether it is still there or not; null for the first page.</param>
    /// <param name="limit">At most so many of those that are there.</param>
    /// <param name="left">At most so many of those that left.</param>
    /// <returns>Without what they are at and how busy they are, which the database does not know; null when there never was a worker <paramref name="after"/>.</returns>
    public static WorkersReply? Workers(SqliteConnection connection, string? after, int limit, int left)
    {
        if (after is not null && connection.Scalar<long?>("SELECT 1 FROM worker WHERE id = $id", ("$id", after)) is null) return null;
        // Machines of a kind share one.
        var environments = new Dictionary<long, EnvironmentRecord?>();
        var there = connection.Query(
            $"""
            {WorkerColumns} WHERE w.left_at IS NULL AND ($after IS NULL OR (w.host, w.joined_at, w.id) > (SELECT host, joined_at, id FROM worker WHERE id = $after))
            ORDER BY w.host, w.joined_at, w.id LIMIT $limit
            """,
            Worker, ("$after", after), ("$limit", limit + 1));
        if (there.Count > limit) return new WorkersReply(there[..limit], there[limit - 1].Worker);
        return new WorkersReply([.. there, .. connection.Query($"{WorkerColumns} WHERE w.left_at IS NOT NULL ORDER BY w.left_at DESC, w.id LIMIT $left", Worker, ("$left", left))], null);

        WorkerView Worker(SqliteDataReader row)
        {
            var environment = row.LongOrNull("environment_id") is { } id ? Environment(id) : null;
            return new(row.Text("id"), row.Text("host"), row.Int("process_id"), row.Int("slots"), environment?.Processor, environment?.Devices ?? [], row.Time("joined_at"), row.TimeOrNull("left_at"), row.Flag("draining"), null, []);
        }

        EnvironmentRecord? Environment(long id)
        {
            if (environments.TryGetValue(id, out var known)) return known;
            var record = connection.Scalar<string>("SELECT record FROM environment WHERE id = $id", ("$id", id));
            return environments[id] = record is null ? null : JsonSerializer.Deserialize(record, HarnessJson.Default.EnvironmentRecord);
        }
    }

    /// <summary>The number of workers that have not left, and the sum of their slots.</summary>
    public static (long Workers, long Slots) Capacity(SqliteConnection connection) => connection.Query(
        "SELECT count(*) AS workers, coalesce(sum(slots), 0) AS slots FROM worker WHERE left_at IS NULL", row => (row.Long("workers"), row.Long("slots"))).Single();

    /// <summary>Whether a worker of that name has joined and not left.</summary>
    public static bool IsPresent(SqliteConnection connection, string worker) =>
        connection.Scalar<long?>("SELECT 1 FROM worker WHERE id = $id AND left_at IS NULL", ("$id", worker)) is not null;

    /// <summary>Events after a sequence number, the oldest first.</summary>
    public static IReadOnlyList<EventView> EventsAfter(SqliteConnection connection, long after, long? experiment, int limit) => connection.Query(
        $"{EventColumns} WHERE v.seq > $after {OfExperiment(connection, experiment)} ORDER BY v.seq LIMIT $limit", Event, ("$after", after), ("$experiment", experiment), ("$limit", limit));

    /// <summary>Events before a sequence number, the newest first.</summary>
    /// <param name="kind">Only those of this kind; null for all.</param>
    public static IReadOnlyList<EventView> EventsBefore(SqliteConnection connection, long? before, long? experiment, string? trial, string? kind, int limit) =>
        EventsBefore(connection, before, new EventFilter(experiment, trial, kind), limit);

    /// <inheritdoc cref="EventsBefore(SqliteConnection, long?, long?, string?, string?, int)"/>
    public static IReadOnlyList<EventView> EventsBefore(SqliteConnection connection, long? before, EventFilter filter, int limit) => connection.Query(
        $"""
        {EventColumns} WHERE v.seq < $before AND v.seq >= $floor {Wanted(connection, filter)} ORDER BY v.seq DESC LIMIT $limit
        """,
        Event, ("$before", before ?? long.MaxValue), ("$experiment", filter.Experiment), ("$trial", filter.Trial), ("$kind", filter.Kind), ("$text", filter.Text), ("$limit", limit),
        ("$floor", filter.Text is null ? 0 : Math.Min(before ?? long.MaxValue, LastEvent(connection)) - MostSearched));

    /// <summary>A page of the latest <see cref="MostSearched"/> events in an order of one's own.</summary>
    /// <param name="number">From 1; a page after the last one is empty.</param>
    public static ListPage<EventView> EventsSorted(SqliteConnection connection, EventFilter filter, EventOrder order, int number, int size)
    {
        var column = eventOrders.GetValueOrDefault(order.Sort ?? "", "v.seq");
        (string, object?)[] values =
            [("$experiment", filter.Experiment), ("$trial", filter.Trial), ("$kind", filter.Kind), ("$text", filter.Text), ("$floor", LastEvent(connection) - MostSearched), ("$size", size), ("$skipped", (number - 1L) * size)];
        var from = $"{EventSource} WHERE v.seq >= $floor {Wanted(connection, filter)}";
        var total = connection.Scalar<long>($"SELECT count(*) {from}", values);
        // Labels are looked up for the events of the page only.
        var places = connection.Query($"SELECT v.seq {from} ORDER BY {column} IS NULL, {column} {(order.Descending ? "DESC" : "ASC")}, v.seq DESC LIMIT $size OFFSET $skipped", row => row.Long("seq"), values);
        var found = connection.Query($"{EventColumns} WHERE v.seq IN (SELECT value FROM json_each($places))", Event, ("$places", $"[{string.Join(',', places.Select(seq => seq.ToString(CultureInfo.InvariantCulture)))}]")).ToDictionary(happened => happened.Seq);
        return new([.. places.Select(seq => found[seq])], number, size, total);
    }

    /// <summary>The condition of a filter, whose values are parameters.</summary>
    private static string Wanted(SqliteConnection connection, EventFilter filter) => string.Join(' ',
        OfExperiment(connection, filter.Experiment), filter.Trial is null ? "" : "AND v.trial = $trial", filter.Kind is null ? "" : "AND v.kind = $kind", filter.OnlyPeople ? "AND v.actor IS NOT NULL" : "",
        filter.Text is null ? "" : $"AND instr(lower(v.kind || ' ' || coalesce(v.detail, '') || ' ' || coalesce(v.actor, '') || ' ' || coalesce(v.worker, '') || ' ' || coalesce({EventLabel}, '')), lower($text)) > 0");

    /// <summary>The kinds of events that there are.</summary>
    public static IReadOnlyList<string> EventKinds(SqliteConnection connection) => connection.Query(
        // Skip-scan over the index; a full scan is O(events).
        """
        WITH RECURSIVE known (kind) AS (SELECT min(kind) FROM event UNION ALL SELECT (SELECT min(v.kind) FROM event v WHERE v.kind > known.kind) FROM known WHERE known.kind IS NOT NULL)
        SELECT kind FROM known WHERE kind IS NOT NULL
        """,
        row => row.Text("kind"));

    public static long LastEvent(SqliteConnection connection) => connection.Scalar<long>("SELECT coalesce(max(seq), 0) FROM event");

    /// <summary>Every trial, by state.</summary>
    public static StateCounts Trials(SqliteConnection connection)
    {
        var counts = new StateCounts();
        foreach (var (state, count) in connection.Query("SELECT state, count(*) AS trials FROM trial GROUP BY state", row => (row.Text("state"), row.Long("trials")))) counts[state] = count;
        return counts;
    }

    /// <summary>The condition that an event is of an experiment or of one of its trials, in the form that is quicker for it.</summary>
    private static string OfExperiment(SqliteConnection connection, long? experiment)
    {
        if (experiment is null) return "";
        var trials = connection.Scalar<long>("SELECT count(*) FROM (SELECT 1 FROM experiment_trial WHERE experiment_id = $id LIMIT $most)", ("$id", experiment), ("$most", MostTrialsLookedUp + 1));
        return trials > MostTrialsLookedUp
            ? "AND (v.experiment_id = $experiment OR EXISTS (SELECT 1 FROM experiment_trial et WHERE et.trial_id = t.id AND et.experiment_id = $experiment))"
            : """
              AND v.seq IN (SELECT seq FROM event WHERE experiment_id = $experiment UNION ALL
                            SELECT own.seq FROM experiment_trial et JOIN trial ot ON ot.id = et.trial_id JOIN event own ON own.trial = ot.hash WHERE et.experiment_id = $experiment)
              """;
    }

    private static EventView Event(SqliteDataReader row) => new(
        row.Long("seq"), row.Time("at"), row.Text("kind"), row.LongOrNull("experiment_id"), row.TextOrNull("trial"), row.LongOrNull("trial_id"), row.IntOrNull("attempt"), row.TextOrNull("worker"), row.TextOrNull("detail"),
        row.TextOrNull("actor"), row.TextOrNull("label"));
}
