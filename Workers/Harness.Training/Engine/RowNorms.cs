using System.Numerics;
using System.Runtime.CompilerServices;

namespace Harness.Training.Engine;

/// <summary>Euclidean norms of a matrix's rows.</summary>
internal static class RowNorms
{
    /// <param name="matrix">Rows of <paramref name="columns"/> numbers.</param>
    /// <param name="norms">One per row; further rows are not looked at.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Take<T>(ReadOnlySpan<T> matrix, int columns, Span<double> norms) where T : unmanaged, INumberBase<T>
    {
        for (var row = 0; row < norms.Length; row++) norms[row] = Math.Sqrt(SumOfSquares.Of(matrix.Slice(row * columns, columns)));
    }
}
