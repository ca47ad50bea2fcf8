using System.Text.Json;
using Harness.Experiments.Contracts;
using Harness.Experiments.Planning;
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

    /// <summary>See <see cref="ExperimentStore.State"/>.</summary>
    public StoredState State(IReadOnlyCollection<long> known)
    {
        var experiments = connection.Query("SELECT id, state FROM experiment ORDER BY id", row => (Id: row.GetInt64(0), State: row.GetString(1)))
            .Where(experiment => experiment.State is "running" or "paused" || known.Contains(experiment.Id)).ToArray();
        return new StoredState(
            [.. experiments.Select(experiment => Load(experiment.Id))],
            experiments.Where(experiment => experiment.State == "finished").Select(experiment => experiment.Id).ToHashSet(),
            connection.Query("SELECT id FROM worker WHERE left_at IS NULL", row => row.GetString(0)).ToHashSet(StringComparer.Ordinal),
            connection.Query("SELECT id FROM worker WHERE draining AND left_at IS NULL", row => row.GetString(0)));
    }

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
        var needs = new TrialNeeds(false, run.Memory, run.Label, run.Exclusive);
        var conditions = connection.Query(
            "SELECT ordinal, label, spec FROM condition WHERE experiment_id = $id",
            row => (Ordinal: row.GetInt32(0), Label: row.GetString(1), Of: Demands(JsonSerializer.Deserialize(row.GetString(2), HarnessJson.Default.TrialSpec)!)),
            ("$id", id)).ToDictionary(condition => condition.Ordinal);
        var trials = connection.Query(
            """
            SELECT et.ordinal, t.hash, t.spec, et.condition, t.seed, t.state, t.attempts, t.trial_failures, t.infrastructure_failures, t.failure,
                   a.worker, coalesce(w.host, ''), t.kind = 'timing'
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            LEFT JOIN attempt a ON a.trial_id = t.id AND a.number = t.attempts AND a.state = 'running' LEFT JOIN worker w ON w.id = a.worker
            WHERE et.experiment_id = $id ORDER BY et.ordinal
            """,
            row =>
            {
                var (label, (trialNeeds, pack)) = row.GetBoolean(12)
                    ? OfTiming(JsonSerializer.Deserialize(row.GetString(2), HarnessJson.Default.TrialSpec)!.Timing!)
                    : (FormattableString.Invariant($"{conditions[row.GetInt32(3)].Label} seed {row.GetInt64(4)}"), conditions[row.GetInt32(3)].Of);
                return new AdmittedTrial(
                    row.GetInt32(0), row.GetString(1), row.GetString(2), label,
                    ExperimentStore.StateOf(row.GetString(5)), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8), row.TextOrNull(9),
                    row.GetInt32(3), trialNeeds,
                    row.TextOrNull(10) is { } worker ? (new AttemptKey(row.GetString(1), row.GetInt32(6), worker), row.GetString(11)) : null,
                    pack);
            },
            ("$id", id));
        return new AdmittedExperiment(id, run.Priority, run.TrialRetries, run.InfrastructureRetries, trials)
        {
            State = state switch { "paused" => ExperimentState.Paused, "cancelled" => ExperimentState.Cancelled, _ => ExperimentState.Running },
            Terms = run.Attempts,
        };

        // It has the memory of all slots, and the planner bounds what its arms keep together: the largest decides.
        (string Label, (TrialNeeds Needs, PackTerms? Pack) Of) OfTiming(TimingSpec timing) => (
            FormattableString.Invariant($"timing of {timing.Arms.Count} steps"),
            (NeedsOf(timing.Arms.MaxBy(arm => ModelSize.Bytes(arm.Step))!.Step) with { Exclusive = true }, null));

        (TrialNeeds Needs, PackTerms? Pack) Demands(TrialSpec trial) =>
            (NeedsOf(trial), (run.Pack ?? Packing.Auto(trial.Model.Kernel)) is > 1 and var most ? new PackTerms(Packing.KindOf(trial), most, ModelSize.Bytes(trial)) : null);

        TrialNeeds NeedsOf(TrialSpec trial) => needs with
        {
            Cuda = trial.Device != DeviceKind.Cpu,
            Memory = Math.Max(run.Memory, ModelSize.Memory(trial)),
            CudaMemory = ModelSize.CudaMemory(trial),
        };
    }
}
