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
/// answered before the commit; a decision that could not be stored has been seen by nobody.
/// </remarks>
public sealed class Scheduler(SchedulerOptions options, ExperimentStore store, TimeProvider time, ILogger<Scheduler> log)
{
    private readonly Lock gate = new();
    private readonly SchedulerCore core = new(time, options);
    private TaskCompletionSource wake = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Stores an experiment (or finds it again) and queues what of it is not done.</summary>
    public async Task<long> Submit(ExperimentPlan plan, string specText, string specPath)
    {
        var admitted = await store.Submit(plan, specText, specPath);
        Task stored;
        lock (gate)
        {
            stored = store.Record(core.Admit(admitted));
            WakeWaiting();
        }

        await stored;
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
                var changes = new List<SchedulerChange>();
                leases = core.Acquire(worker, count, changes);
                stored = store.Record(changes);
                woken = wake.Task;
            }

            await stored;
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
        lock (gate) return core.Heartbeat(worker, running);
    }

    public async Task<bool> Report(AttemptReport report)
    {
        Task<bool> stored;
        lock (gate)
        {
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
            if (!core.Complete(completion, changes)) return false;
            stored = store.Record(changes, completion.Remainder);
            WakeWaiting();
        }

        await stored;
        foreach (var ended in changes.OfType<AttemptEnded>())
            SchedulerLog.Ended(log, ended.Attempt.ToString(), ended.End, ended.TrialState, ended.Message);
        return true;
    }

    public async Task Leave(string worker, bool inOrder, string reason)
    {
        Task stored;
        lock (gate)
        {
            var changes = new List<SchedulerChange>();
            core.Leave(worker, inOrder, reason, changes);
            stored = store.Record(changes);
            WakeWaiting();
        }

        await stored;
    }

    /// <summary>Takes back leases that ran out; called every second.</summary>
    public async Task Expire()
    {
        Task stored;
        lock (gate)
        {
            var changes = new List<SchedulerChange>();
            if (core.Expire(changes)) WakeWaiting();
            stored = store.Record(changes);
        }

        await stored;
    }

    public ExperimentProgress? Progress(long experiment)
    {
        lock (gate) return core.Progress(experiment);
    }

    private void WakeWaiting()
    {
        var waiting = wake;
        wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.SetResult();
    }
}
