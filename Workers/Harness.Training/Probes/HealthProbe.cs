using Harness.Abstractions.Metrics;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Shared;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>Signs that something has stopped working: gradients that are exactly zero, units that no input moves.</summary>
[CatalogName("probe.health")]
internal sealed class HealthProbe : ModelProbe
{
    /// <summary>Beyond this a bounded unit is saturated (Karpathy, Johnson &amp; Fei-Fei 2015 use the like for gates).</summary>
    private const double Saturated = 0.95;

    public override IEnumerable<(string Metric, double Value)> Measure(ProbedModel probed) => Measure(probed.Model, probed.Cell, probed.Own.Value, probed.Exact.Value);

    /// <param name="batch">Sequences in the model's own precision.</param>
    /// <param name="exact">The same sequences in float64.</param>
    public static IEnumerable<(string Metric, double Value)> Measure(SequenceModel model, RecurrentCell cell, BatchTensors batch, BatchTensors exact)
    {
        using var scope = NewDisposeScope();
        return [(MetricCatalog.ZeroGradients, ZeroGradients(model, batch)), (MetricCatalog.DeadUnits, DeadUnits(model, cell, exact))];
    }

    /// <summary>Share of the weights whose gradient is exactly zero, in the precision of training. Training's own gradients are not touched.</summary>
    private static double ZeroGradients(SequenceModel model, BatchTensors batch)
    {
        var gradients = model.Gradients(batch.Loss(model.Predict(batch)));
        return gradients.Sum(gradient => gradient.eq(0).sum().item<long>()) / (double)gradients.Sum(gradient => gradient.numel());
    }

    /// <summary>Share of the recurrent units whose h is zero at every step of every sequence, or beyond ±0.95 at every one.</summary>
    private static double DeadUnits(SequenceModel model, RecurrentCell cell, BatchTensors batch)
    {
        using var _ = no_grad();
        using var twin = model.DoublePrecisionLoop(cell);
        var largest = new Dictionary<(int Layer, bool Backwards), (Tensor Most, Tensor Least)>();
        foreach (var group in batch.ByLength())
        {
            ((LoopNetwork)twin.Network).Run(group.Input, step =>
            {
                var (key, size) = ((step.Layer, step.Backwards), step.After.H.abs());                                                                // [B, H]
                var (most, least) = (size.amax([0L]), size.amin([0L]));
                largest[key] = largest.TryGetValue(key, out var known) ? (maximum(known.Most, most), minimum(known.Least, least)) : (most, least);
            });
        }

        var dead = largest.Values.Sum(unit => unit.Most.eq(0).logical_or(unit.Least.gt(Saturated)).sum().item<long>());
        return dead / (double)largest.Values.Sum(unit => unit.Most.numel());
    }
}
