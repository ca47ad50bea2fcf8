using System.Buffers.Binary;
using System.Text.Json;

namespace Harness.Tests.Training;

/// <summary>A reader of safetensors files that shares no code with the product.</summary>
internal static class SafetensorsFile
{
    /// <summary>Reads the published format and nothing else: header length, JSON, and ranges that cover the rest without gaps.</summary>
    public static (Dictionary<string, string> Notes, Dictionary<string, (string Type, long[] Shape, byte[] Bytes)> Tensors) Read(byte[] file)
    {
        var header = BinaryPrimitives.ReadUInt64LittleEndian(file);
        header.ShouldBeLessThan(100_000_000ul);
        (header % 8).ShouldBe(0ul);
        var json = file.AsSpan(8, (int)header).ToArray();
        json[0].ShouldBe((byte)'{');
        var data = file[(8 + (int)header)..];
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        var tensors = new Dictionary<string, (string, long[], byte[])>(StringComparer.Ordinal);
        long end = 0;
        using var document = JsonDocument.Parse(json);
        foreach (var entry in document.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
            {
                foreach (var note in entry.Value.EnumerateObject()) notes[note.Name] = note.Value.GetString()!;
                continue;
            }

            entry.Value.EnumerateObject().Select(property => property.Name).ShouldBe(["dtype", "shape", "data_offsets"]);
            long[] Numbers(string name) => [.. entry.Value.GetProperty(name).EnumerateArray().Select(number => number.GetInt64())];
            var offsets = Numbers("data_offsets");
            offsets[0].ShouldBe(end);
            end = offsets[1];
            var type = entry.Value.GetProperty("dtype").GetString()!;
            var shape = Numbers("shape");
            (offsets[1] - offsets[0]).ShouldBe(shape.Aggregate(type == "F32" ? 4L : 8L, (product, size) => product * size));
            tensors[entry.Name] = (type, shape, data[(int)offsets[0]..(int)offsets[1]]);
        }

        end.ShouldBe(data.Length);
        return (notes, tensors);
    }
}
