using System.Numerics;

namespace Harness.Training.Engine;

/// <summary>A cell's arithmetic for one layer in one direction: one step forwards, one step back, and the products around them.</summary>
internal abstract class CellKernel<T>(LayerSizes sizes) : IDisposable where T : unmanaged
{
    public LayerSizes Sizes => sizes;

    /// <summary>Whether the state has a c beside h.</summary>
    public virtual bool HasCells => false;

    /// <summary>Rows of the batch come in multiples of this.</summary>
    public abstract int RowMultiple { get; }

    /// <summary>Takes over the weights as they are now.</summary>
    public abstract void Pack(in LayerWeights<T> weights);

    public abstract void Forward(in ForwardStep<T> step);

    /// <summary>Back-propagation through one step (Werbos 1990): derivatives of what was activated, and what is carried to the step before.</summary>
    public abstract void Backward(in BackwardStep<T> step);

    /// <summary>∂L/∂x of a step's rows, from its derivatives: into [B, x columns].</summary>
    public abstract void InputGradient(ReadOnlySpan<T> gates, Span<T> into, int stride, int batch, bool add);

    /// <summary>Adds rowsᵀ·derivatives of so many rows to the weights' gradient.</summary>
    public abstract void AccumulateGradient(ReadOnlySpan<T> rows, ReadOnlySpan<T> gates, int count);

    /// <summary>Sets the weights' gradient to zero.</summary>
    public abstract void ClearGradient();

    /// <summary>Adds the gradient to PyTorch's rows of weights.</summary>
    public abstract void AddGradientTo(in LayerWeights<T> gradients);

    public abstract void Dispose();
}

