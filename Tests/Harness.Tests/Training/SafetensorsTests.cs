using Harness.Abstractions.Specs;
using Harness.Training.Checkpoints;

namespace Harness.Tests.Training;

public sealed class SafetensorsTests
{
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

        var (notes, tensors) = SafetensorsFile.Read(Safetensors.Encode(checkpoint));
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

        var dictionary = StateDictFile.Read(StateDict.Encode(checkpoint));
        dictionary.Keys.ShouldBe(tensors.Keys);
        foreach (var (name, (storage, shape, bytes)) in dictionary)
        {
            storage.ShouldBe(type == "F32" ? "torch.FloatStorage" : "torch.DoubleStorage");
            shape.ShouldBe(tensors[name].Shape);
            bytes.ShouldBe(tensors[name].Bytes);
        }
    }
}
