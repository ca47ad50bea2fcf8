using System.Text.Json;
using Harness.Experiments.Contracts;
using Harness.Experiments.Results;
using Harness.Experiments.Specs;
using Harness.Workers.Data;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Slots;

/// <summary>Why an attempt is stopped from outside.</summary>
internal enum StopReason
{
    None,

    /// <summary>The attempt is no longer ours: say nothing more about it.</summary>
    Revoked,

    /// <summary>The worker leaves: give the trial back.</summary>
    Drained,
}

/// <summary>Executes one lease on one trainer child: sends the trial, forwards what it measures, and tells how it ended.</summary>
internal sealed class AttemptRunner(Lease lease, ContentFolder? content, OrchestratorLink link, TimeProvider time, ILogger log)
{
    /// <summary>How long measurements are gathered before they are sent.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a trainer may take to honour a stop before it is killed.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly MeasurementBuffer buffer = new(lease.Attempt);
    private readonly TaskCompletionSource<StopReason> stop = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Lease Lease => lease;

    private string Token => lease.Attempt.ToString();

    private StopReason Reason => stop.Task.IsCompleted ? stop.Task.Result : StopReason.None;

    /// <summary>Asks the attempt to end; the first reason holds.</summary>
    public void Stop(StopReason why) => stop.TrySetResult(why);

    /// <summary>Runs to the end; the end has been acknowledged by the orchestrator, or refused, when this returns.</summary>
    /// <param name="trainer">Ready, and with nothing else to do.</param>
    /// <param name="abandon">Cancelled when the worker goes away at once: undelivered ends are left to the lease's expiry.</param>
    public async Task Run(TrainerProcess trainer, CancellationToken abandon)
    {
        var spec = JsonSerializer.Deserialize(lease.Spec, HarnessJson.Default.TrialSpec)
            ?? throw new InvalidDataException("The lease carries no trial.");
        if (Reason == StopReason.Revoked) return;
        if (Reason == StopReason.Drained)
        {
            await Deliver(End(AttemptEnd.Drained, message: "Given back before it began."), abandon);
            return;
        }

        using var reporting = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        var reports = ReportPeriodically(reporting.Token, abandon);
        AttemptCompletion? completion;
        try
        {
            completion = await Train(trainer, spec, abandon);
        }
        finally
        {
            await reporting.CancelAsync();
            await reports;
        }

        if (completion is null) return;
        AttemptReport? remainder;
        lock (buffer) remainder = buffer.Take();
        await Deliver(completion with { Remainder = remainder }, abandon);
    }

    /// <summary>Tells how the attempt ended, until the orchestrator has heard it.</summary>
    public async Task Deliver(AttemptCompletion completion, CancellationToken abandon)
    {
        if (!await link.Complete(completion, abandon)) WorkerLog.EndRefused(log, Token);
    }

    private async Task<AttemptCompletion?> Train(TrainerProcess trainer, TrialSpec spec, CancellationToken abandon)
    {
        try
        {
            await trainer.Send(new TrainRequest(Token, spec, Data: spec.Task.Data is { } data ? content?.Find(data) : null), abandon);
        }
        catch (IOException)
        {
            return await Died(trainer, abandon);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        var stopping = StopWhenAsked(trainer, patience);
        try
        {
            while (await trainer.Frames.WaitToReadAsync(patience.Token))
            {
                while (trainer.Frames.TryRead(out var frame))
                {
                    if (Ending(frame) is { } end) return Reason == StopReason.Revoked ? null : end;
                    if (!Belongs(frame)) continue;
                    lock (buffer) buffer.Add(frame);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Either the worker goes away at once, or the trainer did not honour the stop.
            trainer.Kill();
            abandon.ThrowIfCancellationRequested();
        }
        finally
        {
            await patience.CancelAsync();
            await stopping;
        }

        return await Died(trainer, abandon);
    }

    /// <summary>The end that a frame of this attempt announces, if it announces one.</summary>
    private AttemptCompletion? Ending(TrainerFrame frame) => frame switch
    {
        TrialFinished finished when finished.Attempt == Token => End(EndOf(finished.Outcome.Kind),
            outcome: JsonSerializer.Serialize(finished.Outcome, HarnessJson.Default.TrialOutcome)),
        TrialStopped stopped when stopped.Attempt == Token => End(AttemptEnd.Drained, message: $"Given back after step {stopped.Step}."),
        // Without a name when the request could not be read; there is only ours.
        TrialRejected rejected when rejected.Attempt is null || rejected.Attempt == Token => End(AttemptEnd.UserError, message: rejected.Message),
        TrialErrored errored when errored.Attempt == Token => End(
            errored.Reason == "device_out_of_memory" ? AttemptEnd.GpuOutOfMemory : AttemptEnd.UserError,
            message: errored.Details is null ? errored.Message : $"{errored.Message}\n{errored.Details}"),
        _ => null,
    };

    private static AttemptEnd EndOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Completed => AttemptEnd.Completed,
        OutcomeKind.EarlyStopped => AttemptEnd.EarlyStopped,
        _ => AttemptEnd.Diverged,
    };

    private bool Belongs(TrainerFrame frame) => frame switch
    {
        TrialStarted started => started.Attempt == Token,
        MetricFrame points => points.Attempt == Token,
        GradientFrame gradient => gradient.Attempt == Token,
        TrialProgress progress => progress.Attempt == Token,
        _ => false,
    };

    public AttemptCompletion End(AttemptEnd end, string? outcome = null, string? message = null, int? exitCode = null) =>
        new(lease.Attempt, end, outcome, message, exitCode, Remainder: null);

    private async Task<AttemptCompletion?> Died(TrainerProcess trainer, CancellationToken abandon)
    {
        var exit = await trainer.Exit(abandon);
        if (Reason == StopReason.Revoked) return null;
        if (Reason == StopReason.Drained) return End(AttemptEnd.Drained, message: "Given back; the trainer had to be killed.", exitCode: exit.Code);
        return End(exit.Code == 137 ? AttemptEnd.HostOutOfMemory : AttemptEnd.NativeCrash, message: exit.ToString(), exitCode: exit.Code);
    }

    private async Task StopWhenAsked(TrainerProcess trainer, CancellationTokenSource patience)
    {
        try
        {
            await stop.Task.WaitAsync(patience.Token);
            await trainer.Send(new StopRequest(Token), patience.Token);
            await Task.Delay(StopPatience, time, patience.Token);
            await patience.CancelAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The trainer ended meanwhile, one way or the other.
        }
    }

    private async Task ReportPeriodically(CancellationToken cancellation, CancellationToken abandon)
    {
        try
        {
            while (true)
            {
                await Task.Delay(ReportInterval, time, cancellation);
                AttemptReport? report;
                lock (buffer) report = buffer.Take();
                if (report is null) continue;
                // Also when the attempt ends meanwhile: what was not acknowledged has to travel with its end.
                if (await link.TryReport(report, abandon) is not { } accepted)
                {
                    lock (buffer) buffer.Return(report);
                }
                else if (!accepted)
                {
                    Stop(StopReason.Revoked);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The attempt has ended; the rest travels with its end.
        }
    }
}
