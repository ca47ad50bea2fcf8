using System.Diagnostics;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Workers.Checkpoints;
using Harness.Workers.Connection;
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

    /// <summary>The worker stops: release the trial with a checkpoint to resume from.</summary>
    Drained,

    /// <summary>The server refused a report: the attempt has failed, and later results do not matter.</summary>
    Refused,
}

/// <summary>One lease from its grant to its acknowledged end: forwards what the trainer measures, and tells how it ended.</summary>
internal sealed class AttemptRunner(Lease lease, CheckpointFiles? files, ContentFolder? content, OrchestratorLink link, FileCourier? courier, TimeProvider time, ILogger log)
{
    /// <summary>How long measurements are gathered before they are sent.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a trainer that is to be drained may take to leave its checkpoint before it is killed.</summary>
    public static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);

    /// <summary>How long a trainer may run after its lease is known to be lost.</summary>
    private static readonly TimeSpan RevokePatience = TimeSpan.FromSeconds(2);

    private readonly MeasurementBuffer buffer = new(lease.Attempt);
    private readonly AttemptTerms terms = lease.Terms ?? new AttemptTerms();
    private readonly TaskCompletionSource<StopReason> stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock pushes = new();
    private Task pushing = Task.CompletedTask;
    private bool isPushing;
    private int pushed;
    private int saved;
    private TrialSpec? spec;
    private string? refusal;

    public Lease Lease => lease;

    /// <summary>The attempt with the proof that it is ours.</summary>
    public HeldLease Held => new(lease.Attempt, Proof);

    private LeaseToken Proof => lease.Token ?? new LeaseToken("");

    private string Name => lease.Attempt.ToString();

    private bool IsTiming => Spec.Timing is not null;

    private TrialSpec Spec => spec ??= JsonSerializer.Deserialize(lease.Spec, HarnessJson.Default.TrialSpec) ?? throw new InvalidDataException("The lease carries no trial.");

    /// <summary>Whether the trainer has said anything of it. Until then it has cost nobody anything, and can be sent to another trainer.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Silence after which its trainer is taken for hung.</summary>
    public TimeSpan HungAfter => TimeSpan.FromSeconds(terms.HungSeconds);

    /// <summary>What the trainer calls it: unlike the name in logs, no two attempts share it.</summary>
    public string Token { get; } = $"{lease.Attempt.Trial}#{lease.Attempt.Number}";

    /// <summary>Whether nothing more has to be done for it: the server knows its end, or does not want to.</summary>
    public bool HasEnded { get; private set; }

    public StopReason Reason => stop.Task.IsCompleted ? stop.Task.Result : StopReason.None;

    /// <summary>How long its trainer may take to honour the stop.</summary>
    private TimeSpan Patience => Reason == StopReason.Drained ? DrainPatience : RevokePatience;

    /// <summary>Asks the attempt to end; the first reason holds.</summary>
    public void Stop(StopReason why) => stop.TrySetResult(why);

    /// <summary>What its trainer has to be told.</summary>
    /// <exception cref="InvalidDataException">The lease carries no trial.</exception>
    public async Task<TrainRequest> Request(CancellationToken abandon)
    {
        if (courier is not null) await courier.Fetch(lease.Attempt, Spec, abandon);
        return new TrainRequest(Token, Spec, IsTiming ? null : files?.Request(terms), Find(Spec.Task.Data), Find(Spec.Model.Weights));

        string? Find(string? sha256) => sha256 is null ? null : content?.Find(sha256);
    }

    /// <summary>The end of one that was stopped before any trainer had it; null when it has not been stopped.</summary>
    public AttemptCompletion? StoppedBefore => Reason == StopReason.Drained ? End(AttemptEnd.Drained, message: "Given back before it began.") : null;

    /// <summary>Tells how it ended once what it left is where it belongs; nothing where it was taken from us.</summary>
    /// <param name="said">What its trainer last wrote to standard error.</param>
    public async Task Finish(AttemptCompletion? completion, string said, CancellationToken abandon)
    {
        if (completion is not null && Reason != StopReason.Revoked)
        {
            if (refusal is { } reason) completion = End(AttemptEnd.UserError, message: reason, exitCode: completion.ExitCode);
            // It is the only trace of what went wrong; of what went well there is the result.
            if (completion.Outcome is null && said.Length > 0) completion = completion with { Log = said };
            // The one to resume from, or the final weights: they are refused once the attempt has ended.
            await pushing.WaitAsync(abandon);
            await Deliver(completion, abandon);
        }

        HasEnded = true;
    }

    /// <summary>Tells how the attempt ended, with what was measured last, until the server has heard it.</summary>
    private async Task Deliver(AttemptCompletion completion, CancellationToken abandon)
    {
        AttemptReport? remainder;
        lock (buffer) remainder = buffer.Take();
        bool isAccepted;
        try
        {
            isAccepted = await link.Complete(completion with { Remainder = refusal is null ? remainder : null }, Proof, abandon);
        }
        catch (MessageRefusedException refused)
        {
            WorkerLog.Refused(log, Name, refused.Message);
            await FailFor(refused, abandon);
            return;
        }

        if (!isAccepted) WorkerLog.EndRefused(log, Name);
        // A timing trial has left no files.
        else if (completion.Outcome is { } json && !IsTiming) await Settle(JsonSerializer.Deserialize(json, HarnessJson.Default.TrialOutcome)!);
    }

    /// <summary>Fails the attempt with the server's reason alone. If even that is refused, its lease runs out.</summary>
    private async Task FailFor(MessageRefusedException refused, CancellationToken abandon)
    {
        try
        {
            await link.Complete(End(AttemptEnd.UserError, message: $"The server refused the result: {refused.Message}"), Proof, abandon);
        }
        catch (MessageRefusedException)
        {
            // Its own log says why; there is nothing left to send.
        }
    }

    private async Task Settle(TrialOutcome outcome)
    {
        files?.Settle(lease.Attempt.Trial, outcome, terms.KeepWeights);
        if (courier is not null) await courier.Settle(lease.Attempt.Trial);
    }

    /// <summary>The end of an attempt whose trainer ended by itself.</summary>
    public AttemptCompletion Crashed(TrainerExit exit) =>
        End(EndOf(exit), message: exit.ToString(), exitCode: exit.Code);

    private static AttemptEnd EndOf(TrainerExit exit) => exit switch
    {
        { IsOutOfMemory: true } => AttemptEnd.HostOutOfMemory,
        { Code: TrainerExit.Killed } => AttemptEnd.Killed,
        _ => AttemptEnd.NativeCrash,
    };

    public AttemptCompletion End(AttemptEnd end, string? outcome = null, string? message = null, int? exitCode = null) =>
        new(lease.Attempt, end, outcome, message is null ? null : ErrorTail.Cut(message, AttemptCompletion.LongestMessage), exitCode, Remainder: null);

    /// <summary>The end that a frame of this attempt announces, if it announces one.</summary>
    public AttemptCompletion? Ending(TrainerFrame frame) => frame switch
    {
        AttemptFrame other when other.Attempt != Token => null,
        TrialFinished finished => End(EndOf(finished.Outcome.Kind),
            outcome: JsonSerializer.Serialize(finished.Outcome, HarnessJson.Default.TrialOutcome)),
        TrialTimed timed => End(AttemptEnd.Completed, outcome: JsonSerializer.Serialize(timed.Result, HarnessJson.Default.TimingResult)),
        TrialStopped stopped => End(AttemptEnd.Drained, message: $"Given back after step {stopped.Step}."),
        TrialErrored errored => End(
            errored.Reason == "device_out_of_memory" ? AttemptEnd.GpuOutOfMemory : AttemptEnd.UserError,
            message: errored.Details is null ? errored.Message : $"{errored.Message}\n{errored.Details}"),
        EndingFrame => throw new UnreachableException($"No attempt ends with a {frame.GetType().Name}."),
        // Without a name when the request could not be read; there is only ours.
        TrialRejected rejected when rejected.Attempt is null || rejected.Attempt == Token => End(AttemptEnd.UserError, message: rejected.Message),
        UnreadableFrame unreadable when unreadable.Attempt is null || unreadable.Attempt == Token => End(AttemptEnd.UserError, message: $"The trainer wrote a line that cannot be read: {unreadable.Reason}"),
        _ => null,
    };

    private static AttemptEnd EndOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Completed => AttemptEnd.Completed,
        OutcomeKind.EarlyStopped => AttemptEnd.EarlyStopped,
        _ => AttemptEnd.Diverged,
    };

    /// <summary>Keeps a frame for the next report. While the server takes nothing and the buffer is full, the trainer waits.</summary>
    public async Task Take(ReportedFrame frame, CancellationToken cancellation)
    {
        HasBegun = true;
        if (frame is TrialResumed resumed)
        {
            if (resumed.File is not null) WorkerLog.Resumed(log, Name, resumed.Step);
            foreach (var refused in resumed.Refused) WorkerLog.CheckpointRefused(log, Name, refused.File, refused.Reason, resumed.Step);
        }
        else if (frame is TrialCheckpointed { Failure: { } failure } failed)
        {
            WorkerLog.CheckpointFailed(log, Name, failed.Step, failure);
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

    /// <summary>Hands the newest checkpoint to the server beside the training; a slow network skips some.</summary>
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
                await courier.Push(Held, next, patience.Token);
            }
        }
    }

    /// <summary>The end of an attempt whose trainer is no more; null where the attempt had been taken from us.</summary>
    /// <param name="fellSilent">Whether it was killed for its silence.</param>
    public AttemptCompletion? Lost(TrainerExit exit, bool fellSilent)
    {
        if (Reason == StopReason.Revoked) return null;
        if (Reason == StopReason.Drained) return End(AttemptEnd.Drained, message: "Given back; the trainer had to be killed.", exitCode: exit.Code);
        if (Reason == StopReason.Refused) return End(AttemptEnd.UserError, message: refusal, exitCode: exit.Code);
        if (fellSilent)
            return End(AttemptEnd.Hung, message: $"The trainer gave no sign of life for {terms.HungSeconds:0.#} s and was killed. If a single step, evaluation or probe takes longer, raise run.hung_after.", exitCode: exit.Code);
        if (exit.WasKilled) return End(AttemptEnd.Hung, message: "The trainer closed its output without ending, and was killed.", exitCode: exit.Code);
        return Crashed(exit);
    }

    /// <summary>Passes a stop on to the trainer, and calls for its end when the stop is not honoured in time.</summary>
    /// <param name="overdue">Called when patience is over.</param>
    /// <param name="ended">Cancelled when the attempt has ended.</param>
    public async Task StopWhenAsked(TrainerProcess trainer, Action overdue, CancellationToken ended)
    {
        try
        {
            await stop.Task.WaitAsync(ended);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ended);
            var limit = Task.Delay(Patience, time, patience.Token);
            // A trainer that reads no more must not hold the limit up.
            var sent = trainer.Send(new StopRequest(Token), patience.Token);
            await limit;
            overdue();
            await sent;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It ended meanwhile, one way or the other.
        }
    }

    /// <summary>Hands over what has been gathered, every now and then.</summary>
    public async Task ReportPeriodically(CancellationToken cancellation, CancellationToken abandon)
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
                if (await link.TryReport(report, Proof, abandon) is not { } accepted)
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
        catch (MessageRefusedException refused)
        {
            // Its measurements have a hole from here on: no result may be made of them.
            WorkerLog.Refused(log, Name, refused.Message);
            refusal = $"The server refused its measurements: {refused.Message}";
            Stop(StopReason.Refused);
        }
        catch (OperationCanceledException)
        {
            // The attempt has ended; the rest travels with its end.
        }
    }
}
