using System.Text.Json;
using Harness.Abstractions.Results;
using Harness.Scheduling.Stages;
using Microsoft.Data.Sqlite;

namespace Harness.Store.Views;

/// <summary>Reads experiments and lists of their trials, a page at a time.</summary>
internal static class ExperimentReader
{
    internal const string TrialColumns =
        "t.id, t.hash, et.ordinal, et.condition, coalesce(c.label, t.kind) || coalesce(' ' || et.stage || ' ' || (et.point + 1), '') AS label, t.cell, t.seed, t.state, t.attempts, t.steps, "
        // What is not a number is NULL in its column; the outcome says what it was.
        + "coalesce(t.final_loss, t.outcome ->> '$.final_loss') AS final_loss, coalesce(t.ms_per_step, t.outcome ->> '$.milliseconds_per_step') AS ms_per_step, t.worker, t.failure";

    /// <summary>The latest experiments first.</summary>
    /// <param name="before">Only those with a smaller number.</param>
    /// <param name="open">Only those that are neither finished nor cancelled, or only those that are; null for both.</param>
    /// <param name="counted">Trials by state, see <see cref="Counts(SqliteConnection, long)"/>.</param>
    /// <param name="name">Only those that are called so; null for all.</param>
    public static ExperimentPage List(SqliteConnection connection, long? before, int limit, bool? open, Func<SqliteConnection, ExperimentSummary, StateCounts> counted, string? name = null)
    {
        var found = connection.Query(
            """
            SELECT e.id, e.name, e.question, e.state, e.priority, e.submitted_at, e.finished_at, (SELECT count(*) FROM condition c WHERE c.experiment_id = e.id) AS conditions
            FROM experiment e WHERE e.id < $before AND ($open IS NULL OR (e.state IN ('running', 'paused')) = $open) AND ($name IS NULL OR e.name = $name) ORDER BY e.id DESC LIMIT $limit
            """,
            Summary,
            ("$before", before ?? long.MaxValue), ("$open", open), ("$name", name), ("$limit", limit + 1));
        var page = found.Take(limit).Select(summary => summary with { Trials = counted(connection, summary) }).ToList();
        return new ExperimentPage(page, found.Count > limit ? page[^1].Id : null);
    }

    public static ExperimentSummary? Find(SqliteConnection connection, long id, Func<SqliteConnection, ExperimentSummary, StateCounts> counted) => connection.Query(
        """
        SELECT id, name, question, state, priority, submitted_at, finished_at, (SELECT count(*) FROM condition c WHERE c.experiment_id = e.id) AS conditions FROM experiment e WHERE id = $id
        """,
        Summary, ("$id", id)).Select(summary => summary with { Trials = counted(connection, summary) }).SingleOrDefault();

    /// <summary>The name of an experiment; null when it does not exist.</summary>
    public static string? Name(SqliteConnection connection, long id) => connection.Scalar<string>("SELECT name FROM experiment WHERE id = $id", ("$id", id));

    /// <summary>The stage that an experiment is in; null where all its trials were known at the start.</summary>
    public static StageProgress? Stage(SqliteConnection connection, long id) => Growth.ProgressOf(connection, id);

    /// <summary>The decisions about an experiment, in order.</summary>
    public static IReadOnlyList<StageDecision> Decisions(SqliteConnection connection, long id) => Growth.Decisions(connection, id);

    /// <summary>Whether any experiment has that name.</summary>
    public static bool IsNameUsed(SqliteConnection connection, string name) =>
        connection.Scalar<long?>("SELECT 1 FROM experiment WHERE name = $name LIMIT 1", ("$name", name)) is not null;

    /// <summary>Whether a condition of an experiment reads a data file.</summary>
    public static bool HasDataFiles(SqliteConnection connection, long id) =>
        connection.Scalar<long?>("SELECT 1 FROM condition WHERE experiment_id = $id AND json_extract(spec, '$.task.data') IS NOT NULL LIMIT 1", ("$id", id)) is not null;

    /// <summary>The number of experiments.</summary>
    public static long Total(SqliteConnection connection) => connection.Scalar<long>("SELECT count(*) FROM experiment");

    /// <summary>The experiments that are running or paused, by falling priority.</summary>
    public static IReadOnlyList<OpenExperiment> Open(SqliteConnection connection) => connection.Query(
        "SELECT id, name, priority, state FROM experiment WHERE state IN ('running', 'paused') ORDER BY priority DESC, id",
        row => new OpenExperiment(row.Long("id"), row.Text("name"), row.Int("priority"), row.Text("state")));

    /// <summary>The file as it was submitted, where it came from and what <c>--set</c> changed.</summary>
    public static (string Text, string Path, IReadOnlyList<string> Overrides) Spec(SqliteConnection connection, long id) => connection.Query(
        "SELECT spec_text, spec_path, overrides FROM experiment WHERE id = $id",
        row => (row.Text("spec_text"), row.Text("spec_path"), (IReadOnlyList<string>)JsonSerializer.Deserialize<List<string>>(row.Text("overrides"))!), ("$id", id)).Single();

    /// <summary>Conditions in the plan's order, each with its trials by state.</summary>
    /// <param name="counts">See <see cref="Counts(SqliteConnection, long, int, int)"/>.</param>
    public static IReadOnlyList<ConditionSummary> Conditions(SqliteConnection connection, long id, int from, int limit, IReadOnlyDictionary<int, StateCounts> counts) => connection.Query(
        """
        SELECT ordinal, label, json_extract(spec, '$.model.cell') AS cell, factors, parameters FROM condition
        WHERE experiment_id = $id AND ordinal >= $from ORDER BY ordinal LIMIT $limit
        """,
        row => new ConditionSummary(
            row.Int("ordinal"), row.Text("label"), row.TextOrNull("cell") ?? "", JsonSerializer.Deserialize<Dictionary<string, string>>(row.Text("factors"))!, row.Long("parameters"),
            counts.GetValueOrDefault(row.Int("ordinal"), [])),
        ("$id", id), ("$from", from), ("$limit", limit));

