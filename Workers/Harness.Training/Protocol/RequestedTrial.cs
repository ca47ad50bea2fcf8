using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Shared;
using Harness.Training.Timing;

namespace Harness.Training.Protocol;

/// <summary>A trial from its request to the frame that ends it.</summary>
internal sealed class RequestedTrial(TrainRequest request, FrameWriter output, TimeProvider clock) : IDisposable
{
    public string Attempt => request.Attempt;

    public TrialSpec Spec => request.Trial;

    /// <summary>What is trained; null before <see cref="Build"/>, and for a timing trial.</summary>
    public Trial? Trial { get; private set; }

    /// <summary>Cancelled when the trial is to be abandoned.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>Builds model, data and evaluation set.</summary>
    /// <param name="shared">What it shares with the other trials of its group; null for a trial that is trained alone.</param>
    public void Build(GroupMemory? shared) => Trial = new(Attempt, Spec, clock, output.Write, request.Checkpoint, request.Data, shared, request.Weights) { Stop = Stop.Token };

    /// <summary>Executes a timing trial from its first round to its last.</summary>
    public void Measure()
    {
        using var timing = new TimingTrial(Attempt, Spec, clock, output.Write, request.Data);
        if (timing.Run(Stop.Token) is { } result) output.Write(new TrialTimed(Attempt, result));
    }

    /// <summary>Writes the frame that ends a trial which completed or diverged. A stopped trial has written its own.</summary>
    public void Finish()
    {
        if (Trial!.Outcome is { } outcome) output.Write(new TrialFinished(Attempt, outcome));
    }

    /// <summary>Writes the frame that ends a trial with an exception.</summary>
    /// <param name="shared">Whether it happened in a step of several trials.</param>
    public void Fail(Exception failure, bool shared) => output.Write(failure is TrialRejectedException
        ? new TrialRejected(Attempt, failure.Message)
        : new TrialErrored(Attempt, FailureReason.Of(failure), failure.Message, failure.ToString(), shared));

    public void Dispose() => Trial?.Dispose();
}
