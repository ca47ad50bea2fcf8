using Harness.Experiments.Catalog;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>A batch on the device.</summary>
/// <param name="Input">[T, B, I].</param>
/// <param name="Target">[P, B, O] real answers, or [P, B] classes.</param>
internal sealed record BatchTensors(TaskShape Shape, Tensor Input, Tensor Target)
{
    public static BatchTensors Of(SequenceBatch batch, ScalarType dtype, Device device)
    {
        var (shape, count) = (batch.Shape, batch.Count);
        var input = tensor(batch.Inputs, [shape.Steps, count, shape.InputSize], dtype: dtype, device: device);
        var target = shape.Loss == LossKind.MeanSquaredError
            ? tensor(batch.Values, [shape.LossSteps, count, shape.OutputSize], dtype: dtype, device: device)
            : tensor(batch.Classes, [shape.LossSteps, count], device: device);
        return new(shape, input, target);
    }

    /// <summary>The loss of a prediction [P, B, O]: a scalar, the mean over steps that carry loss, sequences and outputs, or their sum.</summary>
    public Tensor Loss(Tensor prediction, nn.Reduction reduction = nn.Reduction.Mean) => Shape.Loss == LossKind.MeanSquaredError
        ? nn.functional.mse_loss(prediction, Target, reduction)
        : nn.functional.cross_entropy(prediction.reshape(-1, Shape.OutputSize), Target.reshape(-1), ignore_index: SequenceBatch.Ignored, reduction: reduction);

    /// <summary>One sequence, [T_b, 1, I], and its steps.</summary>
    public (Tensor Input, int Steps) Sequence(int index) => (Input.narrow(1, index, 1), Shape.Steps);

    /// <summary>The same sequences in groups of equal length: what computes on states need not know of padding.</summary>
    public IEnumerable<BatchTensors> ByLength() => [this];

    /// <summary>The loss at the last step alone, summed over sequences, so that each sequence's gradient is its own: a scalar.</summary>
    /// <param name="prediction">[B, O], the answer at the last step.</param>
    public Tensor LastStepLossPerSequence(Tensor prediction) => Shape.Loss == LossKind.MeanSquaredError
        ? nn.functional.mse_loss(prediction, Target[-1], nn.Reduction.None).mean([1]).sum()
        : nn.functional.cross_entropy(prediction, Target[-1], ignore_index: SequenceBatch.Ignored, reduction: nn.Reduction.Sum);
}
