using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Engine;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>An optimizer step of one model by the native CPU kernels. No part of it calls torch.</summary>
internal sealed class NativeStep(NativeModel model, optim.Optimizer optimizer, TrainSpec spec) : ITrainStep
{
    private readonly EngineOptimizer nativeOptimizer = new(optimizer, spec.Optimizer, [.. model.Parameters]);
    private SequenceBatch? batch;
    private DropoutMasks? dropout;
    private double learningRate, loss;
    private (double Norm, bool Clipped) gradient;

    public void LoadBatches(IReadOnlyList<ModelTurn> turns)
    {
        var turn = turns[0];
        Load(turn.Batch(), turn.Learner.Dropout(turn.Step), turn.LearningRate);
    }

    /// <summary>Takes a batch as it is: the kernels read main memory.</summary>
    public void Load(SequenceBatch sequences, DropoutMasks? masks, double rate) => (batch, dropout, learningRate) = (sequences, masks, rate);

    public void Forward() => loss = model.Forward(batch!, dropout);

    /// <summary>Clips, too: timing trials count native clipping as a part of the backward pass.</summary>
    public void Backward()
    {
        model.Backward();
        gradient = model.Clip(spec);
    }

    public IReadOnlyList<StepResult> Clip() => [new(loss, gradient.Norm, gradient.Clipped)];

    public void Update(IReadOnlyList<StepResult> results)
    {
        if (results[0].IsFinite) nativeOptimizer.Step(learningRate);
    }

    public IReadOnlyList<Evaluation> EvaluateBatch(IReadOnlyList<(Learner Learner, EvaluationSet Set)> due) => [due[0].Set.Evaluate(due[0].Learner.Model)];

    public void Dispose()
    {
        // Model and optimizer belong to the learner.
    }
}
