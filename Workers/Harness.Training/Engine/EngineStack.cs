using System.Numerics;

namespace Harness.Training.Engine;

/// <summary>Layers upon layers, in one direction or both: a batch through all of them, and its gradient back. Memory in, memory out; no library takes part.</summary>
/// <remarks>All arrays are [T, B, features] without padding; a sequence may end before T, and what lies beyond its end is neither read nor, if it is output, other than zero.</remarks>
internal sealed class EngineStack<T> : IDisposable where T : unmanaged, INumberBase<T>
{
    private readonly int hidden;
    private readonly EngineLayer<T>[][] layers;          // [layer][direction]
    private readonly AlignedBuffer<T>?[] gradients;      // ∂L/∂h of each layer, [T, B padded, D·H padded]
    private int steps, sequences;
    private int[]? lengths;
    private float[]?[] masks = [];

    /// <param name="width">Of the registers; float64 has its own.</param>
    public EngineStack(IEngineCell cell, int input, int hidden, int layers, bool bidirectional, EngineWidth width)
    {
        this.hidden = hidden;
        var directions = bidirectional ? 2 : 1;
        this.layers = [.. Enumerable.Range(0, layers).Select(layer => Enumerable.Range(0, directions).Select(direction =>
        {
            var sizes = layer == 0 ? new LayerSizes(input, hidden, cell.Blocks, Below: null) : new LayerSizes(directions * hidden, hidden, cell.Blocks, Below: hidden);
            return new EngineLayer<T>(cell.Kernel<T>(sizes, width), backwards: direction == 1);
        }).ToArray())];
        gradients = new AlignedBuffer<T>?[layers];
    }

    private int Directions => layers[0].Length;

    public void Pack(int layer, int direction, in LayerWeights<T> weights) => layers[layer][direction].Pack(weights);

    /// <summary>Runs some sequences of a batch through all layers, and keeps what the way back needs.</summary>
    /// <param name="input">[T, B, I].</param>
    /// <param name="first">The first of the sequences.</param>
    /// <param name="count">How many of them.</param>
    /// <param name="lengths">Where the batch's sequences end; null when all have T steps.</param>
    /// <param name="masks">What each layer's input is multiplied by, [T, B, D·H], null for none; for a batch that is run whole.</param>
    public void Forward(ReadOnlySpan<T> input, int steps, int batch, int first, int count, int[]? lengths, float[]?[] masks)
    {
        (this.steps, sequences, this.masks, this.lengths) = (steps, count, masks, lengths?[first..(first + count)]);
        for (var layer = 0; layer < layers.Length; layer++)
        {
            foreach (var direction in layers[layer])
            {
                direction.Begin(steps, count, this.lengths);
                if (layer == 0) Read(direction, input, batch, first);
                else Read(direction, layers[layer - 1], masks.ElementAtOrDefault(layer));
                direction.Forward();
            }
        }
    }

    private void Read(EngineLayer<T> layer, ReadOnlySpan<T> input, int batch, int first)
    {
        var features = layer.Sizes.Input;
        for (var position = 0; position < steps; position++)
        {
            for (var sequence = 0; sequence < sequences; sequence++)
            {
                var x = layer.InputAt(position, sequence);
                if (x.IsEmpty) continue;
                var from = input.Slice((position * batch + first + sequence) * features, features);
                for (var i = 0; i < from.Length; i++) x[i] = from[i];
            }
        }
    }

    private void Read(EngineLayer<T> layer, EngineLayer<T>[] below, float[]? mask)
    {
        for (var position = 0; position < steps; position++)
        {
            for (var sequence = 0; sequence < sequences; sequence++)
            {
                var x = layer.InputAt(position, sequence);
                if (x.IsEmpty) continue;
                for (var direction = 0; direction < Directions; direction++)
                {
                    below[direction].HiddenAt(position, sequence).CopyTo(x[(direction * LayerSizes.Padded(hidden))..]);
                    if (mask is not null) Drop(x.Slice(direction * LayerSizes.Padded(hidden), hidden), mask, position, sequence, direction);
                }
            }
        }
    }

    private void Drop(Span<T> values, float[] mask, int position, int sequence, int direction)
    {
        var factors = mask.AsSpan(((position * sequences + sequence) * Directions + direction) * hidden, hidden);
        for (var i = 0; i < values.Length; i++) values[i] *= T.CreateTruncating(factors[i]);
    }

