using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Harness.Training.Engine;

/// <summary>Euclidean norms of a matrix's rows: their squares step by step, the roots of all steps together.</summary>
internal static class RowNorms
{
    /// <param name="matrix">Rows of <paramref name="columns"/> numbers.</param>
    /// <param name="squares">One per row; further rows are not looked at.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square<T>(ReadOnlySpan<T> matrix, int columns, Span<double> squares) where T : unmanaged, INumberBase<T>
    {
        for (var row = 0; row < squares.Length; row++) squares[row] = SumOfSquares.Of(matrix.Slice(row * columns, columns));
    }

    /// <summary>IEEE 754 rounds a root correctly: several at once have the bits that each has alone.</summary>
    public static void Root(Span<double> squares)
    {
        var parts = MemoryMarshal.Cast<double, Vector512<double>>(squares);
        foreach (ref var part in parts) part = Vector512.Sqrt(part);
        foreach (ref var square in squares[(parts.Length * Vector512<double>.Count)..]) square = Math.Sqrt(square);
    }
}
