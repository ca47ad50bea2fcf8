using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>One sequence of each task: what comes in, which steps matter, and what has to be answered.</summary>
internal static class TaskFigure
{
    public const string Id = "fig-task";
    private const int Width = 460;
    private const int Height = 170;

    /// <summary>Inputs with more features than that are drawn as a field, not as lines.</summary>
    private const int MostLines = 3;

    private const int MostAnswersNamed = 12, MostPanels = 8, MostNames = 3;

    /// <summary>What says how a file is written, and nothing of the task.</summary>
    private static readonly string[] HowWritten = ["separator", "decimal", "thousands", "encoding", "missing_values"];

    /// <summary>The figure, or null when no task has a sample.</summary>
    public static FigureModel? Build(IReadOnlyList<ConditionResults> conditions, ReportOptions options, Texts texts, int number)
    {
        // Tasks that differ in nothing but the length of their sequences look alike: the shortest shows it best.
        List<Example> tasks = [.. conditions.Where(condition => condition.Sample is { Steps: > 0 }).OrderBy(condition => condition.Trial.Task.Length)
            .DistinctBy(condition => condition.Trial.Task with { Length = 0, Shortest = null }).OrderBy(condition => condition.Ordinal)
            .Select(condition => new Example(condition, condition.Sample!, texts))];
        if (tasks.Count == 0) return null;
        var shown = PanelSelection.Of(tasks, Math.Min(options.MaximumPanels, MostPanels));
        List<string> notes = [texts.TaskExampleNote];
        if (shown.Count < tasks.Count) notes.Add(texts.PanelsLeftOut(shown.Count, tasks.Count, asked: false));
        return new(Id, number, texts.TaskTitle, texts.TaskCaption(shown.Count),
            [.. shown.Select((task, index) => new FigurePanel(task.Title, Draw(task, texts, index), [task.Explanation, task.Answer]))], TableOf(tasks, texts), texts.TaskHowToRead, notes);
    }

