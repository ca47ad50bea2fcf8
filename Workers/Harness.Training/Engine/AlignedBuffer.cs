using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Harness.Training.Engine;

/// <summary>Zeroed memory that begins at a cache line, so that no register is loaded from two; read and written through spans. Its owner disposes of it.</summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable where T : unmanaged
{
    private const nuint CacheLine = 64;

    private T* start;
    private readonly int length;

    /// <exception cref="NotSupportedException">It is more than a span can hold.</exception>
    public AlignedBuffer(long length)
    {
        if (length > int.MaxValue) throw new NotSupportedException($"A layer would keep {length} numbers of one kind, and {int.MaxValue} is the most; use a smaller batch, length or hidden size.");
        this.length = (int)length;
        start = (T*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, length) * (nuint)sizeof(T), CacheLine);
        Span.Clear();
    }

    /// <summary>Makes room for so many numbers; where there was too little, what was there is lost.</summary>
    public static void Reserve([NotNull] ref AlignedBuffer<T>? buffer, long length)
    {
        if (buffer?.Length >= length) return;
        buffer?.Dispose();
        buffer = null;
        buffer = new(length);
    }

    public int Length => length;

    public Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ObjectDisposedException.ThrowIf(start is null, this);
            return new(start, length);
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(start);
        start = null;
    }
}
