using Harness.Abstractions.Catalog;
using Harness.Training.Cells;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>A batch on the device.</summary>
/// <param name="Input">[T, B, I].</param>
/// <param name="Target">[P, B, O] real answers, or [P, B] classes.</param>
/// <param name="Ends">Where sequences of different lengths end; null when all have T steps.</param>
internal sealed record BatchTensors(TaskShape Shape, Tensor Input, Tensor Target, SequenceEnds? Ends = null) : IDisposable
{
    public static BatchTensors Of(SequenceBatch batch, ScalarType dtype, Device device)
    {
        var (shape, count) = (batch.Shape, batch.Count);
        var input = tensor(batch.Inputs, [shape.Steps, count, shape.InputSize], dtype: dtype, device: device);
        var target = shape.Loss == LossKind.MeanSquaredError
            ? tensor(batch.Values, [shape.LossSteps, count, shape.OutputSize], dtype: dtype, device: device)
            : tensor(batch.Classes, [shape.LossSteps, count], device: device);
        return new(shape, input, target, batch.IsPadded ? SequenceEnds.Of(batch.Lengths, shape.Steps, device) : null);
    }

    /// <summary>The loss of a prediction [P, B, O]: a scalar, the mean over the answers that are asked for and outputs, or their sum.</summary>
    public Tensor Loss(Tensor prediction, nn.Reduction reduction = nn.Reduction.Mean)
    {
        if (Shape.Loss == LossKind.CrossEntropy)
            return nn.functional.cross_entropy(prediction.reshape(-1, Shape.OutputSize), Target.reshape(-1), ignore_index: SequenceBatch.Ignored, reduction: reduction);
        if (Ends is null) return nn.functional.mse_loss(prediction, Target, reduction);
        var asked = Target.isnan().logical_not();                                                        // [P, B, O]
        return nn.functional.mse_loss(prediction.masked_select(asked), Target.masked_select(asked), reduction);
    }

    /// <summary>How many answers are asked for, over all sequences, and outputs where they are real.</summary>
    public long Answers() => Shape.Loss == LossKind.CrossEntropy ? Target.ne(SequenceBatch.Ignored).sum().item<long>()
        : Ends is null ? Target.numel() : Target.isnan().logical_not().sum().item<long>();

    /// <summary>One sequence without its padding, [T_b, 1, I], and its steps.</summary>
    public (Tensor Input, int Steps) Sequence(int index)
    {
        var steps = Ends?.Lengths[index] ?? Shape.Steps;
        return (Input.narrow(0, 0, steps).narrow(1, index, 1), steps);
    }

    /// <summary>The same sequences in groups of equal length, without padding: what looks into states need not know of it.</summary>
    public IEnumerable<BatchTensors> ByLength()
    {
        if (Ends is null) return [this];
        return Ends.Lengths.Select((length, index) => (length, index)).GroupBy(pair => pair.length).OrderBy(group => group.Key).Select(group =>
        {
            var (steps, members) = (group.Key, tensor(group.Select(pair => (long)pair.index).ToArray(), device: Input.device));
            var shape = Shape with { Steps = steps, FirstLossStep = Shape.LossSteps == 1 ? steps - 1 : Shape.FirstLossStep };
            return new BatchTensors(shape, Input.narrow(0, 0, steps).index_select(1, members), Target.narrow(0, 0, shape.LossSteps).index_select(1, members));
        });
    }

    /// <summary>The loss at the last step alone, summed over sequences, so that each sequence's gradient is its own: a scalar. Of sequences of equal length.</summary>
    /// <param name="prediction">[B, O], the answer at the last step.</param>
    public Tensor LastStepLossPerSequence(Tensor prediction) => Shape.Loss == LossKind.MeanSquaredError
        ? nn.functional.mse_loss(prediction, Target[-1], nn.Reduction.None).mean([1]).sum()
        : nn.functional.cross_entropy(prediction, Target[-1], ignore_index: SequenceBatch.Ignored, reduction: nn.Reduction.Sum);

    public void Dispose()
    {
        Input.Dispose();
        Target.Dispose();
        Ends?.Dispose();
    }
}
