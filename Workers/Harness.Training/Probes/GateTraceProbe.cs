using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>Writes down what every gate does over one sequence, in a float64 loop over single steps.</summary>
internal static class GateTraceProbe
{
    /// <param name="definition">Of a cell with gates.</param>
    /// <param name="sequence">One sequence, with its relevant steps.</param>
    public static GateTrace Measure(SequenceModel model, RecurrentCell cell, CellDefinition definition, SequenceBatch sequence, ProbeMoment moment, int step)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var twin = model.DoublePrecisionLoop(cell);
        var length = sequence.Lengths[0];
        var values = new Dictionary<(int Layer, bool Backwards), Tensor[]>();          // [position] → [gates, H]
        ((LoopNetwork)twin.Network).Run(BatchTensors.Of(sequence, ScalarType.Float64, model.Network.Shape.Device).Input.narrow(0, 0, length), observed =>
        {
            if (!values.TryGetValue((observed.Layer, observed.Backwards), out var positions)) values[(observed.Layer, observed.Backwards)] = positions = new Tensor[length];
            positions[observed.Backwards ? length - 1 - observed.Step : observed.Step] = stack(observed.Cell.Gates(observed.Input, observed.Before)).squeeze(1);
        });

        var stride = (length + GateTrace.MostSteps - 1) / GateTrace.MostSteps;
        int[] steps = [.. Enumerable.Range(0, (length + stride - 1) / stride).Select(i => i * stride)];
        var features = Math.Min(sequence.Shape.InputSize, GateTrace.MostFeatures);
        return new(
            moment, step, length, steps, [.. sequence.Relevant!.Where(mark => mark.Sequence == 0).Select(mark => mark.Step).Order()], [.. sequence.AnswerSteps(0)],
            features, [.. steps.SelectMany(position => Enumerable.Range(0, features).Select(feature => sequence.Inputs[position * sequence.Count * sequence.Shape.InputSize + feature]))],
            [.. values.Select(layer => Layer(layer.Key.Layer, layer.Key.Backwards, stack(layer.Value), steps, definition))]);
    }

    /// <param name="values">[T, gates, H].</param>
    private static LayerTrace Layer(int layer, bool backwards, Tensor values, int[] steps, CellDefinition definition)
    {
        var sorting = definition.RetentionGate is { } retention ? definition.Gates.ToList().IndexOf(retention) : 0;
        var means = values.select(1, sorting).mean([0]).cpu().data<double>().ToArray();
        int[] ranked = [.. Enumerable.Range(0, means.Length).OrderByDescending(unit => means[unit])];
        int[] units = ranked.Length <= GateTrace.MostUnits
            ? ranked
            : [.. Enumerable.Range(0, GateTrace.MostUnits).Select(i => ranked[(int)((long)i * (ranked.Length - 1) / (GateTrace.MostUnits - 1))])];
        var (gates, hidden) = (definition.Gates.Count, means.Length);
        var all = values.cpu().data<double>().ToArray();
        return new(layer, backwards, units, [.. definition.Gates.Select((name, gate) =>
        {
            double[] kept = [.. steps.SelectMany(step => units.Select(unit => all[(step * gates + gate) * hidden + unit]))];
            var (low, high) = definition.Candidates.Contains(name, StringComparer.Ordinal) && Math.Max(1, kept.Max(Math.Abs)) is var bound ? (-bound, bound) : (0.0, 1.0);
            return new GateActivity(name, low, high, [.. kept.Select(value => (byte)Math.Clamp(Math.Round((value - low) / (high - low) * byte.MaxValue), 0, byte.MaxValue))]);
        })]);
    }
}
