using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Scheduling;

/// <summary>What people ask of experiments.</summary>
internal sealed partial class SchedulerCore
{
    /// <summary>Call before reading an experiment for <see cref="Admit"/>. Trials that end before its admission are remembered.</summary>
    public void ExpectAdmission() => done.Remember();

    /// <summary>The admission that was expected has happened, or will not.</summary>
    public void EndAdmission() => done.Forget();

    /// <summary>Takes an experiment in: its unfinished trials are queued, its finished ones count at once.</summary>
    public List<SchedulerChange> Admit(AdmittedExperiment experiment)
    {
        var node = new ExperimentNode(experiment);
        if (experiments.TryGetValue(experiment.Id, out var before)) Forget(before);
        experiments[experiment.Id] = node;
        foreach (var admitted in experiment.Trials)
        {
            if (!trials.TryGetValue(admitted.Trial, out var trial))
            {
                var state = done.StateOf(admitted.Trial) ?? admitted.State;
                if (state.HasResult())
                {
                    node.Count(admitted.Condition, state, +1);
                    continue;
                }

                trial = new TrialNode(admitted, experiment.Terms);
                trials.Add(trial.Id, trial);
                node.Enter(trial, new Membership(node, admitted.Ordinal, admitted.Condition));
                if (admitted.Live is var (attempt, host))
                {
                    if (trial.State != TrialState.Running) trial.Become(TrialState.Running);
                    Begin(trial, new LiveAttempt(attempt, host, Now + options.Lease, Now));
                }
                else if (trial.State is TrialState.Running or TrialState.BackingOff)
                {
                    // Nothing can be live that this scheduler has not granted or been told of.
                    trial.Become(TrialState.Pending);
                }

                continue;
            }

            node.Enter(trial, new Membership(node, admitted.Ordinal, admitted.Condition));
            if (admitted.State != TrialState.Pending || trial.State is not (TrialState.Failed or TrialState.Cancelled)) continue;

            // Submitted again: a failed trial gets fresh retry budgets and is open again in every experiment that shares it.
            trial.Forgive();
            trial.Become(TrialState.Pending);
            foreach (var other in trial.Experiments) other.Finished = other.State == ExperimentState.Cancelled;
        }

        foreach (var trial in node.Trials.Where(trial => trial.State == TrialState.Pending)) ready.Add(trial);
        foreach (var trial in node.Running.Where(trial => trial.Home is null))
        {
            trial.Home = trial.Memberships.First(membership => membership.Experiment == node);
            // Who shares its slot was counted with an experiment that is no more.
            trial.Live!.Slot = new SharedSlot(trial.Live.Key);
            node.Share++;
        }

        var changes = new List<SchedulerChange>();
        if (node.State == ExperimentState.Cancelled) node.Finished = true;
        else FinishIfDone(node, changes);
        return changes;
    }

    /// <summary>The experiments whose next stage has to be decided, each told once. The answer is <see cref="Grow"/> or <see cref="NotDecided"/>.</summary>
    public IReadOnlyList<long> TakeUndecided()
    {
        if (undecided.Count == 0) return [];
        long[] taken = [.. undecided.Where(id => experiments.TryGetValue(id, out var node) && node.AwaitsDecision && node.Undecidable is null).Order()];
        undecided.Clear();
        return taken;
    }

    /// <summary>Takes an experiment in with the trials that a decision added. What people did to it while it was being decided holds.</summary>
    public void Grow(AdmittedExperiment grown, List<SchedulerChange> changes)
    {
        // One that was deleted meanwhile stays deleted.
        if (!experiments.TryGetValue(grown.Id, out var node)) return;
        var isCancelled = node.State == ExperimentState.Cancelled;
        changes.AddRange(Admit(grown with { Priority = node.Priority, State = isCancelled ? ExperimentState.Running : node.State }));
        if (isCancelled) Cancel(grown.Id, changes);
    }

    /// <summary>The next stage could not be decided: the experiment stands still and says why.</summary>
    public void NotDecided(long experiment, string reason)
    {
        if (experiments.TryGetValue(experiment, out var node)) node.Undecidable = reason;
    }

    /// <summary>Starts nothing more of an experiment; what runs may end.</summary>
    /// <returns>Whether there was anything to pause.</returns>
    public bool Pause(long experiment, List<SchedulerChange> changes) => Move(experiment, ExperimentState.Running, ExperimentState.Paused, changes);

    /// <summary>Goes on with a paused experiment.</summary>
    /// <returns>Whether it was paused.</returns>
    public bool Resume(long experiment, List<SchedulerChange> changes) => Move(experiment, ExperimentState.Paused, ExperimentState.Running, changes);

