using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>What earlier trials tell about a plan: which of its trials are done, and how long the others may take.</summary>
/// <remarks>What it reads grows with the plan, not with the database.</remarks>
internal sealed class TrialHistory
{
    /// <summary>The latest trials of a shape, or of a cell where none is of the shape, from which a time is taken.</summary>
    private const int MostTimed = 200;

    private readonly ExperimentPlan plan;
    private readonly Dictionary<string, TrialState> states = new(StringComparer.Ordinal);
    private readonly Dictionary<long, TimedTraining> timings = [];
    private double? firstStart;

    private TrialHistory(ExperimentPlan plan) => this.plan = plan;

    /// <summary>The states of the trials that decisions have added to this experiment; empty where it does not grow or was never run.</summary>
    public IReadOnlyList<TrialState> Added { get; private set; } = [];

    /// <summary>The states of the plan's trials that are known, by trial id.</summary>
    public IReadOnlyDictionary<string, TrialState> States => states;

    /// <summary>Reads the database of a data folder; an empty history when there is none yet.</summary>
    /// <exception cref="StoreException">There is a file that cannot be read.</exception>
    public static TrialHistory Read(string folder, ExperimentPlan plan)
    {
        if (!File.Exists(Path.Combine(folder, "harness.db"))) return new TrialHistory(plan);
        try
        {
            using var connection = ResultsDatabase.ConnectForReading(folder);
            return Read(connection, plan);
        }
        catch (SqliteException error)
        {
            throw new StoreException($"The database in '{folder}' cannot be read: {error.Message} Name another folder with --data.", error);
        }
    }

    public static TrialHistory Read(SqliteConnection connection, ExperimentPlan plan)
    {
        var history = new TrialHistory(plan);
        using var state = connection.CreateCommand();
        state.CommandText = "SELECT state FROM trial WHERE hash = $hash";
        var hash = state.Parameters.AddWithValue("$hash", "");
        foreach (var trial in plan.Trials.Concat(plan.TimingTrials))
        {
            hash.Value = trial.Id;
            if (state.ExecuteScalar() is string known) history.states[trial.Id] = ExperimentStore.StateOf(known);
        }

        if (plan.Stages is not null)
        {
            history.Added = connection.Query(
                """
                SELECT t.state FROM experiment e JOIN experiment_trial et ON et.experiment_id = e.id JOIN trial t ON t.id = et.trial_id
                WHERE e.digest = $digest AND et.stage IS NULL AND t.kind = 'learning'
                """,
                row => ExperimentStore.StateOf(row.Text("state")), ("$digest", plan.Digest));
        }

        history.firstStart = FirstStart(connection);
        foreach (var spec in plan.Conditions.Select(condition => condition.Trial).DistinctBy(Shape)) history.AddTimings(connection, spec, "AND task = $task AND length = $length AND hidden = $hidden AND layers = $layers");
        foreach (var spec in plan.Conditions.Select(condition => condition.Trial).Where(spec => !history.timings.Values.Any(timing => RunEstimate.SameWork(timing.Spec, spec))).DistinctBy(spec => (spec.Model.Cell, spec.Model.Kernel)).ToArray())
            history.AddTimings(connection, spec, "");
        return history;

        static object Shape(TrialSpec spec) => (spec.Model.Cell, spec.Model.Kernel, spec.Task.Kind, spec.Task.Length, spec.Model.Hidden, spec.Model.Layers);
    }

    /// <summary>Seconds from submission to the first attempt of the latest experiment that trained anything; null without one.</summary>
    private static double? FirstStart(SqliteConnection connection) => connection.Query(
        """
        SELECT (julianday(min(a.started_at)) - julianday(e.submitted_at)) * 86400 AS seconds
        FROM experiment e JOIN experiment_trial t ON t.experiment_id = e.id AND t.ordinal < 32 JOIN attempt a ON a.trial_id = t.trial_id AND a.started_at >= e.submitted_at
        WHERE e.id > (SELECT max(id) FROM experiment) - 8 GROUP BY e.id ORDER BY e.id DESC LIMIT 1
        """, row => row.NumberOrNull("seconds")).FirstOrDefault();

