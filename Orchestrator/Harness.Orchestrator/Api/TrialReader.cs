using System.Globalization;
using System.Text.Json;
using Harness.Experiments.Results;
using Harness.Orchestrator.Store;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Api;

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
        var found = connection.Query("SELECT id FROM trial WHERE hash >= $low AND hash < $high LIMIT 2", row => row.GetInt64(0), ("$low", name), ("$high", name + "g"));
        return found is [var only] ? only : null;
    }

    public static TrialDetail Read(SqliteConnection connection, long id)
    {
        var memberships = connection.Query(
            """
            SELECT e.id, e.name, coalesce(c.label, t.kind) FROM experiment_trial et JOIN trial t ON t.id = et.trial_id JOIN experiment e ON e.id = et.experiment_id LEFT JOIN condition c ON c.experiment_id = e.id AND c.ordinal = et.condition
            WHERE et.trial_id = $id ORDER BY e.id DESC LIMIT 20
            """,
            row => new TrialMembership(row.GetInt64(0), row.GetString(1), row.GetString(2)), ("$id", id));
        return connection.Query(
            "SELECT hash, cell, seed, state, failure, trial_failures, infrastructure_failures, device, worker, finished_at, spec, outcome, outcome IS NOT NULL AND EXISTS (SELECT 1 FROM worker w WHERE w.id = trial.worker AND w.canary_digest = '') FROM trial WHERE id = $id",
            row => new TrialDetail(
                id, row.GetString(0), memberships.Count > 0 ? memberships[0].Label : row.GetString(1), row.GetString(1), row.GetInt64(2), row.GetString(3), row.TextOrNull(4),
                row.GetInt32(5), row.GetInt32(6), row.TextOrNull(7), row.TextOrNull(8), row.TimeOrNull(9), JsonSerializer.Deserialize(row.GetString(10), ApiJson.Default.JsonElement),
                row.TextOrNull(11) is { } outcome ? JsonSerializer.Deserialize(outcome, ApiJson.Default.JsonElement) : null,
                memberships, Attempts(connection, id), CurveReader.Ranges(connection, id), row.GetBoolean(12)),
            ("$id", id)).Single();
    }

    public static IReadOnlyList<AttemptView> Attempts(SqliteConnection connection, long id) => connection.Query(
        """
        SELECT a.number, a.worker, w.host, a.state, a.ending, a.message, a.exit_code, a.device, a.started_at, a.ended_at, a.resumed_from_step, a.checkpoint_step
        FROM attempt a LEFT JOIN worker w ON w.id = a.worker WHERE a.trial_id = $id ORDER BY a.number
        """,
        row => new AttemptView(
            row.GetInt32(0), row.GetString(1), row.TextOrNull(2), row.GetString(3), row.TextOrNull(4), row.TextOrNull(5), row.IntOrNull(6), row.TextOrNull(7),
            row.Time(8), row.TimeOrNull(9), row.IntOrNull(10), row.IntOrNull(11)),
        ("$id", id));

    /// <summary>What an attempt's trainer wrote last; null when there is no such attempt.</summary>
    public static AttemptLog? Log(SqliteConnection connection, long id, int attempt) => connection.Query(
        "SELECT t.hash, a.ending, a.message, a.exit_code, a.log FROM attempt a JOIN trial t ON t.id = a.trial_id WHERE a.trial_id = $id AND a.number = $number",
        row => new AttemptLog(row.GetString(0), attempt, row.TextOrNull(1), row.TextOrNull(2), row.IntOrNull(3), row.TextOrNull(4)), ("$id", id), ("$number", attempt)).SingleOrDefault();

    public static IReadOnlyList<GradientProfile> Gradients(SqliteConnection connection, long id) => connection.Query(
        $"SELECT {ProfileRow.Columns} FROM gradient_profile WHERE trial_id = $id ORDER BY step, layer, backwards, state",
        row => ProfileRow.Read(row, 0),
        ("$id", id));
}
