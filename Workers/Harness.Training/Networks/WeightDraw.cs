using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Randomness;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>The weights before training: a pure function of the spec and the seed, the same on every backend and device.</summary>
/// <remarks>Each weight has a stream of its own, found by its name: the draw of one does not depend on which others there are.</remarks>
internal static class WeightDraw
{
    /// <summary>Overwrites all weights of <paramref name="model"/>.</summary>
    /// <param name="steps">T, the steps of the task's sequences; what chrono initialisation prepares for unless told otherwise.</param>
    public static void Apply(SequenceModel model, ModelSpec spec, int steps, long seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var weight in model.Weights)
        {
            // PyTorch's own scheme: U(−1/√H, 1/√H) for every recurrent weight and bias, U(−1/√(D·H), …) for the output layer.
            if (weight.Constant is { } constant)
            {
                weight.Tensor.fill_(constant);
                continue;
            }

            var fanIn = weight.FanIn is { } inputs ? inputs : weight.Name.StartsWith("readout", StringComparison.Ordinal) ? model.Network.Shape.Output : spec.Hidden;
            var bound = 1.0 / Math.Sqrt(fanIn);
            Fill(weight, Stream(weight, seed), random => (2 * random.NextDouble() - 1) * bound);
        }

        var gates = CellCatalog.Get(spec.Cell).Gates.ToList();
        var retention = CellCatalog.Get(spec.Cell).RetentionGate is { } gate ? gates.IndexOf(gate) : -1;
        switch (spec.Init)
        {
            case InitKind.Orthogonal:
                foreach (var weight in Recurrent(model)) Write(weight, OrthogonalBlocks(weight, spec.Hidden, Stream(weight, seed)));
                break;
            case InitKind.Identity:
                foreach (var weight in Recurrent(model)) weight.Tensor.copy_(eye(spec.Hidden));
                foreach (var weight in Named(model, "weight_ih")) Fill(weight, Stream(weight, seed), random => 0.001 * random.NextNormal());
                foreach (var weight in Named(model, "bias_")) weight.Tensor.zero_();
                break;
            case InitKind.Chrono:
                // b_f = ln U(1, T_max − 1), and b_i = −b_f where a separate gate writes (Tallec & Ollivier 2018, eq. 16). The paper's GRU
                // keeps with 1 − z; here z keeps, so the sign is the forget gate's.
                foreach (var weight in Named(model, "bias_ih"))
                {
                    var random = Stream(weight, seed);
                    var bias = Enumerable.Range(0, spec.Hidden).Select(_ => PortableMath.Ln(1 + random.NextDouble() * ((spec.TMax ?? steps) - 2))).ToArray();
                    SetGateBias(model, weight, retention, bias);
                    if (gates.IndexOf("input") is var write and >= 0) SetGateBias(model, weight, write, [.. bias.Select(value => -value)]);
                }

                break;
        }

        if (spec.SpectralRadius is { } radius)
            foreach (var weight in Recurrent(model)) ScaleTo(weight.Tensor, spec.Hidden, radius);
        if ((spec.ForgetBias ?? spec.UpdateBias) is { } value)
            foreach (var weight in Named(model, "bias_ih")) SetGateBias(model, weight, retention, [.. Enumerable.Repeat(value, spec.Hidden)]);
    }

    /// <summary>Sets what a gate sees: the sum over both bias vectors, so one carries the value and the other is zero.</summary>
    private static void SetGateBias(SequenceModel model, NamedWeight inputBias, int gate, double[] bias)
    {
        var recurrentBias = model.Network.Weights.Single(weight => weight.Name == inputBias.Name.Replace("bias_ih", "bias_hh", StringComparison.Ordinal));
        inputBias.Tensor.narrow(0, (long)gate * bias.Length, bias.Length).copy_(tensor(bias));
        recurrentBias.Tensor.narrow(0, (long)gate * bias.Length, bias.Length).zero_();
    }

    /// <summary>Rows made orthonormal by Gram–Schmidt, per H×H block: uniform over the orthogonal group, for the rows start out normal.</summary>
    private static double[] OrthogonalBlocks(NamedWeight weight, int hidden, RandomStream random)
    {
        var values = new double[weight.Tensor.numel()];
        for (var i = 0; i < values.Length; i++) values[i] = random.NextNormal();
        for (var row = 0; row < values.Length / hidden; row++)
        {
            var current = values.AsSpan(row * hidden, hidden);
            for (var pass = 0; pass < 2; pass++)        // once more removes what rounding left (Giraud et al. 2005: twice is enough)
            {
                for (var earlier = row / hidden * hidden; earlier < row; earlier++)
                {
                    var other = values.AsSpan(earlier * hidden, hidden);
                    var projection = Dot(current, other);
                    for (var i = 0; i < hidden; i++) current[i] -= projection * other[i];
                }
            }

            var norm = Math.Sqrt(Dot(current, current));
            for (var i = 0; i < hidden; i++) current[i] /= norm;
        }

        return values;
    }

    /// <summary>Scales every H×H block to the spectral radius. Eigenvalues differ in their last digits from machine to machine: the factor is rounded, so that weights do not.</summary>
    private static void ScaleTo(Tensor weight, int hidden, double radius)
    {
        foreach (var block in weight.split(hidden))
        {
            var drawn = linalg.eigvals(block.to(ScalarType.Float64).cpu()).abs().max().item<double>();
            if (drawn > 0) block.mul_(float.CreateSaturating(radius / drawn));
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static IEnumerable<NamedWeight> Recurrent(SequenceModel model) => Named(model, "weight_hh");

    private static IEnumerable<NamedWeight> Named(SequenceModel model, string prefix) =>
        model.Network.Weights.Where(weight => weight.Name.StartsWith(prefix, StringComparison.Ordinal));

    private static void Fill(NamedWeight weight, RandomStream random, Func<RandomStream, double> draw)
    {
        var values = new double[weight.Tensor.numel()];
        for (var i = 0; i < values.Length; i++) values[i] = draw(random);
        Write(weight, values);
    }

    private static void Write(NamedWeight weight, double[] values) => weight.Tensor.copy_(tensor(values, weight.Tensor.shape));

    private static RandomStream Stream(NamedWeight weight, long seed) => new(seed, StreamPurpose.Weights, Fnv1A(weight.Name), 0);

    /// <summary>FNV-1a, 32 bits: a stable number for a name.</summary>
    private static uint Fnv1A(string name)
    {
        var hash = 2166136261;
        foreach (var octet in Encoding.UTF8.GetBytes(name)) hash = (hash ^ octet) * 16777619;
        return hash;
    }
}