    /// <summary>Ends an experiment for good: what runs is abandoned, unless another experiment wants it too. Results stay.</summary>
    /// <returns>Whether there was anything to cancel.</returns>
    public bool Cancel(long experiment, List<SchedulerChange> changes)
    {
        if (!experiments.TryGetValue(experiment, out var node) || node.Finished) return false;
        node.State = ExperimentState.Cancelled;
        node.Finished = true;
        changes.Add(new ExperimentChanged(experiment, ExperimentState.Cancelled));
        foreach (var trial in node.Trials.Where(trial => !trial.State.IsTerminal()).ToArray())
        {
            if (trial.Experiments.Any(other => other.State != ExperimentState.Cancelled))
            {
                if (trial.State == TrialState.Pending) ready.Add(trial);
            }
            else if (trial.Live is not null)
            {
                End(trial, AttemptEnd.Cancelled, "Its experiment was cancelled.", exitCode: null, outcome: null, changes);
            }
            else
            {
                ready.Remove(trial);
                trial.Home = null;
                trial.Become(TrialState.Cancelled);
                changes.Add(new TrialChanged(trial.Id, TrialState.Cancelled));
            }
        }

        return true;
    }

    /// <summary>Has an experiment's trials started before or after those of others.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Prioritise(long experiment, int priority, List<SchedulerChange> changes)
    {
        if (!experiments.TryGetValue(experiment, out var node) || node.Priority == priority) return false;
        node.Priority = priority;
        changes.Add(new ExperimentPrioritised(experiment, priority));
        foreach (var trial in node.Trials.Where(trial => trial.State == TrialState.Pending)) ready.Add(trial);
        return true;
    }

    /// <summary>Forgets an experiment that has ended. Trials that others want stay theirs.</summary>
    /// <returns>False when it has not ended.</returns>
    public bool Delete(long experiment, List<SchedulerChange> changes)
    {
        // One that is not known here ended before this scheduler began.
        if (experiments.TryGetValue(experiment, out var node))
        {
            if (!node.Finished) return false;
            Forget(node);
            experiments.Remove(experiment);
            foreach (var trial in node.Trials)
            {
                if (trial.Memberships.Count == 0) trials.Remove(trial.Id);
                else if (trial.State == TrialState.Pending) ready.Add(trial);
            }
        }

        changes.Add(new ExperimentDeleted(experiment));
        return true;
    }

    /// <summary>Tries the failed and the cancelled trials of an experiment again, with fresh budgets.</summary>
    /// <returns>How many there are.</returns>
    public int Retry(long experiment, List<SchedulerChange> changes)
    {
        if (!experiments.TryGetValue(experiment, out var node)) return 0;
        var again = node.Trials.Where(trial => trial.State is TrialState.Failed or TrialState.Cancelled).ToArray();
        if (again.Length == 0) return 0;
        if (node.State == ExperimentState.Cancelled) node.State = ExperimentState.Running;
        foreach (var trial in again)
        {
            trial.Forgive();
            trial.Become(TrialState.Pending);
            changes.Add(new TrialChanged(trial.Id, TrialState.Pending));
        }

        foreach (var other in again.SelectMany(trial => trial.Experiments).Distinct().Where(other => other.State != ExperimentState.Cancelled && other.Finished || other == node))
        {
            other.Finished = false;
            changes.Add(new ExperimentChanged(other.Id, other.State));
        }

        // Those that others have wanted all along as well: this experiment may serve them better.
        foreach (var trial in node.Trials.Where(trial => trial.State == TrialState.Pending)) ready.Add(trial);
        return again.Length;
    }

    /// <summary>Trials by state; null for an experiment that is not known here.</summary>
    public IReadOnlyDictionary<TrialState, int>? Counts(long experiment) => experiments.GetValueOrDefault(experiment)?.Counts();

    /// <summary>Trials by state of the conditions so many from one of them on; null for an experiment that is not known here.</summary>
    public IReadOnlyDictionary<int, IReadOnlyDictionary<TrialState, int>>? Counts(long experiment, int from, int limit) => experiments.GetValueOrDefault(experiment)?.Counts(from, limit);

    /// <param name="most">At most so many of the trials that run are named.</param>
    public ExperimentProgress? Progress(long experiment, int most = int.MaxValue)
    {
        if (!experiments.TryGetValue(experiment, out var node)) return null;
        var live = Shown(node.Running, most, node);
        var isStuck = !node.Finished && node.Running.Count == 0 && Reasons(experiment) is { Count: > 0 } reasons && reasons.All(reason => !reason.CanEnd);
        return new ExperimentProgress(node.Total, node.State, node.Counts(), live, node.Waiting(), node.Finished, isStuck) { Stage = node.Stage };
    }

