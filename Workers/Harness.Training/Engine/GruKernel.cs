using System.Numerics;
using System.Runtime.CompilerServices;

namespace Harness.Training.Engine;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014) in PyTorch's form: r, z = σ(·), q = U_n h + b'_n, n = tanh(W_n x + b_n + r⊙q), h' = (1−z)⊙n + z⊙h.
/// </summary>
/// <remarks>
/// What meets h and what meets x are two products, for r stands between them in n: blocks of columns are q, r, z, n, of which the first three meet
/// h and the last three x. Back: δn = δh'⊙(1−z)⊙(1−n²); δz = δh'⊙(h−n)⊙z(1−z); δq = δn⊙r; δr = δn⊙q⊙r(1−r); carried on past the weights: δh'⊙z.
/// </remarks>
internal sealed class GruKernel<L, V, T>(LayerSizes sizes) : CellKernel<L, V, T>(sizes, (1, 1), (2, 2), (0, 3))
    where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T>
{
    private const int Blocks = 4;

    private readonly PanelLayout recurrentLayout = new(sizes.HiddenColumns, L.Count, PerPanel: 1, 3, sizes.HiddenColumns + 1);
    private readonly PanelLayout inputLayout = new(sizes.HiddenColumns, L.Count, PerPanel: 1, 3, 1 + sizes.InputColumns);
    private readonly AlignedBuffer<T> recurrent = new(3L * sizes.HiddenColumns * (sizes.HiddenColumns + 1));
    private readonly AlignedBuffer<T> input = new(3L * sizes.HiddenColumns * (1 + sizes.InputColumns));

    protected override void PackForward(in LayerWeights<T> weights)
    {
        Span<T> bias = stackalloc T[1];
        for (var gate = 0; gate < 3; gate++)
        {
            // Of PyTorch's r, z, n: where each stands among q, r, z and among r, z, n.
            var (isCandidate, ofHidden, ofInput) = (gate == 2, (gate + 1) % 3, gate);
            for (var unit = 0; unit < Sizes.Hidden; unit++)
            {
                var row = gate * Sizes.Hidden + unit;
                PackColumn(weights.Recurrent.Slice(row * Sizes.Hidden, Sizes.Hidden), recurrent.Span, recurrentLayout, ofHidden, unit, 0);
                bias[0] = isCandidate ? weights.RecurrentBias[row] : T.Zero;
                PackColumn(bias, recurrent.Span, recurrentLayout, ofHidden, unit, Sizes.HiddenColumns);
                bias[0] = isCandidate ? weights.InputBias[row] : weights.InputBias[row] + weights.RecurrentBias[row];
                PackColumn(bias, input.Span, inputLayout, ofInput, unit, 0);
                PackInputs(weights.Input.Slice(row * Sizes.Input, Sizes.Input), input.Span, inputLayout, ofInput, unit, 1);
            }
        }
    }

    public override void Forward(in ForwardStep<T> step)
    {
        var memory = TileMemory;
        var (width, length) = (Blocks * L.Count, Sizes.RowLength);
        for (var panel = 0; panel < recurrentLayout.Panels; panel++)
        {
            var ofHidden = recurrentLayout.Of(recurrent.Span, panel);
            var ofInput = inputLayout.Of(input.Span, panel);
            for (var row = 0; row < step.Batch; row += TileRows)
            {
                var rows = Math.Min(TileRows, step.Batch - row);
                Tile<L, V, T>.Multiply(step.Rows[(row * length)..], length, 1, ofHidden, 3 * L.Count, memory, width, rows, 3, recurrentLayout.Depth, add: false);
                for (var r = 0; r < rows; r++) memory.Slice(r * width + 3 * L.Count, L.Count).Clear();
                Tile<L, V, T>.Multiply(step.Rows[(row * length + Sizes.HiddenColumns)..], length, 1, ofInput, 3 * L.Count, memory[L.Count..], width, rows, 3, inputLayout.Depth, add: true);
                Activate(step, memory, width, row, rows, recurrentLayout.First(panel));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Activate(in ForwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column)
    {
        var (columns, units) = (Sizes.HiddenColumns, L.Count);
        var a = new Window<L, V, T>(tile, width, 0, rows, 0, width);
        var gates = new Window<L, V, T>(step.Gates, Sizes.GateColumns, row, rows, column, 3 * columns + units);
        var before = new Window<L, V, T>(step.Rows, Sizes.RowLength, row, rows, column, units);
        var h = new Window<L, V, T>(step.Next, Sizes.RowLength, row, rows, column, units);
        for (nint i = 0; i < rows; i++)
        {
            var q = a[i, 0];
            var r = Elementary<L, V, T>.Sigmoid(a[i, L.Count]);
            var z = Elementary<L, V, T>.Sigmoid(a[i, 2 * L.Count]);
            var n = Elementary<L, V, T>.Tanh(L.MultiplyAdd(r, q, a[i, 3 * L.Count]));
            gates[i, 0] = q;
            gates[i, columns] = r;
            gates[i, 2 * columns] = z;
            gates[i, 3 * columns] = n;
            h[i, 0] = L.MultiplyAdd(z, L.Subtract(before[i, 0], n), n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Derive(in BackwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column, int vectors)
    {
        var columns = Sizes.HiddenColumns;
        var through = new Window<L, V, T>(tile, width, 0, rows, 0, width);
        var output = new Window<L, V, T>(step.Output, step.OutputStride, row, rows, column, width);
        var gates = new Window<L, V, T>(step.Gates, Sizes.GateColumns, row, rows, column, 3 * columns + width);
        var before = new Window<L, V, T>(step.Rows, Sizes.RowLength, row, rows, column, width);
        var carry = new Window<L, V, T>(step.Carry, columns, row, rows, column, width);
        var seen = !step.Hidden.IsEmpty;
        var hidden = seen ? new Window<L, V, T>(step.Hidden, columns, row, rows, column, width) : default;
        var one = L.Of(1);
        for (nint i = 0; i < rows; i++)
        {
            for (nint at = 0; at < width; at += L.Count)
            {
                var (q, r, z, n) = (gates[i, at], gates[i, columns + at], gates[i, 2 * columns + at], gates[i, 3 * columns + at]);
                var dh = L.Add(L.Add(through[i, at], output[i, at]), carry[i, at]);
                if (seen) hidden[i, at] = dh;
                var open = L.Subtract(one, z);
                var dn = L.Multiply(L.Multiply(dh, open), L.Subtract(one, L.Multiply(n, n)));
                gates[i, at] = L.Multiply(dn, r);
                gates[i, columns + at] = L.Multiply(L.Multiply(dn, q), L.Multiply(r, L.Subtract(one, r)));
                gates[i, 2 * columns + at] = L.Multiply(L.Multiply(dh, L.Subtract(before[i, at], n)), L.Multiply(z, open));
                gates[i, 3 * columns + at] = dn;
                carry[i, at] = L.Multiply(dh, z);
            }
        }
    }

    public override void Dispose()
    {
        recurrent.Dispose();
        input.Dispose();
        base.Dispose();
    }
}
