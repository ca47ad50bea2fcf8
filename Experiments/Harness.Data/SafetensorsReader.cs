using System.Buffers.Binary;
using System.Text.Json;

namespace Harness.Data;

/// <summary>
/// Reads safetensors files (https://huggingface.co/docs/safetensors), without trust in their bytes: nothing is allocated by a size that the file states and does not hold.
/// </summary>
public static class SafetensorsReader
{
    private const int HighestRank = 8;

    /// <summary>The format's own limit.</summary>
    private const int LongestHeader = 100_000_000;

    /// <summary>The notes of <c>__metadata__</c>, and the tensors in the order of the header.</summary>
    /// <exception cref="FormatException">It is no sound safetensors file; the message says why, as a clause without a full stop.</exception>
    public static (IReadOnlyDictionary<string, string> Notes, IReadOnlyList<StoredTensor> Tensors) Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length < 8) throw new FormatException(FormattableString.Invariant($"it has {file.Length} bytes, fewer than any safetensors file"));
        var header = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        if (header > LongestHeader || header > (ulong)(file.Length - 8)) throw new FormatException(FormattableString.Invariant($"it states a header of {header} bytes, and {file.Length - 8} bytes follow"));
        try
        {
            using var json = JsonDocument.Parse(file.Slice(8, (int)header));
            return Read(json.RootElement, file[(8 + (int)header)..]);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"its header cannot be read: {StoredTensor.Printable(malformed.Message.TrimEnd('.'))}", malformed);
        }
    }

    private static (IReadOnlyDictionary<string, string>, IReadOnlyList<StoredTensor>) Read(JsonElement header, ReadOnlyMemory<byte> content)
    {
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        var tensors = new List<(StoredTensor Tensor, long Start)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in header.EnumerateObject())
        {
            if (!names.Add(entry.Name)) throw new FormatException($"it names {StoredTensor.Printable(entry.Name)} twice");
            if (entry.Name != "__metadata__") tensors.Add(Tensor(entry.Name, entry.Value, content));
            else
                foreach (var note in entry.Value.EnumerateObject()) notes[note.Name] = note.Value.GetString() ?? "";
        }

        RequireCover(tensors, content.Length);
        return (notes, [.. tensors.Select(entry => entry.Tensor)]);
    }

    private static (StoredTensor, long) Tensor(string name, JsonElement entry, ReadOnlyMemory<byte> content)
    {
        var (quoted, type) = (StoredTensor.Printable(name), entry.GetProperty("dtype").GetString());
        if (StoredTensor.SizeOf(type) is not { } size) throw new FormatException($"the tensor {quoted} is of type {StoredTensor.Printable(type ?? "null")}, which the format does not have");
        var (shape, range) = (Whole(entry, "shape", quoted), Whole(entry, "data_offsets", quoted));
        if (shape.Length > HighestRank || range is not [var start, var end] || start < 0 || end < start || end > content.Length)
            throw new FormatException($"the tensor {quoted} lies outside of the file");
        long expected = size;
        foreach (var length in shape)
            if (length < 0 || length > content.Length || (expected *= length) > content.Length) throw new FormatException($"the tensor {quoted} states impossible sizes");
        if (expected != end - start)
            throw new FormatException(FormattableString.Invariant($"the tensor {quoted} has {end - start} bytes where {type} {StoredTensor.Sizes(shape)} needs {expected}"));
        return (new(name, type!, shape, content.Slice((int)start, (int)expected)), start);
    }

    private static long[] Whole(JsonElement entry, string key, string name) =>
        [.. entry.GetProperty(key).EnumerateArray().Select(number => number.TryGetInt64(out var whole) ? whole : throw new FormatException($"the tensor {name} has {key} that are no whole numbers"))];

    /// <summary>The format has neither overlaps nor gaps: bytes of two tensors, or of none, are a damaged or a crafted file.</summary>
    private static void RequireCover(IEnumerable<(StoredTensor Tensor, long Start)> tensors, long length)
    {
        long covered = 0;
        foreach (var (tensor, start) in tensors.OrderBy(entry => entry.Start).ThenBy(entry => entry.Tensor.Bytes.Length))
        {
            if (start < covered) throw new FormatException($"the tensor {tensor.ShortName} overlaps another one");
            if (start > covered) throw new FormatException(FormattableString.Invariant($"{start - covered} bytes before the tensor {tensor.ShortName} belong to no tensor"));
            covered = start + tensor.Bytes.Length;
        }

        if (covered != length) throw new FormatException(FormattableString.Invariant($"{length - covered} bytes at its end belong to no tensor"));
    }
}