    /// <summary>All running attempts of all experiments, the longest first.</summary>
    public IReadOnlyList<RunningTrial> Running() => Shown(running.Values);

    /// <summary>The running attempts of some workers, the longest first.</summary>
    public IReadOnlyList<RunningTrial> Running(IReadOnlySet<string> on) => Shown(running.Values.Where(trial => on.Contains(trial.Live!.Key.Worker)));

    /// <summary>A trial as it runs; null when it does not.</summary>
    public RunningTrial? Running(string trial) => running.TryGetValue(trial, out var live) ? Shown([live])[0] : null;

    private IReadOnlyList<RunningTrial> Shown(IEnumerable<TrialNode> live, int most = int.MaxValue, ExperimentNode? of = null) =>
        [.. live.OrderBy(trial => trial.Live!.StartedAt).ThenBy(trial => trial.Id, StringComparer.Ordinal).Take(most).Select(trial => new RunningTrial(
            trial.Id, trial.Label, trial.Live!.Key.Number, trial.Live.Step, trial.Live.Loss, Now - trial.Live.StartedAt, trial.Live.Key.Worker, trial.Live.ResumedFrom, trial.Live.Slot.Name) { Condition = trial.Memberships.Find(membership => of is null || membership.Experiment == of)?.Condition ?? -1 })];

    /// <summary>Why the waiting trials of an experiment wait.</summary>
    public IReadOnlyList<WaitingReason> Reasons(long experiment)
    {
        if (!experiments.TryGetValue(experiment, out var node)) return [];
        var reasons = new List<WaitingReason>();
        if (node.Undecidable is { } problem) reasons.Add(new(0, $"the stage after {node.Stage!.Name} could not be decided: {problem}", CanEnd: false));
        foreach (var (needs, trialsOfIt) in node.Ready) reasons.Add(Reason(needs, trialsOfIt.First().Value, trialsOfIt.Count));
        var elsewhere = node.CountOf(TrialState.Pending) - node.Ready.Values.Sum(ofIt => ofIt.Count);
        if (elsewhere > 0) reasons.Add(node.State == ExperimentState.Paused ? new(elsewhere, "the experiment is paused", CanEnd: false) : new(elsewhere, "queued with another experiment that asked for the same", CanEnd: true));
        if (node.CountOf(TrialState.BackingOff) is > 0 and var resting) reasons.Add(new(resting, "a pause before the next try, after a failure of the infrastructure", CanEnd: true));
        return reasons;
    }

    private WaitingReason Reason(TrialNeeds needs, TrialNode first, int count)
    {
        if (workers.Count == 0) return new(count, "no worker is connected", CanEnd: true);
        var able = workers.Values.Where(needs.IsMetBy).ToArray();
        if (able.Length == 0) return new(count, $"needs {needs}; 0 of {workers.Count} workers {(workers.Count == 1 ? "has" : "have")} that", CanEnd: false);
        if (able.All(worker => draining.Contains(worker.Worker))) return new(count, $"needs {needs}; every worker that has it is being drained", CanEnd: false);
        if (first.ReservedHost is { } host) return new(count, $"needs {needs}; '{host}' is being emptied for it{StillThere(host)}", CanEnd: true);
        if (able.All(worker => IsHeldAlone(worker.Host))) return new(count, "every machine that could train it is held by a trial that needs it for itself", CanEnd: true);
        if (able.All(worker => IsHeldAlone(worker.Host) || ready.IsReserved(worker.Host))) return new(count, "every machine that could train it is held by, or being emptied for, a trial that needs it for itself", CanEnd: true);
        return new(count, FormattableString.Invariant($"waits for a free slot; {BusySlots} of {workers.Values.Sum(worker => worker.Slots)} are taken"), CanEnd: true);
    }

    private string StillThere(string host) => loads.GetValueOrDefault(host).Running switch
    {
        0 => "",
        1 => "; 1 trial still runs there",
        var others => FormattableString.Invariant($"; {others} trials still run there"),
    };

    private bool Move(long experiment, ExperimentState from, ExperimentState to, List<SchedulerChange> changes)
    {
        if (!experiments.TryGetValue(experiment, out var node) || node.State != from || node.Finished) return false;
        node.State = to;
        changes.Add(new ExperimentChanged(experiment, to));
        foreach (var trial in node.Trials.Where(trial => trial.State == TrialState.Pending)) ready.Add(trial);
        return true;
    }

    /// <summary>Takes the earlier picture of an experiment away from its trials, before it is admitted again.</summary>
    private void Forget(ExperimentNode node)
    {
        foreach (var trial in node.Trials)
        {
            ready.Remove(trial);
            if (trial.Home?.Experiment == node) trial.Home = null;
            trial.Memberships.RemoveAll(membership => membership.Experiment == node);
        }
    }
}
