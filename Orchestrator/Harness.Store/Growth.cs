using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Scheduling.Stages;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Reads what a decision about an experiment may rest on, and stores the decision with the trials that it adds.</summary>
/// <remarks>A decision and its trials are one transaction, so a crash leaves both or neither. A decision that exists is never made again.</remarks>
internal sealed class Growth(SqliteConnection connection, string now)
{
    private const string HasResult = "('completed', 'diverged')";

    /// <summary>What is stored of an experiment; null when nothing can be decided: it does not grow, is over, or a trial has no result.</summary>
    public StageState? Read(long id)
    {
        if (!IsReady(id) || PlanOf(connection, id) is not { } plan) return null;
        var conditions = connection.Query(
            "SELECT ordinal, spec FROM condition WHERE experiment_id = $id",
            row => (Ordinal: row.Int("ordinal"), Spec: JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!), ("$id", id)).ToDictionary(condition => condition.Ordinal, condition => condition.Spec);
        var trials = connection.Query(
            """
            SELECT et.condition, et.stage, et.point, t.hash, t.seed, t.spec, t.state, t.outcome
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id AND t.kind = 'learning' ORDER BY et.ordinal
            """,
            row => new StagedTrial(
                row.Int("condition"), row.TextOrNull("stage"), row.IntOrNull("point"), row.Text("hash"), row.Long("seed"), row.Text("spec"), ExperimentStore.StateOf(row.Text("state")),
                row.TextOrNull("outcome") is { } outcome ? JsonSerializer.Deserialize(outcome, HarnessJson.Default.TrialOutcome) : null),
            ("$id", id));
        var candidates = plan.Tune?.Seconds is null ? [] : connection.Query(
            "SELECT condition, point, spec FROM candidate WHERE experiment_id = $id",
            row => (Place: (row.Int("condition"), row.Int("point")), Spec: JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!), ("$id", id));
        return new StageState(id, plan, Decisions(connection, id), conditions, trials) { Candidates = candidates.ToDictionary(candidate => candidate.Place, candidate => candidate.Spec) };
    }

    /// <summary>Stores a decision.</summary>
    /// <param name="number">How many decisions were known when it was made.</param>
    /// <returns>What the scheduler has to take in; null when the decision was made already or can no longer be made: then nothing is stored.</returns>
    public IReadOnlyList<AdmittedExperiment>? Write(long id, int number, StageStep step)
    {
        if (!IsReady(id) || Decisions(connection, id).Count != number) return null;
        foreach (var (condition, spec) in step.Conditions)
            connection.Execute("UPDATE condition SET spec = $spec WHERE experiment_id = $id AND ordinal = $ordinal", ("$spec", PlannedTrials.Json(spec)), ("$id", id), ("$ordinal", condition));
        var first = connection.Scalar<long>("SELECT coalesce(max(ordinal), -1) + 1 FROM experiment_trial WHERE experiment_id = $id", ("$id", id));
        var trials = new PlannedTrials(connection, now);
        for (var i = 0; i < step.Trials.Count; i++)
        {
            var added = step.Trials[i];
            trials.Insert(id, new PlannedTrial((int)first + i, added.Condition, TrialIdentity.Of(added.Spec), added.Spec) { Stage = added.Stage, Point = added.Point });
        }

        connection.Execute(
            "INSERT INTO decision (experiment_id, ordinal, stage, known, decided, why, next, goes_on, added, at) VALUES ($id, $ordinal, $stage, $known, $decided, $why, $next, $on, $added, $at)",
            ("$id", id), ("$ordinal", number), ("$stage", step.Stage), ("$known", step.Known), ("$decided", step.Decided), ("$why", step.Why), ("$next", step.Next), ("$on", step.GoesOn),
            ("$added", step.Trials.Count), ("$at", now));
        EventLog.Append(connection, now, "stage_decided", experiment: id, detail: $"{step.Stage}: {step.Why}");
        return trials.Reopen(id);
    }

    /// <summary>How an experiment grows; null for one whose trials were all known at the start.</summary>
    public static StagePlan? PlanOf(SqliteConnection connection, long id) =>
        connection.Scalar<string>("SELECT stages FROM experiment WHERE id = $id", ("$id", id)) is { } stages ? JsonSerializer.Deserialize(stages, HarnessJson.Default.StagePlan) : null;

    /// <summary>The decisions made so far, in order.</summary>
    public static IReadOnlyList<StageDecision> Decisions(SqliteConnection connection, long id) => connection.Query(
        "SELECT ordinal, stage, known, decided, why, next, goes_on, added, at FROM decision WHERE experiment_id = $id ORDER BY ordinal",
        row => new StageDecision(
            row.Int("ordinal"), row.Text("stage"), row.Text("known"), row.Text("decided"), row.Text("why"), row.TextOrNull("next"), row.Flag("goes_on"), row.Int("added"), row.Time("at")),
        ("$id", id));

    /// <summary>What an experiment's search found; null where nothing was tuned.</summary>
    public static TuningResults? TuningOf(SqliteConnection connection, long id)
    {
        if (PlanOf(connection, id)?.Tune is not { } tuning) return null;
        var trials = connection.Query(
            """
            SELECT et.condition, et.point, t.seed, t.state, t.outcome, json_extract(t.spec, '$.train.steps') AS planned
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id AND et.stage = $stage ORDER BY et.ordinal
            """,
            row => new TunedTrialResult(
                row.Int("condition"), row.Int("point"), row.Long("seed"), row.Int("planned"), ExperimentStore.StateOf(row.Text("state")),
                row.TextOrNull("outcome") is { } outcome ? JsonSerializer.Deserialize(outcome, HarnessJson.Default.TrialOutcome) : null),
            ("$id", id), ("$stage", StageNames.Tuning));
        var decided = Decisions(connection, id).FirstOrDefault(StageState.EndsTuning)?.Decided;
        return new TuningResults(tuning, trials, decided is null ? null : JsonSerializer.Deserialize(decided, HarnessJson.Default.IReadOnlyListTuningChoice));
    }

    /// <summary>Where an experiment that grows stands; null for one that does not grow.</summary>
    public static StageProgress? ProgressOf(SqliteConnection connection, long id) =>
        PlanOf(connection, id) is not { } plan ? null : Decisions(connection, id) is [.., var last] ? StageRules.After(last) : StageRules.First(plan);

    private bool IsReady(long id) =>
        connection.Scalar<long?>("SELECT 1 FROM experiment WHERE id = $id AND stages IS NOT NULL AND state IN ('running', 'paused')", ("$id", id)) is not null
        && connection.Scalar<long?>($"SELECT 1 FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id AND t.state NOT IN {HasResult} LIMIT 1", ("$id", id)) is null
        && ProgressOf(connection, id) is { IsLast: false };
}
