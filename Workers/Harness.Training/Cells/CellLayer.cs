using Harness.Abstractions.Catalog;
using TorchSharp.Modules;
using static TorchSharp.torch;
using PackedSequence = TorchSharp.torch.nn.utils.rnn.PackedSequence;

namespace Harness.Training.Cells;

/// <summary>One layer of a cell in one direction: its weights and one step of it.</summary>
internal abstract class CellLayer(LayerShape shape) : IDisposable
{
    protected LayerShape Shape => shape;

    /// <summary>The weights under PyTorch's names without the layer's suffix: weight_ih [g·H, I], weight_hh [g·H, H], bias_ih [g·H], bias_hh [g·H], and what else the cell has.</summary>
    public abstract IReadOnlyList<NamedWeight> Weights { get; }

    /// <summary>The state before the first step: zeros.</summary>
    public virtual CellState InitialState(long batch) => new(Zeros(batch));

    /// <summary>One step: x [B, I] and the previous state to the next state. Part of the autograd graph.</summary>
    public abstract CellState Step(Tensor x, CellState previous);

    /// <summary>The gate activations of the same step, each [B, H], in the order of <see cref="CellDefinition.Gates"/>; empty for cells without gates.</summary>
    public virtual IReadOnlyList<Tensor> Gates(Tensor x, CellState previous) => [];

    public abstract void Dispose();

    /// <summary>A weight of the given sizes, for cells that own their tensors. Its values are overwritten by the initialiser.</summary>
    protected static Parameter Weight(LayerShape shape, params long[] sizes) => new(zeros(sizes, dtype: shape.Dtype, device: shape.Device));

    protected Tensor Zeros(long batch) => zeros(batch, shape.Hidden, dtype: shape.Dtype, device: shape.Device);

    /// <summary>x·W_ihᵀ + b_ih of a module that carries PyTorch's four tensors: [B, g·H].</summary>
    protected static Tensor InputSide(Tensor x, Parameter weight, Parameter bias) => nn.functional.linear(x, weight, bias);
}

/// <summary>The library's fused module for a whole stack.</summary>
/// <param name="module">Owns the weights, under PyTorch's names (weight_ih_l0, …).</param>
/// <param name="run">Input [T, B, I] to the top layer's h of every step [T, B, D·H] and the last h of every layer and direction [L·D, B, H].</param>
/// <param name="runPacked">The same for sequences of different lengths, packed.</param>
internal sealed class LibraryStack(
    nn.Module module,
    Func<Tensor, (Tensor Sequence, Tensor Last)> run,
    Func<PackedSequence, (PackedSequence Sequence, Tensor Last)> runPacked) : IDisposable
{
    public IReadOnlyList<NamedWeight> Weights { get; } = [.. module.named_parameters().Select(weight => new NamedWeight(weight.name, weight.parameter))];

    public (Tensor Sequence, Tensor Last) Run(Tensor input, SequenceEnds? ends = null)
    {
        if (ends is null) return run(input);
        using var packed = nn.utils.rnn.pack_padded_sequence(input, ends.Count, enforce_sorted: false);
        var (sequence, last) = runPacked(packed);
        using (sequence) return (nn.utils.rnn.pad_packed_sequence(sequence, total_length: input.shape[0]).Item1, last);
    }

    public void Dispose() => module.Dispose();
}