/// <summary>What all cells share at one width of registers.</summary>
/// <param name="blocks">For each gate, in PyTorch's order: the block of columns that meets h, and the block that meets x.</param>
internal abstract class CellKernel<L, V, T>(LayerSizes sizes, params (int Recurrent, int Input)[] blocks) : CellKernel<T>(sizes)
    where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T>
{
    /// <summary>Rows that are computed before the cell's mathematics is applied to them.</summary>
    protected const int TileRows = 8;

    private readonly PanelLayout recurrentLayout = new(sizes.HiddenColumns, L.Count, L.Widest, 1, blocks.Length * sizes.HiddenColumns);
    private readonly PanelLayout? inputLayout = sizes.Below is null ? null : new(sizes.InputColumns, L.Count, L.Widest, 1, blocks.Length * sizes.HiddenColumns);
    private readonly AlignedBuffer<T> recurrent = new((long)blocks.Length * sizes.HiddenColumns * sizes.HiddenColumns);
    private readonly AlignedBuffer<T> input = new(sizes.Below is null ? 0 : (long)blocks.Length * sizes.HiddenColumns * sizes.InputColumns);
    private readonly AlignedBuffer<T> gradient = new((long)LayerSizes.Padded(sizes.Depth) * sizes.GateColumns);
    private readonly AlignedBuffer<T> tile = new(TileRows * 4 * LayerSizes.Padding);

    public override int RowMultiple => Tile<L, V, T>.Rows;

    /// <summary>What a tile's products are written to before the cell's mathematics reads them: it stays in the first-level cache.</summary>
    protected Span<T> TileMemory => tile.Span;

    /// <summary>The first block that meets x.</summary>
    private int FirstInputBlock => Sizes.Blocks - blocks.Length;

    public override void Pack(in LayerWeights<T> weights)
    {
        weights.Check(blocks.Length, Sizes.Input, Sizes.Hidden);
        PackForward(weights);
        for (var gate = 0; gate < blocks.Length; gate++)
        {
            for (var unit = 0; unit < Sizes.Hidden; unit++)
            {
                var row = gate * Sizes.Hidden + unit;
                PackRow(weights.Recurrent.Slice(row * Sizes.Hidden, Sizes.Hidden), recurrent.Span, recurrentLayout, blocks[gate].Recurrent * Sizes.HiddenColumns + unit, below: null);
                if (inputLayout is not null) PackRow(weights.Input.Slice(row * Sizes.Input, Sizes.Input), input.Span, inputLayout, (blocks[gate].Input - FirstInputBlock) * Sizes.HiddenColumns + unit, Sizes);
            }
        }
    }

    /// <summary>Packs the weights for the way forwards.</summary>
    protected abstract void PackForward(in LayerWeights<T> weights);

    /// <summary>Writes numbers to a column, from row <paramref name="first"/> on.</summary>
    protected static void PackColumn(ReadOnlySpan<T> numbers, Span<T> packed, PanelLayout layout, int block, int column, int first)
    {
        var (start, stride) = layout.Locate(block, column);
        for (var (i, at) = (0, start + first * stride); i < numbers.Length; i++, at += stride) packed[at] = numbers[i];
    }

    /// <summary>Writes the weights of x to a column, from row <paramref name="first"/> on.</summary>
    protected void PackInputs(ReadOnlySpan<T> numbers, Span<T> packed, PanelLayout layout, int block, int column, int first)
    {
        var (start, stride) = layout.Locate(block, column);
        for (var i = 0; i < numbers.Length; i++) packed[start + (first + Sizes.Column(i)) * stride] = numbers[i];
    }

    private static void PackRow(ReadOnlySpan<T> numbers, Span<T> packed, PanelLayout layout, int row, LayerSizes? below)
    {
        if (below is not null && below.InputColumns != numbers.Length)
        {
            for (var i = 0; i < numbers.Length; i++)
            {
                var (start, stride) = layout.Locate(0, below.Column(i));
                packed[start + row * stride] = numbers[i];
            }

            return;
        }

        for (var panel = 0; panel < layout.Panels && layout.First(panel) < numbers.Length; panel++)
        {
            var width = layout.Vectors(panel) * layout.Lanes;
            var part = numbers[layout.First(panel)..];
            part[..Math.Min(width, part.Length)].CopyTo(layout.Of(packed, panel)[(row * width)..]);
        }
    }

    public override void Backward(in BackwardStep<T> step)
    {
        var memory = tile.Span;
        for (var panel = 0; panel < recurrentLayout.Panels; panel++)
        {
            var vectors = recurrentLayout.Vectors(panel);
            var weights = recurrentLayout.Of(recurrent.Span, panel);
            var width = vectors * L.Count;
            for (var row = 0; row < step.Batch; row += TileRows)
            {
                var rows = Math.Min(TileRows, step.Batch - row);
                if (step.Later.IsEmpty) memory.Clear();
                else Tile<L, V, T>.Multiply(step.Later[(row * Sizes.GateColumns)..], Sizes.GateColumns, 1, weights, width, memory, width, rows, vectors, recurrentLayout.Depth, add: false);
                Derive(step, memory, width, row, rows, recurrentLayout.First(panel), vectors);
            }
        }
    }

    /// <summary>The cell's derivatives for some rows and some registers of units.</summary>
    /// <param name="tile">What of ∂L/∂h comes through the next step's gates.</param>
    /// <param name="column">The first unit.</param>
    protected abstract void Derive(in BackwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column, int vectors);

    public override void InputGradient(ReadOnlySpan<T> gates, Span<T> into, int stride, int batch, bool add)
    {
        var layout = inputLayout ?? throw new InvalidOperationException("The first layer's input is data and has no gradient.");
        for (var panel = 0; panel < layout.Panels; panel++)
        {
            var vectors = layout.Vectors(panel);
            Tile<L, V, T>.Multiply(
                gates[(FirstInputBlock * Sizes.HiddenColumns)..], Sizes.GateColumns, 1, layout.Of(input.Span, panel), vectors * L.Count, into[layout.First(panel)..], stride, batch, vectors, layout.Depth, add);
        }
    }

    public override void AccumulateGradient(ReadOnlySpan<T> rows, ReadOnlySpan<T> gates, int count)
    {
        var (hidden, columns) = (Sizes.HiddenColumns, blocks.Length * Sizes.HiddenColumns);
        if (FirstInputBlock == 0)
        {
            Accumulate(rows, gates, count, 0, Sizes.Depth, 0, columns);
            return;
        }

        Accumulate(rows, gates, count, 0, hidden, 0, columns);
        Accumulate(rows, gates, count, hidden, 1, 0, FirstInputBlock * hidden);
        Accumulate(rows, gates, count, hidden, 1 + Sizes.InputColumns, FirstInputBlock * hidden, columns);
    }

    private void Accumulate(ReadOnlySpan<T> rows, ReadOnlySpan<T> gates, int count, int firstRow, int height, int firstColumn, int columns)
    {
        var (tiles, stride) = ((height + Tile<L, V, T>.Rows - 1) / Tile<L, V, T>.Rows * Tile<L, V, T>.Rows, Sizes.GateColumns);
        Tile<L, V, T>.Multiply(
            rows[firstRow..], 1, Sizes.RowLength, gates[firstColumn..], stride, gradient.Span[(firstRow * stride + firstColumn)..], stride, tiles, columns / L.Count, count, add: true);
    }

    public override void ClearGradient() => gradient.Span.Clear();

    public override void AddGradientTo(in LayerWeights<T> gradients)
    {
        gradients.Check(blocks.Length, Sizes.Input, Sizes.Hidden);
        var from = gradient.Span;
        var (stride, bias) = (Sizes.GateColumns, Sizes.HiddenColumns * Sizes.GateColumns);
        for (var gate = 0; gate < blocks.Length; gate++)
        {
            for (var unit = 0; unit < Sizes.Hidden; unit++)
            {
                var row = gate * Sizes.Hidden + unit;
                var (recurrentColumn, inputColumn) = (blocks[gate].Recurrent * Sizes.HiddenColumns + unit, blocks[gate].Input * Sizes.HiddenColumns + unit);
                var into = gradients.Recurrent.Slice(row * Sizes.Hidden, Sizes.Hidden);
                for (var i = 0; i < into.Length; i++) into[i] += from[i * stride + recurrentColumn];
                into = gradients.Input.Slice(row * Sizes.Input, Sizes.Input);
                for (var i = 0; i < into.Length; i++) into[i] += from[bias + (1 + Sizes.Column(i)) * stride + inputColumn];
                gradients.RecurrentBias[row] += from[bias + recurrentColumn];
                gradients.InputBias[row] += from[bias + inputColumn];
            }
        }
    }

    public override void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<T>[])[recurrent, input, gradient, tile]) buffer.Dispose();
    }
}
