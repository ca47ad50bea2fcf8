using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Harness.Training.Engine;

/// <summary>A plain matrix product for what is small beside the recurrence: the output layer and its gradients.</summary>
/// <remarks>Every number is one chain of fused multiply-adds in the order of the sum, so that neither registers nor rows change a bit. Four rows are computed at a time to hide the chain's latency.</remarks>
internal static class Product<L, V, T> where L : ILanes<V, T> where V : struct where T : unmanaged
{
    /// <summary>c[r, j] = start[j] + Σₖ a[r·<paramref name="row"/> + k·<paramref name="next"/>]·b[k, j].</summary>
    /// <param name="columns">Of b and c, a multiple of a register.</param>
    /// <param name="start">Empty for zeros.</param>
    /// <exception cref="InvalidOperationException">The product reaches beyond one of the matrices.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(ReadOnlySpan<T> a, int row, int next, int rows, int depth, ReadOnlySpan<T> b, int columns, Span<T> c, ReadOnlySpan<T> start = default)
    {
        if (rows == 0) return;
        if ((row | next | rows | depth | columns) < 0 || columns % L.Count != 0 || (rows - 1L) * row + (depth - 1L) * next >= a.Length
            || (long)depth * columns > b.Length || (long)rows * columns > c.Length || (!start.IsEmpty && start.Length < columns)) Refuse();
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b);
        ref var z = ref MemoryMarshal.GetReference(c);
        ref var s = ref MemoryMarshal.GetReference(start);
        for (nint j = 0; j < columns; j += L.Count)
        {
            var zero = start.IsEmpty ? L.Of(0) : L.Load(ref s, j);
            nint r = 0;
            for (; r + 4 <= rows; r += 4)
            {
                var (sum0, sum1, sum2, sum3) = (zero, zero, zero, zero);
                ref var from = ref Unsafe.Add(ref x, r * row);
                for (nint k = 0; k < depth; k++)
                {
                    var right = L.Load(ref y, k * columns + j);
                    ref var left = ref Unsafe.Add(ref from, k * next);
                    sum0 = L.MultiplyAdd(L.Broadcast(ref left), right, sum0);
                    sum1 = L.MultiplyAdd(L.Broadcast(ref Unsafe.Add(ref left, (nint)row)), right, sum1);
                    sum2 = L.MultiplyAdd(L.Broadcast(ref Unsafe.Add(ref left, 2 * (nint)row)), right, sum2);
                    sum3 = L.MultiplyAdd(L.Broadcast(ref Unsafe.Add(ref left, 3 * (nint)row)), right, sum3);
                }

                L.Store(sum0, ref z, r * columns + j);
                L.Store(sum1, ref z, (r + 1) * columns + j);
                L.Store(sum2, ref z, (r + 2) * columns + j);
                L.Store(sum3, ref z, (r + 3) * columns + j);
            }

            for (; r < rows; r++)
            {
                var sum = zero;
                for (nint k = 0; k < depth; k++) sum = L.MultiplyAdd(L.Broadcast(ref Unsafe.Add(ref x, r * row + k * next)), L.Load(ref y, k * columns + j), sum);
                L.Store(sum, ref z, r * columns + j);
            }
        }
    }

    private static void Refuse() => throw new InvalidOperationException("The product reaches beyond one of its matrices.");
}
