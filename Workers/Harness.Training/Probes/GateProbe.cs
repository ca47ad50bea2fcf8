using Harness.Experiments.Catalog;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Training;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>What the gate that keeps the old state does on evaluation sequences, in a float64 loop over single steps.</summary>
/// <remarks>
/// Saturation shares after Karpathy, Johnson and Fei-Fei 2015 (section 4.2): below 0.1 and above 0.9. A unit whose gate has the mean f̄
/// forgets with the time constant −1/ln f̄.
/// </remarks>
internal static class GateProbe
{
    /// <param name="definition">Of a cell with a retention gate.</param>
    /// <param name="batch">Sequences in float64 on the model's device.</param>
    public static IEnumerable<(string Metric, double Value)> Take(SequenceModel model, RecurrentCell cell, CellDefinition definition, BatchTensors batch)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var twin = model.DoublePrecisionLoop(cell);
        var gate = definition.Gates.ToList().IndexOf(definition.RetentionGate!);
        var byLayer = new Dictionary<(int Layer, bool Backwards), List<Tensor>>();
        ((LoopNetwork)twin.Network).Run(batch.Input, step =>
        {
            if (!byLayer.TryGetValue((step.Layer, step.Backwards), out var steps)) byLayer[(step.Layer, step.Backwards)] = steps = [];
            steps.Add(step.Cell.Gates(step.Input, step.Before)[gate]);                                    // [B, H]
        });

        var values = cat([.. byLayer.Values.Select(steps => stack(steps))], dim: 2);                      // [T, B, L·D·H]
        var unitMeans = values.mean([0, 1]).cpu().data<double>().ToArray();
        return
        [
            ("gates.kept", values.mean().item<double>()),
            ("gates.closed", values.lt(0.1).to(ScalarType.Float64).mean().item<double>()),
            ("gates.open", values.gt(0.9).to(ScalarType.Float64).mean().item<double>()),
            ("gates.time_constant", Median([.. unitMeans.Select(mean => -1 / Math.Log(mean))])),
        ];
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
