namespace Harness.Training;

/// <summary>The parts of an optimizer step, in their order.</summary>
internal enum StepPhase
{
    /// <summary>Making the batch and moving it to the device.</summary>
    Data,

    /// <summary>Prediction and loss.</summary>
    Forward,

    /// <summary>The gradients of all weights; on the native backend also norm and clipping.</summary>
    Backward,

    /// <summary>Norm and clipping, reading the loss, and the optimizer; on the native backend the optimizer alone.</summary>
    Update,
}
