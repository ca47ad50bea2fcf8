using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Harness.Training.Engine;

/// <summary>The one matrix product that everything is made of: C = A·B or C += A·B, over a tile of C that stays in registers.</summary>
/// <remarks>
/// <para>
/// A tile is r rows by v registers of C. For every k it loads v registers of B's row k, and for each of its rows spreads one number of A over a
/// register and adds r·v products. With 32 registers (AVX-512) 4 × 4 and 8 × 2 sums fit beside what is multiplied, with 16 of them 4 × 3; at least
/// eight sums are under way wherever there are rows enough, as many as two multiply-adds per cycle of four cycles' latency ask for. Loads are
/// (v + r) per r·v multiply-adds, below what a core can load meanwhile.
/// </para>
/// <para>
/// Each element of C is one chain of fused multiply-adds over k in rising order, from zero or from what C held. Neither the tile's shape nor the
/// width of a register changes this order, so all widths give the same bits; and a product over rows that is added up in blocks, as that of the weight
/// gradients is, gives the bits of the undivided one.
/// </para>
/// <para>
/// A is read at a + row·aRow + k·aDepth: with the strides exchanged it is read transposed, as the weight gradients need it. B's registers lie side by
/// side in a row; weights are packed so (<see cref="PanelLayout"/>). Bounds are checked once per call against the spans' lengths, the inner loops
/// then go without.
/// </para>
/// </remarks>
internal static class Tile<L, V, T> where L : ILanes<V, T> where V : struct where T : unmanaged
{
    /// <summary>Rows of C come in multiples of this.</summary>
    public const int Rows = 4;

    /// <summary>C[i, j] = (C[i, j] if <paramref name="add"/>) + Σ_k A[i, k]·B[k, j].</summary>
    /// <param name="a">Element (i, k) at i·<paramref name="aRow"/> + k·<paramref name="aDepth"/>.</param>
    /// <param name="b">Row k at k·<paramref name="bDepth"/>, <paramref name="vectors"/> registers long.</param>
    /// <param name="c">Row i at i·<paramref name="cRow"/>.</param>
    /// <param name="rows">A multiple of <see cref="Rows"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A span is shorter than what would be read or written.</exception>
    public static void Multiply(ReadOnlySpan<T> a, int aRow, int aDepth, ReadOnlySpan<T> b, int bDepth, Span<T> c, int cRow, int rows, int vectors, int depth, bool add)
    {
        if (rows <= 0 || rows % Rows != 0) throw new ArgumentOutOfRangeException(nameof(rows), rows, "Rows come in fours.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(vectors, depth), 1, nameof(depth));
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(Math.Min(aRow, aDepth), Math.Min(bDepth, cRow)), nameof(aRow));
        ArgumentOutOfRangeException.ThrowIfLessThan(a.Length, (rows - 1L) * aRow + (depth - 1L) * aDepth + 1, nameof(a));
        ArgumentOutOfRangeException.ThrowIfLessThan(b.Length, (depth - 1L) * bDepth + (long)vectors * L.Count, nameof(b));
        ArgumentOutOfRangeException.ThrowIfLessThan(c.Length, (rows - 1L) * cRow + (long)vectors * L.Count, nameof(c));
        ref var a0 = ref MemoryMarshal.GetReference(a);
        ref var b0 = ref MemoryMarshal.GetReference(b);
        ref var c0 = ref MemoryMarshal.GetReference(c);
        for (var vector = 0; vector < vectors;)
        {
            var wide = Wide(vectors - vector);
            var column = vector * L.Count;
            for (var row = 0; row < rows;)
            {
                var tall = wide <= L.WidestOfEight && rows - row >= 8 ? 8 : 4;
                ref var of = ref Unsafe.Add(ref a0, (nint)row * aRow);
                ref var with = ref Unsafe.Add(ref b0, column);
                ref var into = ref Unsafe.Add(ref c0, (nint)row * cRow + column);
                switch (tall, wide)
                {
                    case (8, 1): Multiply8x1(ref of, aRow, aDepth, ref with, bDepth, ref into, cRow, depth, add); break;
                    case (8, 2): Multiply8x2(ref of, aRow, aDepth, ref with, bDepth, ref into, cRow, depth, add); break;
                    case (4, 1): Multiply4x1(ref of, aRow, aDepth, ref with, bDepth, ref into, cRow, depth, add); break;
                    case (4, 2): Multiply4x2(ref of, aRow, aDepth, ref with, bDepth, ref into, cRow, depth, add); break;
                    case (4, 3): Multiply4x3(ref of, aRow, aDepth, ref with, bDepth, ref into, cRow, depth, add); break;
                    case (4, 4): Multiply4x4(ref of, aRow, aDepth, ref with, bDepth, ref into, cRow, depth, add); break;
                    default: throw new InvalidOperationException($"There is no tile of {tall} × {wide}.");
                }

                row += tall;
            }

            vector += wide;
        }
    }

