using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;

namespace Harness.Orchestrator.Cli;

/// <summary>Estimates when an experiment will be done from how fast its own trials run here and now.</summary>
internal sealed class RemainingTime(ExperimentPlan plan, int slots)
{
    private readonly Dictionary<string, PlannedTrial> trials = plan.Trials.Concat(plan.TimingTrials).DistinctBy(trial => trial.Id, StringComparer.Ordinal).ToDictionary(trial => trial.Id, StringComparer.Ordinal);

    /// <summary>Seconds per step by condition, from the trials seen running; conditions of similar work stand in for unseen ones.</summary>
    private readonly Dictionary<int, double> secondsPerStep = [];

    /// <summary>How far it is, for a progress display.</summary>
    public ProgressPicture Picture(ExperimentProgress progress) => new(
        ProgressPicture.Named(plan.Name, progress.Stage), progress.Ended, progress.Total, progress.Count(TrialState.Running), progress.Waiting.Values.Sum(), progress.Count(TrialState.Diverged), progress.Count(TrialState.Failed), Text(Estimate(progress)),
        [.. progress.Running.Select(trial => new RunningLine(
            RunningLine.LabelOf(trial.Label, trial.Attempt, trial.ResumedFrom), trial.Step, StepsOf(trial), trial.Loss))],
        progress.Finished || progress.IsStuck)
    { Stage = progress.Stage };

    public static string Text(TimeSpan? left) => left is { } known ? $"about {Words(known)} left" : "time left —";

    /// <summary>Null until at least one trial has made enough steps to tell.</summary>
    public TimeSpan? Estimate(ExperimentProgress progress)
    {
        foreach (var (trial, steps) in progress.Running.Where(Learns).Select(trial => (trial, trial.Step - (trial.ResumedFrom ?? 0))).Where(seen => seen.Item2 >= 10))
            secondsPerStep[ConditionOf(trial)] = trial.Elapsed.TotalSeconds / steps;
        if (secondsPerStep.Count == 0) return null;

        var perFlop = secondsPerStep.Average(pair => pair.Value / plan.Conditions[pair.Key].FlopsPerStep);
        double Seconds(int condition) => secondsPerStep.TryGetValue(condition, out var known) ? known : perFlop * plan.Conditions[condition].FlopsPerStep;

        var running = progress.Running.Where(Learns).Select(trial => (StepsOf(trial) - trial.Step) * Seconds(ConditionOf(trial))).ToArray();
        var tuning = progress.Stage is { Name: StageNames.Tuning } ? plan.Stages?.Tune : null;
        var rung = tuning is null ? 0 : RungOf(tuning, progress.Total - plan.TimingTrials.Count);
        var waiting = progress.Waiting.Where(waits => waits.Key != PlannedTrial.NoCondition).Sum(waits => waits.Value * StepsOn(rung, waits.Key) * Seconds(waits.Key));
        if (tuning is not null)
        {
            waiting += plan.Conditions.Sum(condition => Seconds(condition.Ordinal) * (
                Enumerable.Range(rung + 1, tuning.Rungs - rung - 1).Sum(later => tuning.TrialsOn(later) / plan.Conditions.Count * StepsOn(later, condition.Ordinal))
                + (plan.Stages!.FirstSeeds.Count * (double)condition.Trial.Train.Steps)));
        }

        double StepsOn(int at, int condition) => tuning?.Halving is { } halving ? halving.StepsOf(at, plan.Conditions[condition].Trial.Train.Steps) : plan.Conditions[condition].Trial.Train.Steps;

        // Work spreads over the slots, but no trial ends before its own steps are done.
        return TimeSpan.FromSeconds(Math.Max((running.Sum() + waiting) / slots, running.DefaultIfEmpty(0).Max()) + Timing(progress));
    }

    /// <summary>The rung of a search that is trained: the trials of later ones are not known yet.</summary>
    private static int RungOf(TuningSpec tuning, int known)
    {
        var rung = 0;
        for (var trials = tuning.TrialsOn(0); rung < tuning.Rungs - 1 && known > trials; trials += tuning.TrialsOn(rung)) rung++;
        return rung;
    }

    private bool Learns(RunningTrial trial) => ConditionOf(trial) != PlannedTrial.NoCondition;

    /// <summary>Trials that a decision added are not in the plan; their conditions are.</summary>
    private int ConditionOf(RunningTrial trial) => trials.TryGetValue(trial.Trial, out var planned) ? planned.Condition : trial.Condition;

    private int StepsOf(RunningTrial trial) => (trials.TryGetValue(trial.Trial, out var planned) ? planned.Spec : plan.Conditions[trial.Condition].Trial).Train.Steps;

    /// <summary>Timing trials come last, and one after the other on a machine.</summary>
    private double Timing(ExperimentProgress progress) =>
        progress.Waiting.GetValueOrDefault(PlannedTrial.NoCondition) * plan.TimingTrials.Select(trial => TimingPlanner.Seconds(trial.Spec.Timing!)).DefaultIfEmpty(0).Average()
        + progress.Running.Sum(live => trials.GetValueOrDefault(live.Trial)?.Spec.Timing is { } timing ? TimingPlanner.Seconds(timing) * (1 - live.Step / (double)timing.Rounds) : 0);

    private static string Words(TimeSpan left) => left switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(left.TotalSeconds):0} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{left.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{left.TotalHours:0.#} h"),
    };
}
