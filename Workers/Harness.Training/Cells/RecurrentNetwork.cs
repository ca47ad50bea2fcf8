using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>A stack of recurrent layers on one backend, or what stands in its place. Every path has the same weights under the same names.</summary>
internal abstract class RecurrentNetwork(StackShape shape) : IDisposable
{
    public StackShape Shape => shape;

    /// <summary>The weights under PyTorch's names: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, …_reverse, …_l1 …</summary>
    public abstract IReadOnlyList<NamedWeight> Weights { get; }

    /// <summary>Trainable parameters, counted from the tensors.</summary>
    public long ParameterCount => Weights.Sum(weight => weight.Tensor.numel());

    /// <summary>The top layer's last h of each direction, side by side.</summary>
    /// <param name="input">[T, B, I].</param>
    /// <param name="dropout">Masks between layers; null, as in evaluations and probes, drops nothing.</param>
    /// <param name="ends">Where the sequences end, when not all at T.</param>
    /// <returns>[B, D·H]: h_T forwards and, in the second direction, the h that has read the sequence from its end to its start.</returns>
    public abstract Tensor Last(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null);

    /// <summary>The top layer's h of every step; zeros beyond a sequence's end.</summary>
    /// <param name="input">[T, B, I].</param>
    /// <returns>[T, B, D·H].</returns>
    public abstract Tensor EveryStep(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null);

    /// <summary>Where a path leaves torch's graph: the leaf that the latest forward pass gave, whose gradient it carries on itself. Null for paths within the graph.</summary>
    public virtual Tensor? Cut => null;

    /// <summary>Carries the gradient of <see cref="Cut"/> on to the weights. Once after each forward pass.</summary>
    /// <param name="gradient">Of the cut.</param>
    /// <param name="gradients">Tensors that the gradients of <see cref="Weights"/> are added to, in their order.</param>
    public virtual void BackwardFromCut(Tensor gradient, IReadOnlyList<Tensor> gradients) => throw new InvalidOperationException("This path lies within torch's graph.");

    /// <summary>Copies the weights of another network of the same shape, of any backend and precision.</summary>
    public void CopyWeightsFrom(RecurrentNetwork other)
    {
        var source = other.Weights.ToDictionary(weight => weight.Name, weight => weight.Tensor, StringComparer.Ordinal);
        using var _ = no_grad();
        foreach (var (name, tensor) in Weights) tensor.copy_(source[name]);
    }

    public abstract void Dispose();
}
