using Harness.Experiments.Contracts;
using Harness.Experiments.Results;

namespace Harness.Orchestrator.Scheduling;

/// <summary>
/// Decides who trains what. A deterministic state machine: it owns no thread, does no I/O and takes the time from its
/// <see cref="TimeProvider"/>. Every method returns (or appends) the changes that have to be on disk before anybody is told.
/// Not thread-safe: callers take turns.
/// </summary>
internal sealed class SchedulerCore(TimeProvider time, SchedulerOptions options)
{
    /// <summary>A trial that took down this many different workers is not given to another one.</summary>
    private const int WorkersUntilQuarantine = 3;

    private readonly long origin = time.GetTimestamp();
    private readonly Dictionary<string, TrialNode> trials = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ReadyKey, TrialNode> ready = [];
    private readonly PriorityQueue<TrialNode, TimeSpan> backingOff = new();
    private readonly Dictionary<string, TrialNode> running = new(StringComparer.Ordinal);
    private readonly Dictionary<long, ExperimentNode> experiments = [];
    private readonly Dictionary<string, WorkerHello> workers = new(StringComparer.Ordinal);
    private readonly HashSet<string> gone = new(StringComparer.Ordinal);

    /// <summary>Monotonic time since this scheduler began.</summary>
    public TimeSpan Now => time.GetElapsedTime(origin);

    /// <summary>Takes an experiment in: its unfinished trials are queued, its finished ones count at once.</summary>
    public List<SchedulerChange> Admit(AdmittedExperiment experiment)
    {
        var node = new ExperimentNode(experiment.Id, experiment.TrialRetries, experiment.InfrastructureRetries);
        experiments[experiment.Id] = node;
        foreach (var admitted in experiment.Trials)
        {
            if (!trials.TryGetValue(admitted.Trial, out var trial))
            {
                trial = new TrialNode(admitted.Trial, admitted.Spec, admitted.Label)
                {
                    Attempts = admitted.Attempts,
                    TrialFailures = admitted.TrialFailures,
                    InfrastructureFailures = admitted.InfrastructureFailures,
                    State = admitted.State,
                    Failure = admitted.Failure,
                    Rank = new ReadyKey(experiment.Priority, experiment.Id, admitted.Ordinal),
                    Terms = experiment.Terms,
                };
                trials.Add(trial.Id, trial);
                if (!trial.State.IsTerminal())
                {
                    // Nothing can be live that this scheduler has not granted or recovered.
                    trial.State = TrialState.Pending;
                    ready.Add(trial.Rank, trial);
                }
            }
            else if (admitted.State == TrialState.Pending && trial.State is TrialState.Failed or TrialState.Cancelled)
            {
                // Submitted again: a failed trial gets fresh budgets.
                (trial.State, trial.TrialFailures, trial.InfrastructureFailures, trial.Failure) = (TrialState.Pending, 0, 0, null);
                trial.WorkersLost.Clear();
                ready.Add(trial.Rank, trial);
                foreach (var other in trial.Experiments.Where(id => id != experiment.Id).Select(id => experiments[id]))
                    (other.Open, other.Finished) = (other.Open + 1, false);
            }

            trial.Experiments.Add(experiment.Id);
            node.Trials.Add(trial);
        }

        // Two conditions of one experiment may be the same trial: it is trained, and counted as open, once.
        node.Open = node.Trials.Distinct().Count(trial => !trial.State.IsTerminal());

        var changes = new List<SchedulerChange>();
        FinishIfDone(node, changes);
        return changes;
    }

    /// <summary>Grants up to <paramref name="count"/> leases. A worker that was declared gone gets nothing, ever.</summary>
    /// <exception cref="WorkerGoneException">The worker was declared gone; it has to come back under a new name.</exception>
    public IReadOnlyList<Lease> Acquire(WorkerHello worker, int count, List<SchedulerChange> changes)
    {
        if (gone.Contains(worker.Worker)) throw new WorkerGoneException(worker.Worker);
        if (workers.TryAdd(worker.Worker, worker)) changes.Add(new WorkerJoined(worker));
        WakeBackedOff();
        var leases = new List<Lease>();
        foreach (var trial in ready.Values.Take(Math.Max(0, count)).ToArray())
        {
            ready.Remove(trial.Rank);
            trial.Attempts++;
            trial.State = TrialState.Running;
            var key = new AttemptKey(trial.Id, trial.Attempts, worker.Worker);
            trial.Live = new LiveAttempt(key, Now + options.Lease, Now);
            running.Add(trial.Id, trial);
            changes.Add(new AttemptStarted(key));
            leases.Add(new Lease(key, trial.Spec, trial.Label, options.Lease, trial.Terms));
        }

        return leases;
    }

