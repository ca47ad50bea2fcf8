using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Shared;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>What the gates do on evaluation sequences, in a float64 loop over single steps.</summary>
/// <remarks>
/// Saturation shares after Karpathy, Johnson and Fei-Fei 2015 (section 4.2): below 0.1 and above 0.9. A unit whose retention gate has the
/// mean f̄ forgets with the time constant −1/ln f̄.
/// </remarks>
[CatalogName("probe.gates")]
internal sealed class GateProbe : ModelProbe
{
    private const double Closed = 0.1, Open = 0.9;

    public override IEnumerable<(string Metric, double Value)> Measure(ProbedModel probed) => Measure(probed.Model, probed.Cell, probed.Definition, probed.Exact.Value);

    /// <param name="definition">Of a cell with a retention gate.</param>
    /// <param name="batch">Sequences in float64 on the model's device.</param>
    public static IEnumerable<(string Metric, double Value)> Measure(SequenceModel model, RecurrentCell cell, CellDefinition definition, BatchTensors batch)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var twin = model.DoublePrecisionLoop(cell);
        string[] shares = [.. definition.Shares];
        int[] rows = [.. shares.Select(gate => definition.Gates.ToList().IndexOf(gate))];
        var byLayer = new Dictionary<(int Layer, bool Backwards), List<Tensor>>();
        foreach (var group in batch.ByLength())
        {
            ((LoopNetwork)twin.Network).Run(group.Input, step =>
            {
                if (!byLayer.TryGetValue((step.Layer, step.Backwards), out var steps)) byLayer[(step.Layer, step.Backwards)] = steps = [];
                var gates = step.Cell.Gates(step.Input, step.Before);
                steps.Add(stack([.. rows.Select(row => gates[row])], dim: 1));                          // [B, G, H]
            });
        }

        var values = cat([.. byLayer.Values.Select(steps => cat([.. steps], dim: 0))], dim: 2);           // [T·B, G, L·D·H]
        var means = values.mean([0]).cpu();                                                             // [G, L·D·H]
        var retention = Array.IndexOf(shares, definition.RetentionGate);
        double[] constants = [.. means[retention].data<double>().ToArray().Select(mean => -1 / Math.Log(mean)).Order()];
        var points = new List<(string, double)>
        {
            (MetricCatalog.MeanRetention, values.select(1, retention).mean().item<double>()),
            (MetricCatalog.RetentionClosed, ShareOf(values.select(1, retention).lt(Closed))),
            (MetricCatalog.RetentionOpen, ShareOf(values.select(1, retention).gt(Open))),
            (MetricCatalog.TimeConstant, Quantile(constants, 0.5)),
            (MetricCatalog.TimeConstant10, Quantile(constants, 0.1)),
            (MetricCatalog.TimeConstant90, Quantile(constants, 0.9)),
        };
        for (var gate = 0; gate < shares.Length; gate++)
        {
            points.Add((MetricCatalog.GateClosed(shares[gate]), ShareOf(values.select(1, gate).lt(Closed))));
            points.Add((MetricCatalog.GateOpen(shares[gate]), ShareOf(values.select(1, gate).gt(Open))));
        }

        return points;
    }

    private static double ShareOf(Tensor those) => those.to(ScalarType.Float64).mean().item<double>();

    /// <summary>Linear between the order statistics; the median of an even number is their middle.</summary>
    private static double Quantile(double[] ascending, double share)
    {
        var place = share * (ascending.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, ascending.Length - 1);
        return ascending[below] == ascending[above] ? ascending[below] : ascending[below] + (place - below) * (ascending[above] - ascending[below]);
    }
}
