using System.Collections.Concurrent;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Scheduling.Stages;
using Harness.Store;

namespace Harness.Server.Grains;

/// <summary>
/// The scheduler as the process sees it: one caller at a time decides, every decision is on disk before anybody is told,
/// and waiting callers are woken when there is work.
/// </summary>
/// <remarks>
/// Decisions are enqueued for writing under the lock that made them, so the store sees them in order. Nobody is answered
/// before the commit, however long a full disk or a foreign lock holds it up. A decision that the database refuses costs
/// itself: memory is read again from the database, and decisions that rested on the refused one are made again. A database
/// that takes nothing any more ends this scheduler: it has <see cref="Failed"/>, and a new one recovers.
/// </remarks>
/// <param name="next">Decides the next step of an experiment; null for <see cref="StageRules.Next"/> and <see cref="LookRule.Next"/>.</param>
public sealed partial class Scheduler(SchedulerOptions options, ExperimentStore store, TimeProvider time, ILogger<Scheduler> log, Func<StageState, StageStep>? next = null)
{
    private readonly Lock gate = new();
    private SchedulerCore core = new(time, options);
    private DecisionLine line = new();
    private Task? renewal;
    private readonly TaskCompletionSource<StoreException> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long sweptAt = time.GetTimestamp();
    private long version;

    /// <summary>What workers told last of their machines.</summary>
    private readonly ConcurrentDictionary<string, (WorkerLoad Load, long At)> loads = new(StringComparer.Ordinal);

    private readonly FleetHistory fleet = new(time);

    /// <summary>Completes, with the reason, when the database takes no more writes. Every later call throws that reason.</summary>
    public Task<StoreException> Failed => failed.Task;

    /// <summary>Stores an experiment (or finds it again) and queues what of it is not done.</summary>
    /// <param name="paused">Whether what of it is new waits until it is resumed.</param>
    /// <param name="actor">Who submits it; null for the process itself.</param>
    public async Task<long> Submit(ExperimentPlan plan, string specText, string specPath, bool paused = false, string? actor = null)
    {
        lock (gate) core.ExpectAdmission();
        try
        {
            var (id, admitted) = await store.Submit(plan, specText, specPath, paused, actor);
            await Decide(changes =>
            {
                foreach (var experiment in admitted) changes.AddRange(core.Admit(experiment));
                return true;
            });
            return id;
        }
        finally
        {
            lock (gate) core.EndAdmission();
        }
    }

    /// <summary>Takes up what an earlier server left unfinished; attempts whose workers may live keep a fresh lease.</summary>
    public async Task Recover()
    {
        var (admitted, drained) = (await store.Unfinished(), await store.Draining());
        await Decide(changes =>
        {
            core.RecoverDrained(drained);
            foreach (var experiment in admitted) changes.AddRange(core.Admit(experiment));
            return true;
        });
    }

