using System.Text.Json;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// Windows of a person's series: T rows of the chosen columns, then the target some rows later, as a number or as a class. Inputs, and
/// targets that are numbers, are (x − mean)/deviation with mean and standard deviation of the training part; a column that does not vary
/// there is only centred.
/// </summary>
[CatalogName("csv")]
internal sealed class CsvTask : WindowTask
{
    private readonly float[][] inputs;      // [column][row]
    private readonly float[] target;        // [row]: standardised, or the class
    private readonly int horizon;
    private readonly bool isClass;

    private CsvTask(TaskSpec spec, CsvSeries series, int horizon) : base(spec, series.Rows, horizon)
    {
        Shape = TaskShape.AnsweredAtEnd(spec);
        this.horizon = horizon;
        isClass = Shape.Loss == LossKind.CrossEntropy;
        RequireWindows();
        if (series.Columns.Count != Shape.InputSize || (isClass && series.Classes.Count != Shape.OutputSize))
            throw new TrialRejectedException($"The data file has {series.Columns.Count} inputs and {series.Classes.Count} classes, but the trial was planned with {Shape.InputSize} and {Shape.OutputSize}.");
        inputs = [.. series.Inputs.Select(Standardised)];
        target = isClass ? [.. series.Target.Select(value => (float)value)] : Standardised(series.Target);
    }

    public CsvTask(TaskSpec spec, ReadOnlyMemory<byte> content) : this(spec, Read(spec.Parameters, content), spec.Parameters.Integer("horizon"))
    {
    }

    public override TaskShape Shape { get; }

    /// <summary>For numbers the last value of the window, or the training part's mean, which is 0, whichever errs less; for classes their frequencies.</summary>
    public override double EvaluationBaseline(long seed, int count)
    {
        if (isClass) return base.EvaluationBaseline(seed, count);
        double mean = 0, persistence = 0;
        for (var index = 0; index < count; index++)
        {
            var last = EvaluationStart(index) + Shape.Steps - 1;
            double answer = target[last + horizon], change = answer - target[last];
            mean += answer * answer;
            persistence += change * change;
        }

        return Math.Min(mean, persistence) / count;
    }

    protected override void Write(int start, SequenceSlot slot)
    {
        var last = Shape.Steps - 1;
        for (var step = 0; step <= last; step++)
            for (var column = 0; column < inputs.Length; column++) slot.Input(step, column, inputs[column][start + step]);
        var answer = target[start + last + horizon];
        if (isClass) slot.Class(last, (long)answer);
        else slot.Value(last, 0, answer);
    }

    private static CsvSeries Read(ParameterSet parameters, ReadOnlyMemory<byte> content)
    {
        var problems = new List<DataProblem>();
        var columns = JsonSerializer.Deserialize(parameters.Text("columns"), HarnessJson.Default.IReadOnlyListString);
        var selection = new CsvSelection(parameters.Text("separator"), columns, parameters.Text("target"), parameters.Text("problem") == "classify");
        return DataContent.Require(CsvSeries.Read(content.Span, "data", selection, problems), problems);
    }

    private float[] Standardised(IReadOnlyList<double> values)
    {
        double mean = 0, variance = 0;
        for (var row = Train.Start; row < Train.End; row++) mean += values[row];
        mean /= Train.Count;
        for (var row = Train.Start; row < Train.End; row++) variance += (values[row] - mean) * (values[row] - mean);
        var deviation = Math.Sqrt(variance / Train.Count);
        if (!(deviation > 0)) deviation = 1;
        return [.. values.Select(value => (float)((value - mean) / deviation))];
    }
}
