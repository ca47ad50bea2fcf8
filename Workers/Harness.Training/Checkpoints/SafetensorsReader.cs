using System.Buffers.Binary;
using System.Text.Json;

namespace Harness.Training.Checkpoints;

/// <summary>Reads safetensors files, without trust in their bytes: nothing is allocated by a size that the file states and does not hold.</summary>
internal static class SafetensorsReader
{
    private const int HighestRank = 8;

    /// <summary>The notes of <c>__metadata__</c>, and the tensors.</summary>
    /// <exception cref="FormatException">It is no sound safetensors file; the message says why.</exception>
    public static (IReadOnlyDictionary<string, string> Notes, IReadOnlyList<CheckpointTensor> Tensors) Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length < 8) throw new FormatException($"it has {file.Length} bytes, fewer than any safetensors file");
        var header = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        if (header > (ulong)(file.Length - 8)) throw new FormatException("its header is longer than the file");
        try
        {
            using var json = JsonDocument.Parse(file.Slice(8, (int)header));
            return Read(json.RootElement, file[(8 + (int)header)..]);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"its header cannot be read: {malformed.Message}", malformed);
        }
    }

    private static (IReadOnlyDictionary<string, string>, IReadOnlyList<CheckpointTensor>) Read(JsonElement header, ReadOnlyMemory<byte> content)
    {
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        var tensors = new List<CheckpointTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in header.EnumerateObject())
        {
            if (!names.Add(entry.Name)) throw new FormatException($"it names {entry.Name} twice");
            if (entry.Name != "__metadata__")
            {
                tensors.Add(Tensor(entry.Name, entry.Value, content));
                continue;
            }

            foreach (var note in entry.Value.EnumerateObject()) notes[note.Name] = note.Value.GetString() ?? "";
        }

        return (notes, tensors);
    }

    private static CheckpointTensor Tensor(string name, JsonElement entry, ReadOnlyMemory<byte> content)
    {
        var type = entry.GetProperty("dtype").GetString() switch
        {
            "F32" => ElementType.Float32,
            "F64" => ElementType.Float64,
            "I64" => ElementType.Int64,
            var other => throw new FormatException($"the tensor {name} is of type {other}; F32, F64 and I64 are read"),
        };
        long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        long[] range = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(place => place.GetInt64())];
        if (shape.Length > HighestRank || range is not [var start, var end] || start < 0 || end < start || end > content.Length)
            throw new FormatException($"the tensor {name} lies outside of the file");
        long expected = type == ElementType.Float32 ? 4 : 8;
        foreach (var size in shape)
            if (size < 0 || size > content.Length || (expected *= size) > content.Length) throw new FormatException($"the tensor {name} states impossible sizes");
        if (expected != end - start) throw new FormatException($"the tensor {name} has {end - start} bytes where {CheckpointTensor.Describe(type, shape)} needs {expected}");
        return new(name, type, shape, content.Slice((int)start, (int)expected));
    }
}