    /// <summary>Extends the leases of what the worker really holds; returns what it must give up.</summary>
    public IReadOnlyList<AttemptKey> Heartbeat(string worker, IReadOnlyList<AttemptKey> attempts)
    {
        var revoked = new List<AttemptKey>();
        foreach (var key in attempts)
        {
            if (key.Worker == worker && LiveOf(key) is { } live) live.LeaseUntil = Now + options.Lease;
            else revoked.Add(key);
        }

        return revoked;
    }

    /// <summary>Takes note of progress. False when the attempt is not the trial's live one: nothing of the report may be stored.</summary>
    public bool Report(AttemptReport report)
    {
        if (LiveOf(report.Attempt) is not { } live) return false;
        live.LeaseUntil = Now + options.Lease;
        if (report.Step >= live.Step) (live.Step, live.Loss) = (report.Step, report.Loss);
        live.ResumedFrom = report.Checkpoint?.ResumedFrom ?? live.ResumedFrom;
        return true;
    }

    /// <summary>Ends an attempt. False when it is not the trial's live one: its result is not wanted.</summary>
    public bool Complete(AttemptCompletion completion, List<SchedulerChange> changes)
    {
        if (LiveOf(completion.Attempt) is null) return false;
        End(trials[completion.Attempt.Trial], completion.End, completion.Message, completion.ExitCode, completion.Outcome, changes);
        return true;
    }

    /// <summary>Gives back what a worker holds, because it left in order or because it is gone for good.</summary>
    public void Leave(string worker, bool inOrder, string reason, List<SchedulerChange> changes)
    {
        gone.Add(worker);
        if (workers.Remove(worker)) changes.Add(new WorkerLeft(worker, reason));
        foreach (var trial in running.Values.Where(trial => trial.Live!.Key.Worker == worker).ToArray())
            End(trial, inOrder ? AttemptEnd.Drained : AttemptEnd.LeaseLost, reason, exitCode: null, outcome: null, changes);
    }

    /// <summary>Gives every live attempt a full lease again, because for a while nobody could be heard.</summary>
    public void RenewLeases()
    {
        foreach (var trial in running.Values) trial.Live!.LeaseUntil = Now + options.Lease;
    }

    /// <summary>Takes back the leases that ran out, and lets trials that backed off long enough return to the queue.</summary>
    /// <returns>Whether there is something new to lease.</returns>
    public bool Expire(List<SchedulerChange> changes)
    {
        foreach (var trial in running.Values.Where(trial => trial.Live!.LeaseUntil <= Now).ToArray())
            End(trial, AttemptEnd.LeaseLost, $"The worker was not heard of for {options.Lease.TotalSeconds:0} s.", exitCode: null, outcome: null, changes);
        WakeBackedOff();
        return ready.Count > 0;
    }

    public ExperimentProgress? Progress(long experiment)
    {
        if (!experiments.TryGetValue(experiment, out var node)) return null;
        var counts = node.Trials.GroupBy(trial => trial.State).ToDictionary(group => group.Key, group => group.Count());
        var live = node.Trials.Where(trial => trial.Live is not null)
            .Select(trial => new RunningTrial(trial.Id, trial.Label, trial.Live!.Key.Number, trial.Live.Step, trial.Live.Loss, Now - trial.Live.StartedAt, trial.Live.Key.Worker, trial.Live.ResumedFrom));
        var waiting = node.Trials.Where(trial => trial.State is TrialState.Pending or TrialState.BackingOff).Select(trial => trial.Id);
        return new ExperimentProgress(node.Trials.Count, counts, [.. live], [.. waiting], node.Finished);
    }

    private LiveAttempt? LiveOf(AttemptKey key) =>
        running.TryGetValue(key.Trial, out var trial) && trial.Live!.Key == key ? trial.Live : null;