    /// <summary>The next tile's width: the widest, but four registers are two and two where three is the widest.</summary>
    private static int Wide(int left) => left <= L.Widest ? left : left == 4 ? 2 : L.Widest;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4x1(ref T a, nint aRow, nint aDepth, ref T b, nint bDepth, ref T c, nint cRow, nint depth, bool add)
    {
        ref var a1 = ref Unsafe.Add(ref a, aRow);
        ref var a2 = ref Unsafe.Add(ref a1, aRow);
        ref var a3 = ref Unsafe.Add(ref a2, aRow);
        V c00 = default;
        V c10 = default;
        V c20 = default;
        V c30 = default;
        if (add)
        {
            c00 = L.Load(ref c, 0);
            c10 = L.Load(ref c, cRow);
            c20 = L.Load(ref c, 2 * cRow);
            c30 = L.Load(ref c, 3 * cRow);
        }

        for (nint k = 0, at = 0, of = 0; k < depth; k++, at += aDepth, of += bDepth)
        {
            var b0 = L.Load(ref b, of);
            var x = L.Broadcast(ref Unsafe.Add(ref a, at));
            c00 = L.MultiplyAdd(x, b0, c00);
            x = L.Broadcast(ref Unsafe.Add(ref a1, at));
            c10 = L.MultiplyAdd(x, b0, c10);
            x = L.Broadcast(ref Unsafe.Add(ref a2, at));
            c20 = L.MultiplyAdd(x, b0, c20);
            x = L.Broadcast(ref Unsafe.Add(ref a3, at));
            c30 = L.MultiplyAdd(x, b0, c30);
        }

        L.Store(c00, ref c, 0);
        L.Store(c10, ref c, cRow);
        L.Store(c20, ref c, 2 * cRow);
        L.Store(c30, ref c, 3 * cRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4x2(ref T a, nint aRow, nint aDepth, ref T b, nint bDepth, ref T c, nint cRow, nint depth, bool add)
    {
        ref var a1 = ref Unsafe.Add(ref a, aRow);
        ref var a2 = ref Unsafe.Add(ref a1, aRow);
        ref var a3 = ref Unsafe.Add(ref a2, aRow);
        V c00 = default, c01 = default;
        V c10 = default, c11 = default;
        V c20 = default, c21 = default;
        V c30 = default, c31 = default;
        if (add)
        {
            (c00, c01) = (L.Load(ref c, 0), L.Load(ref c, L.Count));
            (c10, c11) = (L.Load(ref c, cRow), L.Load(ref c, cRow + L.Count));
            (c20, c21) = (L.Load(ref c, 2 * cRow), L.Load(ref c, 2 * cRow + L.Count));
            (c30, c31) = (L.Load(ref c, 3 * cRow), L.Load(ref c, 3 * cRow + L.Count));
        }

        for (nint k = 0, at = 0, of = 0; k < depth; k++, at += aDepth, of += bDepth)
        {
            V b0 = L.Load(ref b, of), b1 = L.Load(ref b, of + L.Count);
            var x = L.Broadcast(ref Unsafe.Add(ref a, at));
            (c00, c01) = (L.MultiplyAdd(x, b0, c00), L.MultiplyAdd(x, b1, c01));
            x = L.Broadcast(ref Unsafe.Add(ref a1, at));
            (c10, c11) = (L.MultiplyAdd(x, b0, c10), L.MultiplyAdd(x, b1, c11));
            x = L.Broadcast(ref Unsafe.Add(ref a2, at));
            (c20, c21) = (L.MultiplyAdd(x, b0, c20), L.MultiplyAdd(x, b1, c21));
            x = L.Broadcast(ref Unsafe.Add(ref a3, at));
            (c30, c31) = (L.MultiplyAdd(x, b0, c30), L.MultiplyAdd(x, b1, c31));
        }

        L.Store(c00, ref c, 0);
        L.Store(c01, ref c, L.Count);
        L.Store(c10, ref c, cRow);
        L.Store(c11, ref c, cRow + L.Count);
        L.Store(c20, ref c, 2 * cRow);
        L.Store(c21, ref c, 2 * cRow + L.Count);
        L.Store(c30, ref c, 3 * cRow);
        L.Store(c31, ref c, 3 * cRow + L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4x3(ref T a, nint aRow, nint aDepth, ref T b, nint bDepth, ref T c, nint cRow, nint depth, bool add)
    {
        ref var a1 = ref Unsafe.Add(ref a, aRow);
        ref var a2 = ref Unsafe.Add(ref a1, aRow);
        ref var a3 = ref Unsafe.Add(ref a2, aRow);
        V c00 = default, c01 = default, c02 = default;
        V c10 = default, c11 = default, c12 = default;
        V c20 = default, c21 = default, c22 = default;
        V c30 = default, c31 = default, c32 = default;
        if (add)
        {
            (c00, c01, c02) = (L.Load(ref c, 0), L.Load(ref c, L.Count), L.Load(ref c, 2 * L.Count));
            (c10, c11, c12) = (L.Load(ref c, cRow), L.Load(ref c, cRow + L.Count), L.Load(ref c, cRow + 2 * L.Count));
            (c20, c21, c22) = (L.Load(ref c, 2 * cRow), L.Load(ref c, 2 * cRow + L.Count), L.Load(ref c, 2 * cRow + 2 * L.Count));
            (c30, c31, c32) = (L.Load(ref c, 3 * cRow), L.Load(ref c, 3 * cRow + L.Count), L.Load(ref c, 3 * cRow + 2 * L.Count));
        }

        for (nint k = 0, at = 0, of = 0; k < depth; k++, at += aDepth, of += bDepth)
        {
            V b0 = L.Load(ref b, of), b1 = L.Load(ref b, of + L.Count), b2 = L.Load(ref b, of + 2 * L.Count);
            var x = L.Broadcast(ref Unsafe.Add(ref a, at));
            (c00, c01, c02) = (L.MultiplyAdd(x, b0, c00), L.MultiplyAdd(x, b1, c01), L.MultiplyAdd(x, b2, c02));
            x = L.Broadcast(ref Unsafe.Add(ref a1, at));
            (c10, c11, c12) = (L.MultiplyAdd(x, b0, c10), L.MultiplyAdd(x, b1, c11), L.MultiplyAdd(x, b2, c12));
            x = L.Broadcast(ref Unsafe.Add(ref a2, at));
            (c20, c21, c22) = (L.MultiplyAdd(x, b0, c20), L.MultiplyAdd(x, b1, c21), L.MultiplyAdd(x, b2, c22));
            x = L.Broadcast(ref Unsafe.Add(ref a3, at));
            (c30, c31, c32) = (L.MultiplyAdd(x, b0, c30), L.MultiplyAdd(x, b1, c31), L.MultiplyAdd(x, b2, c32));
        }

        L.Store(c00, ref c, 0);
        L.Store(c01, ref c, L.Count);
        L.Store(c02, ref c, 2 * L.Count);
        L.Store(c10, ref c, cRow);
        L.Store(c11, ref c, cRow + L.Count);
        L.Store(c12, ref c, cRow + 2 * L.Count);
        L.Store(c20, ref c, 2 * cRow);
        L.Store(c21, ref c, 2 * cRow + L.Count);
        L.Store(c22, ref c, 2 * cRow + 2 * L.Count);
        L.Store(c30, ref c, 3 * cRow);
        L.Store(c31, ref c, 3 * cRow + L.Count);
        L.Store(c32, ref c, 3 * cRow + 2 * L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4x4(ref T a, nint aRow, nint aDepth, ref T b, nint bDepth, ref T c, nint cRow, nint depth, bool add)
    {
        ref var a1 = ref Unsafe.Add(ref a, aRow);
        ref var a2 = ref Unsafe.Add(ref a1, aRow);
        ref var a3 = ref Unsafe.Add(ref a2, aRow);
        V c00 = default, c01 = default, c02 = default, c03 = default;
        V c10 = default, c11 = default, c12 = default, c13 = default;
        V c20 = default, c21 = default, c22 = default, c23 = default;
        V c30 = default, c31 = default, c32 = default, c33 = default;
        if (add)
        {
            (c00, c01, c02, c03) = (L.Load(ref c, 0), L.Load(ref c, L.Count), L.Load(ref c, 2 * L.Count), L.Load(ref c, 3 * L.Count));
            (c10, c11, c12, c13) = (L.Load(ref c, cRow), L.Load(ref c, cRow + L.Count), L.Load(ref c, cRow + 2 * L.Count), L.Load(ref c, cRow + 3 * L.Count));
            (c20, c21, c22, c23) = (L.Load(ref c, 2 * cRow), L.Load(ref c, 2 * cRow + L.Count), L.Load(ref c, 2 * cRow + 2 * L.Count), L.Load(ref c, 2 * cRow + 3 * L.Count));
            (c30, c31, c32, c33) = (L.Load(ref c, 3 * cRow), L.Load(ref c, 3 * cRow + L.Count), L.Load(ref c, 3 * cRow + 2 * L.Count), L.Load(ref c, 3 * cRow + 3 * L.Count));
        }

        for (nint k = 0, at = 0, of = 0; k < depth; k++, at += aDepth, of += bDepth)
        {
            V b0 = L.Load(ref b, of), b1 = L.Load(ref b, of + L.Count), b2 = L.Load(ref b, of + 2 * L.Count), b3 = L.Load(ref b, of + 3 * L.Count);
            var x = L.Broadcast(ref Unsafe.Add(ref a, at));
            (c00, c01, c02, c03) = (L.MultiplyAdd(x, b0, c00), L.MultiplyAdd(x, b1, c01), L.MultiplyAdd(x, b2, c02), L.MultiplyAdd(x, b3, c03));
            x = L.Broadcast(ref Unsafe.Add(ref a1, at));
            (c10, c11, c12, c13) = (L.MultiplyAdd(x, b0, c10), L.MultiplyAdd(x, b1, c11), L.MultiplyAdd(x, b2, c12), L.MultiplyAdd(x, b3, c13));
            x = L.Broadcast(ref Unsafe.Add(ref a2, at));
            (c20, c21, c22, c23) = (L.MultiplyAdd(x, b0, c20), L.MultiplyAdd(x, b1, c21), L.MultiplyAdd(x, b2, c22), L.MultiplyAdd(x, b3, c23));
            x = L.Broadcast(ref Unsafe.Add(ref a3, at));
            (c30, c31, c32, c33) = (L.MultiplyAdd(x, b0, c30), L.MultiplyAdd(x, b1, c31), L.MultiplyAdd(x, b2, c32), L.MultiplyAdd(x, b3, c33));
        }

        L.Store(c00, ref c, 0);
        L.Store(c01, ref c, L.Count);
        L.Store(c02, ref c, 2 * L.Count);
        L.Store(c03, ref c, 3 * L.Count);
        L.Store(c10, ref c, cRow);
        L.Store(c11, ref c, cRow + L.Count);
        L.Store(c12, ref c, cRow + 2 * L.Count);
        L.Store(c13, ref c, cRow + 3 * L.Count);
        L.Store(c20, ref c, 2 * cRow);
        L.Store(c21, ref c, 2 * cRow + L.Count);
        L.Store(c22, ref c, 2 * cRow + 2 * L.Count);
        L.Store(c23, ref c, 2 * cRow + 3 * L.Count);
        L.Store(c30, ref c, 3 * cRow);
        L.Store(c31, ref c, 3 * cRow + L.Count);
        L.Store(c32, ref c, 3 * cRow + 2 * L.Count);
        L.Store(c33, ref c, 3 * cRow + 3 * L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply8x1(ref T a, nint aRow, nint aDepth, ref T b, nint bDepth, ref T c, nint cRow, nint depth, bool add)
    {
        ref var a1 = ref Unsafe.Add(ref a, aRow);
        ref var a2 = ref Unsafe.Add(ref a1, aRow);
        ref var a3 = ref Unsafe.Add(ref a2, aRow);
        ref var a4 = ref Unsafe.Add(ref a3, aRow);
        ref var a5 = ref Unsafe.Add(ref a4, aRow);
        ref var a6 = ref Unsafe.Add(ref a5, aRow);
        ref var a7 = ref Unsafe.Add(ref a6, aRow);
        V c00 = default;
        V c10 = default;
        V c20 = default;
        V c30 = default;
        V c40 = default;
        V c50 = default;
        V c60 = default;
        V c70 = default;
        if (add)
        {
            c00 = L.Load(ref c, 0);
            c10 = L.Load(ref c, cRow);
            c20 = L.Load(ref c, 2 * cRow);
            c30 = L.Load(ref c, 3 * cRow);
            c40 = L.Load(ref c, 4 * cRow);
            c50 = L.Load(ref c, 5 * cRow);
            c60 = L.Load(ref c, 6 * cRow);
            c70 = L.Load(ref c, 7 * cRow);
        }

        for (nint k = 0, at = 0, of = 0; k < depth; k++, at += aDepth, of += bDepth)
        {
            var b0 = L.Load(ref b, of);
            var x = L.Broadcast(ref Unsafe.Add(ref a, at));
            c00 = L.MultiplyAdd(x, b0, c00);
            x = L.Broadcast(ref Unsafe.Add(ref a1, at));
            c10 = L.MultiplyAdd(x, b0, c10);
            x = L.Broadcast(ref Unsafe.Add(ref a2, at));
            c20 = L.MultiplyAdd(x, b0, c20);
            x = L.Broadcast(ref Unsafe.Add(ref a3, at));
            c30 = L.MultiplyAdd(x, b0, c30);
            x = L.Broadcast(ref Unsafe.Add(ref a4, at));
            c40 = L.MultiplyAdd(x, b0, c40);
            x = L.Broadcast(ref Unsafe.Add(ref a5, at));
            c50 = L.MultiplyAdd(x, b0, c50);
            x = L.Broadcast(ref Unsafe.Add(ref a6, at));
            c60 = L.MultiplyAdd(x, b0, c60);
            x = L.Broadcast(ref Unsafe.Add(ref a7, at));
            c70 = L.MultiplyAdd(x, b0, c70);
        }

        L.Store(c00, ref c, 0);
        L.Store(c10, ref c, cRow);
        L.Store(c20, ref c, 2 * cRow);
        L.Store(c30, ref c, 3 * cRow);
        L.Store(c40, ref c, 4 * cRow);
        L.Store(c50, ref c, 5 * cRow);
        L.Store(c60, ref c, 6 * cRow);
        L.Store(c70, ref c, 7 * cRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply8x2(ref T a, nint aRow, nint aDepth, ref T b, nint bDepth, ref T c, nint cRow, nint depth, bool add)
    {
        ref var a1 = ref Unsafe.Add(ref a, aRow);
        ref var a2 = ref Unsafe.Add(ref a1, aRow);
        ref var a3 = ref Unsafe.Add(ref a2, aRow);
        ref var a4 = ref Unsafe.Add(ref a3, aRow);
        ref var a5 = ref Unsafe.Add(ref a4, aRow);
        ref var a6 = ref Unsafe.Add(ref a5, aRow);
        ref var a7 = ref Unsafe.Add(ref a6, aRow);
        V c00 = default, c01 = default;
        V c10 = default, c11 = default;
        V c20 = default, c21 = default;
        V c30 = default, c31 = default;
        V c40 = default, c41 = default;
        V c50 = default, c51 = default;
        V c60 = default, c61 = default;
        V c70 = default, c71 = default;
        if (add)
        {
            (c00, c01) = (L.Load(ref c, 0), L.Load(ref c, L.Count));
            (c10, c11) = (L.Load(ref c, cRow), L.Load(ref c, cRow + L.Count));
            (c20, c21) = (L.Load(ref c, 2 * cRow), L.Load(ref c, 2 * cRow + L.Count));
            (c30, c31) = (L.Load(ref c, 3 * cRow), L.Load(ref c, 3 * cRow + L.Count));
            (c40, c41) = (L.Load(ref c, 4 * cRow), L.Load(ref c, 4 * cRow + L.Count));
            (c50, c51) = (L.Load(ref c, 5 * cRow), L.Load(ref c, 5 * cRow + L.Count));
            (c60, c61) = (L.Load(ref c, 6 * cRow), L.Load(ref c, 6 * cRow + L.Count));
            (c70, c71) = (L.Load(ref c, 7 * cRow), L.Load(ref c, 7 * cRow + L.Count));
        }

        for (nint k = 0, at = 0, of = 0; k < depth; k++, at += aDepth, of += bDepth)
        {
            V b0 = L.Load(ref b, of), b1 = L.Load(ref b, of + L.Count);
            var x = L.Broadcast(ref Unsafe.Add(ref a, at));
            (c00, c01) = (L.MultiplyAdd(x, b0, c00), L.MultiplyAdd(x, b1, c01));
            x = L.Broadcast(ref Unsafe.Add(ref a1, at));
            (c10, c11) = (L.MultiplyAdd(x, b0, c10), L.MultiplyAdd(x, b1, c11));
            x = L.Broadcast(ref Unsafe.Add(ref a2, at));
            (c20, c21) = (L.MultiplyAdd(x, b0, c20), L.MultiplyAdd(x, b1, c21));
            x = L.Broadcast(ref Unsafe.Add(ref a3, at));
            (c30, c31) = (L.MultiplyAdd(x, b0, c30), L.MultiplyAdd(x, b1, c31));
            x = L.Broadcast(ref Unsafe.Add(ref a4, at));
            (c40, c41) = (L.MultiplyAdd(x, b0, c40), L.MultiplyAdd(x, b1, c41));
            x = L.Broadcast(ref Unsafe.Add(ref a5, at));
            (c50, c51) = (L.MultiplyAdd(x, b0, c50), L.MultiplyAdd(x, b1, c51));
            x = L.Broadcast(ref Unsafe.Add(ref a6, at));
            (c60, c61) = (L.MultiplyAdd(x, b0, c60), L.MultiplyAdd(x, b1, c61));
            x = L.Broadcast(ref Unsafe.Add(ref a7, at));
            (c70, c71) = (L.MultiplyAdd(x, b0, c70), L.MultiplyAdd(x, b1, c71));
        }

        L.Store(c00, ref c, 0);
        L.Store(c01, ref c, L.Count);
        L.Store(c10, ref c, cRow);
        L.Store(c11, ref c, cRow + L.Count);
        L.Store(c20, ref c, 2 * cRow);
        L.Store(c21, ref c, 2 * cRow + L.Count);
        L.Store(c30, ref c, 3 * cRow);
        L.Store(c31, ref c, 3 * cRow + L.Count);
        L.Store(c40, ref c, 4 * cRow);
        L.Store(c41, ref c, 4 * cRow + L.Count);
        L.Store(c50, ref c, 5 * cRow);
        L.Store(c51, ref c, 5 * cRow + L.Count);
        L.Store(c60, ref c, 6 * cRow);
        L.Store(c61, ref c, 6 * cRow + L.Count);
        L.Store(c70, ref c, 7 * cRow);
        L.Store(c71, ref c, 7 * cRow + L.Count);
    }
}
