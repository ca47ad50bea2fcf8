using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Results;
using Microsoft.Data.Sqlite;

namespace Harness.Store.Views;

/// <summary>Reads single trials: what they are, how their attempts went, what they recorded.</summary>
internal static class TrialReader
{
    private const int HashLength = 64, ShortestPrefix = 6;

    /// <summary>The trial called by its number in this database, or by its hash or the beginning of it; null when there is none, or more than one.</summary>
    public static long? Find(SqliteConnection connection, string name)
    {
        if (name.Length <= 18 && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && connection.Scalar<long?>("SELECT id FROM trial WHERE id = $id", ("$id", number)) is { } known) return known;
        if (name.Length is < ShortestPrefix or > HashLength || !name.All(char.IsAsciiHexDigitLower)) return null;
        var found = connection.Query("SELECT id FROM trial WHERE hash >= $low AND hash < $high LIMIT 2", row => row.Long("id"), ("$low", name), ("$high", name + "g"));
        return found is [var only] ? only : null;
    }

    /// <summary>The trials whose hash begins with <paramref name="prefix"/>, at most <paramref name="limit"/>, by hash.</summary>
    public static IReadOnlyList<FoundTrial> StartingWith(SqliteConnection connection, string prefix, int limit) => connection.Query(
        "SELECT hash, state, diverged_at_step FROM trial WHERE hash >= $low AND hash < $high ORDER BY hash LIMIT $limit",
        row => new FoundTrial(row.Text("hash"), ExperimentStore.StateOf(row.Text("state")), row.LongOrNull("diverged_at_step")), ("$low", prefix), ("$high", prefix + "g"), ("$limit", limit));

    /// <summary>The number of trials.</summary>
    public static long Total(SqliteConnection connection) => connection.Scalar<long>("SELECT count(*) FROM trial");

    /// <summary>Whether any trial reads this file, as data or as initial weights.</summary>
    public static bool IsFileUsed(SqliteConnection connection, string file) =>
        connection.Scalar<long?>("SELECT 1 FROM trial WHERE $file IN (json_extract(spec, '$.task.data'), json_extract(spec, '$.model.weights')) LIMIT 1", ("$file", file)) is not null;

    public static TrialDetail Read(SqliteConnection connection, long id)
    {
        var memberships = connection.Query(
            """
            SELECT e.id, e.name, coalesce(c.label, t.kind) || coalesce(' ' || et.stage || ' ' || (et.point + 1), '') AS label FROM experiment_trial et JOIN trial t ON t.id = et.trial_id JOIN experiment e ON e.id = et.experiment_id LEFT JOIN condition c ON c.experiment_id = e.id AND c.ordinal = et.condition
            WHERE et.trial_id = $id ORDER BY e.id DESC LIMIT 20
            """,
            row => new TrialMembership(row.Long("id"), row.Text("name"), row.Text("label")), ("$id", id));
        return connection.Query(
            "SELECT hash, cell, seed, state, failure, trial_failures, infrastructure_failures, device, worker, finished_at, spec, outcome, outcome IS NOT NULL AND EXISTS (SELECT 1 FROM worker w WHERE w.id = trial.worker AND w.canary_digest = '') AS is_unchecked FROM trial WHERE id = $id",
            row => new TrialDetail(
                id, row.Text("hash"), memberships.Count > 0 ? memberships[0].Label : row.Text("cell"), row.Text("cell"), row.Long("seed"), row.Text("state"), row.TextOrNull("failure"),
                row.Int("trial_failures"), row.Int("infrastructure_failures"), row.TextOrNull("device"), row.TextOrNull("worker"), row.TimeOrNull("finished_at"), JsonElement.Parse(row.Text("spec")),
                row.TextOrNull("outcome") is { } outcome ? JsonElement.Parse(outcome) : null,
                memberships, Attempts(connection, id), CurveReader.Ranges(connection, id), row.Flag("is_unchecked")),
            ("$id", id)).Single();
    }

    public static IReadOnlyList<AttemptView> Attempts(SqliteConnection connection, long id) => connection.Query(
        """
        SELECT a.number, a.worker, w.host, a.state, a.ending, a.message, a.exit_code, a.device, a.started_at, a.ended_at, a.resumed_from_step, a.checkpoint_step
        FROM attempt a LEFT JOIN worker w ON w.id = a.worker WHERE a.trial_id = $id ORDER BY a.number
        """,
        row => new AttemptView(
            row.Int("number"), row.Text("worker"), row.TextOrNull("host"), row.Text("state"), row.TextOrNull("ending"), row.TextOrNull("message"), row.IntOrNull("exit_code"), row.TextOrNull("device"),
            row.Time("started_at"), row.TimeOrNull("ended_at"), row.IntOrNull("resumed_from_step"), row.IntOrNull("checkpoint_step")),
        ("$id", id));

    /// <summary>What an attempt's trainer wrote last; null when there is no such attempt.</summary>
    public static AttemptLog? Log(SqliteConnection connection, long id, int attempt) => connection.Query(
        "SELECT t.hash, a.ending, a.message, a.exit_code, a.log FROM attempt a JOIN trial t ON t.id = a.trial_id WHERE a.trial_id = $id AND a.number = $number",
        row => new AttemptLog(row.Text("hash"), attempt, row.TextOrNull("ending"), row.TextOrNull("message"), row.IntOrNull("exit_code"), row.TextOrNull("log")), ("$id", id), ("$number", attempt)).SingleOrDefault();

    public static IReadOnlyList<GradientProfile> Gradients(SqliteConnection connection, long id) => connection.Query(
        $"SELECT {ProfileRow.Columns} FROM gradient_profile WHERE trial_id = $id ORDER BY step, layer, backwards, state",
        row => ProfileRow.Read(row),
        ("$id", id));
}
