using Harness.Experiments.Catalog;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>The batches of K models on the device, one of each.</summary>
/// <param name="Input">[K, T, B, I].</param>
/// <param name="Target">[K, P, B, O] real answers, or [K, P, B] classes.</param>
/// <param name="Inside">Whether a step belongs to its sequence, [K, T, B, 1]; null where all do.</param>
internal sealed record BatchedBatch(TaskShape Shape, Tensor Input, Tensor Target, Tensor? Inside)
{
    /// <param name="batches">One per model, of one shape and number of sequences.</param>
    public static BatchedBatch Of(IReadOnlyList<SequenceBatch> batches, ScalarType dtype, Device device) => Of([.. batches.Select(batch => BatchTensors.Of(batch, dtype, device))]);

    public static BatchedBatch Of(IReadOnlyList<BatchTensors> batches)
    {
        var first = batches[0];
        return new(
            first.Shape, stack(batches.Select(batch => batch.Input)), stack(batches.Select(batch => batch.Target)),
            batches.All(batch => batch.Ends is null) ? null : stack(batches.Select(batch => batch.Ends?.Inside ?? ones([first.Shape.Steps, first.Input.shape[1], 1], dtype: ScalarType.Bool, device: first.Input.device))));
    }

    /// <summary>Each model's loss summed over the answers that are asked for, and outputs, [K]; and how many these are, [K].</summary>
    /// <param name="prediction">[K, P, B, O].</param>
    public (Tensor Sums, Tensor Answers) Losses(Tensor prediction)
    {
        var models = prediction.shape[0];
        if (Shape.Loss == LossKind.CrossEntropy)
        {
            var each = nn.functional.cross_entropy(prediction.reshape(-1, Shape.OutputSize), Target.reshape(-1), ignore_index: SequenceBatch.Ignored, reduction: nn.Reduction.None);
            return (each.reshape(models, -1).sum(dim: 1), Target.reshape(models, -1).ne(SequenceBatch.Ignored).sum(dim: 1));
        }

        var asked = Target.isnan().logical_not();
        // A number that nobody asked for must not reach the gradient, not even as 0 · NaN.
        var error = (prediction - where(asked, Target, prediction.detach())).square();
        return (error.reshape(models, -1).sum(dim: 1), asked.reshape(models, -1).sum(dim: 1));
    }

    /// <summary>How many of each model's sequences have every answer right, [K].</summary>
    public Tensor Right(Tensor prediction)
    {
        var asked = Target.ne(SequenceBatch.Ignored);                                                     // [K, P, B]
        return asked.logical_and(prediction.argmax(-1).ne(Target)).sum(dim: 1).eq(0).sum(dim: 1);
    }
}
