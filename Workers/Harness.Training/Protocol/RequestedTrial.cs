using Harness.Experiments.Contracts;
using Harness.Training.Timing;
using Harness.Training.Training;

namespace Harness.Training.Protocol;

/// <summary>A trial from its request to the frame that ends it.</summary>
internal sealed class RequestedTrial(TrainRequest request) : IDisposable
{
    private Trial? trial;

    public string Attempt => request.Attempt;

    /// <summary>Cancelled when the trial is to be given up.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>Goes on by one step; a timing trial, which nobody may share the machine with, goes to its end.</summary>
    /// <param name="pack">What it shares with the others of its pack; null when it is trained alone.</param>
    /// <returns>Whether there is more to do; if not, its last frame has been written.</returns>
    public bool Advance(FrameWriter output, TimeProvider clock, SideBySide? pack)
    {
        try
        {
            if (request.Trial.Timing is not null)
            {
                using var timing = new TimingTrial(Attempt, request.Trial, clock, output.Write, request.Data);
                if (timing.Run(Stop.Token) is { } result) output.Write(new TrialTimed(Attempt, result));
                return false;
            }

            trial ??= new(Attempt, request.Trial, clock, output.Write, request.Checkpoint, request.Data, pack);
            if (trial.Advance(Stop.Token)) return true;
            if (trial.Outcome is { } outcome) output.Write(new TrialFinished(Attempt, outcome));
        }
        catch (TrialRejectedException refusal)
        {
            output.Write(new TrialRejected(Attempt, refusal.Message));
        }
        catch (Exception failure) when (failure is not IOException)
        {
            output.Write(new TrialErrored(Attempt, FailureReason.Of(failure), failure.Message, failure.ToString()));
        }

        return false;
    }

    public void Dispose() => trial?.Dispose();
}
