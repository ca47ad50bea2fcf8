
namespace Harness.Training.Timing;

/// <summary>Something whose steps are timed.</summary>
internal interface ITimedStep : IDisposable
{
    /// <summary>Whether waiting for the device between phases would slow a step down, so that phases are taken from steps of their own.</summary>
    bool WorksOnItsOwn { get; }

    /// <summary>Gets the process ready for this one: its thread count, a heap without other arms' leavings. Not timed.</summary>
    void Prepare();

    /// <summary>Runs one step.</summary>
    /// <param name="ended">Called after each phase.</param>
    void RunStep(Action<StepPhase>? ended);

    /// <summary>Waits until the device has done everything it was told to.</summary>
    void Synchronise();
}
