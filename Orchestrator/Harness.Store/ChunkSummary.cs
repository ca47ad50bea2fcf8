using System.Buffers.Binary;

namespace Harness.Store;

/// <summary>What a chunk of a curve comes to.</summary>
/// <param name="Minimum">Smallest value that is a number; NaN when none is.</param>
/// <param name="Maximum">Largest value that is a number; NaN when none is.</param>
/// <param name="Last">The value at <see cref="LastStep"/>, whatever it is.</param>
internal readonly record struct ChunkSummary(int FirstStep, int Stride, int Count, float Minimum, float Maximum, float Last)
{
    private const int Length = 24;

    public int LastStep => FirstStep + (Count - 1) * Stride;

    public static ChunkSummary Of(int firstStep, int stride, ReadOnlySpan<float> values)
    {
        var (minimum, maximum) = (float.NaN, float.NaN);
        foreach (var value in values) (minimum, maximum) = (Smaller(minimum, value), Larger(maximum, value));
        return new ChunkSummary(firstStep, stride, values.Length, minimum, maximum, values[^1]);
    }

    /// <summary>The smaller of two values, the first where they are equal, and the other where one is NaN.</summary>
    public static float Smaller(float known, float value) => float.IsNaN(known) || value < known ? value : known;

    /// <summary>The larger of two values, the first where they are equal, and the other where one is NaN.</summary>
    public static float Larger(float known, float value) => float.IsNaN(known) || value > known ? value : known;

    /// <summary>Which of its values belong to steps from one to another, both included.</summary>
    public (int Skipped, int Count) Within(int from, int to)
    {
        if (from <= FirstStep && to >= LastStep) return (0, Count);
        var first = from <= FirstStep ? 0 : (int)(((long)from - FirstStep + Stride - 1) / Stride);
        var last = to >= LastStep ? Count - 1 : to < FirstStep ? -1 : (to - FirstStep) / Stride;
        return (first, Math.Max(0, last - first + 1));
    }

    public static byte[] Encode(IReadOnlyList<ChunkSummary> chunks)
    {
        var bytes = new byte[chunks.Count * Length];
        for (var i = 0; i < chunks.Count; i++)
        {
            var chunk = chunks[i];
            var at = bytes.AsSpan(i * Length);
            BinaryPrimitives.WriteInt32LittleEndian(at, chunk.FirstStep);
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], chunk.Stride);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], chunk.Count);
            BinaryPrimitives.WriteSingleLittleEndian(at[12..], chunk.Minimum);
            BinaryPrimitives.WriteSingleLittleEndian(at[16..], chunk.Maximum);
            BinaryPrimitives.WriteSingleLittleEndian(at[20..], chunk.Last);
        }

        return bytes;
    }

    /// <summary>How many chunks <see cref="Encode"/> was given.</summary>
    public static int CountOf(ReadOnlySpan<byte> bytes) => bytes.Length / Length;

    /// <summary>One of the chunks that <see cref="Encode"/> was given.</summary>
    public static ChunkSummary Decode(ReadOnlySpan<byte> bytes, int index)
    {
        var at = bytes[(index * Length)..];
        return new ChunkSummary(
            BinaryPrimitives.ReadInt32LittleEndian(at), BinaryPrimitives.ReadInt32LittleEndian(at[4..]), BinaryPrimitives.ReadInt32LittleEndian(at[8..]),
            BinaryPrimitives.ReadSingleLittleEndian(at[12..]), BinaryPrimitives.ReadSingleLittleEndian(at[16..]), BinaryPrimitives.ReadSingleLittleEndian(at[20..]));
    }
}
