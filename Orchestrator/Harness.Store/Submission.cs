using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Writes a plan in one transaction. The same plan again finds what is there.</summary>
internal sealed class Submission(SqliteConnection connection, string now)
{
    /// <returns>The experiment, and every experiment that the scheduler has to take in: it, and those whose failed trials it has open again.</returns>
    public (long Id, IReadOnlyList<AdmittedExperiment> Admitted) Store(ExperimentPlan plan, string specText, string specPath, bool paused)
    {
        var id = connection.Scalar<long?>("SELECT id FROM experiment WHERE digest = $digest", ("$digest", plan.Digest)) is { } known
            ? Reopen(known, plan, specText, specPath, paused)
            : Insert(plan, specText, specPath, paused);
        var reopened = connection.Query(
            """
            UPDATE experiment SET state = 'running', finished_at = NULL
            WHERE state = 'finished' AND id <> $id AND EXISTS (
                SELECT 1 FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
                WHERE et.experiment_id = experiment.id AND t.state = 'pending' AND t.id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id))
            RETURNING id
            """,
            row => row.Long("id"), ("$id", id));
        var seals = new RowSeals(connection);
        seals.UnsealOpenTrials(id);
        seals.SealExperiment(id);
        foreach (var other in reopened) seals.SealExperiment(other);
        foreach (var other in reopened) Event("experiment_reopened", other, $"experiment {id} tries trials of it again");
        var loader = new ExperimentLoader(connection);
        return (id, [loader.Load(id), .. reopened.Order().Select(loader.Load)]);
    }

    private long Insert(ExperimentPlan plan, string specText, string specPath, bool paused)
    {
        connection.Execute(
            """
            INSERT INTO experiment (name, question, digest, spec_text, spec_path, overrides, claims, report, data_roots, state, priority, trial_retries, infrastructure_retries, submitted_at, run)
            VALUES ($name, $question, $digest, $text, $path, $overrides, $claims, $report, $roots, $state, $priority, $trial, $infrastructure, $at, $run)
            """,
            ("$name", plan.Name), ("$question", plan.Question), ("$digest", plan.Digest), ("$text", specText), ("$path", specPath),
            ("$overrides", JsonSerializer.Serialize(plan.Overrides)),
            ("$claims", JsonSerializer.Serialize(plan.Claims, HarnessJson.Default.IReadOnlyListClaimSpec)), ("$report", ReportOf(plan)), ("$roots", JsonSerializer.Serialize(plan.DataRoots)), ("$state", paused ? "paused" : "running"), ("$priority", plan.Run.Priority),
            ("$trial", plan.Run.TrialRetries), ("$infrastructure", plan.Run.InfrastructureRetries), ("$at", now),
            ("$run", RunOf(plan)));
        var id = connection.Scalar<long>("SELECT last_insert_rowid()");
        foreach (var condition in plan.Conditions)
        {
            connection.Execute(
                "INSERT INTO condition (experiment_id, ordinal, label, factors, spec, parameters, parameters_total) VALUES ($id, $ordinal, $label, $factors, $spec, $parameters, $total)",
                ("$id", id), ("$ordinal", condition.Ordinal), ("$label", condition.Label), ("$factors", JsonSerializer.Serialize(condition.Factors)),
                ("$spec", Json(condition.Trial)), ("$parameters", condition.Parameters), ("$total", condition.ParametersTotal));
        }

        foreach (var trial in plan.Trials.Concat(plan.TimingTrials)) InsertTrial(id, trial);
        Event("experiment_submitted", id, $"{plan.Trials.Count} trials{(plan.TimingTrials.Count == 0 ? "" : $" and {plan.TimingTrials.Count} that measure speed")}{(paused ? ", paused" : "")}");
        return id;
    }

    private void InsertTrial(long experiment, PlannedTrial trial)
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
            "INSERT INTO experiment_trial (experiment_id, ordinal, condition, trial_id) SELECT $id, $ordinal, $condition, id FROM trial WHERE hash = $hash",
            ("$id", experiment), ("$ordinal", trial.Ordinal), ("$condition", trial.Condition), ("$hash", trial.Id));
    }

    private long Reopen(long id, ExperimentPlan plan, string specText, string specPath, bool paused)
    {
        // Comments, and how it is run and reported, may have changed without changing what is asked.
        connection.Execute("UPDATE experiment SET spec_text = $text, spec_path = $path, report = $report, data_roots = $roots, run = $run WHERE id = $id",
            ("$text", specText), ("$path", specPath), ("$report", ReportOf(plan)), ("$roots", JsonSerializer.Serialize(plan.DataRoots)), ("$run", RunOf(plan)), ("$id", id));
        var again = connection.Execute(
            """
            UPDATE trial SET state = 'pending', trial_failures = 0, infrastructure_failures = 0, failure = NULL
            WHERE state IN ('failed', 'cancelled') AND id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id)
            """,
            ("$id", id));
        var open = connection.Scalar<long>(
            "SELECT count(*) FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id AND t.state NOT IN ('completed', 'diverged')",
            ("$id", id));
        if (open > 0) connection.Execute("UPDATE experiment SET state = $state, finished_at = NULL WHERE id = $id", ("$state", paused ? "paused" : "running"), ("$id", id));
        Event("experiment_resubmitted", id, $"{open} trials open, {again} of them tried again");
        return id;
    }

    private void Event(string kind, long experiment, string detail) => EventLog.Append(connection, now, kind, experiment: experiment, detail: detail);

    private static string RunOf(ExperimentPlan plan) => JsonSerializer.Serialize(plan.Run, HarnessJson.Default.RunSpec);

    private static string ReportOf(ExperimentPlan plan) => JsonSerializer.Serialize(plan.Report, HarnessJson.Default.ReportSpec);

    private static string Json(TrialSpec spec) => JsonSerializer.Serialize(spec, HarnessJson.Default.TrialSpec);
}