    /// <summary>The top layer's h of every position from <paramref name="from"/> on into [T − from, B, D·H].</summary>
    /// <param name="stride">Numbers from one row of <paramref name="output"/> to the next, at least D·H.</param>
    public void ReadEvery(Span<T> output, int stride, int batch, int first, int from = 0)
    {
        for (var position = from; position < steps; position++)
            for (var sequence = 0; sequence < sequences; sequence++)
                for (var direction = 0; direction < Directions; direction++)
                    layers[^1][direction].HiddenAt(position, sequence)[..hidden].CopyTo(output[(((position - from) * batch + first + sequence) * stride + direction * hidden)..]);
    }

    /// <summary>The top layer's last h of each direction into [B, D·H].</summary>
    /// <param name="stride">As for <see cref="ReadEvery"/>.</param>
    public void ReadLast(Span<T> output, int stride, int first)
    {
        for (var sequence = 0; sequence < sequences; sequence++)
            for (var direction = 0; direction < Directions; direction++)
                layers[^1][direction].LastOf(sequence)[..hidden].CopyTo(output[((first + sequence) * stride + direction * hidden)..]);
    }

    /// <summary>Carries a gradient back through all layers, from what the latest <see cref="Forward"/> gave.</summary>
    /// <param name="output">∂L/∂h of every position from <paramref name="from"/> on, [T − from, B, D·H], or of the last alone, [B, D·H].</param>
    /// <param name="stride">Numbers from one row of <paramref name="output"/> to the next, at least D·H.</param>
    /// <param name="norms">Whether the norms of ∂L/∂h and ∂L/∂c are wanted.</param>
    public void Backward(ReadOnlySpan<T> output, int stride, bool lastOnly, bool norms = false, int from = 0)
    {
        var columns = Directions * LayerSizes.Padded(hidden);
        for (var layer = layers.Length - 1; layer >= 0; layer--)
        {
            var above = Room(layer, layer == layers.Length - 1 && lastOnly ? 1 : steps);
            if (layer == layers.Length - 1) Spread(output, stride, above, lastOnly, from);
            var below = layer == 0 ? [] : Room(layer - 1, steps);
            for (var direction = 0; direction < Directions; direction++)
            {
                layers[layer][direction].Backward(above[(direction * LayerSizes.Padded(hidden))..], columns, lastOnly && layer == layers.Length - 1, below, add: direction > 0, norms);
            }

            if (layer > 0 && masks.ElementAtOrDefault(layer) is { } mask) Drop(below, mask);
        }
    }

    /// <summary>Memory for ∂L/∂h of a layer at so many positions.</summary>
    private Span<T> Room(int layer, int positions)
    {
        var length = (long)positions * layers[0][0].Batch * Directions * LayerSizes.Padded(hidden);
        ref var room = ref gradients[layer];
        AlignedBuffer<T>.Reserve(ref room, length);
        return room.Span[..(int)length];
    }

    private void Spread(ReadOnlySpan<T> output, int stride, Span<T> above, bool lastOnly, int from)
    {
        above.Clear();
        var batch = layers[0][0].Batch;
        for (var position = lastOnly ? 0 : from; position < (lastOnly ? 1 : steps); position++)
        {
            var row = (lastOnly ? 0 : position - from) * sequences;
            for (var sequence = 0; sequence < sequences; sequence++)
            {
                if (!lastOnly && lengths is not null && position >= lengths[sequence]) continue;
                for (var direction = 0; direction < Directions; direction++)
                {
                    output.Slice((row + sequence) * stride + direction * hidden, hidden)
                        .CopyTo(above[(((position * batch + sequence) * Directions + direction) * LayerSizes.Padded(hidden))..]);
                }
            }
        }
    }

    private void Drop(Span<T> gradient, float[] mask)
    {
        var batch = layers[0][0].Batch;
        for (var position = 0; position < steps; position++)
            for (var sequence = 0; sequence < sequences; sequence++)
                for (var direction = 0; direction < Directions; direction++)
                    Drop(gradient.Slice(((position * batch + sequence) * Directions + direction) * LayerSizes.Padded(hidden), hidden), mask, position, sequence, direction);
    }

    /// <summary>Adds the latest gradient of a layer's weights to what is there.</summary>
    public void AddGradientTo(int layer, int direction, in LayerWeights<T> into) => layers[layer][direction].AddGradientTo(into);

    /// <summary>Norms of ∂L/∂h and ∂L/∂c of each sequence, [steps of the direction's loop, B], of the latest <see cref="Backward"/> that was asked for them.</summary>
    public (double[] Hidden, double[]? Cell) Norms(int layer, int direction) =>
        layers[layer][direction].Norms ?? throw new InvalidOperationException("The way back was not asked for norms.");

    public void Dispose()
    {
        foreach (var layer in layers.SelectMany(directions => directions)) layer.Dispose();
        foreach (var buffer in gradients) buffer?.Dispose();
    }
}
