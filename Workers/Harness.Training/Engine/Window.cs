using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Harness.Training.Engine;

/// <summary>Some rows and columns of a matrix, checked once, whose registers are then read and written without further checks.</summary>
internal readonly ref struct Window<L, V, T> where L : ILanes<V, T> where V : struct where T : unmanaged
{
    private readonly ref T start;
    private readonly nint stride;

    /// <param name="matrix">Row r at r·<paramref name="stride"/>.</param>
    /// <exception cref="InvalidOperationException">The window reaches beyond the matrix.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Window(ReadOnlySpan<T> matrix, int stride, int row, int rows, int column, int columns)
    {
        if ((row | rows | column | columns | stride) < 0 || (row + rows - 1L) * stride + column + columns > matrix.Length || columns % L.Count != 0) Refuse();
        start = ref Unsafe.Add(ref MemoryMarshal.GetReference(matrix), (nint)row * stride + column);
        this.stride = stride;
    }

    /// <summary>A register, by its row and the column that it begins at, both counted from the window's corner.</summary>
    public V this[nint row, nint column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => L.Load(ref start, row * stride + column);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => L.Store(value, ref start, row * stride + column);
    }

    private static void Refuse() => throw new InvalidOperationException("The window reaches beyond the matrix.");
}
