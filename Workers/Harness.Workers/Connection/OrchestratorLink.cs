using Harness.Abstractions.Contracts;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Connection;

/// <summary>The worker's side of the conversation: a lost contact is waited out, it never ends training.</summary>
internal sealed class OrchestratorLink(IGrainFactory grains, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private bool isOutOfReach;

    private ISchedulerGrain Scheduler => grains.GetGrain<ISchedulerGrain>("scheduler");

    /// <exception cref="WorkerGoneException">This worker was declared gone; it has to come back under another name.</exception>
    public async Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int freeSlots, TimeSpan wait, CancellationToken cancellation) =>
        await Persist(() => Scheduler.Acquire(worker, freeSlots, wait, cancellation), cancellation);

    /// <summary>The attempts that must be abandoned, or null when there was no answer within <paramref name="patience"/>.</summary>
    /// <remarks>A lost message must not hold up the next heartbeat for a whole response timeout, which is longer than a lease.</remarks>
    public Task<IReadOnlyList<AttemptKey>?> TryHeartbeat(string worker, IReadOnlyList<HeldLease> running, WorkerLoad load, TimeSpan patience, CancellationToken cancellation) =>
        UnlessRefused(Try(async () => (await Scheduler.Heartbeat(worker, running, load).WaitAsync(patience, time, cancellation)).Revoked, cancellation));

    /// <summary>Whether the report was accepted, or null when there was no answer: then it may or may not have been, and can be sent again.</summary>
    /// <exception cref="MessageRefusedException">It will never be accepted.</exception>
    public async Task<bool?> TryReport(AttemptReport report, LeaseToken token, CancellationToken cancellation) =>
        await Try<object>(async () => await Scheduler.Report(report, token).WaitAsync(cancellation), cancellation) as bool?;

    /// <exception cref="MessageRefusedException">It will never be accepted.</exception>
    public Task<bool> Complete(AttemptCompletion completion, LeaseToken token, CancellationToken cancellation) =>
        Persist(() => Scheduler.Complete(completion, token).WaitAsync(cancellation), cancellation);

    /// <remarks>A goodbye that is refused or lost costs time only: the leases run out.</remarks>
    public async Task TryLeave(string worker, IReadOnlyList<HeldLease> held, CancellationToken cancellation) =>
        await UnlessRefused(Try(async () => { await Scheduler.Leave(worker, held).WaitAsync(cancellation); return string.Empty; }, CancellationToken.None));

    /// <summary>The answer, or null where the message was refused, for calls that are repeated anyway or are the last.</summary>
    private async Task<T?> UnlessRefused<T>(Task<T?> call)
        where T : class
    {
        try
        {
            return await call;
        }
        catch (MessageRefusedException refused)
        {
            Missed(refused);
            return null;
        }
    }

    /// <summary>The answer, or null when there was none. Throws only when <paramref name="cancellation"/> asks for it, or when the message was refused.</summary>
    private async Task<T?> Try<T>(Func<Task<T>> call, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return Heard(await call());
        }
        catch (Exception error) when (error is not MessageRefusedException)
        {
            // Other people's cancellations, of a silo that stops for instance, are no answer either.
            cancellation.ThrowIfCancellationRequested();
            Missed(error);
            return null;
        }
    }

    /// <summary>Calls until there is an answer. Throws only when <paramref name="cancellation"/> asks for it, or when this worker or the message is not wanted.</summary>
    private async Task<T> Persist<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        var pause = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return Heard(await call());
            }
            catch (Exception error) when (error is not (WorkerGoneException or MessageRefusedException))
            {
                cancellation.ThrowIfCancellationRequested();
                Missed(error);
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Said once, not with every try.</summary>
    private void Missed(Exception error)
    {
        if (!isOutOfReach) WorkerLog.NoAnswer(log, error.Message);
        isOutOfReach = true;
    }

    private T Heard<T>(T answer)
    {
        if (isOutOfReach) WorkerLog.AnswersAgain(log);
        isOutOfReach = false;
        return answer;
    }
}
