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
            // Eight sums, whatever the width of the registers: the same bits on every processor.
            var numbers = matrix.Slice(row * columns, columns);
            var sums = Vector512<double>.Zero;
            if (typeof(T) == typeof(float))
            {
                foreach (ref readonly var part in MemoryMarshal.Cast<T, Vector256<float>>(numbers))
                {
                    var wide = Vector512.Create(Vector256.WidenLower(part), Vector256.WidenUpper(part));
                    sums = Vector512.FusedMultiplyAdd(wide, wide, sums);
                }
            }
            else
            {
                foreach (ref readonly var part in MemoryMarshal.Cast<T, Vector512<double>>(numbers)) sums = Vector512.FusedMultiplyAdd(part, part, sums);
            }

            norms[row] = Math.Sqrt(((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])));
        }
    }
}
