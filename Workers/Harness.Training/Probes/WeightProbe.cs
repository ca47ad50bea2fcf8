using Harness.Abstractions.Metrics;
using Harness.Training.Networks;
using Harness.Training.Shared;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>Spectral facts of the recurrent weights, in float64, over every H×H block of every layer and direction.</summary>
/// <remarks>
/// Gradients of a tanh network must vanish when σ_max &lt; 1. The condition on the spectral radius in Pascanu et al. 2013 (section 2.1) is
/// neither necessary nor sufficient for matrices that are not normal, so both are reported. Default initialisation gives about 2/√3 and 1/√3.
/// </remarks>
[CatalogName("probe.weights")]
internal sealed class WeightProbe : ModelProbe
{
    public override IEnumerable<(string Metric, double Value)> Measure(ProbedModel probed) => Measure(probed.Model);

    public static IEnumerable<(string Metric, double Value)> Measure(SequenceModel model)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        double largestSingularValue = 0, spectralRadius = 0, departure = 0;
        foreach (var (name, weight) in model.Network.Weights)
        {
            if (!name.StartsWith("weight_hh", StringComparison.Ordinal)) continue;
            var hidden = weight.shape[1];
            var blocks = weight.to(ScalarType.Float64).cpu().reshape(-1, hidden, hidden);                 // [g, H, H]
            largestSingularValue = Math.Max(largestSingularValue, linalg.svdvals(blocks).max().item<double>());
            var sizes = linalg.eigvals(blocks).abs();                                                     // [g, H]
            spectralRadius = Math.Max(spectralRadius, sizes.max().item<double>());
            var squares = blocks.square().sum([1, 2]);                                                    // [g]
            // Rounding may leave a normal matrix slightly below 0. A matrix of zeros is normal.
            departure = Math.Max(departure, (1 - (sizes.square().sum(1) / squares)).clamp(0, 1).sqrt().nan_to_num(0).max().item<double>());
        }

        return [(MetricCatalog.LargestSingularValue, largestSingularValue), (MetricCatalog.SpectralRadius, spectralRadius), (MetricCatalog.Departure, departure)];
    }
}
