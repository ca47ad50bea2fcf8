using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>An optimizer step of one model by torch and its autograd.</summary>
internal sealed class TorchStep(SequenceModel model, optim.Optimizer optimizer, TrainSpec spec) : ITrainStep
{
    private readonly Parameter[] parameters = [.. model.Parameters];
    private BatchTensors? batch;
    private DropoutMasks? dropout;
    private double learningRate;
    private Tensor? loss;

    /// <summary>The loss of the latest forward pass, a scalar.</summary>
    public Tensor Loss => loss ?? throw new InvalidOperationException("There is no forward pass.");

    public void LoadBatches(IReadOnlyList<ModelTurn> turns)
    {
        var turn = turns[0];
        var shape = model.Network.Shape;
        Load(BatchTensors.Of(turn.Batch(), shape.Dtype, shape.Device), turn.Learner.Dropout(turn.Step), turn.LearningRate);
    }

    /// <summary>Takes a batch that is on the device already.</summary>
    public void Load(BatchTensors tensors, DropoutMasks? masks, double rate) => (batch, dropout, learningRate) = (tensors, masks, rate);

    public void Forward()
    {
        var prediction = model.Predict(batch!, dropout);                          // [P, B, O]
        loss = batch!.Loss(prediction);
    }

    public void Backward()
    {
        optimizer.zero_grad();
        Loss.backward();
    }

    public IReadOnlyList<StepResult> Clip() => [GradientClip.Apply(Loss, parameters, spec)];

    public void Update(IReadOnlyList<StepResult> results)
    {
        if (!results[0].IsFinite) return;
        Optimizers.SetLearningRate(optimizer, learningRate);
        optimizer.step();
    }

    public IReadOnlyList<Evaluation> EvaluateBatch(IReadOnlyList<(Learner Learner, EvaluationSet Set)> due) => [due[0].Set.Evaluate(model)];

    public void Dispose()
    {
        // Model and optimizer belong to the learner, tensors of a step to the loop's scope.
    }
}
