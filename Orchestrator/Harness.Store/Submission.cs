using System.Text.Json;
using Harness.Abstractions.Contracts;
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
        return (id, new PlannedTrials(connection, now).Reopen(id));
    }

    private long Insert(ExperimentPlan plan, string specText, string specPath, bool paused)
    {
        connection.Execute(
            """
            INSERT INTO experiment (name, question, digest, spec_text, spec_path, overrides, claims, report, data_roots, state, priority, trial_retries, infrastructure_retries, submitted_at, run, stages)
            VALUES ($name, $question, $digest, $text, $path, $overrides, $claims, $report, $roots, $state, $priority, $trial, $infrastructure, $at, $run, $stages)
            """,
            ("$name", plan.Name), ("$question", plan.Question), ("$digest", plan.Digest), ("$text", specText), ("$path", specPath),
            ("$overrides", JsonSerializer.Serialize(plan.Overrides)),
            ("$claims", JsonSerializer.Serialize(plan.Claims, HarnessJson.Default.IReadOnlyListClaimSpec)), ("$report", ReportOf(plan)), ("$roots", JsonSerializer.Serialize(plan.DataRoots)), ("$state", paused ? "paused" : "running"), ("$priority", plan.Run.Priority),
            ("$trial", plan.Run.TrialRetries), ("$infrastructure", plan.Run.InfrastructureRetries), ("$at", now),
            ("$run", RunOf(plan)), ("$stages", plan.Stages is { } stages ? JsonSerializer.Serialize(stages, HarnessJson.Default.StagePlan) : null));
        var id = connection.Scalar<long>("SELECT last_insert_rowid()");
        foreach (var condition in plan.Conditions)
        {
            connection.Execute(
                "INSERT INTO condition (experiment_id, ordinal, label, factors, spec, parameters, parameters_total) VALUES ($id, $ordinal, $label, $factors, $spec, $parameters, $total)",
                ("$id", id), ("$ordinal", condition.Ordinal), ("$label", condition.Label), ("$factors", JsonSerializer.Serialize(condition.Factors)),
                ("$spec", PlannedTrials.Json(condition.Trial)), ("$parameters", condition.Parameters), ("$total", condition.ParametersTotal));
        }

        foreach (var candidate in plan.Candidates)
        {
            connection.Execute("INSERT INTO candidate (experiment_id, condition, point, spec) VALUES ($id, $condition, $point, $spec)",
                ("$id", id), ("$condition", candidate.Condition), ("$point", candidate.Point), ("$spec", PlannedTrials.Json(candidate.Spec)));
        }

        var trials = new PlannedTrials(connection, now);
        foreach (var trial in plan.Trials.Concat(plan.TimingTrials)) trials.Insert(id, trial);
        Event("experiment_submitted", id, $"{plan.Trials.Count} trials{(plan.TimingTrials.Count == 0 ? "" : $" and {plan.TimingTrials.Count} that measure speed")}{(paused ? ", paused" : "")}");
        return id;
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
        // One that was cancelled between two stages has no open trial, and a decision to come.
        if (open > 0 || Growth.ProgressOf(connection, id) is { IsLast: false }) connection.Execute("UPDATE experiment SET state = $state, finished_at = NULL WHERE id = $id", ("$state", paused ? "paused" : "running"), ("$id", id));
        Event("experiment_resubmitted", id, $"{open} trials open, {again} of them tried again");
        return id;
    }

    private void Event(string kind, long experiment, string detail) => EventLog.Append(connection, now, kind, experiment: experiment, detail: detail);

    private static string RunOf(ExperimentPlan plan) => JsonSerializer.Serialize(plan.Run, HarnessJson.Default.RunSpec);

    private static string ReportOf(ExperimentPlan plan) => JsonSerializer.Serialize(plan.Report, HarnessJson.Default.ReportSpec);
}
