using System.Text.Json;
using Harness.Experiments.Contracts;
using Harness.Experiments.Results;
using Harness.Experiments.Specs;
using Harness.Workers.Checkpoints;
using Harness.Workers.Data;
using Harness.Workers.Files;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Slots;

/// <summary>Why an attempt is stopped from outside.</summary>
internal enum StopReason
{
    None,

    /// <summary>The attempt is no longer ours: say nothing more about it.</summary>
    Revoked,

    /// <summary>The worker leaves: give the trial back, with a checkpoint to go on from.</summary>
    Drained,
}

/// <summary>Executes one lease on one trainer child: sends the trial, forwards what it measures, and tells how it ended.</summary>
internal sealed class AttemptRunner(Lease lease, CheckpointFiles? files, ContentFolder? content, OrchestratorLink link, FileCourier? courier, TimeProvider time, ILogger log)
{
    /// <summary>How long measurements are gathered before they are sent.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a trainer that is to be drained may take to leave its checkpoint before it is killed.</summary>
    public static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);

    /// <summary>How long a trainer may go on after its lease is known to be lost.</summary>
    private static readonly TimeSpan RevokePatience = TimeSpan.FromSeconds(2);

    private readonly MeasurementBuffer buffer = new(lease.Attempt);
    private readonly AttemptTerms terms = lease.Terms ?? new AttemptTerms();
    private readonly TaskCompletionSource<StopReason> stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock pushes = new();
    private Task pushing = Task.CompletedTask;
    private bool isPushing;
    private int pushed;
    private int saved;
    private bool begun;
    private TrialSpec? spec;

    public Lease Lease => lease;

    private bool IsTiming => spec?.Timing is not null;

    private string Token => lease.Attempt.ToString();

    private StopReason Reason => stop.Task.IsCompleted ? stop.Task.Result : StopReason.None;

    /// <summary>Asks the attempt to end; the first reason holds.</summary>
    public void Stop(StopReason why) => stop.TrySetResult(why);

    /// <summary>Runs to the end; the end has been acknowledged by the orchestrator, or refused, when this returns.</summary>
    /// <param name="trainer">Ready, and with nothing else to do.</param>
    /// <param name="abandon">Cancelled when the worker goes away at once: undelivered ends are left to the lease's expiry.</param>
    /// <returns>False when the trainer ended before it took the trial up: nothing has been told yet, and it can be sent to another.</returns>
    public async Task<bool> Run(TrainerProcess trainer, CancellationToken abandon)
    {
        spec = JsonSerializer.Deserialize(lease.Spec, HarnessJson.Default.TrialSpec)
            ?? throw new InvalidDataException("The lease carries no trial.");
        if (Reason == StopReason.Revoked) return true;
        if (Reason == StopReason.Drained)
        {
            await Deliver(End(AttemptEnd.Drained, message: "Given back before it began."), abandon);
            return true;
        }

        using var reporting = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        var reports = ReportPeriodically(reporting.Token, abandon);
        AttemptCompletion? completion;
        try
        {
            if (courier is not null) await courier.Fetch(lease.Attempt, spec, abandon);
            completion = await Train(trainer, spec, abandon);
        }
        finally
        {
            await reporting.CancelAsync();
            await reports;
        }

        if (completion is not null && !begun && completion.End is AttemptEnd.HostOutOfMemory or AttemptEnd.NativeCrash) return false;
        if (completion is null) return true;
        // It is the only trace of what went wrong; of what went well there is the result.
        if (completion.Outcome is null && trainer.Log is { Length: > 0 } log) completion = completion with { Log = log };
        if (!trainer.HasExited) trainer.ForgetLog();
        // The one to go on from, or the final weights: they are refused once the attempt has ended.
        await pushing.WaitAsync(abandon);
        await Deliver(completion, abandon);
        return true;
    }

    /// <summary>Tells how the attempt ended, with what was measured last, until the orchestrator has heard it.</summary>
    public async Task Deliver(AttemptCompletion completion, CancellationToken abandon)
    {
        AttemptReport? remainder;
        lock (buffer) remainder = buffer.Take();
        if (!await link.Complete(completion with { Remainder = remainder }, abandon)) WorkerLog.EndRefused(log, Token);
        // A timing trial has left no files.
        else if (completion.Outcome is { } json && !IsTiming) await Settle(JsonSerializer.Deserialize(json, HarnessJson.Default.TrialOutcome)!);
    }

    private async Task Settle(TrialOutcome outcome)
    {
        files?.Settle(lease.Attempt.Trial, outcome, terms.KeepWeights);
        if (courier is not null) await courier.Settle(lease.Attempt.Trial);
    }

    /// <summary>The end of an attempt whose trainer ended by itself.</summary>
    public AttemptCompletion Crashed(TrainerExit exit) =>
        End(exit.Code == 137 ? AttemptEnd.HostOutOfMemory : AttemptEnd.NativeCrash, message: exit.ToString(), exitCode: exit.Code);

    public AttemptCompletion End(AttemptEnd end, string? outcome = null, string? message = null, int? exitCode = null) =>
        new(lease.Attempt, end, outcome, message, exitCode, Remainder: null);

    private async Task<AttemptCompletion?> Train(TrainerProcess trainer, TrialSpec trial, CancellationToken abandon)
    {
        using var watch = new SilenceWatch(TimeSpan.FromSeconds(terms.HungSeconds), time, trainer.Kill);
        try
        {
            await trainer.Send(new TrainRequest(Token, trial, IsTiming ? null : files?.Request(terms), trial.Task.Data is { } data ? content?.Find(data) : null), abandon);
        }
        catch (IOException)
        {
            return await Died(trainer, watch, abandon);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        var stopping = StopWhenAsked(trainer, patience);
        try
        {
            while (await watch.Listen(trainer.Frames.WaitToReadAsync(patience.Token)))
            {
                while (trainer.Frames.TryRead(out var frame))
                {
                    if (Ending(frame) is { } end) return Reason == StopReason.Revoked ? null : end;
                    if (Belongs(frame)) await Take(frame, patience.Token);
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

        return await Died(trainer, watch, abandon);
    }

    /// <summary>The end that a frame of this attempt announces, if it announces one.</summary>
    private AttemptCompletion? Ending(TrainerFrame frame) => frame switch
    {
        TrialFinished finished when finished.Attempt == Token => End(EndOf(finished.Outcome.Kind),
            outcome: JsonSerializer.Serialize(finished.Outcome, HarnessJson.Default.TrialOutcome)),
        TrialTimed timed when timed.Attempt == Token => End(AttemptEnd.Completed, outcome: JsonSerializer.Serialize(timed.Result, HarnessJson.Default.TimingResult)),
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
        TrialResumed resumed => resumed.Attempt == Token,
        TrialCheckpointed checkpointed => checkpointed.Attempt == Token,
        MetricFrame points => points.Attempt == Token,
        GradientFrame gradient => gradient.Attempt == Token,
        GateTraceFrame trace => trace.Attempt == Token,
        TrialProgress progress => progress.Attempt == Token,
        _ => false,
    };

    /// <summary>Keeps a frame for the next report. While the orchestrator takes nothing and the buffer is full, the trainer waits.</summary>
    private async Task Take(TrainerFrame frame, CancellationToken cancellation)
    {
        begun = true;
        if (frame is TrialResumed resumed)
        {
            if (resumed.File is not null) WorkerLog.Resumed(log, Token, resumed.Step);
            foreach (var refused in resumed.Refused) WorkerLog.CheckpointRefused(log, Token, refused.File, refused.Reason, resumed.Step);
        }
        else if (frame is TrialCheckpointed { Failure: { } failure } failed)
        {
            WorkerLog.CheckpointFailed(log, Token, failed.Step, failure);
        }

        else if (frame is TrialCheckpointed written)
        {
            Push(written.Step);
        }

        lock (buffer) buffer.Add(frame);
        while (IsFull() && Reason == StopReason.None) await Task.Delay(ReportInterval, time, cancellation);

        bool IsFull()
        {
            lock (buffer) return buffer.IsFull;
        }
    }

    /// <summary>Hands the newest checkpoint to the orchestrator beside the training; those that a slow network misses are not made up for.</summary>
    private void Push(int step)
    {
        if (courier is null) return;
        lock (pushes)
        {
            saved = step;
            if (isPushing) return;
            isPushing = true;
            pushing = All();
        }

        async Task All()
        {
            await Task.Yield();
            while (true)
            {
                int next;
                lock (pushes)
                {
                    isPushing = pushed != saved;
                    if (!isPushing) return;
                    next = pushed = saved;
                }

                using var patience = new CancellationTokenSource(DrainPatience, time);
                await courier.Push(lease.Attempt, next, patience.Token);
            }
        }
    }

    private async Task<AttemptCompletion?> Died(TrainerProcess trainer, SilenceWatch watch, CancellationToken abandon)
    {
        var exit = await trainer.Exit(abandon);
        if (Reason == StopReason.Revoked) return null;
        if (Reason == StopReason.Drained) return End(AttemptEnd.Drained, message: "Given back; the trainer had to be killed.", exitCode: exit.Code);
        if (watch.Expired)
            return End(AttemptEnd.Hung, message: $"The trainer gave no sign of life for {terms.HungSeconds:0.#} s and was killed. If a single step, evaluation or probe takes longer, raise run.hung_after.", exitCode: exit.Code);
        if (exit.WasKilled) return End(AttemptEnd.Hung, message: "The trainer closed its output without ending, and was killed.", exitCode: exit.Code);
        return Crashed(exit);
    }

    private async Task StopWhenAsked(TrainerProcess trainer, CancellationTokenSource patience)
    {
        try
        {
            var why = await stop.Task.WaitAsync(patience.Token);
            patience.CancelAfter(why == StopReason.Revoked ? RevokePatience : DrainPatience);
            // A trainer that reads no more must not hold the limit up.
            await trainer.Send(new StopRequest(Token), patience.Token).WaitAsync(patience.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, patience.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException)
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
