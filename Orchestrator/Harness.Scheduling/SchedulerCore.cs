using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Scheduling;

/// <summary>
/// Decides who trains what. A deterministic state machine: it owns no thread, does no I/O and takes the time from its
/// <see cref="TimeProvider"/>. Every method returns (or appends) the changes that have to be on disk before anybody is told.
/// Not thread-safe: callers take turns.
/// </summary>
/// <remarks>This part speaks with workers; what people ask of experiments is in the other one.</remarks>
internal sealed partial class SchedulerCore(TimeProvider time, SchedulerOptions options)
{
    /// <summary>A trial that took down this many different workers, one after the other at the same place, is not given to another one.</summary>
    private const int WorkersUntilQuarantine = 3;

    private readonly long origin = time.GetTimestamp();
    private readonly Dictionary<string, TrialNode> trials = new(StringComparer.Ordinal);
    private readonly DoneTrials done = new();
    private readonly TrialQueue ready = new();
    private readonly PriorityQueue<TrialNode, TimeSpan> backingOff = new();
    private readonly Dictionary<string, TrialNode> running = new(StringComparer.Ordinal);
    private readonly Dictionary<long, ExperimentNode> experiments = [];
    private readonly HashSet<long> undecided = [];
    private readonly Dictionary<string, WorkerHello> workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Running, int Alone)> loads = new(StringComparer.Ordinal);
    private readonly HashSet<string> draining = new(StringComparer.Ordinal);
    private readonly HashSet<string> gone = new(StringComparer.Ordinal);

    /// <summary>Monotonic time since this scheduler began.</summary>
    public TimeSpan Now => time.GetElapsedTime(origin);

    /// <summary>Grants leases for up to <paramref name="count"/> slots: one each, or a pack. A worker that was declared gone gets nothing, ever.</summary>
    /// <exception cref="WorkerGoneException">The worker was declared gone; it has to come back under a new name.</exception>
    public IReadOnlyList<Lease> Acquire(WorkerHello worker, int count, List<SchedulerChange> changes)
    {
        if (gone.Contains(worker.Worker)) throw new WorkerGoneException(worker.Worker);
        if (workers.TryAdd(worker.Worker, worker)) changes.Add(new WorkerJoined(worker));
        WakeBackedOff();
        var leases = new List<Lease>();
        if (draining.Contains(worker.Worker)) return leases;
        for (var slots = 0; slots < count && !IsHeldAlone(worker.Host) && ready.Next(trial => Suits(trial, worker)) is { } trial; slots++)
        {
            if (trial.Needs.Exclusive && !IsEmpty(worker.Host))
            {
                // Its turn has come, but the machine is not free: it is emptied, nothing else is started on it meanwhile.
                trial.ReservedHost = worker.Host;
                break;
            }

            leases.AddRange(GrantPack(trial, worker, changes));
        }

        return leases;
    }

    /// <summary>Extends the leases of what the worker really holds; returns what it must abandon.</summary>
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

    /// <summary>JSON of the spec of an attempt's trial; null when it is not the trial's live attempt.</summary>
    public string? SpecOf(AttemptKey attempt) => LiveOf(attempt) is null ? null : running[attempt.Trial].Spec;

    /// <summary>Slots that train something.</summary>
    public int BusySlots => running.Values.Select(trial => trial.Live!.Slot).Distinct().Count();

    /// <summary>Takes note of progress. False when the attempt is not the trial's live one: nothing of the report may be stored.</summary>
    public bool Report(AttemptReport report)
    {
        if (LiveOf(report.Attempt) is not { } live) return false;
        live.LeaseUntil = Now + options.Lease;
        if (report.Step >= live.Step) (live.Step, live.Loss) = (report.Step, report.Loss);
        live.ResumedFrom = report.Checkpoint?.ResumedFrom ?? live.ResumedFrom;
        live.SavedStep = report.Checkpoint?.SavedStep ?? live.SavedStep;
        return true;
    }

    /// <summary>Ends an attempt. False when it is not the trial's live one: its result is not wanted.</summary>
    /// <remarks>An end that was accepted and is told again, because the answer was lost, is accepted again and changes nothing.</remarks>
    public bool Complete(AttemptCompletion completion, List<SchedulerChange> changes)
    {
        if (LiveOf(completion.Attempt) is null) return done.Accepted(completion.Attempt) || trials.GetValueOrDefault(completion.Attempt.Trial)?.Accepted == completion.Attempt;
        var trial = trials[completion.Attempt.Trial];
        trial.Accepted = completion.Attempt;
        End(trial, completion.End, completion.Message, completion.ExitCode, completion.Outcome, changes, completion.Shared);
        return true;
    }

    /// <summary>Gives back what a worker holds, because it left in order or because it is gone for good.</summary>
    public void Leave(string worker, bool inOrder, string reason, List<SchedulerChange> changes)
    {
        gone.Add(worker);
        draining.Remove(worker);
        if (workers.Remove(worker)) changes.Add(new WorkerLeft(worker, reason));
        foreach (var trial in running.Values.Where(trial => trial.Live!.Key.Worker == worker).ToArray())
            End(trial, inOrder ? AttemptEnd.Drained : AttemptEnd.LeaseLost, reason, exitCode: null, outcome: null, changes);
    }

    /// <summary>The names under which a worker's process is known: its own, and those of its later lives. One that has not spoken to this server yet is known by what it holds.</summary>
    public IReadOnlyList<string> NamesOf(string worker) =>
        [.. workers.Keys.Union(running.Values.Select(trial => trial.Live!.Key.Worker), StringComparer.Ordinal).Where(name => name == worker || (name.StartsWith(worker, StringComparison.Ordinal) && name[worker.Length] == '.'))];

    /// <summary>Starts nothing more on a worker, while what runs there may end; or puts it to work again.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Drain(string worker, bool drain, List<SchedulerChange> changes)
    {
        if (!workers.ContainsKey(worker) || !(drain ? draining.Add(worker) : draining.Remove(worker))) return false;
        changes.Add(new WorkerDrained(worker, drain));
        return true;
    }

    /// <summary>Takes up which workers an earlier server was asked to drain; they may come back.</summary>
    public void RecoverDrained(IEnumerable<string> known) => draining.UnionWith(known);

    /// <summary>The experiments that are known here.</summary>
    public IReadOnlyCollection<long> Experiments => experiments.Keys;

    /// <summary>Takes over what only the memory of an earlier core knows of workers.</summary>
    /// <param name="stored">Names of the workers that the database knows.</param>
    public void InheritWorkers(SchedulerCore before, IReadOnlySet<string> stored)
    {
        foreach (var worker in before.workers.Values.Where(worker => stored.Contains(worker.Worker))) workers[worker.Worker] = worker;
        gone.UnionWith(before.gone);
        done.Inherit(before.done);
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
        return !ready.IsEmpty;
    }

    /// <summary>Leases a trial, with as many of its kind as are to be trained beside it.</summary>
    private IReadOnlyList<Lease> GrantPack(TrialNode first, WorkerHello worker, List<SchedulerChange> changes)
    {
        var slot = new SharedSlot(new AttemptKey(first.Id, first.Attempts + 1, worker.Worker));
        var home = first.Home!.Experiment;
        home.Share++;
        if (first.Pack is not { } pack || first.Needs.Exclusive) return [Grant(first, worker, slot, changes)];
        var alike = TrialQueue.Packable(home, pack.Kind);
        // Enough for every slot that could train them: a full slot beside an empty one gains nothing.
        var slots = Math.Max(1, workers.Values.Where(first.Needs.IsMetBy).Sum(able => able.Slots));
        var memory = first.Needs.Cuda ? worker.CudaMemory : worker.SlotMemory;
        var room = pack.Bytes > 0 && memory > 0 ? memory / pack.Bytes : long.MaxValue;
        var count = Math.Max(1, Math.Min(room, Math.Min(pack.Most, (alike.Count + slots - 1) / slots)));
        var members = alike.Where(trial => trial.Needs == first.Needs && Suits(trial, worker)).Take((int)count).ToArray();
        if (members.Length < 2) return [Grant(first, worker, slot, changes)];
        slot.Open = members.Length;
        var leases = members.Select(member => Grant(member, worker, slot, changes)).ToArray();
        return [.. leases.Select(lease => lease with { Pack = slot.Name })];
    }

    private Lease Grant(TrialNode trial, WorkerHello worker, SharedSlot slot, List<SchedulerChange> changes)
    {
        var home = trial.Home;
        ready.Remove(trial);
        trial.Home = home;
        trial.ReservedHost = null;
        trial.Attempts++;
        trial.Become(TrialState.Running);
        var key = new AttemptKey(trial.Id, trial.Attempts, worker.Worker);
        Begin(trial, new LiveAttempt(key, worker.Host, Now + options.Lease, Now) { Slot = slot });
        changes.Add(new AttemptStarted(key));
        return new Lease(key, trial.Spec, trial.Label, options.Lease, trial.Terms);
    }

    private void Begin(TrialNode trial, LiveAttempt live)
    {
        trial.Live = live;
        running.Add(trial.Id, trial);
        foreach (var experiment in trial.Experiments) experiment.Running.Add(trial);
        var load = loads.GetValueOrDefault(live.Host);
        loads[live.Host] = (load.Running + 1, load.Alone + (trial.Needs.Exclusive ? 1 : 0));
    }

    private bool Suits(TrialNode trial, WorkerHello worker) =>
        trial.Needs.IsMetBy(worker) && (trial.ReservedHost is null || trial.ReservedHost == worker.Host || IsEmpty(worker.Host) || !IsKnownHost(trial.ReservedHost));

    /// <summary>Whether a machine is held by one trial that needs it for itself.</summary>
    private bool IsHeldAlone(string host) => loads.GetValueOrDefault(host).Alone > 0;

    private bool IsEmpty(string host) => loads.GetValueOrDefault(host).Running == 0;

    private bool IsKnownHost(string host) => workers.Values.Any(worker => worker.Host == host && !draining.Contains(worker.Worker));

    private LiveAttempt? LiveOf(AttemptKey key) =>
        running.TryGetValue(key.Trial, out var trial) && trial.Live!.Key == key ? trial.Live : null;

    /// <param name="shared">Whether it befell other trials too, in the same process or the same step: whose doing it was cannot be told then, and each is trained alone from now on.</param>
    private void End(TrialNode trial, AttemptEnd end, string? message, int? exitCode, string? outcome, List<SchedulerChange> changes, bool shared = false)
    {
        var (key, saved) = (trial.Live!.Key, trial.Live.SavedStep);
        var isLastOfSlot = --trial.Live.Slot.Open == 0;
        var load = loads[trial.Live.Host];
        loads[trial.Live.Host] = (load.Running - 1, load.Alone - (trial.Needs.Exclusive ? 1 : 0));
        trial.Live = null;
        running.Remove(trial.Id);
        foreach (var experiment in trial.Experiments) experiment.Running.Remove(trial);
        if (trial.Home is { } home && isLastOfSlot) home.Experiment.Share--;
        trial.Home = null;
        TimeSpan? retryIn = null;
        switch (end)
        {
            case AttemptEnd.Completed or AttemptEnd.EarlyStopped:
                trial.Failure = null;
                trial.Become(TrialState.Completed);
                break;
            case AttemptEnd.Diverged:
                trial.Failure = null;
                trial.Become(TrialState.Diverged);
                break;
            case AttemptEnd.Cancelled:
                trial.Become(TrialState.Cancelled);
                break;
            case AttemptEnd.Drained:
                Queue(trial);
                break;
            case AttemptEnd.UserError or AttemptEnd.GpuOutOfMemory when !shared:
                trial.TrialFailures++;
                trial.Failure = message;
                if (trial.TrialFailures > Budget(trial, node => node.TrialRetries)) trial.Become(TrialState.Failed);
                else Queue(trial);
                break;
            default:
                trial.InfrastructureFailures++;
                trial.Failure = message;
                if (shared) trial.KeepApart();
                else trial.TookDown(key.Worker, saved);
                if (trial.WorkersLost.Count >= WorkersUntilQuarantine)
                {
                    trial.Failure = $"Quarantined: it took down {trial.WorkersLost.Count} different workers and got no further. {message}";
                    trial.Become(TrialState.Failed);
                }
                else if (trial.InfrastructureFailures > Budget(trial, node => node.InfrastructureRetries))
                {
                    trial.Become(TrialState.Failed);
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
        foreach (var experiment in trial.Experiments) FinishIfDone(experiment, changes);
        if (trial.State.HasResult()) Release(trial);
    }

    /// <summary>Forgets a trial that has its result: its experiments have counted it.</summary>
    private void Release(TrialNode trial)
    {
        done.Add(trial);
        trials.Remove(trial.Id);
        foreach (var experiment in trial.Experiments) experiment.Trials.Remove(trial);
        trial.Memberships.Clear();
    }

    private void Queue(TrialNode trial)
    {
        if (trial.State != TrialState.Pending) trial.Become(TrialState.Pending);
        ready.Add(trial);
    }

    private void BackOff(TrialNode trial, TimeSpan pause)
    {
        if (pause <= TimeSpan.Zero)
        {
            Queue(trial);
            return;
        }

        trial.Become(TrialState.BackingOff);
        trial.NotBefore = Now + pause;
        backingOff.Enqueue(trial, trial.NotBefore);
    }

    private void WakeBackedOff()
    {
        while (backingOff.TryPeek(out var trial, out var until) && until <= Now)
        {
            backingOff.Dequeue();
            // It may have been cancelled meanwhile, and even have been tried again.
            if (trial.State == TrialState.BackingOff && trial.NotBefore <= Now) Queue(trial);
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

    private static int Budget(TrialNode trial, Func<ExperimentNode, int> retries) => trial.Experiments.Select(retries).DefaultIfEmpty(0).Max();

    private void FinishIfDone(ExperimentNode node, List<SchedulerChange> changes)
    {
        if (node.Finished || node.HasOpen) return;
        if (node.AwaitsDecision)
        {
            undecided.Add(node.Id);
            return;
        }

        node.Finished = true;
        changes.Add(new ExperimentFinished(node.Id));
    }
}