    /// <summary>Waits for work at most <paramref name="wait"/>.</summary>
    public async Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int count, TimeSpan wait, CancellationToken cancellation)
    {
        var until = time.GetTimestamp();
        while (true)
        {
            var (leases, woken) = await Decide(changes =>
            {
                // A grant that cannot be stored now would run out before the worker hears of it.
                var granted = core.Acquire(worker, store.Trouble is null ? count : 0, changes);
                return (granted, wake.Task);
            }, wakes: false);
            foreach (var lease in leases) SchedulerLog.Leased(log, lease.Attempt.ToString(), lease.Label, worker.Worker);
            var left = wait - time.GetElapsedTime(until);
            if (leases.Count > 0 || left <= TimeSpan.Zero) return leases;
            try
            {
                await woken.WaitAsync(left, time, cancellation);
            }
            catch (TimeoutException)
            {
                return [];
            }
        }
    }

    /// <param name="load">How busy the worker's machine is; null when it cannot tell.</param>
    public IReadOnlyList<AttemptKey> Heartbeat(string worker, IReadOnlyList<AttemptKey> running, WorkerLoad? load = null)
    {
        if (load is not null)
        {
            loads[worker] = (load, time.GetTimestamp());
            fleet.Loaded(worker, load);
        }

        lock (gate)
        {
            ThrowIfFailed();
            return core.Heartbeat(worker, running);
        }
    }

    /// <summary>How busy a worker's machine is; null when it has not told for a while.</summary>
    public WorkerLoad? LoadOf(string worker)
    {
        if (!loads.TryGetValue(worker, out var known)) return null;
        if (time.GetElapsedTime(known.At) <= options.Lease) return known.Load;
        loads.TryRemove(KeyValuePair.Create(worker, known));
        return null;
    }

    /// <summary>What a worker did in the last half hour; null for one that was never heard of here.</summary>
    public Store.Views.WorkerTrack? HistoryOf(string worker) => fleet.Of(worker);

    /// <summary>JSON of the spec of an attempt's trial; null when it is not the trial's live attempt.</summary>
    public string? SpecOf(AttemptKey attempt)
    {
        lock (gate) return core.SpecOf(attempt);
    }

    public async Task<bool> Report(AttemptReport report)
    {
        Task<bool> stored;
        lock (gate)
        {
            ThrowIfFailed();
            if (!core.Report(report)) return false;
            version++;
            stored = store.RecordMeasurements(report);
        }

        return await stored;
    }

    /// <exception cref="MessageRefusedException">The result cannot be stored; the attempt has failed for that reason.</exception>
    public async Task<bool> Complete(AttemptCompletion completion)
    {
        try
        {
            return await End(completion);
        }
        catch (WriteRefusedException refused)
        {
            var reason = $"The result could not be stored: {refused.Reason}";
            if (!await End(new AttemptCompletion(completion.Attempt, AttemptEnd.UserError, null, reason, completion.ExitCode, null), own: true)) return false;
            throw new MessageRefusedException(reason);
        }
    }

    private async Task<bool> End(AttemptCompletion completion, bool own = false)
    {
        var said = completion.Log is { } text ? (completion.Attempt, text) : default((AttemptKey, string)?);
        // Not tried again with the same result: it would be refused again.
        var (accepted, ended) = await Decide(changes => (core.Complete(completion, changes), changes), completion.Remainder, said, relies: true, tries: 1, own: own);
        if (accepted && ended.OfType<AttemptEnded>().Any(end => end.TrialState.HasResult())) fleet.Finished(completion.Attempt.Worker);
        foreach (var end in ended.OfType<AttemptEnded>()) SchedulerLog.Ended(log, end.Attempt.ToString(), end.End, end.TrialState, end.Message);
        return accepted;
    }

    public Task Leave(string worker, bool inOrder, string reason) => Decide(changes =>
    {
        core.Leave(worker, inOrder, reason, changes);
        return true;
    });

    /// <summary>A worker's process is gone, under whichever name it has come back.</summary>
    /// <returns>Whether it was known.</returns>
    public Task<bool> LoseWorker(string worker, string reason) => Decide(changes =>
    {
        var names = core.NamesOf(worker);
        foreach (var name in names) core.Leave(name, inOrder: false, reason, changes);
        return names.Count > 0;
    });

    /// <summary>Takes back leases that ran out; called every second.</summary>
    /// <remarks>
    /// When this call itself comes late, this process stood still (suspended, a long collection, a starved machine) and could
    /// hear nobody: then the leases are renewed once instead, and a worker that is really lost is found one lease later.
    /// </remarks>
    public Task Expire() => Decide(changes =>
    {
        if (time.GetElapsedTime(sweptAt) > options.Lease / 2) core.RenewLeases();
        sweptAt = time.GetTimestamp();
        if (core.Expire(changes)) WakeWaiting();
        return true;
    }, wakes: false, own: true);

    /// <summary>Grows with every decision and every step that is reported.</summary>
    public long Version => Interlocked.Read(ref version);

    /// <summary>Trials by state; null for an experiment that is not known here.</summary>
    public IReadOnlyDictionary<TrialState, int>? Counts(long experiment)
    {
        lock (gate) return core.Counts(experiment);
    }

    /// <summary>Trials by state of the conditions so many from one of them on; null for an experiment that is not known here.</summary>
    public IReadOnlyDictionary<int, IReadOnlyDictionary<TrialState, int>>? Counts(long experiment, int from, int limit)
    {
        lock (gate) return core.Counts(experiment, from, limit);
    }

    /// <param name="most">At most so many of the trials that run are named, the longest first.</param>
    public ExperimentProgress? Progress(long experiment, int most = int.MaxValue)
    {
        lock (gate) return core.Progress(experiment, most);
    }

    /// <summary>Slots that train something.</summary>
    public int BusySlots
    {
        get
        {
            lock (gate) return core.BusySlots;
        }
    }

    /// <summary>Everything that runs, the longest first.</summary>
    public IReadOnlyList<RunningTrial> Running()
    {
        lock (gate) return core.Running();
    }

    /// <summary>The running attempts of some workers, the longest first.</summary>
    public IReadOnlyList<RunningTrial> Running(IReadOnlySet<string> on)
    {
        lock (gate) return core.Running(on);
    }

    /// <summary>A trial as it runs; null when it does not.</summary>
    public RunningTrial? Running(string trial)
    {
        lock (gate) return core.Running(trial);
    }

    /// <summary>Why the waiting trials of an experiment wait.</summary>
    public IReadOnlyList<WaitingReason> Reasons(long experiment)
    {
        lock (gate) return core.Reasons(experiment);
    }

    /// <summary>Makes a decision and waits until it is on disk. One that rested on a refused one is made again.</summary>
    /// <param name="measurements">Stored with it, if it changes anything.</param>
    /// <param name="relies">Whether the answer relies on earlier decisions even if it changes nothing.</param>
    /// <param name="wakes">Whether there may be work now for those who wait for it.</param>
    /// <param name="tries">How often the database may refuse it. A second try decides on what is stored, not on what was in memory.</param>
    /// <param name="own">Whether the decision holds nothing that a caller sent. A refusal is then the database's fault and ends this scheduler.</param>
    /// <exception cref="WriteRefusedException">It can never be stored.</exception>
    private async Task<T> Decide<T>(
        Func<List<SchedulerChange>, T> decide, AttemptReport? measurements = null, (AttemptKey Attempt, string Text)? said = null, bool relies = false, bool wakes = true, int tries = 2, bool own = false)
    {
        while (true)
        {
            DecisionLine made;
            T answer;
            Task<bool> stored;
            lock (gate)
            {
                ThrowIfFailed();
                made = line;
                var changes = new List<SchedulerChange>();
                answer = decide(changes);
                if (changes.Count > 0) version++;
                stored = changes.Count > 0 ? store.Record(changes, measurements, said, made) : relies ? store.Flush(made) : Task.FromResult(true);
                if (wakes) WakeWaiting();
                GrowUndecided();
            }

            try
            {
                if (await stored) return answer;
            }
            catch (WriteRefusedException refused)
            {
                SchedulerLog.Refused(log, refused.Reason);
                await Renewed(made);
                if (--tries > 0) continue;
                if (own) failed.TrySetResult(refused);
                throw;
            }
            catch (StoreException error)
            {
                failed.TrySetResult(error);
                throw;
            }

            await Renewed(made);
        }
    }

    /// <summary>Waits until memory is what the database says, and no longer what a broken line had made of it.</summary>
    private Task Renewed(DecisionLine broken)
    {
        lock (gate) return line != broken ? Task.CompletedTask : renewal ??= Renew();
    }

    private async Task Renew()
    {
        await Task.Yield();
        try
        {
            IReadOnlyCollection<long> known;
            lock (gate) known = [.. core.Experiments];
            // Behind every decision of the broken line, none of which is stored from here on.
            var state = await store.State(known);
            Task<bool> stored;
            lock (gate)
            {
                var (before, changes) = (core, new List<SchedulerChange>());
                (core, line, renewal) = (new SchedulerCore(time, options), new DecisionLine(), null);
                core.InheritWorkers(before, state.Workers);
                core.RecoverDrained(state.Draining);
                foreach (var experiment in state.Experiments) changes.AddRange(core.Admit(experiment));
                changes.RemoveAll(change => change is ExperimentFinished { Experiment: var id } && state.Finished.Contains(id));
                version++;
                stored = store.Record(changes, line: line);
                WakeWaiting();
                GrowUndecided();
            }

            await stored;
        }
        catch (Exception error)
        {
            failed.TrySetResult(error as StoreException ?? new StoreException($"The state could not be read from the database: {error.Message}", error));
            throw;
        }
    }

    private void ThrowIfFailed()
    {
        if (failed.Task.IsCompleted) throw new StoreException(failed.Task.Result.Message, failed.Task.Result);
    }

    private void WakeWaiting()
    {
        var waiting = wake;
        wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.SetResult();
    }
}
