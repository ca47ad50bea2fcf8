using System.Numerics;
using System.Runtime.InteropServices;
using Harness.Training.Cells;
using Harness.Training.Engine;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>Our own kernels for the CPU, outside of torch's graph.</summary>
/// <remarks>
/// The graph is cut where the stack ends: its output is a leaf, and output layer and loss are torch's. After torch's backward, the leaf's gradient continues through
/// the engine (<see cref="RecurrentNetwork.BackwardFromCut"/>). Weights are torch's tensors under the usual names, read and added to in place.
/// </remarks>
/// <typeparam name="T">float or double, as the shape's dtype says.</typeparam>
internal sealed class EngineNetwork<T> : RecurrentNetwork where T : unmanaged, INumberBase<T>
{
    /// <summary>Sequences at a time where nothing goes back: what is kept of them is no more than a training step keeps.</summary>
    private const int Chunk = 64;

    private readonly CellLayer[] layers;          // layer by layer, forwards and backwards
    private readonly EngineStack<T> stack;
    private readonly bool ownsStack;
    private Tensor? cut;
    private bool cutIsLast;

    /// <param name="width">Of the registers; null takes the processor's best.</param>
    /// <param name="shared">Of the models that it is trained beside; null for a stack of its own.</param>
    /// <exception cref="NotSupportedException">The engine lacks the cell, or the device is no CPU.</exception>
    public EngineNetwork(RecurrentCell cell, StackShape shape, EngineWidth? width = null, EngineStacks? shared = null) : base(shape)
    {
        if (shape.Device.type != TorchSharp.DeviceType.CPU) throw new NotSupportedException("kernel: engine computes on the CPU alone; use kernel: library.");
        var engine = cell.Engine(shape.Activation) ?? throw new NotSupportedException("kernel: engine does not have this cell; use kernel: cell.");
        layers = [.. Enumerable.Range(0, shape.Layers * shape.Directions).Select(index => cell.CreateLayer(shape.Layer(index / shape.Directions)))];
        Weights = [.. layers.SelectMany((layer, index) => layer.Weights.Select(weight => weight with { Name = weight.Name + StackShape.Suffix(index / shape.Directions, index % shape.Directions == 1) }))];
        ownsStack = shared is null;
        stack = shared is null ? Stack() : shared.Of(cell, shape, Stack);

        EngineStack<T> Stack() => new(engine, shape.Input, shape.Hidden, shape.Layers, shape.Bidirectional, width ?? EngineWidths.Best);
    }

    public override IReadOnlyList<NamedWeight> Weights { get; }

    public override Tensor? Cut => cut;

    /// <summary>Whether the way back takes down the norms of ∂L/∂h and ∂L/∂c.</summary>
    public bool TakesNorms { get; init; }

    /// <summary>Norms of ∂L/∂h and ∂L/∂c of each sequence at each step of the direction's loop, [T, B], after <see cref="BackwardFromCut"/>.</summary>
    public (double[] Hidden, double[]? Cell) Norms(int layer, int direction) => stack.Norms(layer, direction);

    public override Tensor Last(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => Run(input, dropout, ends, last: true);

    public override Tensor EveryStep(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => Run(input, dropout, ends, last: false);

    private Tensor Run(Tensor input, DropoutMasks? dropout, SequenceEnds? ends, bool last)
    {
        if (input.requires_grad) throw new NotSupportedException("kernel: engine computes no gradient of its input; use kernel: cell.");
        if (input.dtype != Shape.Dtype || input.dim() != 3 || input.shape[2] != Shape.Input) throw new ArgumentException($"The input is {input}; it must be [T, B, {Shape.Input}] of {Shape.Dtype}.", nameof(input));
        var (steps, batch) = ((int)input.shape[0], (int)input.shape[1]);
        Pack();
        var goesBack = is_grad_enabled();
        var output = last ? empty([batch, Shape.Output], dtype: Shape.Dtype) : empty([steps, batch, Shape.Output], dtype: Shape.Dtype);
        var masks = Masks(dropout, (long)steps * batch);
        using var rows = input.contiguous();
        var chunk = goesBack || dropout is not null ? batch : Chunk;
        for (var first = 0; first < batch; first += chunk)
        {
            stack.Forward(Numbers(rows), steps, batch, first, Math.Min(chunk, batch - first), ends?.Lengths, masks);
            if (last) stack.ReadLast(Numbers(output), Shape.Output, first);
            else stack.ReadEvery(Numbers(output), Shape.Output, batch, first);
        }

        if (!goesBack) return output;
        (cut, cutIsLast) = (output.requires_grad_(), last);
        return cut;
    }

    public override void BackwardFromCut(Tensor gradient, IReadOnlyList<Tensor> gradients)
    {
        if (cut is null) throw new InvalidOperationException("There is no forward pass to go back through.");
        using var dense = gradient.contiguous();
        stack.Backward(Numbers(dense), Shape.Output, cutIsLast, TakesNorms);
        AddGradientTo(gradients);
        cut = null;
    }

    /// <summary>Runs a training batch whole, without torch: the states are in the <see cref="Stack"/> then.</summary>
    /// <param name="input">[T, B, I].</param>
    /// <param name="lengths">Where the sequences end; null when all have T steps.</param>
    public void Forward(ReadOnlySpan<T> input, int steps, int batch, int[]? lengths, DropoutMasks? dropout)
    {
        Pack();
        stack.Forward(input, steps, batch, 0, batch, lengths, Masks(dropout, (long)steps * batch));
    }

    /// <summary>The native stack, for callers that continue from its states.</summary>
    public EngineStack<T> Stack => stack;

    /// <summary>Adds the latest gradients of <see cref="Weights"/> to tensors in their order.</summary>
    public void AddGradientTo(IReadOnlyList<Tensor> gradients)
    {
        var each = gradients.Count / layers.Length;
        for (var index = 0; index < layers.Length; index++)
            stack.AddGradientTo(index / Shape.Directions, index % Shape.Directions, Spans([.. gradients.Skip(index * each).Take(each)]));
    }

    /// <summary>Takes over the weights as they are.</summary>
    public void Pack()
    {
        for (var index = 0; index < layers.Length; index++) stack.Pack(index / Shape.Directions, index % Shape.Directions, Spans(Tensors(index)));
    }

    private float[]?[] Masks(DropoutMasks? dropout, long rows) => dropout is null
        ? []
        : [.. Enumerable.Range(0, Shape.Layers).Select(layer => layer == 0 ? null : dropout.Values(layer, rows * Shape.Output))];

    private Tensor[] Tensors(int index) => [.. layers[index].Weights.Select(weight => weight.Tensor)];

    /// <param name="weights">weight_ih, weight_hh, bias_ih, bias_hh, in this order.</param>
    private static LayerWeights<T> Spans(Tensor[] weights) => new(Numbers(weights[0]), Numbers(weights[1]), Numbers(weights[2]), Numbers(weights[3]));

    private static Span<T> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    public override void Dispose()
    {
        if (ownsStack) stack.Dispose();
        foreach (var layer in layers) layer.Dispose();
    }
}
