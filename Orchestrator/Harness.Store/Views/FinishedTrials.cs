using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Microsoft.Data.Sqlite;

namespace Harness.Store.Views;

/// <summary>A trial whose weights can be used.</summary>
/// <param name="Experiment">The experiment that it was asked for by, or the latest that it belongs to; null where it belongs to none any more.</param>
/// <param name="Condition">Its condition's label there.</param>
/// <param name="DataLicence">The licence of its data as that experiment names it; null where it names none.</param>
/// <param name="Metrics">What it measured in the end, by the names of the metrics.</param>
internal sealed record FinishedTrial(string Hash, TrialSpec Spec, string? Experiment, string? Condition, string? DataLicence, IReadOnlyDictionary<string, double> Metrics);

/// <summary>Finds the finished trials that a command line names.</summary>
internal static class FinishedTrials
{
    private const int ShortestPrefix = 4, MostNamed = 6;

    /// <summary>The trial called by its identity or the beginning of it.</summary>
    /// <param name="data">What messages call the database.</param>
    public static (FinishedTrial? Trial, string? Problem) Find(SqliteConnection connection, string name, string data)
    {
        if (name.Length < ShortestPrefix || !name.All(char.IsAsciiHexDigitLower)) return (null, $"'{name}' is no trial's identity: at least {ShortestPrefix} of its hexadecimal digits are needed.");
        var found = TrialReader.StartingWith(connection, name, MostNamed);
        return found switch
        {
            [] => (null, $"there is no trial '{name}' in '{data}'."),
            [{ State: TrialState.Diverged } only] => (null, $"trial {only.Hash} diverged at step {only.DivergedAt}: it has no final weights."),
            [{ State: not TrialState.Completed } only] => (null, $"trial {only.Hash} is {ExperimentStore.Word(only.State)}: it has no final weights yet."),
            [var only] => (Read(connection, connection.Scalar<long>("SELECT id FROM trial WHERE hash = $hash", ("$hash", only.Hash)), null), null),
            _ => (null, $"'{name}' matches several trials: {string.Join(", ", found.Select(trial => trial.Hash))}. Type more digits."),
        };
    }

    /// <summary>The trial of a condition with the smallest evaluation loss.</summary>
    /// <param name="label">The condition's label.</param>
    public static (FinishedTrial? Trial, string? Problem) FindBest(SqliteConnection connection, long experiment, string label)
    {
        var conditions = connection.Query("SELECT ordinal, label FROM condition WHERE experiment_id = $id ORDER BY ordinal", row => (Ordinal: row.Int("ordinal"), Label: row.Text("label")), ("$id", experiment));
        if (conditions.Find(condition => string.Equals(condition.Label, label, StringComparison.OrdinalIgnoreCase)) is not { Label: not null } named)
            return (null, $"the experiment has no condition '{label}'. It has: {string.Join(", ", conditions.Select(condition => condition.Label))}.");
        var best = connection.Scalar<long?>(
            """
            SELECT t.id FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            WHERE et.experiment_id = $id AND et.condition = $condition AND et.stage IS NULL AND t.kind = 'learning' AND t.state = 'completed' ORDER BY t.final_loss, t.seed LIMIT 1
            """,
            ("$id", experiment), ("$condition", named.Ordinal));
        return best is { } id ? (Read(connection, id, experiment), null) : (null, $"no trial of the condition '{named.Label}' has completed.");
    }

    private static FinishedTrial Read(SqliteConnection connection, long id, long? experiment)
    {
        var membership = connection.Query(
            """
            SELECT e.name, e.report, c.label FROM experiment_trial et JOIN experiment e ON e.id = et.experiment_id JOIN condition c ON c.experiment_id = e.id AND c.ordinal = et.condition
            WHERE et.trial_id = $id AND ($experiment IS NULL OR e.id = $experiment) ORDER BY e.id DESC LIMIT 1
            """,
            row => (Name: row.Text("name"), Label: row.Text("label"), Report: JsonSerializer.Deserialize(row.Text("report"), HarnessJson.Default.ReportSpec)), ("$id", id), ("$experiment", experiment)).FirstOrDefault();
        return connection.Query(
            "SELECT hash, spec, outcome FROM trial WHERE id = $id",
            row => new FinishedTrial(
                row.Text("hash"), JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!, membership.Name, membership.Label, membership.Report?.DataLicence,
                Metrics(JsonSerializer.Deserialize(row.Text("outcome"), HarnessJson.Default.TrialOutcome)!, Measured(connection, id))),
            ("$id", id)).Single();
    }

    private static Dictionary<string, double> Metrics(TrialOutcome outcome, IEnumerable<(string Name, double Value)> measured)
    {
        var metrics = measured.ToDictionary(metric => metric.Name, metric => metric.Value, StringComparer.Ordinal);
        if (outcome.FinalLoss is { } loss) metrics[MetricCatalog.EvaluationLoss] = loss;
        if (outcome.FinalAccuracy is { } accuracy) metrics[MetricCatalog.EvaluationAccuracy] = accuracy;
        metrics["eval.baseline_loss"] = outcome.BaselineLoss;
        return metrics;
    }

    /// <summary>What is measured once, at the end.</summary>
    private static List<(string Name, double Value)> Measured(SqliteConnection connection, long id) => connection.Query(
        "SELECT m.name, k.points FROM metric_chunk k JOIN metric m ON m.id = k.metric_id WHERE k.trial_id = $id AND m.name IN (SELECT value FROM json_each($names)) GROUP BY m.name HAVING k.first_step = max(k.first_step)",
        row => (row.Text("name"), (double)MetricCodec.DecodeSingles(row.Bytes("points"))[^1]),
        ("$id", id), ("$names", JsonSerializer.Serialize<IReadOnlyList<string>>([MetricCatalog.TestLoss, MetricCatalog.TestAccuracy, MetricCatalog.TrainingSetLoss], HarnessJson.Default.IReadOnlyListString)));
}
