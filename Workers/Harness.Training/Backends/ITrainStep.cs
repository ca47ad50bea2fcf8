using Harness.Training.Tasks;

namespace Harness.Training.Backends;

/// <summary>One optimizer step on a backend, for one model or for several models at once. The training loop calls the first five methods in this order.</summary>
internal interface ITrainStep : IDisposable
{
    /// <summary>Makes the batch of each model's step and moves it to the device.</summary>
    /// <param name="turns">The models that take this step. A model that is left out takes no further step.</param>
    void LoadBatches(IReadOnlyList<ModelTurn> turns);

    /// <summary>Computes prediction and loss of each model's batch.</summary>
    void Forward();

    /// <summary>Computes the gradients of all weights.</summary>
    void Backward();

    /// <summary>Clips each model's gradients as its spec says. Waits for a device once.</summary>
    /// <returns>Loss and gradient norm of each model, in the order of its turns.</returns>
    IReadOnlyList<StepResult> Clip();

    /// <summary>Lets the optimizer change the weights. A model whose loss or gradient is not finite keeps its weights.</summary>
    /// <param name="results">As <see cref="Clip"/> returned them.</param>
    void Update(IReadOnlyList<StepResult> results);

    /// <summary>Evaluates models as they are now, without gradients.</summary>
    /// <param name="due">Models of this step, each with its evaluation set.</param>
    /// <returns>Loss and accuracy of each model, in the order of <paramref name="due"/>.</returns>
    IReadOnlyList<Evaluation> EvaluateBatch(IReadOnlyList<(Learner Learner, EvaluationSet Set)> due);
}

/// <summary>A model's next optimizer step.</summary>
/// <param name="Step">Counted from 1.</param>
/// <param name="LearningRate">Of this step, schedule included.</param>
internal readonly record struct ModelTurn(Learner Learner, int Step, double LearningRate)
{
    /// <summary>The batch of this step.</summary>
    public SequenceBatch Batch() => Learner.Batch(Step);
}

/// <summary>What an optimizer step measured.</summary>
/// <param name="Loss">Before the update.</param>
/// <param name="Norm">Global gradient norm before clipping.</param>
/// <param name="Clipped">Whether clipping changed a gradient.</param>
internal readonly record struct StepResult(double Loss, double Norm, bool Clipped)
{
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(Norm);
}
