using System.Buffers.Binary;
using System.Numerics;

namespace Harness.Store.Exports;

/// <summary>
/// Records as TensorFlow frames them (TFRecord): length as uint64, its masked CRC-32C, the bytes, their masked CRC-32C; all little-endian
/// (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
/// </summary>
internal static class RecordFile
{
    private const uint MaskDelta = 0xa282ead8;

    public static void Append(Stream file, ReadOnlySpan<byte> record)
    {
        Span<byte> frame = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Masked(frame[..8]));
        file.Write(frame);
        file.Write(record);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Masked(record));
        file.Write(frame[..4]);
    }

    /// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4).</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>A checksum that is stored beside what it checks is rotated and shifted, so that the checksum of both together is not a constant.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes) => unchecked(BitOperations.RotateRight(Checksum(bytes), 15) + MaskDelta);
}
