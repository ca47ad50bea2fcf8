using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>One model on the batched path: alone, or as one of those that a pack trains as one program, where it is what everybody else looks at.</summary>
internal sealed class BatchedNetwork : RecurrentNetwork
{
    private readonly CellLayer[] layers;          // layer by layer, forwards and backwards; they hold the weights

    /// <exception cref="NotSupportedException">The cell has no step for many models.</exception>
    public BatchedNetwork(RecurrentCell cell, StackShape shape) : base(shape)
    {
        Stack = new(cell.Batched(shape.Activation) ?? throw new NotSupportedException("This cell has no step for many models at once; use kernel: cell."), shape);
        layers = [.. Enumerable.Range(0, shape.Layers * shape.Directions).Select(index => cell.CreateLayer(shape.Layer(index / shape.Directions)))];
        Weights = [.. layers.SelectMany((layer, index) => layer.Weights.Select(weight => weight with { Name = weight.Name + StackShape.Suffix(index / shape.Directions, index % shape.Directions == 1) }))];
    }

    public override IReadOnlyList<NamedWeight> Weights { get; }

    public BatchedStack Stack { get; }

    public override Tensor Last(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => Run(input, everyStep: false, dropout, ends).Last.squeeze(0);

    public override Tensor EveryStep(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => Run(input, everyStep: true, dropout, ends).Every!.squeeze(0);

    private (Tensor? Every, Tensor Last) Run(Tensor input, bool everyStep, DropoutMasks? dropout, SequenceEnds? ends) => Stack.Run(
        [.. Weights.Select(weight => weight.Tensor.unsqueeze(0))], input.unsqueeze(0), everyStep,
        dropout is null ? null : (layer, values) => values * dropout.On(layer, values), ends?.Inside.unsqueeze(0));

    public override void Dispose()
    {
        foreach (var layer in layers) layer.Dispose();
    }
}
