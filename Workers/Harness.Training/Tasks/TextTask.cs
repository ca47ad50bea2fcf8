using System.Text;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>Character language modelling: T characters of a person's text, one-hot; the next one is asked for at every step. Symbol 0 is the unknown.</summary>
[CatalogName("text")]
internal sealed class TextTask : WindowTask
{
    private readonly TextCorpus corpus;
    private readonly DataSplit split;
    private readonly bool hasAnswers;
    private readonly FittedBaselines? known;
    private TextCounts? counts;

    private TextTask(TaskSpec spec, TextCorpus corpus, DataSplit split, FittedData? fitted = null) : base(SetsOf(spec, corpus, split, fitted), fitted is not null)
    {
        hasAnswers = fitted is not { HasAnswers: false };
        known = fitted?.Baselines;
        Shape = TaskShape.AnsweredFrom(spec, 0);
        (this.corpus, this.split) = (corpus, split);
        RequireWindows(spec, corpus.Symbols.Length, horizon: 1);
        if (corpus.Vocabulary.Count + 1 != Shape.OutputSize) throw new TrialRejectedException($"The data file has {corpus.Vocabulary.Count} characters and the unknown, but the trial was planned with {Shape.OutputSize} symbols.");
    }

    public TextTask(TaskSpec spec, ReadOnlyMemory<byte> content) : this(spec, Read(spec, content), DataSplit.Parse(spec.Parameters.Text("split"))!)
    {
    }

    public TextTask(TaskSpec spec, ReadOnlyMemory<byte> content, FittedData fitted) : this(spec, Read(spec, content, fitted), DataSplit.Parse(spec.Parameters.Text("split"))!, fitted)
    {
    }

    public override TaskShape Shape { get; }

    public override (ModelInputs Inputs, ModelAnswer Answer) Describe()
    {
        string[] vocabulary = [.. corpus.Vocabulary.Select(character => character.ToString())];
        return (new(Shape.Steps, Shape.InputSize, Vocabulary: vocabulary), new(Shape.OutputSize, true, Shape.FirstLossStep, 1, Classes: ["", .. vocabulary]));
    }

    public override DataCard Card() => DataCards.Of(corpus, split, Sets);

    /// <summary>Consecutive symbols of the text.</summary>
    public int[] Passage(int start, int count) => Array.ConvertAll(corpus.Symbols.Slice(start, count).ToArray(), symbol => (int)symbol);

    /// <summary>Passages of equal length, of which the next symbol is asked for after the last; what it is stays open.</summary>
    public SequenceBatch Passages(int[][] symbols)
    {
        var steps = symbols[0].Length;
        var batch = new SequenceBatch(Shape with { Steps = steps, FirstLossStep = steps - 1 }, symbols.Length);
        for (var index = 0; index < symbols.Length; index++)
            for (var step = 0; step < steps; step++) new SequenceSlot(batch, index).Symbol(step, symbols[index][step]);
        return batch;
    }

    /// <summary>The character of a symbol above 0, which stands for every character that is not in the vocabulary.</summary>
    public string CharacterOf(int symbol) => corpus.Vocabulary[symbol - 1].ToString();

    protected override IReadOnlyList<BaselineScore> Evaluate(int[] validation, int[] test) =>
        TextBaselines.Evaluate(corpus.Symbols.Span, counts ??= Counted(), Shape.OutputSize, Shape.Steps, validation, test);

    public override FittedBaselines FitBaselines()
    {
        lock (BaselineLock) return new() { Runs = (counts ??= Counted()).Stored() };
    }

    private TextCounts Counted() => known?.Runs is { } runs ? TextCounts.Of(runs) : TextCounts.Of(corpus.Symbols.Span[..split.Of(corpus.Symbols.Length).Train.End]);

    protected override void Write(int start, SequenceSlot slot)
    {
        var text = corpus.Symbols.Span;
        for (var step = 0; step < Shape.Steps; step++)
        {
            slot.Symbol(step, text[start + step]);
            if (hasAnswers) slot.Class(step, text[start + step + 1]);
        }
    }

    protected override SequencePlace Place(int start, int answer) => new(null, start + Shape.Steps - 1, null);

    private static SequenceSets SetsOf(TaskSpec spec, TextCorpus corpus, DataSplit split, FittedData? fitted) => fitted is null
        ? SequenceSets.OfText(corpus.Symbols.Length, split, spec.Length)
        : fitted.FromEnd && corpus.Symbols.Length >= spec.Length ? SequenceSets.Only(new(corpus.Symbols.Length - spec.Length, 1))
        : SequenceSets.Only(new(0, new DataPart(0, corpus.Symbols.Length).Windows(spec.Length, fitted.HasAnswers ? 1 : 0)));

    private static TextCorpus Read(TaskSpec spec, ReadOnlyMemory<byte> content, FittedData? fitted = null)
    {
        var problems = new List<DataProblem>();
        var encoding = spec.Parameters.Values.GetValueOrDefault("encoding") ?? DataText.Detect;
        if (fitted is not null)
            return DataContent.Require(TextCorpus.Read(content, fitted.Name, [.. fitted.Inputs.Vocabulary!.Select(character => Rune.GetRuneAt(character, 0))], problems, encoding), problems);
        return DataContent.Require(TextCorpus.Read(content, "data", DataSplit.Parse(spec.Parameters.Text("split"))!, spec.Parameters.Integer("symbols") - 1, problems, encoding), problems);
    }
}
