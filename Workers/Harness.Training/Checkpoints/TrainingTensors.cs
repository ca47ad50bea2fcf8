using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Checkpoints;

/// <summary>Everything in a training run that is tensors: the weights, and what the optimizer remembers.</summary>
/// <param name="sync">Brings them up to date; null where they always are.</param>
/// <param name="kept">The copy of the best weights; null where none is made.</param>
internal sealed class TrainingTensors(IReadOnlyList<NamedWeight> weights, optim.Optimizer optimizer, Action? sync = null, KeptWeights? kept = null)
{
    public IReadOnlyList<CheckpointTensor> Capture()
    {
        sync?.Invoke();
        return [.. weights.Select(weight => TensorBytes.Of(Checkpoint.WeightPrefix + weight.Name, weight.Tensor)), .. OptimizerSlots.Of(optimizer, weights).Select(slot => slot.Read()).OfType<CheckpointTensor>(), .. kept?.Capture() ?? []];
    }

    /// <summary>Compares every name, type and shape with what the spec builds; changes nothing.</summary>
    /// <exception cref="CheckpointRefusedException">They are not the same.</exception>
    public void Check(Checkpoint checkpoint)
    {
        var stored = checkpoint.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        if (checkpoint.Progress.Kept is not null && kept is null) throw new CheckpointRefusedException("it holds kept weights, which the trial does not ask for");
        foreach (var (name, type, shape) in Expected(checkpoint.Step, checkpoint.Progress.Kept is not null))
        {
            if (!stored.Remove(name, out var tensor)) throw new CheckpointRefusedException($"it lacks the tensor {name}");
            var layout = CheckpointTensor.Describe(type, shape);
            if (tensor.Layout != layout) throw new CheckpointRefusedException($"its tensor {name} is {tensor.Layout}, but the trial's is {layout}");
        }

        if (stored.Count > 0) throw new CheckpointRefusedException($"it holds the tensor {stored.Keys.Order(StringComparer.Ordinal).First()}, which the trial does not have");
    }

    /// <summary>Puts a checked checkpoint's tensors in place.</summary>
    public void Restore(Checkpoint checkpoint)
    {
        var stored = checkpoint.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var weight in weights)
        {
            TensorBytes.CopyTo(stored[Checkpoint.WeightPrefix + weight.Name], weight.Tensor);
            // After its first step a run adds gradients to zeros; −0 must become +0 here as it does there.
            if (checkpoint.Step > 0) weight.Tensor.grad ??= zeros_like(weight.Tensor, requires_grad: false);
        }

        foreach (var slot in OptimizerSlots.Of(optimizer, weights))
            if (stored.TryGetValue(slot.Name, out var tensor)) slot.Write(tensor);
        kept?.Restore(checkpoint);
    }

    private IEnumerable<(string Name, ElementType Type, long[] Shape)> Expected(int step, bool hasKept)
    {
        if (hasKept)
            foreach (var weight in weights) yield return (Checkpoint.KeptPrefix + weight.Name, TensorBytes.TypeOf(weight.Tensor.dtype), weight.Tensor.shape);
        foreach (var weight in weights) yield return (Checkpoint.WeightPrefix + weight.Name, TensorBytes.TypeOf(weight.Tensor.dtype), weight.Tensor.shape);
        foreach (var slot in OptimizerSlots.Of(optimizer, weights))
            if (step > 0 || slot.Read() is not null) yield return (slot.Name, slot.Type, slot.Shape);
    }
}
