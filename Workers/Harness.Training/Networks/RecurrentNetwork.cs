using Harness.Experiments.Specs;
using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

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
    /// <param name="into">Tensors that the gradients of <see cref="Weights"/> are added to, in their order.</param>
    public virtual void BackwardFromCut(Tensor gradient, IReadOnlyList<Tensor> into) => throw new InvalidOperationException("This path lies within torch's graph.");

    /// <summary>Copies the weights of another network of the same shape, of any backend and precision.</summary>
    public void CopyWeightsFrom(RecurrentNetwork other)
    {
        var source = other.Weights.ToDictionary(weight => weight.Name, weight => weight.Tensor, StringComparer.Ordinal);
        using var _ = no_grad();
        foreach (var (name, tensor) in Weights) tensor.copy_(source[name]);
    }

    public abstract void Dispose();

    /// <summary>Builds the network of <paramref name="cell"/> on <paramref name="kernel"/>.</summary>
    /// <param name="layerByLayer">Whether something happens between layers, so that the library must not run the whole stack at once.</param>
    /// <param name="shared">The engine's memory of the models that it is trained beside; null for one that is alone.</param>
    /// <exception cref="NotSupportedException">The cell does not exist on that path.</exception>
    public static RecurrentNetwork Create(RecurrentCell cell, KernelPath kernel, StackShape shape, bool layerByLayer = false, EngineStacks? shared = null) => cell.CreateNetwork(shape) ?? kernel switch
    {
        KernelPath.Cell => new LoopNetwork(cell, shape),
        KernelPath.Batched => new BatchedNetwork(cell, shape),
        KernelPath.Engine when shape.Dtype == ScalarType.Float64 => new EngineNetwork<double>(cell, shape, shared: shared),
        KernelPath.Engine => new EngineNetwork<float>(cell, shape, shared: shared),
        KernelPath.Library => new LibraryNetwork(cell, shape, layerByLayer),
        _ => throw new NotSupportedException($"There is no kernel '{kernel}'."),
    };
}
