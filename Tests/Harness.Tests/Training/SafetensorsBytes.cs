using System.Buffers.Binary;
using System.Text;

namespace Harness.Tests.Training;

/// <summary>A writer of safetensors files that shares no code with the product.</summary>
internal static class SafetensorsBytes
{
    /// <summary>Tensors one behind the other.</summary>
    public static byte[] Of(IEnumerable<(string Name, string Type, long[] Shape, double[] Numbers)> tensors)
    {
        var (header, data) = (new List<string>(), new MemoryStream());
        foreach (var (name, type, shape, numbers) in tensors)
        {
            var start = data.Length;
            foreach (var number in numbers) data.Write(Bytes(type, number));
            header.Add(FormattableString.Invariant($"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{start},{data.Length}]}}"));
        }

        // Padded with blanks to a multiple of eight, as the format's own writer does.
        var json = $"{{{string.Join(',', header)}}}";
        return Of(json.PadRight((Encoding.UTF8.GetByteCount(json) + 7) / 8 * 8 - Encoding.UTF8.GetByteCount(json) + json.Length), data.ToArray());
    }

    /// <summary>A header as it is, with its length before it and these bytes behind it.</summary>
    public static byte[] Of(string header, byte[] data)
    {
        var (json, length) = (Encoding.UTF8.GetBytes(header), new byte[8]);
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }

    private static byte[] Bytes(string type, double number) => type switch
    {
        "F64" => BitConverter.GetBytes(number),
        "F32" => BitConverter.GetBytes((float)number),
        "F16" => BitConverter.GetBytes((Half)number),
        "BF16" => BitConverter.GetBytes((float)number)[2..],
        "I64" => BitConverter.GetBytes((long)number),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
