using System.Numerics;
using System.Runtime.CompilerServices;

namespace Harness.Training.Engine;

/// <summary>Elman's cell (Elman 1990; torch.nn.RNN): h' = φ(a), a = W_ih x + b_ih + W_hh h + b_hh, φ tanh or ReLU.</summary>
/// <remarks>Back: ∂L/∂a = ∂L/∂h' ⊙ φ'(a), with φ' = 1 − h'² for tanh and 1 where h' > 0 for ReLU.</remarks>
internal sealed class RnnKernel<L, V, T>(LayerSizes sizes, bool relu) : FusedKernel<L, V, T>(sizes, L.Widest)
    where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Activate(in ForwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column, int vectors)
    {
        var a = new Window<L, V, T>(tile, width, 0, rows, 0, width);
        var h = new Window<L, V, T>(step.Next, Sizes.RowLength, row, rows, column, vectors * L.Count);
        for (nint r = 0; r < rows; r++)
            for (nint at = 0; at < vectors * L.Count; at += L.Count)
                h[r, at] = relu ? L.Clamp(a[r, at], 0, double.PositiveInfinity) : Elementary<L, V, T>.Tanh(a[r, at]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Derive(in BackwardStep<T> step, ReadOnlySpan<T> tile, int width, int row, int rows, int column, int vectors)
    {
        var through = new Window<L, V, T>(tile, width, 0, rows, 0, width);
        var output = new Window<L, V, T>(step.Output, step.OutputStride, row, rows, column, width);
        var h = new Window<L, V, T>(step.Next, Sizes.RowLength, row, rows, column, width);
        var derivative = new Window<L, V, T>(step.Gates, Sizes.GateColumns, row, rows, column, width);
        var seen = !step.Hidden.IsEmpty;
        var hidden = seen ? new Window<L, V, T>(step.Hidden, Sizes.HiddenColumns, row, rows, column, width) : default;
        for (nint r = 0; r < rows; r++)
        {
            for (nint at = 0; at < width; at += L.Count)
            {
                var (dh, state) = (L.Add(through[r, at], output[r, at]), h[r, at]);
                if (seen) hidden[r, at] = dh;
                derivative[r, at] = relu ? L.WherePositive(state, dh) : L.Multiply(dh, L.Subtract(L.Of(1), L.Multiply(state, state)));
            }
        }
    }
}
