using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// A person's series: T rows of the chosen columns, then the target some rows later, as a number or as a class, or in each row of a range, as numbers; or whole series, each with
/// its answer. Inputs, and targets that are numbers, are (x − mean)/deviation with mean and standard deviation of the training part; a
/// column that does not vary there is only centred. Flags stay 0 and 1. Where nothing stands in for a missing value, the mean does.
/// </summary>
[CatalogName("csv")]
internal sealed class CsvTask : WindowTask
{
    private readonly CsvSeries series;
    private readonly float[][] inputs;      // [input][row]
    private readonly float[] target;        // [row]: standardised, or the class; NaN where it is missing; empty where answers are not read
    private readonly ModelInputs described;
    private readonly ModelAnswer answered;
    private readonly HorizonRange horizon;
    private readonly bool isClass;
    private readonly NextTimes? next;
    private readonly FittedBaselines? known;
    private SeriesBaselines? baselines;
    private DataCard? card;

    private CsvTask(TaskSpec spec, CsvSeries series, HorizonRange horizon, FittedData? fitted = null)
        : base(SetsOf(spec, series, horizon, fitted), fitted is not null)
    {
        Shape = TaskShape.AnsweredAtEnd(spec);
        (this.series, this.horizon) = (series, horizon);
        isClass = Shape.Loss == LossKind.CrossEntropy;
        RequireWindows(spec, series.Rows, fitted is { HasAnswers: false } ? 0 : horizon.Last);
        if (fitted is null && (series.Inputs.Count != Shape.InputSize || (isClass && series.Classes.Count != Shape.OutputSize)))
            throw new TrialRejectedException($"The data file has {series.Inputs.Count} inputs and {series.Classes.Count} classes, but the trial was planned with {Shape.InputSize} and {Shape.OutputSize}.");
        next = fitted is { FromEnd: true } ? NextTimes.Of(series) : null;
        known = fitted?.Baselines;
        described = fitted?.Inputs ?? new(spec.Length, Shape.InputSize, [.. series.Inputs.Select(Scaling)]);
        answered = fitted?.Answer ?? Answered(spec);
        inputs = [.. described.Columns!.Zip(series.Inputs, (column, input) => Array.ConvertAll(input.Values, value => double.IsNaN(value) ? 0 : column.Scale(value)))];
        target = fitted is { HasAnswers: false } ? [] : answered.Classes is { } classes ? ClassNumbers(classes) : [.. series.Target.Select(answered.Target!.Scale)];
    }

    public CsvTask(TaskSpec spec, ReadOnlyMemory<byte> content) : this(spec, Read(spec.Parameters, content), HorizonRange.Of(spec.Parameters))
    {
    }

    public CsvTask(TaskSpec spec, ReadOnlyMemory<byte> content, FittedData fitted)
        : this(spec, Read(spec.Parameters, content, fitted), HorizonRange.Of(spec.Parameters), fitted)
    {
    }

    public override TaskShape Shape { get; }

    public override (ModelInputs Inputs, ModelAnswer Answer) Describe() => (described, answered);

    public override DataCard Card() => card ??= DataCards.Of(series, Sets, horizon, series.Head);

    public override bool HasWholeSeries => series.Selection.IsWhole;

    public override double? NaiveScale => TestMeasures.NaiveScale(series);

    public override string? TimeColumn => next is null ? null : string.Join(' ', series.Selection.Time);

    public override TestKey? KeyOf(int[] starts, int count)
    {
        var best = Baselines(count).MinBy(baseline => baseline.Loss)!.Name;
        int[] ahead = [.. Enumerable.Range(horizon.First, horizon.Count)];
        int[] order = [.. starts.SelectMany(start => ahead.Select(rows => AnswerRow(start, rows)))];
        lock (BaselineLock)
        {
            var predict = (baselines ??= Fitted()).Predictor(best);
            return new(order, [.. starts.SelectMany(start => ahead.Select(rows => Place(start, rows - horizon.First)))], [.. order.Select(row => isClass ? target[row] : series.Target[row])], best,
                [.. starts.SelectMany(start => ahead.Select(rows => answered.Target is { } unit ? unit.Restore(predict(start, rows)) : predict(start, rows)))])
            {
                Steps = horizon.IsRange ? [.. starts.SelectMany(_ => ahead)] : null,
            };
        }
    }

    protected override IReadOnlyList<BaselineScore> Evaluate(int[] validation, int[] test) => (baselines ??= Fitted()).Evaluate(validation, test);

    private SeriesBaselines Fitted() => new(series, Sets, Shape.Steps, horizon, inputs, target, answered.Target ?? new("", 0, 1), known);

    public override FittedBaselines FitBaselines()
    {
        lock (BaselineLock) return (baselines ??= Fitted()).Fit();
    }

    public override double? BaselineMeanAbsolute(string name, int[] starts)
    {
        if (isClass) return null;
        lock (BaselineLock) return (baselines ??= Fitted()).MeanAbsolute(name, starts);
    }

    private int AnswerRow(int start, int ahead) => series.Selection.IsWhole ? series.Groups[start].Start : start + Shape.Steps - 1 + ahead;

