using System.Buffers.Binary;

namespace Harness.Training.Checkpoints;

/// <summary>Reads forwards through bytes that may end anywhere or say anything.</summary>
internal sealed class CheckpointReader(ReadOnlyMemory<byte> bytes)
{
    public int Position { get; private set; }

    public int Remaining => bytes.Length - Position;

    public byte Byte() => Take(1).Span[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    /// <summary>A number that cannot be negative.</summary>
    public int Count(string what)
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);
        return count >= 0 ? count : throw new CheckpointRefusedException($"its {what} is {count}");
    }

    public ReadOnlyMemory<byte> Take(int count)
    {
        if (count > Remaining) throw new CheckpointRefusedException("it ends in the middle");
        Position += count;
        return bytes.Slice(Position - count, count);
    }

    /// <summary>What was read since an earlier position.</summary>
    public ReadOnlyMemory<byte> Since(int position) => bytes[position..Position];
}
