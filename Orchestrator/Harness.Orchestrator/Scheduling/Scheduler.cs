using Harness.Experiments.Contracts;
using Harness.Experiments.Planning;
using Harness.Orchestrator.Store;

namespace Harness.Orchestrator.Scheduling;

/// <summary>
/// The scheduler as the process sees it: one caller at a time decides, every decision is on disk before anybody is told,
/// and waiting callers are woken when there is work.
/// </summary>
/// <remarks>
/// Decisions are enqueued for writing under the same lock that made them, so the store sees them in order. Nobody is
/// answered before the commit; a decision that could not be stored has been seen by nobody. What is in memory is then ahead
/// of the database for good, so such a scheduler decides nothing more: it has <see cref="Failed"/>, and a new one recovers.
/// </remarks>
public sealed class Scheduler(SchedulerOptions options, ExperimentStore store, TimeProvider time, ILogger<Scheduler> log)
{
    private readonly Lock gate = new();
    private readonly SchedulerCore core = new(time, options);
    private readonly TaskCompletionSource<StoreException> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long sweptAt = time.GetTimestamp();

    /// <summary>Completes, with the reason, when a decision could not be stored. Every later call throws that reason.</summary>
    public Task<StoreException> Failed => failed.Task;

    /// <summary>Stores an experiment (or finds it again) and queues what of it is not done.</summary>
    public async Task<long> Submit(ExperimentPlan plan, string specText, string specPath)
    {
        var admitted = await store.Submit(plan, specText, specPath);
        Task stored;
        lock (gate)
        {
            ThrowIfFailed();
            stored = store.Record(core.Admit(admitted));
            WakeWaiting();
        }

        await OnDisk(stored);
        return admitted.Id;
    }

    /// <summary>Waits for work at most <paramref name="wait"/>.</summary>
    public async Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int count, TimeSpan wait, CancellationToken cancellation)
    {
        var until = time.GetTimestamp();
        while (true)
        {
            IReadOnlyList<Lease> leases;
            Task stored, woken;
            lock (gate)
            {
                ThrowIfFailed();
                var changes = new List<SchedulerChange>();
                leases = core.Acquire(worker, count, changes);
                stored = store.Record(changes);
                woken = wake.Task;
            }

            await OnDisk(stored);
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

    public IReadOnlyList<AttemptKey> Heartbeat(string worker, IReadOnlyList<AttemptKey> running)
    {
        lock (gate)
        {
            ThrowIfFailed();
            return core.Heartbeat(worker, running);
        }
    }

    public async Task<bool> Report(AttemptReport report)
    {
        Task<bool> stored;
        lock (gate)
        {
            ThrowIfFailed();
            if (!core.Report(report)) return false;
            stored = store.RecordMeasurements(report);
        }

        return await stored;
    }

    public async Task<bool> Complete(AttemptCompletion completion)
    {
        Task stored;
        var changes = new List<SchedulerChange>();
        lock (gate)
        {
            ThrowIfFailed();
            if (!core.Complete(completion, changes)) return false;
            stored = store.Record(changes, completion.Remainder);
            WakeWaiting();
        }

        await OnDisk(stored);
        foreach (var ended in changes.OfType<AttemptEnded>())
            SchedulerLog.Ended(log, ended.Attempt.ToString(), ended.End, ended.TrialState, ended.Message);
        return true;
    }

    public async Task Leave(string worker, bool inOrder, string reason)
    {
        Task stored;
        lock (gate)
        {
            ThrowIfFailed();
            var changes = new List<SchedulerChange>();
            core.Leave(worker, inOrder, reason, changes);
            stored = store.Record(changes);
            WakeWaiting();
        }

        await OnDisk(stored);
    }

    /// <summary>Takes back leases that ran out; called every second.</summary>
    /// <remarks>
    /// When this call itself comes late, this process stood still (suspended, a long collection, a starved machine) and could
    /// hear nobody: then the leases are renewed once instead, and whoever is really gone is found one lease later.
    /// </remarks>
    public async Task Expire()
    {
        Task stored;
        lock (gate)
        {
            ThrowIfFailed();
            if (time.GetElapsedTime(sweptAt) > options.Lease / 2) core.RenewLeases();
            sweptAt = time.GetTimestamp();
            var changes = new List<SchedulerChange>();
            if (core.Expire(changes)) WakeWaiting();
            stored = store.Record(changes);
        }

        await OnDisk(stored);
    }

    public ExperimentProgress? Progress(long experiment)
    {
        lock (gate) return core.Progress(experiment);
    }

    private async Task OnDisk(Task stored)
    {
        try
        {
            await stored;
        }
        catch (StoreException error)
        {
            failed.TrySetResult(error);
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