    /// <summary>Trials by state of so many conditions from one of them on.</summary>
    public static IReadOnlyDictionary<int, StateCounts> Counts(SqliteConnection connection, long id, int from, int limit)
    {
        var counts = new Dictionary<int, StateCounts>();
        foreach (var (condition, state, count) in connection.Query(
            """
            SELECT et.condition, t.state, count(*) AS trials FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            WHERE et.experiment_id = $id AND et.condition >= $from AND et.condition < $to GROUP BY 1, 2
            """,
            row => (row.Int("condition"), row.Text("state"), row.Long("trials")), ("$id", id), ("$from", from), ("$to", (long)from + limit)))
        {
            if (!counts.TryGetValue(condition, out var states)) counts.Add(condition, states = []);
            states[state] = count;
        }

        return counts;
    }

    /// <summary>Trials in running order.</summary>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="isRare">Whether few trials are in that state: then they are looked up, and else met on the way.</param>
    /// <param name="condition">Only those of this condition; null for all.</param>
    /// <param name="after">Only those that come after this place in the order.</param>
    public static TrialPage Trials(SqliteConnection connection, long id, string? state, bool isRare, int? condition, int? after, int limit)
    {
        // CROSS JOIN fixes SQLite's join order.
        var from = state is not null && isRare
            ? "trial t INDEXED BY trial_by_state CROSS JOIN experiment_trial et ON et.trial_id = t.id AND et.experiment_id = $id"
            : "experiment_trial et CROSS JOIN trial t ON t.id = et.trial_id AND et.experiment_id = $id";
        var found = connection.Query(
            $"""
            SELECT {TrialColumns} FROM {from} LEFT JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition
            WHERE et.ordinal > $after {(condition is null ? "" : "AND et.condition = $condition")} {(state is null ? "" : "AND t.state = $state")} ORDER BY et.ordinal LIMIT $limit
            """,
            Trial, ("$id", id), ("$after", after ?? -1), ("$condition", condition), ("$state", state), ("$limit", limit + 1));
        var page = found.Take(limit).ToList();
        return new TrialPage(page, found.Count > limit ? page[^1].Ordinal : null);
    }

    /// <summary>The first trials of the conditions from one up to before another, condition by condition.</summary>
    public static IReadOnlyList<TrialRow> Grid(SqliteConnection connection, long id, int from, int to, int limit) => connection.Query(
        $"""
        SELECT {TrialColumns} FROM experiment_trial et INDEXED BY experiment_trial_by_condition CROSS JOIN trial t ON t.id = et.trial_id
        LEFT JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition
        WHERE et.experiment_id = $id AND et.condition >= $from AND et.condition < $to ORDER BY et.condition, et.ordinal LIMIT $limit
        """,
        Trial, ("$id", id), ("$from", from), ("$to", to), ("$limit", limit));

    /// <summary>Seconds of work left, from the times of the experiment's own finished trials; null before three have finished.</summary>
    public static double? SecondsLeft(SqliteConnection connection, long id)
    {
        var times = connection.Query(
            """
            SELECT et.condition, t.state, count(*) AS trials, avg(t.train_seconds) AS seconds, count(t.train_seconds) AS timed FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            WHERE et.experiment_id = $id GROUP BY 1, 2
            """,
            row => (Condition: row.Int("condition"), State: row.Text("state"), Count: row.Long("trials"), Seconds: row.DoubleOrNull("seconds"), Timed: row.Long("timed")), ("$id", id));
        var timed = times.Where(time => time is { State: "completed", Seconds: not null }).ToList();
        if (timed.Sum(time => time.Timed) < 3) return null;
        var usual = timed.Sum(time => time.Seconds!.Value * time.Timed) / timed.Sum(time => time.Timed);
        var known = timed.ToDictionary(time => time.Condition, time => time.Seconds!.Value);
        return times.Where(time => time.State is "pending" or "backing_off" or "running")
            // Of what runs, half is taken to be done.
            .Sum(time => time.Count * known.GetValueOrDefault(time.Condition, usual) * (time.State == "running" ? 0.5 : 1));
    }

    /// <summary>Trials by state, counted one by one.</summary>
    public static StateCounts Counts(SqliteConnection connection, long id)
    {
        var counts = new StateCounts();
        foreach (var (state, count) in connection.Query(
            "SELECT t.state, count(*) AS trials FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id GROUP BY 1",
            row => (row.Text("state"), row.Long("trials")), ("$id", id))) counts[state] = count;
        return counts;
    }

    internal static TrialRow Trial(SqliteDataReader row) => new(
        row.Long("id"), row.Text("hash"), row.Int("ordinal"), row.Int("condition"), row.Text("label"), row.Text("cell"), row.Long("seed"), row.Text("state"), row.Int("attempts"),
        row.IntOrNull("steps"), row.NumberOrWord("final_loss"), row.NumberOrWord("ms_per_step"), row.TextOrNull("worker"), row.TextOrNull("failure"));

    internal static ExperimentSummary Summary(SqliteDataReader row) => new(
        row.Long("id"), row.Text("name"), row.TextOrNull("question"), row.Text("state"), row.Int("priority"), row.Time("submitted_at"), row.TimeOrNull("finished_at"), row.Int("conditions"), new StateCounts());
}
