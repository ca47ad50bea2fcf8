using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Training.Native;

/// <summary>Compares libtorch's LSTM without gradients in float32 and in float64.</summary>
internal static class LstmCheck
{
    /// <summary>Ten thousand times the rounding of float32, a thousandth of a wrong kernel's error.</summary>
    private const double Tolerance = 1e-3;

    /// <exception cref="TorchUnavailableException">The two differ by more than rounding, so that every evaluation would be wrong.</exception>
    public static void Run()
    {
        var difference = ((int[])[4, 9, 16, 64]).Max(hidden => Difference(inputs: 2, hidden, batch: 8, steps: 6));
        if (difference > Tolerance)
        {
            throw new TorchUnavailableException($"libtorch computes LSTMs wrongly on this processor: float32 and float64 differ by {difference:g2}. Set ONEDNN_MAX_CPU_ISA=AVX2 in the environment of the worker and start it again, or use a libtorch whose oneDNN is right.");
        }
    }

    /// <summary>The largest difference of any hidden state, where weights and inputs are sines: the same on every machine.</summary>
    internal static double Difference(int inputs, int hidden, int batch, int steps)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using var layer = nn.LSTM(inputs, hidden);
        foreach (var (_, weight) in layer.named_parameters()) weight.copy_(Sines(0.5, weight.shape));
        var input = Sines(1, steps, batch, inputs);
        var (found, _, _) = layer.call(input);
        layer.to(float64);
        var (wanted, _, _) = layer.call(input.to(float64));
        return (found.to(float64) - wanted).abs().max().item<double>();
    }

    private static Tensor Sines(double scale, params long[] shape) => arange(1, shape.Aggregate(1L, (product, size) => product * size) + 1, dtype: float32).mul(1.7).sin().mul(scale).reshape(shape);
}
