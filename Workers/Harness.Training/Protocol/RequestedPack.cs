using Harness.Training.Backends;

namespace Harness.Training.Protocol;

/// <summary>What a trainer is given at a time: one trial, or a trial group, each trial with an end of its own.</summary>
/// <param name="ended">Called when the last frame of a trial has been written.</param>
internal sealed class RequestedPack(IReadOnlyList<RequestedTrial> trials, TimeProvider clock, Action<RequestedTrial> ended) : ITrialListener, IDisposable
{
    private readonly GroupMemory? shared = trials.Count > 1 ? new GroupMemory() : null;
    private readonly List<RequestedTrial> open = [.. trials];

    /// <summary>Trains every trial to its end. Timing trials come first, one by one: they must not share the machine.</summary>
    public void Train()
    {
        foreach (var trial in trials.Where(trial => trial.Spec.Timing is not null))
            if (Try(trial, trial.Measure)) End(trial);
        foreach (var trial in trials.Where(trial => trial.Spec.Timing is null)) Try(trial, () => trial.Build(shared));
        using var loop = new TrainingLoop([.. open.Select(trial => trial.Trial!)], clock, this);
        loop.Run();
    }

    public void OnEnded(Trial trial)
    {
        var request = RequestOf(trial);
        request.Finish();
        End(request);
    }

    public void OnFailed(Trial trial, Exception failure, bool shared) => Fail(RequestOf(trial), failure, shared);

    private RequestedTrial RequestOf(Trial trial) => open.First(request => request.Trial == trial);

    private bool Try(RequestedTrial trial, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception failure) when (failure is not IOException)
        {
            Fail(trial, failure, shared: false);
            return false;
        }
    }

    private void Fail(RequestedTrial trial, Exception failure, bool shared)
    {
        trial.Fail(failure, shared);
        End(trial);
    }

    private void End(RequestedTrial trial)
    {
        open.Remove(trial);
        ended(trial);
        trial.Dispose();
    }

    public void Dispose()
    {
        foreach (var trial in open) trial.Dispose();
        shared?.Dispose();
    }
}
