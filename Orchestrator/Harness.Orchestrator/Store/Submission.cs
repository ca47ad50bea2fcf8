using System.Text.Json;
using Harness.Experiments.Planning;
using Harness.Experiments.Specs;
using Harness.Orchestrator.Scheduling;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Store;

/// <summary>Writes a plan in one transaction. The same plan again finds what is there.</summary>
internal sealed class Submission(SqliteConnection connection, string now)
{
    public AdmittedExperiment Store(ExperimentPlan plan, string specText, string specPath)
    {
        var id = connection.Scalar<long?>("SELECT id FROM experiment WHERE digest = $digest", ("$digest", plan.Digest)) is { } known
            ? Reopen(known, plan, specText, specPath)
            : Insert(plan, specText, specPath);
        var labels = plan.Conditions.ToDictionary(condition => condition.Ordinal, condition => condition.Label);
        var trials = connection.Query(
            """
            SELECT et.ordinal, t.hash, t.spec, et.condition, t.seed, t.state, t.attempts, t.trial_failures, t.infrastructure_failures, t.failure
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id ORDER BY et.ordinal
            """,
            row => new AdmittedTrial(
                row.GetInt32(0), row.GetString(1), row.GetString(2),
                FormattableString.Invariant($"{labels[row.GetInt32(3)]} seed {row.GetInt64(4)}"),
                ExperimentStore.StateOf(row.GetString(5)), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8), row.TextOrNull(9)),
            ("$id", id));
        return new AdmittedExperiment(id, plan.Run.Priority, plan.Run.TrialRetries, plan.Run.InfrastructureRetries, trials) { Terms = plan.Run.Attempts };
    }

    private long Insert(ExperimentPlan plan, string specText, string specPath)
    {
        connection.Execute(
            """
            INSERT INTO experiment (name, question, digest, spec_text, spec_path, overrides, claims, report, state, priority, trial_retries, infrastructure_retries, submitted_at, run)
            VALUES ($name, $question, $digest, $text, $path, $overrides, $claims, $report, 'running', $priority, $trial, $infrastructure, $at, $run)
            """,
            ("$name", plan.Name), ("$question", plan.Question), ("$digest", plan.Digest), ("$text", specText), ("$path", specPath),
            ("$overrides", JsonSerializer.Serialize(plan.Overrides)),
            ("$claims", JsonSerializer.Serialize(plan.Claims, HarnessJson.Default.IReadOnlyListClaimSpec)), ("$report", ReportOf(plan)), ("$priority", plan.Run.Priority),
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

        foreach (var trial in plan.Trials) InsertTrial(id, trial);
        Event("experiment_submitted", id, $"{plan.Trials.Count} trials");
        return id;
    }

    private void InsertTrial(long experiment, PlannedTrial trial)
    {
        var spec = trial.Spec;
        connection.Execute(
            """
            INSERT INTO trial (hash, spec, cell, kernel, task, length, hidden, layers, seed, state)
            VALUES ($hash, $spec, $cell, $kernel, $task, $length, $hidden, $layers, $seed, 'pending')
            ON CONFLICT (hash) DO UPDATE SET state = 'pending', trial_failures = 0, infrastructure_failures = 0, failure = NULL
            WHERE state IN ('failed', 'cancelled')
            """,
            ("$hash", trial.Id), ("$spec", Json(spec)), ("$cell", spec.Model.Cell), ("$kernel", ExperimentStore.Word(spec.Model.Kernel)),
            ("$task", spec.Task.Kind), ("$length", spec.Task.Length), ("$hidden", spec.Model.Hidden), ("$layers", spec.Model.Layers), ("$seed", spec.Seed));
        connection.Execute(
            "INSERT INTO experiment_trial (experiment_id, ordinal, condition, trial_id) SELECT $id, $ordinal, $condition, id FROM trial WHERE hash = $hash",
            ("$id", experiment), ("$ordinal", trial.Ordinal), ("$condition", trial.Condition), ("$hash", trial.Id));
    }

    private long Reopen(long id, ExperimentPlan plan, string specText, string specPath)
    {
        // Comments, and how it is run and reported, may have changed without changing what is asked.
        connection.Execute("UPDATE experiment SET spec_text = $text, spec_path = $path, report = $report, run = $run WHERE id = $id",
            ("$text", specText), ("$path", specPath), ("$report", ReportOf(plan)), ("$run", RunOf(plan)), ("$id", id));
        var again = connection.Execute(
            """
            UPDATE trial SET state = 'pending', trial_failures = 0, infrastructure_failures = 0, failure = NULL
            WHERE state IN ('failed', 'cancelled') AND id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id)
            """,
            ("$id", id));
        var open = connection.Scalar<long>(
            "SELECT count(*) FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id AND t.state NOT IN ('completed', 'diverged')",
            ("$id", id));
        if (open > 0) connection.Execute("UPDATE experiment SET state = 'running', finished_at = NULL WHERE id = $id", ("$id", id));
        Event("experiment_resubmitted", id, $"{open} trials open, {again} of them tried again");
        return id;
    }

    private void Event(string kind, long experiment, string detail) => EventLog.Append(connection, now, kind, experiment: experiment, detail: detail);

    private static string RunOf(ExperimentPlan plan) => JsonSerializer.Serialize(plan.Run, HarnessJson.Default.RunSpec);

    private static string ReportOf(ExperimentPlan plan) => JsonSerializer.Serialize(plan.Report, HarnessJson.Default.ReportSpec);

    private static string Json(TrialSpec spec) => JsonSerializer.Serialize(spec, HarnessJson.Default.TrialSpec);
}
