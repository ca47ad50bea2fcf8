using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// A person's series: T rows of the chosen columns, then the target some rows later, as a number or as a class; or whole series, each with
/// its answer. Inputs, and targets that are numbers, are (x − mean)/deviation with mean and standard deviation of the training part; a
/// column that does not vary there is only centred. Flags stay 0 and 1. Where nothing stands in for a missing value, the mean does.
/// </summary>
[CatalogName("csv")]
internal sealed class CsvTask : WindowTask
{
    private readonly CsvSeries series;
    private readonly ReadOnlyMemory<byte> content;
    private readonly float[][] inputs;      // [input][row]
    private readonly float[] target;        // [row]: standardised, or the class; NaN where it is missing
    private readonly int horizon;
    private readonly bool isClass;

    private CsvTask(TaskSpec spec, CsvSeries series, int horizon, ReadOnlyMemory<byte> content)
        : base(SequenceSets.Of(series, spec.Length, horizon, spec.Parameters.Values.GetValueOrDefault("context") == "before"))
    {
        Shape = TaskShape.AnsweredAtEnd(spec);
        (this.series, this.horizon, this.content) = (series, horizon, content);
        isClass = Shape.Loss == LossKind.CrossEntropy;
        RequireWindows(spec, series.Rows, horizon);
        if (series.Inputs.Count != Shape.InputSize || (isClass && series.Classes.Count != Shape.OutputSize))
            throw new TrialRejectedException($"The data file has {series.Inputs.Count} inputs and {series.Classes.Count} classes, but the trial was planned with {Shape.InputSize} and {Shape.OutputSize}.");
        inputs = [.. series.Inputs.Select(input => input.IsFlag ? Array.ConvertAll(input.Values, value => (float)value) : Array.ConvertAll(Standardised(input.Values), value => float.IsNaN(value) ? 0 : value))];
        target = isClass ? [.. series.Target.Select(value => (float)value)] : Standardised(series.Target);
    }

    public CsvTask(TaskSpec spec, ReadOnlyMemory<byte> content) : this(spec, Read(spec.Parameters, content), spec.Parameters.Integer("horizon"), content)
    {
    }

    public override TaskShape Shape { get; }

    public override DataCard Card() => DataCards.Of(series, Sets, horizon, DataText.Decode(content.Span, "data", [], series.Selection.Encoding));

    protected override IReadOnlyList<BaselineScore> Evaluate(int[] validation, int[] test) => new SeriesBaselines(series, Sets, Shape.Steps, horizon, inputs, target).Evaluate(validation, test);

    protected override void Write(int start, SequenceSlot slot)
    {
        var (first, steps, answerRow) = (start, Shape.Steps, start + Shape.Steps - 1 + horizon);
        if (series.Selection.IsWhole)
        {
            var group = series.Groups[start];
            steps = Math.Min(group.Count, Shape.Steps);
            (first, answerRow) = (group.End - steps, group.Start);
            slot.EndAfter(steps);
        }

        for (var step = 0; step < steps; step++)
            for (var input = 0; input < inputs.Length; input++) slot.Input(step, input, inputs[input][first + step]);
        var answer = target[answerRow];
        if (isClass) slot.Class(steps - 1, (long)answer);
        else slot.Value(steps - 1, 0, answer);
    }

    private static CsvSeries Read(ParameterSet parameters, ReadOnlyMemory<byte> content)
    {
        var problems = new List<DataProblem>();
        return DataContent.Require(CsvSeries.Read(content.Span, "data", CsvSelection.Of(parameters), problems), problems);
    }

    private float[] Standardised(IReadOnlyList<double> values)
    {
        double mean = 0, variance = 0;
        var count = 0;
        for (var row = 0; row < values.Count; row++)
        {
            if (series.Parts[row] != RowPart.Train || double.IsNaN(values[row])) continue;
            mean += values[row];
            count++;
        }

        mean /= count;
        for (var row = 0; row < values.Count; row++)
            if (series.Parts[row] == RowPart.Train && !double.IsNaN(values[row])) variance += (values[row] - mean) * (values[row] - mean);
        var deviation = Math.Sqrt(variance / count);
        if (!(deviation > 0)) deviation = 1;
        return [.. values.Select(value => (float)((value - mean) / deviation))];
    }
}