    private static Panel Draw(Example task, Texts texts, int index)
    {
        var sample = task.Sample;
        var marks = new List<PanelMark>();
        var (low, high) = task.IsField ? (0f, 1f) : (Math.Min(0, sample.Inputs.Min()), sample.Inputs.Max());
        var room = high > low ? (high - low) * 0.15 : 0.15;
        marks.AddRange(sample.RelevantSteps.Where(step => step < sample.Steps).Select(step => new PanelMark(MarkerKind.TriangleDown, step + (task.IsField ? 0.5 : 0), task.IsField ? 0.95 : high + room / 2)));
        List<PanelSeries> series = task.IsField ? [] : [.. Enumerable.Range(0, sample.InputSize).Select(feature => Line(task, feature))];
        series.Add(new("relevant", new SeriesStyle("var(--series-1)", null, MarkerKind.TriangleDown), [], null, marks, null));
        return new(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.TaskTitle, task.Title), task.Sentence, Width, Height,
            AxisScale.Linear(texts.TimeAxis, 0, task.IsField ? sample.Steps : Math.Max(1, sample.Steps - 1)),
            task.IsField ? new(texts.FeaturesAxis, 0, 1, []) : AxisScale.Linear(texts.InputAxis, low, high + room, 4),
            series, [], [])
        {
            Image = task.IsField ? Field(sample) : null,
        };
    }

    private static PanelSeries Line(Example task, int feature)
    {
        var (sample, style) = (task.Sample, Palette.All.ElementAt(feature + MostLines) with { Dash = feature == 0 ? null : "6 3" });
        return new(string.Create(CultureInfo.InvariantCulture, $"feature-{feature + 1}"), style,
            [new(StrokeRole.Centre, [.. Enumerable.Range(0, sample.Steps).Select(step => new PanelPoint(step, sample.Inputs[step * sample.InputSize + feature]))])], null, [], null);
    }

    /// <summary>Every feature from its smallest value, dark, to its largest, bright; the first on top.</summary>
    private static PanelImage Field(TaskSample sample)
    {
        var shades = new double[sample.Steps * sample.InputSize];
        for (var feature = 0; feature < sample.InputSize; feature++)
        {
            var values = Enumerable.Range(0, sample.Steps).Select(step => (double)sample.Inputs[step * sample.InputSize + feature]).ToList();
            var (low, high) = (values.Min(), values.Max());
            for (var step = 0; step < sample.Steps; step++) shades[(sample.InputSize - 1 - feature) * sample.Steps + step] = high > low ? (values[step] - low) / (high - low) : 0;
        }

        return new(sample.Steps, sample.InputSize, shades);
    }

    private static Table TableOf(List<Example> tasks, Texts texts) => new(Id + "-table", texts.TaskTableCaption,
        [new(texts.TaskColumn), new(texts.StepsColumn, true), new(texts.FeaturesColumn, true), new(texts.RelevantColumn), new(texts.AnswerColumn)],
        [.. tasks.Select(task => new TableRow(null,
        [
            new(task.Title), TableCell.Count(task.Sample.Length), TableCell.Count(task.Definition.InputSize(task.Condition.Trial.Task.Parameters)),
            new(task.Sample.RelevantSteps.Length == 0 ? Numbers.Absent : string.Join(", ", task.Sample.RelevantSteps.Select(step => Numbers.Count(step)))), new(task.Answer.Text),
        ]))]);

    private static readonly SeriesStyle Marking = new("var(--series-5)", null, MarkerKind.Square);

    private sealed record Example(ConditionResults Condition, TaskSample Sample, Texts Texts)
    {
        public TaskDefinition Definition { get; } = TaskCatalog.Get(Condition.Trial.Task.Kind);

        public bool IsField => Sample.InputSize > MostLines;

        public string Title => string.Join(", ", [
            Texts.TaskName(Definition), $"{Texts.FactorName("length")} {Numbers.Count(Sample.Length)}",
            .. Definition.Parameters.Where(parameter => !HowWritten.Contains(parameter.Name) && Condition.Trial.Task.Parameters.Values.TryGetValue(parameter.Name, out var value) && value != parameter.Default)
                .Select(parameter => $"{parameter.Name} {Shown(Condition.Trial.Task.Parameters.Text(parameter.Name))}"),
        ]);

        /// <summary>Names of columns without their JSON; of many the first.</summary>
        private static string Shown(string value)
        {
            if (SettingValue.NamesOf(value) is not { } names) return value;
            return names.Count <= MostNames ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostNames))} … ({Numbers.Count(names.Count)})";
        }

        public string Sentence => Texts.TaskSentence(Numbers.Count(Sample.Length), Numbers.Count(Sample.InputSize), string.Join(", ", Sample.RelevantSteps.Select(step => Numbers.Count(step))), Answer.Text);

        public FigureAnnotation Explanation => new("task", Texts.TaskName(Definition), Marking, Texts.TaskSummary(Definition)) { IsSeries = false };

        public FigureAnnotation Answer => new("answer", Texts.AnswerLabel, Marking, Answers()) { IsSeries = false };

        /// <summary>One answer with its step, or from when to when there are some and the last of them.</summary>
        private string Answers()
        {
            var width = Sample.Values is { } values && Sample.AnswerSteps.Length > 0 ? values.Length / Sample.AnswerSteps.Length : 1;
            List<string> words = [.. Sample.AnswerSteps.Select((_, index) => Sample.Classes is { } classes
                ? classes[index].ToString(CultureInfo.InvariantCulture)
                : string.Join("/", Sample.Values!.Skip(index * width).Take(width).Select(value => Numbers.Short(value))))];
            // Of many answers the last tell more: there is nothing to answer from before.
            var last = (words.Count > MostAnswersNamed ? "… " : "") + string.Join(" ", words.TakeLast(MostAnswersNamed));
            return words.Count switch
            {
                0 => Numbers.Absent,
                1 => Texts.OneAnswer(last, Numbers.Count(Sample.AnswerSteps[0]), Sample.Classes is not null),
                _ => Texts.ManyAnswers(last, Numbers.Count(Sample.AnswerSteps[0]), Numbers.Count(Sample.AnswerSteps[^1]), Sample.Classes is not null),
            };
        }
    }
}