    protected override void Write(int start, SequenceSlot slot)
    {
        var (first, steps, answerRow) = (start, Shape.Steps, start + Shape.Steps - 1 + horizon.First);
        if (series.Selection.IsWhole)
        {
            var group = series.Groups[start];
            steps = Math.Min(group.Count, Shape.Steps);
            (first, answerRow) = (group.End - steps, group.Start);
            slot.EndAfter(steps);
        }

        for (var step = 0; step < steps; step++)
            for (var input = 0; input < inputs.Length; input++) slot.Input(step, input, inputs[input][first + step]);
        if (target.Length == 0) return;
        if (isClass) slot.Class(steps - 1, (long)target[answerRow]);
        else
            for (var ahead = 0; ahead < horizon.Count; ahead++) slot.Value(steps - 1, ahead, target[answerRow + ahead]);
    }

    protected override SequencePlace Place(int start, int answer)
    {
        var name = series.Groups.Count > 1 || series.Selection.Group is not null ? GroupOf(start).Name : null;
        if (series.Selection.IsWhole) return new(name, series.SourceOf(series.Groups[start].End - 1), null);
        var (last, group) = (start + Shape.Steps - 1, GroupOf(start));
        var asked = last + (answered.FirstHorizon ?? 0) + answer;
        // Beyond the end there is a row to come only where the file is one series in order.
        int? row = asked < group.End ? series.SourceOf(asked) : name is null && !series.WasSorted ? asked : null;
        return new(name, series.SourceOf(last), row) { Time = next?.After(group.End - 1, asked - (group.End - 1)) };
    }

    /// <summary>The last value of the window or the training part's mean, which is 0, whichever errs less; for classes their frequencies.</summary>
    protected override double FittedBaseline(int count)
    {
        if (isClass || series.Selection.IsWhole) return base.FittedBaseline(count);
        double mean = 0, persistence = 0;
        for (var index = 0; index < count; index++)
        {
            var last = Sets.Validation.Spread(index) + Shape.Steps - 1;
            for (var ahead = horizon.First; ahead <= horizon.Last; ahead++)
            {
                double answer = target[last + ahead], change = answer - (float.IsNaN(target[last]) ? 0 : target[last]);
                mean += answer * answer;
                persistence += change * change;
            }
        }

        return Math.Min(mean, persistence) / ((long)count * horizon.Count);
    }

    private RowGroup GroupOf(int start) => series.Selection.IsWhole ? series.Groups[start] : series.Groups.First(group => start < group.End);

    private static SequenceSets SetsOf(TaskSpec spec, CsvSeries series, HorizonRange horizon, FittedData? fitted) => fitted switch
    {
        null => SequenceSets.Of(series, spec.Length, horizon, spec.Parameters.Values.GetValueOrDefault("context") == "before"),
        { HasAnswers: true } => SequenceSets.Only(SequenceSets.Of(series, spec.Length, horizon, reachesBack: true).Validation),
        _ => SequenceSets.Only(SequenceSets.WithoutAnswers(series, spec.Length, fitted.FromEnd)),
    };

    private static CsvSeries Read(ParameterSet parameters, ReadOnlyMemory<byte> content, FittedData? fitted = null)
    {
        var (problems, selection) = (new List<DataProblem>(), CsvSelection.Of(parameters));
        if (fitted is not null) selection = selection.ForModel([.. fitted.Inputs.Columns!.Select(column => new KnownInput(column.Name, column.Word, column.IsFlag))], fitted.HasAnswers);
        return DataContent.Require(CsvSeries.Read(content, fitted?.Name ?? "data", selection, problems), problems);
    }

    private ModelAnswer Answered(TaskSpec spec)
    {
        var name = spec.Parameters.Text("target");
        int? ahead = series.Selection.IsWhole ? null : horizon.Last;
        return isClass
            ? new(Shape.OutputSize, true, Shape.FirstLossStep, ahead, null, series.Classes, name)
            : new(Shape.OutputSize, false, Shape.FirstLossStep, ahead, Scaling(new(name, null, IsFlag: false, [.. series.Target])));
    }

    /// <summary>The classes of each row by the model's numbers, whatever comes first in this file; NaN for a missing one.</summary>
    private float[] ClassNumbers(IReadOnlyList<string> classes)
    {
        var places = classes.Index().ToDictionary(each => each.Item, each => each.Index, StringComparer.Ordinal);
        if (series.Classes.FirstOrDefault(name => !places.ContainsKey(name)) is { } unknown)
            throw new TrialRejectedException($"The file holds the class \"{ShortText.Of(unknown)}\", which the model does not know. It knows: {ShortText.Of(string.Join(", ", classes))}.");
        return [.. series.Target.Select(value => double.IsNaN(value) ? float.NaN : places[series.Classes[(int)value]])];
    }

    /// <summary>Mean and standard deviation of the training part; flags stay as they are.</summary>
    private ScaledColumn Scaling(CsvInput input)
    {
        if (input.IsFlag) return new(input.Column, 0, 1, input.Word, IsFlag: true);
        var values = input.Values;
        double mean = 0, variance = 0;
        var count = 0;
        for (var row = 0; row < values.Length; row++)
        {
            if (series.Parts[row] != RowPart.Train || double.IsNaN(values[row])) continue;
            mean += values[row];
            count++;
        }

        mean /= count;
        for (var row = 0; row < values.Length; row++)
            if (series.Parts[row] == RowPart.Train && !double.IsNaN(values[row])) variance += (values[row] - mean) * (values[row] - mean);
        var deviation = Math.Sqrt(variance / count);
        return new(input.Column, mean, deviation > 0 ? deviation : 1);
    }
}
