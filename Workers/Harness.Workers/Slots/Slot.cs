using Harness.Abstractions.Contracts;
using Harness.Workers.Connection;
using Harness.Workers.Files;
using Harness.Workers.Settings;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Slots;

/// <summary>Room for one trial at a time, or one pack of them, with a trainer child that stays warm from trial to trial.</summary>
internal sealed class Slot(int index, WorkerOptions options, OrchestratorLink link, FileCourier? courier, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(10);

    private TrainerProcess? trainer;
    private string? device;
    private IReadOnlyList<AttemptRunner> attempts = [];

    public int Index => index;

    /// <summary>The attempts that run here: none, one, or those of a pack.</summary>
    public IReadOnlyList<AttemptRunner> Running => [.. attempts.Where(attempt => !attempt.HasEnded)];

    /// <summary>Its trainer's process, if there is one.</summary>
    public int? TrainerId => trainer is { HasExited: false } running ? running.Id : null;

    /// <summary>The trainer of this slot, up and answering; a new one when the last has ended.</summary>
    /// <exception cref="TrainerFailedException">It ended before it was ready.</exception>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public async Task<(TrainerProcess Process, TrainerReady Ready)> Trainer(CancellationToken cancellation)
    {
        if (trainer is { HasExited: true })
        {
            await trainer.DisposeAsync();
            trainer = null;
        }

        trainer ??= TrainerProcess.Start(options.Threads, device, options.Trainer);
        try
        {
            if (!trainer.Ready.IsCompleted) await Task.WhenAny(trainer.Ready, Task.Delay(Slow, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            if (!trainer.Ready.IsCompleted) WorkerLog.TrainerSlow(log, index, Slow.TotalSeconds, options.TrainerStartTimeout.TotalSeconds);
            return (trainer, await trainer.Ready.WaitAsync(options.TrainerStartTimeout - Slow, time, cancellation));
        }
        catch (InvalidOperationException)
        {
            // It runs, and cannot be understood.
            await Discard();
            throw;
        }
        catch (TimeoutException late)
        {
            var said = trainer.Errors;
            await Discard();
            throw new TimeoutException($"The trainer was not ready after {options.TrainerStartTimeout.TotalSeconds:0} s and was killed.{(said.Length == 0 ? "" : $" Its last output:\n{said}")}", late);
        }
    }

    /// <summary>A slower start is logged.</summary>
    private TimeSpan Slow => options.TrainerStartTimeout < SlowStart * 2 ? options.TrainerStartTimeout / 2 : SlowStart;

    /// <summary>Lets the slot's trainers see one device only, from the next one on, which is due at once.</summary>
    /// <param name="visible">See <see cref="VisibleDevices.Of"/>.</param>
    public async Task Restrict(string visible)
    {
        device = visible;
        await Discard();
    }

    /// <summary>Runs leases to their ends, side by side if there are several. Never throws for what a trial or its trainer did: that is reported.</summary>
    public async Task Run(IReadOnlyList<Lease> leases, CancellationToken abandon)
    {
        // Before the trainer is up, so that heartbeats keep the leases however long that takes.
        attempts = [.. leases.Select(lease => new AttemptRunner(lease, options.Files, options.Content, link, courier, time, log))];
        try
        {
            await Train(abandon);
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            foreach (var attempt in Running) WorkerLog.Abandoned(log, attempt.Lease.Attempt.ToString());
        }
        catch (Exception error)
        {
            // The next trial must not wait for the trainer's current work.
            foreach (var attempt in Running) WorkerLog.SlotFailed(log, error, attempt.Lease.Attempt.ToString());
            await Discard();
            await EndAll(Running, attempt => attempt.End(AttemptEnd.NativeCrash, message: error.ToString()), "", abandon);
        }
        finally
        {
            attempts = [];
        }
    }

    private async Task Train(CancellationToken abandon)
    {
        while (Running is { Count: > 0 } waiting)
        {
            // A trainer that died while it had nothing to do, or of what came before, is replaced at no cost to these trials.
            var isFresh = trainer is not { HasExited: false };
            TrainerProcess process;
            try
            {
                (process, _) = await Trainer(abandon);
            }
            catch (Exception error) when (error is TrainerFailedException or TimeoutException or InvalidOperationException or IOException)
            {
                var exit = (error as TrainerFailedException)?.Exit.Code;
                await EndAll(waiting, attempt => attempt.End(AttemptEnd.NativeCrash, message: error.Message, exitCode: exit), "", abandon);
                return;
            }

            var untouched = await new Pack(process, time, abandon).Run(waiting);
            if (untouched.Count == 0) return;
            var died = await process.Exit(abandon);
            if (isFresh && untouched.Count == waiting.Count) await EndAll(untouched, attempt => attempt.Crashed(died), died.Errors.Length == 0 ? "" : process.Log, abandon);
            else foreach (var attempt in untouched) WorkerLog.TrainerReplaced(log, attempt.Lease.Attempt.ToString(), died.ToString());
        }
    }

    private static Task EndAll(IReadOnlyList<AttemptRunner> ended, Func<AttemptRunner, AttemptCompletion> end, string said, CancellationToken abandon) =>
        Task.WhenAll(ended.Select(attempt => attempt.Finish(end(attempt) with { Shared = ended.Count > 1 }, said, abandon)));

    public async ValueTask DisposeAsync()
    {
        if (trainer is not null) await trainer.DisposeAsync();
        trainer = null;
    }

    private async Task Discard()
    {
        trainer?.Kill();
        await DisposeAsync();
    }
}