    private void AddTimings(SqliteConnection connection, TrialSpec wanted, string shaped)
    {
        foreach (var (id, spec, outcome, wall) in connection.Query(
            $"""
             SELECT t.id, t.spec, t.outcome, (julianday(a.ended_at) - julianday(a.started_at)) * 86400 AS wall
             FROM trial t INDEXED BY trial_by_shape LEFT JOIN attempt a ON a.trial_id = t.id AND a.number = t.attempts AND t.attempts = 1
             WHERE cell = $cell AND kernel = $kernel {shaped} AND ms_per_step IS NOT NULL AND t.outcome IS NOT NULL ORDER BY t.id DESC LIMIT $most
             """,
            row => (row.Long("id"), row.Text("spec"), row.Text("outcome"), row.NumberOrNull("wall")),
            ("$cell", wanted.Model.Cell), ("$kernel", ExperimentStore.Word(wanted.Model.Kernel)), ("$task", wanted.Task.Kind), ("$length", wanted.Task.Length), ("$hidden", wanted.Model.Hidden),
            ("$layers", wanted.Model.Layers), ("$most", MostTimed)))
        {
            if (TryParse(spec, HarnessJson.Default.TrialSpec) is { } parsed && TryParse(outcome, HarnessJson.Default.TrialOutcome) is { Steps: > 0 } found) timings[id] = new(parsed, found, wall);
        }
    }

    /// <summary>How long the trials of the plan that are not done may take; null when no earlier trial is comparable.</summary>
    public PlanEstimate? Estimate(int slots)
    {
        var open = plan.Trials.Where(trial => !states.GetValueOrDefault(trial.Id).HasResult()).GroupBy(trial => (trial.Condition, trial.Spec.Train.Steps))
            .Select(group => (Trial: WithSteps(plan.Conditions[group.Key.Condition].Trial, group.Key.Steps), Count: group.Count())).ToList();
        var done = Added.Count(state => state.HasResult());
        foreach (var (trial, count) in ToAdd())
        {
            var left = Math.Max(0, count - done);
            done -= count - left;
            if (left > 0) open.Add((trial, left));
        }

        // A search by time takes its time, however many points that are.
        var search = plan.Stages?.Tune is { Seconds: { } seconds } tune && plan.Trials.Any(trial => !states.GetValueOrDefault(trial.Id).HasResult()) ? seconds * tune.Studies * plan.Conditions.Count / slots : 0;
        var timing = search + plan.TimingTrials.Where(trial => !states.GetValueOrDefault(trial.Id).HasResult()).Sum(trial => TimingPlanner.Seconds(trial.Spec.Timing!));
        return open.Count == 0 ? null : RunEstimate.Of(open, [.. timings.Values], slots, RunEstimate.Start(firstStart) + timing);
    }

    /// <summary>The trials that decisions add for certain, in order.</summary>
    private IEnumerable<(TrialSpec Trial, int Count)> ToAdd()
    {
        if (plan.Stages is not { Tune: { } tune, FirstSeeds.Count: var seeds }) return [];
        var rungs = Enumerable.Range(1, tune.Rungs - 1).SelectMany(rung => plan.Conditions.Select(condition =>
            (WithSteps(condition.Trial, tune.Halving!.StepsOf(rung, condition.Trial.Train.Steps)), tune.TrialsOn(rung) / plan.Conditions.Count)));
        return rungs.Concat(plan.Conditions.Select(condition => (condition.Trial, seeds)));
    }

    private static TrialSpec WithSteps(TrialSpec trial, int steps) => trial.Train.Steps == steps ? trial : trial with { Train = trial.Train with { Steps = steps } };

    private static T? TryParse<T>(string json, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            // Written by a program that knew other settings: its time is of no use, the rest of the history is.
            return null;
        }
    }
}
