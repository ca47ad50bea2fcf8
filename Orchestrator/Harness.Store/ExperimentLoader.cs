using System.Text.Json;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Scheduling;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Reads an experiment as the scheduler needs it, from the database alone.</summary>
internal sealed class ExperimentLoader(SqliteConnection connection)
{
    /// <summary>The experiments that are neither finished nor cancelled, the oldest first.</summary>
    public IReadOnlyList<AdmittedExperiment> Unfinished() =>
        [.. connection.Query("SELECT id FROM experiment WHERE state IN ('running', 'paused') ORDER BY id", row => row.Long("id")).Select(Load)];

    /// <summary>See <see cref="ExperimentStore.State"/>.</summary>
    public StoredState State(IReadOnlyCollection<long> known)
    {
        var experiments = connection.Query("SELECT id, state FROM experiment ORDER BY id", row => (Id: row.Long("id"), State: row.Text("state")))
            .Where(experiment => experiment.State is "running" or "paused" || known.Contains(experiment.Id)).ToArray();
        return new StoredState(
            [.. experiments.Select(experiment => Load(experiment.Id))],
            experiments.Where(experiment => experiment.State == "finished").Select(experiment => experiment.Id).ToHashSet(),
            connection.Query("SELECT id FROM worker WHERE left_at IS NULL", row => row.Text("id")).ToHashSet(StringComparer.Ordinal),
            connection.Query("SELECT id FROM worker WHERE draining AND left_at IS NULL", row => row.Text("id")));
    }

    public AdmittedExperiment Load(long id)
    {
        var (run, state) = connection.Query(
            "SELECT run, priority, trial_retries, infrastructure_retries, state FROM experiment WHERE id = $id",
            row => (Run: JsonSerializer.Deserialize(row.Text("run"), HarnessJson.Default.RunSpec)! with
            {
                Priority = row.Int("priority"),
                TrialRetries = row.Int("trial_retries"),
                InfrastructureRetries = row.Int("infrastructure_retries"),
            }, State: row.Text("state")), ("$id", id)).Single();
        var staged = new Dictionary<(int Condition, string? Stage, int Point), (TrialNeeds Needs, PackTerms? Pack)>();
        var needs = new TrialNeeds(false, run.Memory, run.Label, run.Exclusive);
        var conditions = connection.Query(
            "SELECT ordinal, label, spec FROM condition WHERE experiment_id = $id",
            row => (Ordinal: row.Int("ordinal"), Label: row.Text("label"), Of: Demands(JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!)),
            ("$id", id)).ToDictionary(condition => condition.Ordinal);
        var trials = connection.Query(
            """
            SELECT et.ordinal, t.hash, t.spec, et.condition, t.seed, t.state, t.attempts, t.trial_failures, t.infrastructure_failures, t.failure, et.stage, et.point,
                   a.worker, coalesce(w.host, '') AS host, t.kind = 'timing' AS is_timing
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            LEFT JOIN attempt a ON a.trial_id = t.id AND a.number = t.attempts AND a.state = 'running' LEFT JOIN worker w ON w.id = a.worker
            WHERE et.experiment_id = $id ORDER BY et.ordinal
            """,
            row =>
            {
                var (label, (trialNeeds, pack)) = row.Flag("is_timing")
                    ? OfTiming(JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!.Timing!)
                    : row.TextOrNull("stage") is { } stage
                    ? (FormattableString.Invariant($"{conditions[row.Int("condition")].Label} {stage} {row.Int("point") + 1} seed {row.Long("seed")}"), OfStage(row))
                    : (FormattableString.Invariant($"{conditions[row.Int("condition")].Label} seed {row.Long("seed")}"), conditions[row.Int("condition")].Of);
                return new AdmittedTrial(
                    row.Int("ordinal"), row.Text("hash"), row.Text("spec"), label,
                    ExperimentStore.StateOf(row.Text("state")), row.Int("attempts"), row.Int("trial_failures"), row.Int("infrastructure_failures"), row.TextOrNull("failure"),
                    row.Int("condition"), trialNeeds,
                    row.TextOrNull("worker") is { } worker ? (new AttemptKey(row.Text("hash"), row.Int("attempts"), worker), row.Text("host")) : null,
                    pack);
            },
            ("$id", id));
        return new AdmittedExperiment(id, run.Priority, run.TrialRetries, run.InfrastructureRetries, trials)
        {
            State = state switch { "paused" => ExperimentState.Paused, "cancelled" => ExperimentState.Cancelled, _ => ExperimentState.Running },
            Terms = run.Attempts,
            Stage = Growth.ProgressOf(connection, id),
        };

        // Tuned settings can decide with which trials one may share a slot; the seeds of a point share them.
        (TrialNeeds Needs, PackTerms? Pack) OfStage(SqliteDataReader row)
        {
            var place = (row.Int("condition"), row.TextOrNull("stage"), row.Int("point"));
            if (!staged.TryGetValue(place, out var of)) staged.Add(place, of = Demands(JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!));
            return of;
        }

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
