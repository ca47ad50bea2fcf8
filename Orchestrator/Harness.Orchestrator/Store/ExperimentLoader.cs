using System.Text.Json;
using Harness.Experiments.Contracts;
using Harness.Experiments.Specs;
using Harness.Orchestrator.Scheduling;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Store;

/// <summary>Reads an experiment as the scheduler needs it, from the database alone.</summary>
internal sealed class ExperimentLoader(SqliteConnection connection)
{
    /// <summary>The experiments that are neither finished nor cancelled, the oldest first.</summary>
    public IReadOnlyList<AdmittedExperiment> Unfinished() =>
        [.. connection.Query("SELECT id FROM experiment WHERE state IN ('running', 'paused') ORDER BY id", row => row.GetInt64(0)).Select(Load)];

    public AdmittedExperiment Load(long id)
    {
        var (run, state) = connection.Query(
            "SELECT run, priority, trial_retries, infrastructure_retries, state FROM experiment WHERE id = $id",
            row => (Run: JsonSerializer.Deserialize(row.GetString(0), HarnessJson.Default.RunSpec)! with
            {
                Priority = row.GetInt32(1),
                TrialRetries = row.GetInt32(2),
                InfrastructureRetries = row.GetInt32(3),
            }, State: row.GetString(4)), ("$id", id)).Single();
        var labels = connection.Query("SELECT ordinal, label FROM condition WHERE experiment_id = $id", row => (row.GetInt32(0), row.GetString(1)), ("$id", id)).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        var needs = new TrialNeeds(false, run.Memory, run.Label, run.Exclusive);
        var onCuda = needs with { Cuda = true };
        var (alone, aloneOnCuda) = (needs with { Exclusive = true }, onCuda with { Exclusive = true });
        var trials = connection.Query(
            """
            SELECT et.ordinal, t.hash, t.spec, et.condition, t.seed, t.state, t.attempts, t.trial_failures, t.infrastructure_failures, t.failure,
                   lower(coalesce(json_extract(t.spec, '$.device'), 'cpu')) <> 'cpu', a.worker, coalesce(w.host, ''), t.kind = 'timing', json_array_length(t.spec, '$.timing.arms')
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            LEFT JOIN attempt a ON a.trial_id = t.id AND a.number = t.attempts AND a.state = 'running' LEFT JOIN worker w ON w.id = a.worker
            WHERE et.experiment_id = $id ORDER BY et.ordinal
            """,
            row => new AdmittedTrial(
                row.GetInt32(0), row.GetString(1), row.GetString(2),
                row.GetBoolean(13) ? FormattableString.Invariant($"timing of {row.GetInt32(14)} steps") : FormattableString.Invariant($"{labels[row.GetInt32(3)]} seed {row.GetInt64(4)}"),
                ExperimentStore.StateOf(row.GetString(5)), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8), row.TextOrNull(9),
                row.GetInt32(3), (row.GetBoolean(10), row.GetBoolean(13)) switch { (true, true) => aloneOnCuda, (true, _) => onCuda, (_, true) => alone, _ => needs },
                row.TextOrNull(11) is { } worker ? (new AttemptKey(row.GetString(1), row.GetInt32(6), worker), row.GetString(12)) : null),
            ("$id", id));
        return new AdmittedExperiment(id, run.Priority, run.TrialRetries, run.InfrastructureRetries, trials)
        {
            State = state switch { "paused" => ExperimentState.Paused, "cancelled" => ExperimentState.Cancelled, _ => ExperimentState.Running },
            Terms = run.Attempts,
        };
    }
}
