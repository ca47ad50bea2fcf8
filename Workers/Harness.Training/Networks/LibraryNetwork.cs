using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>The automatic loop: nn.RNN, nn.LSTM, nn.GRU.</summary>
/// <remarks>
/// One module runs the whole stack, unless values are dropped between its layers: the library would draw its masks from torch's global
/// generator, so then every layer is a module of its own, with our masks in between.
/// </remarks>
internal sealed class LibraryNetwork : RecurrentNetwork
{
    private readonly LibraryStack[] stacks;

    /// <exception cref="NotSupportedException">The library has no module for this cell.</exception>
    public LibraryNetwork(RecurrentCell cell, StackShape shape, bool layerByLayer) : base(shape)
    {
        stacks = layerByLayer
            ? [.. Enumerable.Range(0, shape.Layers).Select(layer => Library(cell, shape with { Input = shape.Layer(layer).Input, Layers = 1 }))]
            : [Library(cell, shape)];
        Weights = [.. stacks.SelectMany((stack, layer) => stack.Weights.Select(weight => layer == 0 ? weight : weight with
        {
            Name = weight.Name.Replace(StackShape.Suffix(0, backwards: false), StackShape.Suffix(layer, backwards: false), StringComparison.Ordinal),
        }))];
    }

    public override IReadOnlyList<NamedWeight> Weights { get; }

    public override Tensor Last(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null)
    {
        var last = Run(input, dropout, ends).Last;                                                // [L·D, B, H]
        return Shape.Bidirectional ? cat([last[-2], last[-1]], dim: 1) : last[-1];           // [B, D·H]
    }

    public override Tensor EveryStep(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => Run(input, dropout, ends).Sequence;

    private (Tensor Sequence, Tensor Last) Run(Tensor input, DropoutMasks? dropout, SequenceEnds? ends)
    {
        if (dropout is not null && stacks.Length != Shape.Layers) throw new InvalidOperationException("Dropout needs a network that was built layer by layer.");
        var run = stacks[0].Run(input, ends);
        for (var layer = 1; layer < stacks.Length; layer++)
            run = stacks[layer].Run(dropout is null ? run.Sequence : run.Sequence * dropout.On(layer, run.Sequence), ends);
        return run;
    }

    private static LibraryStack Library(RecurrentCell cell, StackShape shape) =>
        cell.CreateLibrary(shape) ?? throw new NotSupportedException("The library has no module for this cell; use kernel: cell.");

    public override void Dispose()
    {
        foreach (var stack in stacks) stack.Dispose();
    }
}
