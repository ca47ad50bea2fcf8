using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Data;

namespace Harness.Training.Checkpoints;

/// <summary>A checkpoint's weights in the safetensors format, under PyTorch's names (https://huggingface.co/docs/safetensors).</summary>
internal static class Safetensors
{
    /// <summary>Eight bytes of header length, the JSON header padded with spaces to a multiple of eight, then the tensors without gaps.</summary>
    public static byte[] Encode(Checkpoint checkpoint)
    {
        var weights = checkpoint.Weights.ToArray();
        long offset = 0;
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        foreach (var weight in weights)
        {
            var type = weight.Type switch { ElementType.Float32 => "F32", ElementType.Float64 => "F64", _ => "I64" };
            entries[weight.Name] = new(type, weight.Shape, [offset, offset += weight.Bytes.Length]);
        }

        var header = JsonSerializer.SerializeToUtf8Bytes(entries, CheckpointJson.Default.DictionaryStringSafetensorsEntry);
        var notes = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt",
            ["trial"] = checkpoint.Trial,
            ["step"] = checkpoint.WeightsStep.ToString(CultureInfo.InvariantCulture),
        }, CheckpointJson.Default.DictionaryStringString);
        byte[] whole = [.. "{\"__metadata__\":"u8, .. notes, .. entries.Count > 0 ? ","u8 : [], .. header.AsSpan(1)];

        var padded = (whole.Length + 7) / 8 * 8;
        var file = new byte[8 + padded + offset];
        BinaryPrimitives.WriteInt64LittleEndian(file, padded);
        file.AsSpan(8, padded).Fill((byte)' ');
        whole.CopyTo(file, 8);
        var position = 8 + padded;
        foreach (var weight in weights)
        {
            weight.Bytes.Span.CopyTo(file.AsSpan(position));
            position += weight.Bytes.Length;
        }

        return file;
    }

    /// <summary>The notes and tensors of a file that <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">It is no sound safetensors file, or holds other types; the message says why.</exception>
    public static (IReadOnlyDictionary<string, string> Notes, IReadOnlyList<CheckpointTensor> Tensors) Decode(ReadOnlyMemory<byte> file)
    {
        var (notes, tensors) = SafetensorsReader.Read(file);
        return (notes, [.. tensors.Select(tensor => new CheckpointTensor(tensor.Name, TypeOf(tensor), [.. tensor.Shape], tensor.Bytes))]);
    }

    private static ElementType TypeOf(StoredTensor tensor) => tensor.Type switch
    {
        "F32" => ElementType.Float32,
        "F64" => ElementType.Float64,
        "I64" => ElementType.Int64,
        _ => throw new FormatException($"the tensor {tensor.ShortName} is of type {tensor.Type}; F32, F64 and I64 are read"),
    };
}

/// <summary>One tensor of a safetensors header; the names are the format's.</summary>
internal sealed record SafetensorsEntry(
    string Dtype,
    long[] Shape,
    [property: JsonPropertyName("data_offsets")] long[] Offsets);
