using Harness.Experiments.Contracts;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Slots;

/// <summary>Room for one trial at a time, with a trainer child that stays warm from trial to trial.</summary>
internal sealed class Slot(int index, WorkerOptions options, OrchestratorLink link, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private TrainerProcess? trainer;

    public int Index => index;

    /// <summary>The attempt that runs here, if one does.</summary>
    public AttemptRunner? Running { get; private set; }

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

        trainer ??= TrainerProcess.Start(options.Threads);
        var ready = await trainer.Ready.WaitAsync(options.TrainerStartTimeout, time, cancellation);
        return (trainer, ready);
    }

    /// <summary>Runs one lease to its end. Never throws for what the trial or its trainer did: that is reported.</summary>
    public async Task Run(Lease lease, CancellationToken abandon)
    {
        try
        {
            TrainerProcess process;
            try
            {
                (process, _) = await Trainer(abandon);
            }
            catch (Exception error) when (error is TrainerFailedException or TimeoutException or InvalidOperationException or IOException)
            {
                var exit = (error as TrainerFailedException)?.Exit.Code;
                await link.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.NativeCrash, null, error.Message, exit, null), abandon);
                return;
            }

            Running = new AttemptRunner(lease, process, link, time, log);
            await Running.Run(abandon);
        }
        catch (OperationCanceledException)
        {
            WorkerLog.Abandoned(log, lease.Attempt.ToString());
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
}
