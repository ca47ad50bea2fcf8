using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Harness.Training.Engine;

/// <summary>Euclidean norms of a matrix's rows, squared and added in float64: in float32 a norm below about 1e-22 would read as zero.</summary>
internal static class RowNorms
{
    /// <param name="matrix">Rows of <paramref name="columns"/> numbers, a multiple of 16.</param>
    /// <param name="norms">One per row; further rows are not looked at.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Take<T>(ReadOnlySpan<T> matrix, int columns, Span<double> norms) where T : unmanaged
    {
        for (var row = 0; row < norms.Length; row++)
        {
            // Sixteen sums, whatever the width of the registers: the same bits on every processor.
            var numbers = matrix.Slice(row * columns, columns);
            Vector512<double> sums = default, others = default;
            if (typeof(T) == typeof(float))
            {
                foreach (ref readonly var part in MemoryMarshal.Cast<T, Vector512<float>>(numbers))
                {
                    var (low, high) = (Vector512.WidenLower(part), Vector512.WidenUpper(part));
                    sums = Vector512.FusedMultiplyAdd(low, low, sums);
                    others = Vector512.FusedMultiplyAdd(high, high, others);
                }
            }
            else
            {
                foreach (ref readonly var part in MemoryMarshal.Cast<T, Vector512<double>>(numbers)) sums = Vector512.FusedMultiplyAdd(part, part, sums);
            }

            sums += others;
            var four = sums.GetLower() + sums.GetUpper();
            var two = four.GetLower() + four.GetUpper();
            norms[row] = Math.Sqrt(two[0] + two[1]);
        }
    }
}
