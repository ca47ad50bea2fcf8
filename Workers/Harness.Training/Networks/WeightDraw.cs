using System.Text;
using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;
using Harness.Training.Cells;
using Harness.Training.Randomness;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>The weights before training: a pure function of the spec and the seed, the same on every kernel path and device.</summary>
internal static class WeightDraw
{
    /// <summary>Overwrites all weights of <paramref name="model"/>.</summary>
    public static void Apply(SequenceModel model, ModelSpec spec, long seed)
    {
        var definition = CellCatalog.Get(spec.Cell);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var weight in model.Weights)
        {
            // PyTorch's own scheme: U(−1/√H, 1/√H) for every recurrent weight and bias, U(−1/√(D·H), …) for the read-out.
            var fanIn = weight.Name.StartsWith("readout", StringComparison.Ordinal) ? model.Network.Shape.Output : spec.Hidden;
            Write(weight, Uniform(weight, 1.0 / Math.Sqrt(fanIn), seed));
        }

        // The sum over both bias vectors is what the gate sees, so one carries the value and the other is zero.
        if ((spec.ForgetBias ?? spec.UpdateBias) is not { } retention) return;
        var row = definition.Gates.ToList().IndexOf(definition.RetentionGate!) * (long)spec.Hidden;
        foreach (var weight in model.Network.Weights)
        {
            if (weight.Name.StartsWith("bias_ih", StringComparison.Ordinal)) weight.Tensor.narrow(0, row, spec.Hidden).fill_(retention);
            if (weight.Name.StartsWith("bias_hh", StringComparison.Ordinal)) weight.Tensor.narrow(0, row, spec.Hidden).zero_();
        }
    }

    /// <summary>One stream per weight, found by its name: the draw of one does not depend on which others there are.</summary>
    private static double[] Uniform(NamedWeight weight, double bound, long seed)
    {
        var random = new RandomStream(seed, StreamPurpose.Weights, Fnv1A(weight.Name), 0);
        var values = new double[weight.Tensor.numel()];
        for (var i = 0; i < values.Length; i++) values[i] = (2 * random.NextDouble() - 1) * bound;
        return values;
    }

    private static void Write(NamedWeight weight, double[] values) => weight.Tensor.copy_(tensor(values, weight.Tensor.shape));

    /// <summary>FNV-1a, 32 bits: a stable number for a name.</summary>
    private static uint Fnv1A(string name)
    {
        var hash = 2166136261;
        foreach (var octet in Encoding.UTF8.GetBytes(name)) hash = (hash ^ octet) * 16777619;
        return hash;
    }
}
