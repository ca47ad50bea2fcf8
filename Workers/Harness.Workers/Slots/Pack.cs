using System.Diagnostics;
using Harness.Abstractions.Contracts;
using Harness.Workers.Trainer;

namespace Harness.Workers.Slots;

/// <summary>What one trainer is given at a time: one attempt, or several that it trains side by side. Each begins, is stopped and ends by itself.</summary>
internal sealed class Pack(TrainerProcess trainer, TimeProvider time, CancellationToken abandon)
{
    private readonly Dictionary<string, Member> open = new(StringComparer.Ordinal);
    private readonly List<Task> ends = [];
    private bool isSuspect;

    /// <summary>Trains until every attempt has ended or the trainer has; ends have been acknowledged by the server, or refused, when this returns.</summary>
    /// <returns>Attempts that a crashed trainer had not begun: nothing was reported about them, and another trainer can take them.</returns>
    public async Task<IReadOnlyList<AttemptRunner>> Run(IReadOnlyList<AttemptRunner> attempts)
    {
        foreach (var attempt in attempts)
        {
            if (attempt.StoppedBefore is { } end) ends.Add(attempt.Finish(end, "", abandon));
            else if (attempt.Reason == StopReason.None) open.Add(attempt.Token, new Member(attempt, abandon));
        }

        IReadOnlyList<AttemptRunner> untouched;
        try
        {
            untouched = open.Count == 0 ? [] : await Train();
            // It may still be at an attempt that has ended for us; nobody else may wait behind that.
            if (isSuspect) trainer.Kill();
            if (!trainer.HasExited) trainer.ForgetLog();
        }
        finally
        {
            foreach (var member in open.Values) await member.Leave();
        }

        await Task.WhenAll(ends);
        return untouched;
    }

    private async Task<IReadOnlyList<AttemptRunner>> Train()
    {
        using var watch = new SilenceWatch(open.Values.Max(member => member.Attempt.HungAfter), time, trainer.Kill);
        using var overdue = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        try
        {
            var requests = new List<TrainRequest>();
            foreach (var member in open.Values) requests.Add(await member.Attempt.Request(abandon));
            await trainer.Send(requests is [var alone] ? alone : new TrainPackRequest(requests), abandon);
            foreach (var member in open.Values) member.PassStopsTo(trainer, overdue.Cancel);
            while (open.Count > 0 && await watch.Listen(trainer.Frames.WaitToReadAsync(overdue.Token)))
            {
                while (open.Count > 0 && trainer.Frames.TryRead(out var frame)) await Take(frame, overdue.Token);
            }
        }
        catch (IOException)
        {
            // It has ended before it read the request.
        }
        catch (OperationCanceledException)
        {
            // Either the worker goes away at once, or the trainer did not honour a stop.
            trainer.Kill();
            abandon.ThrowIfCancellationRequested();
        }

        if (open.Count == 0) return [];
        var exit = await trainer.Exit(abandon);
        return Lost(exit, watch.Expired);
    }

    private async Task Take(TrainerFrame frame, CancellationToken cancellation)
    {
        var concerned = ConcernedBy(frame);
        var isOneOfMany = open.Count > 1;
        isSuspect |= frame is UnreadableFrame && concerned.Length > 0;
        foreach (var member in concerned)
        {
            // An error is a trial's own, unless it says otherwise; want of memory never is among others.
            if (member.Attempt.Ending(frame) is { } end) End(member, end, frame is TrialErrored { Shared: true } || (isOneOfMany && end.End != AttemptEnd.UserError));
            else if (frame is ReportedFrame reported) await member.Attempt.Take(reported, cancellation);
        }
    }

    /// <summary>The attempts that a frame is about; none where its attempt has ended for us.</summary>
    private Member[] ConcernedBy(TrainerFrame frame)
    {
        var token = frame switch
        {
            AttemptFrame of => of.Attempt,
            TrialRejected rejected => rejected.Attempt,
            UnreadableFrame unreadable => unreadable.Attempt,
            _ => throw new UnreachableException($"A {frame.GetType().Name} is about no attempt."),
        };
        // Without a name when the request could not be read; there is only ours.
        return token is null ? [.. open.Values] : open.TryGetValue(token, out var one) ? [one] : [];
    }

    private List<AttemptRunner> Lost(TrainerExit exit, bool fellSilent)
    {
        var untouched = new List<AttemptRunner>();
        var isShared = open.Count > 1;
        foreach (var member in open.Values.ToArray())
        {
            var end = member.Attempt.Lost(exit, fellSilent);
            if (!member.Attempt.HasBegun && end is { End: AttemptEnd.HostOutOfMemory or AttemptEnd.Killed or AttemptEnd.NativeCrash }) untouched.Add(member.Attempt);
            else End(member, end, isShared);
        }

        return untouched;
    }

    /// <summary>The others go on while the end is on its way to the server.</summary>
    private void End(Member member, AttemptCompletion? end, bool isShared)
    {
        open.Remove(member.Attempt.Token);
        ends.Add(Tell(trainer.Log));

        async Task Tell(string said)
        {
            await member.Leave();
            await member.Attempt.Finish(end is null ? null : end with { Shared = isShared }, said, abandon);
        }
    }

    /// <summary>An attempt with what is done for it while it is open: its reports, and the wait for a stop.</summary>
    private sealed class Member
    {
        private readonly CancellationTokenSource ended;
        private readonly Task reports;
        private Task stops = Task.CompletedTask;

        public Member(AttemptRunner attempt, CancellationToken abandon)
        {
            Attempt = attempt;
            ended = CancellationTokenSource.CreateLinkedTokenSource(abandon);
            reports = attempt.ReportPeriodically(ended.Token, abandon);
        }

        public AttemptRunner Attempt { get; }

        public void PassStopsTo(TrainerProcess trainer, Action overdue) => stops = Attempt.StopWhenAsked(trainer, overdue, ended.Token);

        public async Task Leave()
        {
            await ended.CancelAsync();
            await reports;
            await stops;
            ended.Dispose();
        }
    }
}
