using System.Buffers.Binary;
using System.Text.Json;
using Harness.Experiments.Specs;
using Harness.Training.Checkpoints;

namespace Harness.Tests.Training;

public sealed class SafetensorsTests
{
    /// <summary>Reads the published format and nothing else: header length, JSON, and ranges that cover the rest without gaps.</summary>
    private static (Dictionary<string, string> Notes, Dictionary<string, (string Type, long[] Shape, byte[] Bytes)> Tensors) Read(byte[] file)
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

    [Theory]
    [InlineData("lstm", Precision.Float32, "F32", 4)]
    [InlineData("gru", Precision.Float64, "F64", 3)]
    public void Exported_weights_are_the_trained_ones_under_pytorchs_names(string cell, Precision precision, string type, int gates)
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec(cell, steps: 3) with { Dtype = precision };
        spec = spec with { Model = spec.Model with { Layers = 2 } };
        Interruptions.Train(spec, new(folder.Path));
        var checkpoint = CheckpointCodec.Decode(File.ReadAllBytes(Directory.GetFiles(folder.Path).Single()), TrialIdentity.Of(spec));

        var (notes, tensors) = Read(Safetensors.Encode(checkpoint));
        notes.ShouldBe(new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt", ["trial"] = TrialIdentity.Of(spec), ["step"] = "3" });
        tensors.Keys.ShouldBe(
            ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1", "readout.weight", "readout.bias"], ignoreOrder: true);
        tensors["weight_ih_l0"].Shape.ShouldBe([gates * 6, 2]);
        foreach (var (name, (exportedType, shape, bytes)) in tensors)
        {
            exportedType.ShouldBe(type);
            var stored = checkpoint.Tensors.Single(tensor => tensor.Name == "model/" + name);
            shape.ShouldBe(stored.Shape);
            bytes.ShouldBe(stored.Bytes.ToArray());
        }
    }
}
