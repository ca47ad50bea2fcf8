using System.Text.Json;
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
    private readonly HashSet<(TrialSpec Spec, double Milliseconds)> timings = [];

    private TrialHistory(ExperimentPlan plan) => this.plan = plan;

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
        foreach (var trial in plan.Trials)
        {
            hash.Value = trial.Id;
            if (state.ExecuteScalar() is string known) history.states[trial.Id] = ExperimentStore.StateOf(known);
        }

        foreach (var spec in plan.Conditions.Select(condition => condition.Trial).DistinctBy(Shape)) history.AddTimings(connection, spec, "AND task = $task AND length = $length AND hidden = $hidden AND layers = $layers");
        foreach (var spec in plan.Conditions.Select(condition => condition.Trial).Where(spec => !history.timings.Any(timing => SameWork(timing.Spec, spec))).DistinctBy(spec => (spec.Model.Cell, spec.Model.Kernel)).ToArray())
            history.AddTimings(connection, spec, "");
        return history;

        static object Shape(TrialSpec spec) => (spec.Model.Cell, spec.Model.Kernel, spec.Task.Kind, spec.Task.Length, spec.Model.Hidden, spec.Model.Layers);
    }

    private void AddTimings(SqliteConnection connection, TrialSpec wanted, string shaped)
    {
        foreach (var (spec, milliseconds) in connection.Query(
            $"SELECT spec, ms_per_step FROM trial INDEXED BY trial_by_shape WHERE cell = $cell AND kernel = $kernel {shaped} AND ms_per_step IS NOT NULL ORDER BY id DESC LIMIT $most",
            row => (row.Text("spec"), row.Number("ms_per_step")),
            ("$cell", wanted.Model.Cell), ("$kernel", ExperimentStore.Word(wanted.Model.Kernel)), ("$task", wanted.Task.Kind), ("$length", wanted.Task.Length), ("$hidden", wanted.Model.Hidden),
            ("$layers", wanted.Model.Layers), ("$most", MostTimed)))
        {
            if (TryParse(spec) is { } parsed) timings.Add((parsed, milliseconds));
        }
    }

    /// <summary>How long the trials of the plan that are not done may take; null when no earlier trial is comparable.</summary>
    public PlanEstimate? Estimate(int slots)
    {
        var open = plan.Trials.Where(trial => !states.GetValueOrDefault(trial.Id).HasResult()).GroupBy(trial => trial.Condition).ToArray();
        if (open.Length == 0 || timings.Count == 0) return null;
        double seconds = 0;
        HashSet<TrialSpec> exact = [], scaled = [];
        foreach (var group in open)
        {
            var condition = plan.Conditions[group.Key];
            var same = timings.Where(timing => SameWork(timing.Spec, condition.Trial)).ToArray();
            var used = same.Length > 0 ? same : [.. timings.Where(timing => SameKernel(timing.Spec, condition.Trial))];
            if (used.Length == 0) return null;
            var milliseconds = used.Select(timing => timing.Milliseconds * Work(condition.Trial) / Work(timing.Spec)).Order().ElementAt(used.Length / 2);
            seconds += group.Sum(trial => trial.Spec.Train.Steps) * milliseconds / 1000;
            (same.Length > 0 ? exact : scaled).UnionWith(used.Select(timing => timing.Spec));
        }

        var basis = (exact.Count, scaled.Count) switch
        {
            (_, 0) => $"{exact.Count} earlier trials of the same shape",
            (0, _) => $"{scaled.Count} earlier trials of other sizes, scaled",
            _ => $"{exact.Count} earlier trials of the same shape and {scaled.Count} of other sizes, scaled",
        };
        return new PlanEstimate(seconds / slots, slots, basis);
    }

    private static TrialSpec? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, HarnessJson.Default.TrialSpec);
        }
        catch (JsonException)
        {
            // Written by a program that knew other settings: its time is of no use, the rest of the history is.
            return null;
        }
    }

    private static bool SameKernel(TrialSpec a, TrialSpec b) =>
        (a.Model.Cell, a.Model.Kernel, a.Device, a.Dtype) == (b.Model.Cell, b.Model.Kernel, b.Device, b.Dtype);

    private static bool SameWork(TrialSpec a, TrialSpec b) =>
        SameKernel(a, b) && a.Task == b.Task && a.Train.Batch == b.Train.Batch
        && (a.Model.Hidden, a.Model.Layers, a.Model.Bidirectional) == (b.Model.Hidden, b.Model.Layers, b.Model.Bidirectional);

    /// <summary>Proportional to the work of a step of one cell: tokens times recurrent weights, plus what every token costs anyway.</summary>
    private static double Work(TrialSpec spec)
    {
        double hidden = spec.Model.Hidden;
        var weights = hidden * hidden * spec.Model.Layers * (spec.Model.Bidirectional ? 2 : 1);
        return spec.Task.Length * (spec.Train.Batch * weights + 50_000);
    }
}
