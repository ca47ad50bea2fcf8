using System.Numerics;

namespace Harness.Training.Engine;

/// <summary>A cell whose every gate is one product of its row: all but those that treat h and x apart.</summary>
/// <param name="perPanel">Registers of units in a panel; each has one register per gate.</param>
internal abstract class FusedKernel<L, V, T>(LayerSizes sizes, int perPanel) : CellKernel<L, V, T>(sizes, [.. Enumerable.Range(0, sizes.Blocks).Select(gate => (gate, gate))])
    where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T>
{
    private readonly PanelLayout layout = new(sizes.HiddenColumns, L.Count, perPanel, sizes.Blocks, sizes.Depth);
    private readonly AlignedBuffer<T> weights = new((long)sizes.GateColumns * sizes.Depth);

    protected override void PackForward(in LayerWeights<T> weights)
    {
        Span<T> bias = stackalloc T[1];
        for (var gate = 0; gate < Sizes.Blocks; gate++)
        {
            for (var unit = 0; unit < Sizes.Hidden; unit++)
            {
                var row = gate * Sizes.Hidden + unit;
                PackColumn(weights.Recurrent.Slice(row * Sizes.Hidden, Sizes.Hidden), this.weights.Span, layout, gate, unit, 0);
                bias[0] = weights.InputBias[row] + weights.RecurrentBias[row];
                PackColumn(bias, this.weights.Span, layout, gate, unit, Sizes.HiddenColumns);
                PackInputs(weights.Input.Slice(row * Sizes.Input, Sizes.Input), this.weights.Span, layout, gate, unit, Sizes.HiddenColumns + 1);
            }
        }
    }

    public override void Forward(in ForwardStep<T> step)
    {
        var memory = TileMemory;
        for (var panel = 0; panel < layout.Panels; panel++)
        {
            var vectors = layout.Vectors(panel);
            var packed = layout.Of(weights.Span, panel);
            var width = vectors * Sizes.Blocks * L.Count;
            for (var row = 0; row < step.Batch; row += TileRows)
            {
                var rows = Math.Min(TileRows, step.Batch - row);
                Tile<L, V, T>.Multiply(step.Rows[(row * Sizes.RowLength)..], Sizes.RowLength, 1, packed, width, memory, width, rows, vectors * Sizes.Blocks, Sizes.Depth, add: false);
                Activate(step, memory, width, row, rows, layout.First(panel), vectors);
            }
        }
    }

    /// <summary>The cell's mathematics for some rows and some registers of units.</summary>
    /// <param name="tile">The gates before activation, gate after gate.</param>
    protected abstract void Activate(in ForwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column, int vectors);

    public override void Dispose()
    {
        weights.Dispose();
        base.Dispose();
    }
}
