using Harness.Training.Cells;

namespace Harness.Training.Checkpoints;

/// <summary>A copy of the weights as they were at the best evaluation so far.</summary>
/// <param name="weights">The model's.</param>
/// <param name="sync">Brings them up to date.</param>
internal sealed class KeptWeights(IReadOnlyList<NamedWeight> weights, Action sync)
{
    private IReadOnlyList<CheckpointTensor> copy = [];

    /// <summary>Replaces the copy by the weights as they are now.</summary>
    public void Keep()
    {
        sync();
        copy = [.. weights.Select(weight => TensorBytes.Of(Checkpoint.KeptPrefix + weight.Name, weight.Tensor))];
    }

    /// <summary>Gives the model the kept weights; without any, it stays as it is.</summary>
    public void PutBack()
    {
        foreach (var (kept, weight) in copy.Zip(weights)) TensorBytes.CopyTo(kept, weight.Tensor);
    }

    /// <summary>For a checkpoint; empty before the first evaluation with a loss.</summary>
    public IReadOnlyList<CheckpointTensor> Capture() => copy;

    /// <summary>Takes over those of a checked checkpoint.</summary>
    public void Restore(Checkpoint checkpoint)
    {
        var stored = checkpoint.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        if (checkpoint.Progress.Kept is not null) copy = [.. weights.Select(weight => stored[Checkpoint.KeptPrefix + weight.Name])];
    }
}
