using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>Initial weights from a person's file, in place of those that <see cref="WeightDraw"/> drew.</summary>
internal static class WeightsFromFile
{
    /// <summary>Overwrites the weights that the file holds: all of them, or all but the output layer's. The same numbers on every backend.</summary>
    /// <param name="path">Where the file is that the trial names by its hash; null where it names none.</param>
    /// <exception cref="TrialRejectedException">The file is not there, is another one, or does not fit the model.</exception>
    public static void Apply(SequenceModel model, TrialSpec spec, string? path)
    {
        if (spec.Model.Weights is not { } wanted) return;
        if (path is null) throw new TrialRejectedException($"The model begins with the weights of a file, and the request names none: `weights` must be the full path of the file with SHA-256 {wanted}.");
        var found = InitialWeights.Of(
            Tensors(DataContent.Read(wanted, path, "weights file"), path), [.. model.Network.Weights.Select(weight => Shape(weight.Name, weight.Tensor))],
            [.. model.Weights.Skip(model.Network.Weights.Count).Select(weight => Shape(weight.Name, weight.Tensor))], spec.Model.Cell, spec.Dtype == Precision.Float32);
        if (found.Problems.Count > 0) throw new TrialRejectedException($"The weights file {path} does not fit: {string.Join("; ", found.Problems.Select(problem => problem.Message))}.");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, weight) in model.Weights)
            if (found.Found.TryGetValue(name, out var stored)) weight.copy_(tensor(stored.Numbers(), weight.shape));
    }

    private static WeightShape Shape(string name, Tensor tensor) => new(name, tensor.shape);

    private static IReadOnlyList<StoredTensor> Tensors(ReadOnlyMemory<byte> content, string path)
    {
        try
        {
            return SafetensorsReader.Read(content).Tensors;
        }
        catch (FormatException damage)
        {
            throw new TrialRejectedException($"The weights file {path} cannot be read: {damage.Message}.");
        }
    }
}
