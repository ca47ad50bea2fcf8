namespace Harness.Training;

/// <summary>Is told how each trial of a training loop ends.</summary>
internal interface ITrialListener
{
    /// <summary>A trial has ended: with an outcome, or without one because it was asked to stop.</summary>
    void OnEnded(Trial trial);

    /// <summary>A trial has ended with an exception.</summary>
    /// <param name="shared">Whether the exception happened in a step of several trials.</param>
    void OnFailed(Trial trial, Exception failure, bool shared);
}
