using Harness.Abstractions.Catalog;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>The batches of K models on the device, one of each.</summary>
/// <param name="Input">[K, T, B, I].</param>
/// <param name="Target">[K, P, B, O] real answers, or [K, P, B] classes.</param>
/// <param name="Inside">Whether a step belongs to its sequence, [K, T, B, 1]; null where all do.</param>
internal sealed record BatchedBatch(TaskShape Shape, Tensor Input, Tensor Target, Tensor? Inside)
{
    /// <summary>Laid side by side in main memory, so that they go to the device as one.</summary>
    /// <param name="batches">One per model, of one shape and number of sequences.</param>
    public static BatchedBatch Of(IReadOnlyList<SequenceBatch> batches, ScalarType dtype, Device device)
    {
        var (shape, models, count) = (batches[0].Shape, batches.Count, batches[0].Count);
        var inputs = Joined(batch => batch.Inputs);
        var target = shape.Loss == LossKind.MeanSquaredError
            ? tensor(Joined(batch => batch.Values), [models, shape.LossSteps, count, shape.OutputSize], dtype: dtype, device: device)
            : tensor(Joined(batch => batch.Classes), [models, shape.LossSteps, count], device: device);
        return new(shape, tensor(inputs, [models, shape.Steps, count, shape.InputSize], dtype: dtype, device: device), target, batches.Any(batch => batch.IsPadded) ? Inner(batches, device) : null);

        T[] Joined<T>(Func<SequenceBatch, T[]> part)
        {
            var length = part(batches[0]).Length;
            var joined = new T[models * length];
            foreach (var (model, batch) in batches.Index()) part(batch).CopyTo(joined, model * length);
            return joined;
        }
    }

    private static Tensor Inner(IReadOnlyList<SequenceBatch> batches, Device device)
    {
        var (steps, count) = (batches[0].Shape.Steps, batches[0].Count);
        var inside = new bool[batches.Count * steps * count];
        foreach (var (model, batch) in batches.Index())
            for (var step = 0; step < steps; step++)
                for (var sequence = 0; sequence < count; sequence++) inside[(model * steps + step) * count + sequence] = step < batch.Lengths[sequence];
        return tensor(inside, [batches.Count, steps, count, 1], device: device);
    }

    /// <summary>Of batches that are on the device already.</summary>
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
