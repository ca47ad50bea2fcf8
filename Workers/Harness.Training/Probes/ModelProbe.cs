using Harness.Abstractions.Catalog;
using Harness.Training.Cells;
using Harness.Training.Networks;

namespace Harness.Training.Probes;

/// <summary>Measures the metrics of one probe. One class in one file, marked with the setting that asks for it.</summary>
internal abstract class ModelProbe
{
    public abstract IEnumerable<(string Metric, double Value)> Measure(ProbedModel probed);
}

/// <summary>What a probe may look at. Its tensors live as long as the scope of the call.</summary>
/// <param name="Exact">Evaluation sequences in float64 on the model's device.</param>
/// <param name="Own">The same sequences in the model's own precision.</param>
internal sealed record ProbedModel(SequenceModel Model, RecurrentCell Cell, CellDefinition Definition, Lazy<BatchTensors> Exact, Lazy<BatchTensors> Own);
