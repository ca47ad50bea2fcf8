using System.Text.Json;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Results;
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
    private readonly float[] target;        // [row]: standardised, or the class; empty where answers are not read
    private readonly int horizon;
    private readonly bool isClass;
    private readonly ModelInputs described;
    private readonly ModelAnswer answered;

    private CsvTask(TaskSpec spec, CsvSeries series, int horizon, FittedData? fitted) : base(spec, series.Rows, horizon, fitted)
    {
        Shape = TaskShape.AnsweredAtEnd(spec);
        this.horizon = horizon;
        isClass = Shape.Loss == LossKind.CrossEntropy;
        RequireWindows();
        if (fitted is null && (series.Columns.Count != Shape.InputSize || (isClass && series.Classes.Count != Shape.OutputSize)))
            throw new TrialRejectedException($"The data file has {series.Columns.Count} inputs and {series.Classes.Count} classes, but the trial was planned with {Shape.InputSize} and {Shape.OutputSize}.");
        described = fitted?.Inputs ?? new(spec.Length, Shape.InputSize, [.. series.Columns.Zip(series.Inputs, Scaling)]);
        answered = fitted?.Answer ?? Answered(spec, series);
        inputs = [.. described.Columns!.Zip(series.Inputs, Scaled)];
        target = fitted is { HasAnswers: false } ? [] : answered.Classes is { } classes ? ClassNumbers(series, classes) : Scaled(answered.Target!, series.Target);
    }

    public CsvTask(TaskSpec spec, ReadOnlyMemory<byte> content) : this(spec, Read(spec.Parameters, content, null), spec.Parameters.Integer("horizon"), null)
    {
    }

    public CsvTask(TaskSpec spec, ReadOnlyMemory<byte> content, FittedData fitted)
        : this(spec, Read(spec.Parameters, content, fitted), fitted.HasAnswers ? spec.Parameters.Integer("horizon") : 0, fitted)
    {
    }

    public override (ModelInputs Inputs, ModelAnswer Answer) Describe() => (described, answered);

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
        if (target.Length == 0) return;
        var answer = target[start + last + horizon];
        if (isClass) slot.Class(last, (long)answer);
        else slot.Value(last, 0, answer);
    }

    /// <remarks>Without answers the target need not be in the file: an input stands in its place.</remarks>
    private static CsvSeries Read(ParameterSet parameters, ReadOnlyMemory<byte> content, FittedData? fitted)
    {
        var problems = new List<DataProblem>();
        var columns = JsonSerializer.Deserialize(parameters.Text("columns"), HarnessJson.Default.IReadOnlyListString)!;
        var separator = fitted is null ? parameters.Text("separator") : "detect";
        var selection = fitted is { HasAnswers: false }
            ? new CsvSelection(separator, columns, columns[0], IsClassification: false)
            : new CsvSelection(separator, columns, parameters.Text("target"), parameters.Text("problem") == "classify");
        return DataContent.Require(CsvSeries.Read(content.Span, fitted?.Name ?? "data", selection, problems), problems);
    }

    private ModelAnswer Answered(TaskSpec spec, CsvSeries series)
    {
        var name = spec.Parameters.Text("target");
        return isClass
            ? new(Shape.OutputSize, true, Shape.FirstLossStep, horizon, null, series.Classes, name)
            : new(Shape.OutputSize, false, Shape.FirstLossStep, horizon, Scaling(name, series.Target));
    }

    /// <summary>The classes of each row by the model's numbers, whatever comes first in this file.</summary>
    private static float[] ClassNumbers(CsvSeries series, IReadOnlyList<string> classes)
    {
        var numbers = series.Classes.Select(name => IndexOf(classes, name)).ToArray();
        if (Array.IndexOf(numbers, -1) is var unknown and >= 0)
            throw new TrialRejectedException($"The data file holds the class \"{ShortText.Of(series.Classes[unknown])}\", which the model does not know. It knows: {ShortText.Of(string.Join(", ", classes))}.");
        return [.. series.Target.Select(value => (float)numbers[(int)value])];

        static int IndexOf(IReadOnlyList<string> classes, string name)
        {
            for (var i = 0; i < classes.Count; i++)
                if (classes[i] == name) return i;
            return -1;
        }
    }

    private static float[] Scaled(ScaledColumn column, IReadOnlyList<double> values) => [.. values.Select(column.Scale)];

    /// <summary>Mean and standard deviation of the training part.</summary>
    private ScaledColumn Scaling(string name, IReadOnlyList<double> values)
    {
        double mean = 0, variance = 0;
        for (var row = Train.Start; row < Train.End; row++) mean += values[row];
        mean /= Train.Count;
        for (var row = Train.Start; row < Train.End; row++) variance += (values[row] - mean) * (values[row] - mean);
        var deviation = Math.Sqrt(variance / Train.Count);
        return new(name, mean, deviation > 0 ? deviation : 1);
    }
}
