using System.Buffers.Binary;
using System.Globalization;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Name">As the file has it.</param>
/// <param name="Type">The format's word, such as F32 or BF16.</param>
/// <param name="Bytes">Little-endian, row by row; as many as type and shape need.</param>
public sealed record StoredTensor(string Name, string Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    private double? largest;

    /// <summary>The types whose numbers can be weights.</summary>
    public const string Readable = "F64, F32, F16 or BF16";

    /// <summary>Whether its numbers can be weights.</summary>
    public bool IsReal => Type is "F64" or "F32" or "F16" or "BF16";

    /// <summary>The name as messages quote it: on one line, shortened, without control characters.</summary>
    public string ShortName => Printable(Name);

    /// <summary>The largest magnitude of its numbers; not a number where one of them is none. Taken once: several conditions may read a file.</summary>
    public double Largest => largest ??= Numbers().Aggregate(0.0, (most, number) => Math.Max(most, Math.Abs(number)));

    /// <summary>Bytes per number; null for a type that the format does not have.</summary>
    public static int? SizeOf(string? type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => null,
    };

    /// <summary>All numbers, row by row. Every type that is read fits a double exactly.</summary>
    /// <exception cref="InvalidOperationException">They are no real numbers (<see cref="IsReal"/>).</exception>
    public double[] Numbers()
    {
        var bytes = Bytes.Span;
        var size = SizeOf(Type)!.Value;
        var numbers = new double[bytes.Length / size];
        for (var place = 0; place < numbers.Length; place++)
        {
            var at = bytes[(place * size)..];
            numbers[place] = Type switch
            {
                "F64" => BinaryPrimitives.ReadDoubleLittleEndian(at),
                "F32" => BinaryPrimitives.ReadSingleLittleEndian(at),
                "F16" => (double)BinaryPrimitives.ReadHalfLittleEndian(at),
                // bfloat16 is the upper half of a float32.
                "BF16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
                _ => throw new InvalidOperationException($"{Type} holds no real numbers."),
            };
        }

        return numbers;
    }

    /// <summary>Sizes as messages write them, e.g. <c>[24, 6]</c>.</summary>
    public static string Sizes(IEnumerable<long> shape) => $"[{string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture)))}]";

    internal static string Printable(string text) => ShortText.Of(string.Concat(text.Select(character => char.IsControl(character) || char.IsSurrogate(character) ? '?' : character)));
}
