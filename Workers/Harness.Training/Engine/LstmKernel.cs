using System.Numerics;
using System.Runtime.CompilerServices;

namespace Harness.Training.Engine;

/// <summary>
/// Long short-term memory (Hochreiter &amp; Schmidhuber 1997, forget gate: Gers et al. 2000; torch.nn.LSTM):
/// i, f, o = σ(·), g = tanh(·), c' = f⊙c + i⊙g, h' = o⊙tanh(c').
/// </summary>
/// <remarks>
/// Back (Graves 2012, section 4.6, without peepholes): δo = δh⊙tanh(c')⊙o(1−o); δc' = δh⊙o⊙(1−tanh²c') + δc'' ⊙f'' (carried);
/// δi = δc'⊙g⊙i(1−i); δf = δc'⊙c⊙f(1−f); δg = δc'⊙i⊙(1−g²); carried on: δc'⊙f.
/// </remarks>
internal sealed class LstmKernel<L, V, T>(LayerSizes sizes) : FusedKernel<L, V, T>(sizes, perPanel: 1)
    where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T>
{
    public override bool HasCells => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Activate(in ForwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column, int vectors)
    {
        var (columns, units) = (Sizes.HiddenColumns, L.Count);
        var a = new Window<L, V, T>(tile, width, 0, rows, 0, width);
        var gates = new Window<L, V, T>(step.Gates, Sizes.GateColumns, row, rows, column, 3 * columns + units);
        var before = new Window<L, V, T>(step.Cells, columns, row, rows, column, units);
        var cells = new Window<L, V, T>(step.NextCells, columns, row, rows, column, units);
        var h = new Window<L, V, T>(step.Next, Sizes.RowLength, row, rows, column, units);
        for (nint r = 0; r < rows; r++)
        {
            var i = Elementary<L, V, T>.Sigmoid(a[r, 0]);
            var f = Elementary<L, V, T>.Sigmoid(a[r, L.Count]);
            var g = Elementary<L, V, T>.Tanh(a[r, 2 * L.Count]);
            var o = Elementary<L, V, T>.Sigmoid(a[r, 3 * L.Count]);
            var c = L.MultiplyAdd(f, before[r, 0], L.Multiply(i, g));
            gates[r, 0] = i;
            gates[r, columns] = f;
            gates[r, 2 * columns] = g;
            gates[r, 3 * columns] = o;
            cells[r, 0] = c;
            h[r, 0] = L.Multiply(o, Elementary<L, V, T>.Tanh(c));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Derive(in BackwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column, int vectors)
    {
        var columns = Sizes.HiddenColumns;
        var through = new Window<L, V, T>(tile, width, 0, rows, 0, width);
        var output = new Window<L, V, T>(step.Output, step.OutputStride, row, rows, column, width);
        var gates = new Window<L, V, T>(step.Gates, Sizes.GateColumns, row, rows, column, 3 * columns + width);
        var before = new Window<L, V, T>(step.Cells, columns, row, rows, column, width);
        var cells = new Window<L, V, T>(step.NextCells, columns, row, rows, column, width);
        var carry = new Window<L, V, T>(step.Carry, columns, row, rows, column, width);
        var seen = !step.Hidden.IsEmpty;
        var hidden = seen ? new Window<L, V, T>(step.Hidden, columns, row, rows, column, width) : default;
        var cell = seen ? new Window<L, V, T>(step.Cell, columns, row, rows, column, width) : default;
        var one = L.Of(1);
        for (nint r = 0; r < rows; r++)
        {
            for (nint at = 0; at < width; at += L.Count)
            {
                var (i, f, g, o) = (gates[r, at], gates[r, columns + at], gates[r, 2 * columns + at], gates[r, 3 * columns + at]);
                var dh = L.Add(through[r, at], output[r, at]);
                var tanh = Elementary<L, V, T>.Tanh(cells[r, at]);
                var dc = L.MultiplyAdd(L.Multiply(dh, o), L.Subtract(one, L.Multiply(tanh, tanh)), carry[r, at]);
                if (seen) (hidden[r, at], cell[r, at]) = (dh, dc);
                gates[r, at] = L.Multiply(L.Multiply(dc, g), L.Multiply(i, L.Subtract(one, i)));
                gates[r, columns + at] = L.Multiply(L.Multiply(dc, before[r, at]), L.Multiply(f, L.Subtract(one, f)));
                gates[r, 2 * columns + at] = L.Multiply(L.Multiply(dc, i), L.Subtract(one, L.Multiply(g, g)));
                gates[r, 3 * columns + at] = L.Multiply(L.Multiply(dh, tanh), L.Multiply(o, L.Subtract(one, o)));
                carry[r, at] = L.Multiply(dc, f);
            }
        }
    }
}
