using Harness.Experiments.Contracts;
using Harness.Workers.Files;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Slots;

/// <summary>Room for one trial at a time, with a trainer child that stays warm from trial to trial.</summary>
internal sealed class Slot(int index, WorkerOptions options, OrchestratorLink link, FileCourier? courier, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private TrainerProcess? trainer;
    private string? device;

    public int Index => index;

    /// <summary>The attempt that runs here, if one does.</summary>
    public AttemptRunner? Running { get; private set; }

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
            return (trainer, await trainer.Ready.WaitAsync(options.TrainerStartTimeout, time, cancellation));
        }
        catch (TimeoutException late)
        {
            var said = trainer.Errors;
            await Discard();
            throw new TimeoutException($"The trainer was not ready after {options.TrainerStartTimeout.TotalSeconds:0} s and was killed.{(said.Length == 0 ? "" : $" It said last:\n{said}")}", late);
        }
    }

    /// <summary>Lets the slot's trainers see one device only, from the next one on, which is due at once.</summary>
    /// <param name="visible">See <see cref="VisibleDevices.Of"/>.</param>
    public async Task Restrict(string visible)
    {
        device = visible;
        await Discard();
    }

    /// <summary>Runs one lease to its end. Never throws for what the trial or its trainer did: that is reported.</summary>
    public async Task Run(Lease lease, CancellationToken abandon)
    {
        // Before the trainer is up, so that heartbeats keep the lease however long that takes.
        var attempt = Running = new AttemptRunner(lease, options.Files, options.Content, link, courier, time, log);
        try
        {
            while (true)
            {
                // A trainer that died while it had nothing to do, or of what came before, is replaced at no cost to this trial.
                var isFresh = trainer is not { HasExited: false };
                TrainerProcess process;
                try
                {
                    (process, _) = await Trainer(abandon);
                }
                catch (Exception error) when (error is TrainerFailedException or TimeoutException or InvalidOperationException or IOException)
                {
                    var exit = (error as TrainerFailedException)?.Exit.Code;
                    await attempt.Deliver(attempt.End(AttemptEnd.NativeCrash, message: error.Message, exitCode: exit), abandon);
                    return;
                }

                if (await attempt.Run(process, abandon)) return;
                var died = await process.Exit(abandon);
                if (!isFresh)
                {
                    WorkerLog.TrainerReplaced(log, lease.Attempt.ToString(), died.ToString());
                    continue;
                }

                await attempt.Deliver(attempt.Crashed(died) with { Log = died.Errors.Length == 0 ? null : process.Log }, abandon);
                return;
            }
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            WorkerLog.Abandoned(log, lease.Attempt.ToString());
        }
        catch (Exception error)
        {
            // Whatever the trainer is at, the next trial must not wait behind it.
            WorkerLog.SlotFailed(log, error, lease.Attempt.ToString());
            await Discard();
            await attempt.Deliver(attempt.End(AttemptEnd.NativeCrash, message: error.ToString()), abandon);
        }
        finally
        {
            Running = null;
        }
    }

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
