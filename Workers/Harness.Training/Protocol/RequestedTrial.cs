using Harness.Experiments.Contracts;
using Harness.Experiments.Specs;
using Harness.Training.Timing;
using Harness.Training.Training;

namespace Harness.Training.Protocol;

/// <summary>A trial from its request to the frame that ends it.</summary>
internal sealed class RequestedTrial(TrainRequest request) : IDisposable
{
    private Trial? trial;

    public string Attempt => request.Attempt;

    public TrialSpec Spec => request.Trial;

    /// <summary>What is trained; null before it has begun.</summary>
    public Trial? Trial => trial;

    /// <summary>Cancelled when the trial is to be abandoned.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>Goes on by one step; a timing trial, which nobody may share the machine with, goes to its end.</summary>
    /// <param name="pack">What it shares with the others of its pack; null when it is trained alone.</param>
    /// <returns>Whether there is more to do; if not, its last frame has been written.</returns>
    public bool Advance(FrameWriter output, TimeProvider clock, SideBySide? pack) => Try(output, () =>
    {
        if (request.Trial.Timing is null) return Begun(output, clock, pack).Advance(Stop.Token) || Finish(output);
        using var timing = new TimingTrial(Attempt, request.Trial, clock, output.Write, request.Data);
        if (timing.Run(Stop.Token) is { } result) output.Write(new TrialTimed(Attempt, result));
        return false;
    });

    /// <summary>Does what comes before its next step, where others take that step with it.</summary>
    /// <param name="next">The step and its learning rate.</param>
    /// <inheritdoc cref="Advance"/>
    public bool Prepare(FrameWriter output, TimeProvider clock, SideBySide pack, out (int Step, double Rate) next)
    {
        (int, double)? found = null;
        var goesOn = Try(output, () => (found = Begun(output, clock, pack).Next(Stop.Token)) is not null || Finish(output));
        next = found ?? default;
        return goesOn;
    }

    /// <summary>Does what comes after a step that others took with it.</summary>
    /// <param name="share">Of the time that it took, in seconds.</param>
    /// <inheritdoc cref="Advance"/>
    public bool Took(FrameWriter output, int step, StepFindings found, double share, (Evaluation, TimeSpan)? evaluated) =>
        Try(output, () => trial!.Took(step, found, share, evaluated) || Finish(output));

    /// <summary>Ends it because of what happened in a step of several trials.</summary>
    public void Fail(FrameWriter output, Exception failure, bool shared) =>
        output.Write(new TrialErrored(Attempt, FailureReason.Of(failure), failure.Message, failure.ToString(), shared));

    private Trial Begun(FrameWriter output, TimeProvider clock, SideBySide? pack) => trial ??= new(Attempt, request.Trial, clock, output.Write, request.Checkpoint, request.Data, pack);

    private bool Finish(FrameWriter output)
    {
        if (trial!.Outcome is { } outcome) output.Write(new TrialFinished(Attempt, outcome));
        return false;
    }

    private bool Try(FrameWriter output, Func<bool> act)
    {
        try
        {
            return act();
        }
        catch (TrialRejectedException refusal)
        {
            output.Write(new TrialRejected(Attempt, refusal.Message));
        }
        catch (Exception failure) when (failure is not IOException)
        {
            Fail(output, failure, shared: false);
        }

        return false;
    }

    public void Dispose() => trial?.Dispose();
}