    private void End(TrialNode trial, AttemptEnd end, string? message, int? exitCode, string? outcome, List<SchedulerChange> changes)
    {
        var key = trial.Live!.Key;
        trial.Live = null;
        running.Remove(trial.Id);
        TimeSpan? retryIn = null;
        switch (end)
        {
            case AttemptEnd.Completed or AttemptEnd.EarlyStopped:
                (trial.State, trial.Failure) = (TrialState.Completed, null);
                break;
            case AttemptEnd.Diverged:
                (trial.State, trial.Failure) = (TrialState.Diverged, null);
                break;
            case AttemptEnd.Cancelled:
                trial.State = TrialState.Cancelled;
                break;
            case AttemptEnd.Drained:
                Queue(trial);
                break;
            case AttemptEnd.UserError or AttemptEnd.GpuOutOfMemory:
                trial.TrialFailures++;
                trial.Failure = message;
                if (trial.TrialFailures > Budget(trial, node => node.TrialRetries)) trial.State = TrialState.Failed;
                else Queue(trial);
                break;
            default:
                trial.InfrastructureFailures++;
                trial.Failure = message;
                trial.WorkersLost.Add(key.Worker);
                if (trial.WorkersLost.Count >= WorkersUntilQuarantine)
                {
                    trial.State = TrialState.Failed;
                    trial.Failure = $"Quarantined: it took down {trial.WorkersLost.Count} different workers. {message}";
                }
                else if (trial.InfrastructureFailures > Budget(trial, node => node.InfrastructureRetries))
                {
                    trial.State = TrialState.Failed;
                }
                else
                {
                    retryIn = Backoff(trial);
                    BackOff(trial, retryIn.Value);
                }

                break;
        }

        changes.Add(new AttemptEnded(key, end, message, exitCode, outcome, trial.State, trial.TrialFailures, trial.InfrastructureFailures, trial.Failure, retryIn));
        if (!trial.State.IsTerminal()) return;
        foreach (var experiment in trial.Experiments.Select(id => experiments[id]))
        {
            experiment.Open--;
            FinishIfDone(experiment, changes);
        }
    }

    private void Queue(TrialNode trial)
    {
        trial.State = TrialState.Pending;
        ready.Add(trial.Rank, trial);
    }

    private void BackOff(TrialNode trial, TimeSpan pause)
    {
        if (pause <= TimeSpan.Zero)
        {
            Queue(trial);
            return;
        }

        trial.State = TrialState.BackingOff;
        trial.NotBefore = Now + pause;
        backingOff.Enqueue(trial, trial.NotBefore);
    }

    private void WakeBackedOff()
    {
        while (backingOff.TryPeek(out var trial, out var until) && until <= Now)
        {
            backingOff.Dequeue();
            if (trial.State == TrialState.BackingOff) Queue(trial);
        }
    }

    /// <summary>Nothing before the first retry, then 1 s, 2 s, 4 s …, each ±25 % so that a crowd does not come back at once.</summary>
    private TimeSpan Backoff(TrialNode trial)
    {
        if (trial.InfrastructureFailures <= 1) return TimeSpan.Zero;
        var doubled = options.FirstBackoff * Math.Pow(2, Math.Min(trial.InfrastructureFailures - 2, 20));
        var pause = doubled < options.LongestBackoff ? doubled : options.LongestBackoff;
        var spread = (StableHash(trial.Id, trial.Attempts) % 1000) / 1000.0;
        return pause * (0.75 + 0.5 * spread);
    }

    /// <summary>FNV-1a: the same in every process, unlike string.GetHashCode.</summary>
    private static uint StableHash(string text, int number)
    {
        var hash = 2166136261u;
        foreach (var character in text) hash = (hash ^ character) * 16777619u;
        return (hash ^ (uint)number) * 16777619u;
    }

    private int Budget(TrialNode trial, Func<ExperimentNode, int> retries) =>
        trial.Experiments.Select(id => retries(experiments[id])).DefaultIfEmpty(0).Max();

    private static void FinishIfDone(ExperimentNode node, List<SchedulerChange> changes)
    {
        if (node.Finished || node.Open > 0) return;
        node.Finished = true;
        changes.Add(new ExperimentFinished(node.Id));
    }

    private sealed class ExperimentNode(long id, int trialRetries, int infrastructureRetries)
    {
        public long Id => id;

        public int TrialRetries => trialRetries;

        public int InfrastructureRetries => infrastructureRetries;

        public List<TrialNode> Trials { get; } = [];

        /// <summary>Trials that have not come to their end.</summary>
        public int Open { get; set; }

        public bool Finished { get; set; }
    }
}
