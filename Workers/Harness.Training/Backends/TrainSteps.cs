namespace Harness.Training.Backends;

/// <summary>Chooses the backend that trains a model.</summary>
internal static class TrainSteps
{
    /// <summary>The step of one model: by the native kernels where the model has them, else by torch.</summary>
    public static ITrainStep Create(Learner learner) => learner.Native is { } native
        ? new NativeStep(native, learner.Optimizer, learner.Spec.Train)
        : new TorchStep(learner.Model, learner.Optimizer, learner.Spec.Train);

    /// <summary>The step of several models in one program.</summary>
    /// <param name="learners">Of one kind, on the batched backend.</param>
    public static ITrainStep Create(IReadOnlyList<Learner> learners) => new BatchedStep(learners);
}
