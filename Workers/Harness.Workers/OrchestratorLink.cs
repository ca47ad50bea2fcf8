using Harness.Experiments.Contracts;
using Microsoft.Extensions.Logging;

namespace Harness.Workers;

/// <summary>The worker's side of the conversation: a lost contact is waited out, it never ends training.</summary>
internal sealed class OrchestratorLink(IGrainFactory grains, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private ISchedulerGrain Scheduler => grains.GetGrain<ISchedulerGrain>("scheduler");

    public async Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int freeSlots, TimeSpan wait, CancellationToken cancellation) =>
        await Persist(() => Scheduler.Acquire(worker, freeSlots, wait, cancellation), cancellation);

    /// <summary>The attempts that must be given up, or null when there was no answer.</summary>
    public async Task<IReadOnlyList<AttemptKey>?> TryHeartbeat(string worker, IReadOnlyList<AttemptKey> running, CancellationToken cancellation) =>
        await Try(async () => (await Scheduler.Heartbeat(worker, running)).Revoked, cancellation);

    /// <summary>Whether the report was accepted, or null when there was no answer.</summary>
    public async Task<bool?> TryReport(AttemptReport report, CancellationToken cancellation)
    {
        try
        {
            // An acknowledgement that comes after the attempt's end is of no use, but the report itself is not withdrawn.
            return await Scheduler.Report(report);
        }
        catch (Exception error) when (error is not OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            WorkerLog.NoAnswer(log, error.Message);
            return null;
        }
    }

    public Task<bool> Complete(AttemptCompletion completion, CancellationToken cancellation) =>
        Persist(() => Scheduler.Complete(completion), cancellation);

    public async Task TryLeave(string worker, CancellationToken cancellation) =>
        await Try(async () => { await Scheduler.Leave(worker).WaitAsync(cancellation); return string.Empty; }, cancellation);

    private async Task<T?> Try<T>(Func<Task<T>> call, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            WorkerLog.NoAnswer(log, error.Message);
            return null;
        }
    }

    private async Task<T> Persist<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        var pause = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return await call();
            }
            catch (Exception error) when (error is not OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                WorkerLog.NoAnswer(log, error.Message);
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
