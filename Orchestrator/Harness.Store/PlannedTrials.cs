using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Writes the trials that an experiment asks for, within the caller's transaction.</summary>
internal sealed class PlannedTrials(SqliteConnection connection, string now)
{
    public static string Json(TrialSpec spec) => JsonSerializer.Serialize(spec, HarnessJson.Default.TrialSpec);

    /// <summary>Adds a trial to an experiment. One that exists is reused; one that failed or was cancelled is open again.</summary>
    public void Insert(long experiment, PlannedTrial trial)
    {
        var spec = trial.Spec;
        connection.Execute(
            """
            INSERT INTO trial (hash, spec, kind, cell, kernel, task, length, hidden, layers, seed, state)
            VALUES ($hash, $spec, $kind, $cell, $kernel, $task, $length, $hidden, $layers, $seed, 'pending')
            ON CONFLICT (hash) DO UPDATE SET state = 'pending', trial_failures = 0, infrastructure_failures = 0, failure = NULL
            WHERE state IN ('failed', 'cancelled')
            """,
            ("$hash", trial.Id), ("$spec", Json(spec)), ("$kind", spec.Timing is null ? "learning" : "timing"), ("$cell", spec.Model.Cell), ("$kernel", ExperimentStore.Word(spec.Model.Kernel)),
            ("$task", spec.Task.Kind), ("$length", spec.Task.Length), ("$hidden", spec.Model.Hidden), ("$layers", spec.Model.Layers), ("$seed", spec.Seed));
        connection.Execute(
            "INSERT INTO experiment_trial (experiment_id, ordinal, condition, trial_id, stage, point) SELECT $id, $ordinal, $condition, id, $stage, $point FROM trial WHERE hash = $hash",
            ("$id", experiment), ("$ordinal", trial.Ordinal), ("$condition", trial.Condition), ("$hash", trial.Id), ("$stage", trial.Stage), ("$point", trial.Point));
    }

    /// <summary>The last step of adding trials: opens the experiments again that share a trial which is open again, and seals what changed.</summary>
    /// <returns>Every experiment that the scheduler has to take in, the given one first.</returns>
    public IReadOnlyList<AdmittedExperiment> Reopen(long experiment)
    {
        var reopened = connection.Query(
            """
            UPDATE experiment SET state = 'running', finished_at = NULL
            WHERE state = 'finished' AND id <> $id AND EXISTS (
                SELECT 1 FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
                WHERE et.experiment_id = experiment.id AND t.state = 'pending' AND t.id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id))
            RETURNING id
            """,
            row => row.Long("id"), ("$id", experiment));
        var seals = new RowSeals(connection);
        seals.UnsealOpenTrials(experiment);
        seals.SealExperiment(experiment);
        foreach (var other in reopened)
        {
            seals.SealExperiment(other);
            EventLog.Append(connection, now, "experiment_reopened", experiment: other, detail: $"experiment {experiment} tries trials of it again");
        }

        var loader = new ExperimentLoader(connection);
        return [loader.Load(experiment), .. reopened.Order().Select(loader.Load)];
    }
}
