using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Training.Probes;
using Harness.Training.Shared;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Example;

/// <summary>
/// Stable rank of the recurrent weights: ‖W‖²_F / σ_max², the number of directions that a step of the state keeps (Rudelson &amp; Vershynin 2007, section 1).
/// The smallest over the H×H blocks of all layers, directions and gates; between 1 and H.
/// </summary>
[CatalogName("probe.rank")]
internal sealed class StableRankProbe : ModelProbe
{
    /// <summary>The entry of <c>MetricCatalog.PointProbes</c>. Its moments have a property of their own in <see cref="ProbeSpec"/>; the example borrows one.</summary>
    public static PointProbe Definition { get; } = new("probe.rank", "When the stable rank of the recurrent weights is taken.", "[init, end]",
        probe => probe.Weights, (probe, moments) => probe with { Weights = moments });

    /// <summary>The entry of <see cref="MetricCatalog.All"/>.</summary>
    public static MetricDescriptor Descriptor { get; } =
        MetricCatalog.Probed(Definition, "weights.stable_rank", "", lowerIsBetter: null, positive: true, new("stable rank of the recurrent weights", "循环权重的稳定秩"),
            "Squared Frobenius norm over squared largest singular value of the recurrent weights, the smallest of all gates, layers and directions.");

    public override IEnumerable<(string Metric, double Value)> Measure(ProbedModel probed)
    {
        var smallest = double.PositiveInfinity;
        foreach (var (name, weight) in probed.Model.Network.Weights)
        {
            if (!name.StartsWith("weight_hh", StringComparison.Ordinal)) continue;
            var blocks = weight.to(ScalarType.Float64).cpu().reshape(-1, weight.shape[1], weight.shape[1]);    // [g, H, H]
            var squares = linalg.svdvals(blocks).square();                                                     // [g, H]
            smallest = Math.Min(smallest, (squares.sum(1) / squares.amax(1)).min().item<double>());
        }

        return [(Descriptor.Name, smallest)];
    }
}
