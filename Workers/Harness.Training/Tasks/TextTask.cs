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
    private readonly ReadOnlyMemory<ushort> symbols;
    private readonly IReadOnlyList<string> vocabulary;
    private readonly bool hasAnswers;

    private TextTask(TaskSpec spec, TextCorpus corpus, FittedData? fitted) : base(spec, corpus.Symbols.Length, fitted is { HasAnswers: false } ? 0 : 1, fitted)
    {
        hasAnswers = fitted is not { HasAnswers: false };
        vocabulary = [.. corpus.Vocabulary.Select(character => character.ToString())];
        Shape = TaskShape.AnsweredFrom(spec, 0);
        symbols = corpus.Symbols;
        RequireWindows();
        if (corpus.Vocabulary.Count + 1 != Shape.OutputSize) throw new TrialRejectedException($"The data file has {corpus.Vocabulary.Count} characters and the unknown, but the trial was planned with {Shape.OutputSize} symbols.");
    }

    public TextTask(TaskSpec spec, ReadOnlyMemory<byte> content) : this(spec, Read(spec, content), null)
    {
    }

    public TextTask(TaskSpec spec, ReadOnlyMemory<byte> content, FittedData fitted) : this(spec, Read(content, fitted), fitted)
    {
    }

    public override (ModelInputs Inputs, ModelAnswer Answer) Describe() =>
        (new(Shape.Steps, Shape.InputSize, Vocabulary: vocabulary), new(Shape.OutputSize, true, Shape.FirstLossStep, 1, Classes: ["", .. vocabulary]));

    public override TaskShape Shape { get; }

    protected override void Write(int start, SequenceSlot slot)
    {
        var text = symbols.Span;
        for (var step = 0; step < Shape.Steps; step++)
        {
            slot.Symbol(step, text[start + step]);
            if (hasAnswers) slot.Class(step, text[start + step + 1]);
        }
    }

    private static TextCorpus Read(ReadOnlyMemory<byte> content, FittedData fitted)
    {
        var problems = new List<DataProblem>();
        return DataContent.Require(TextCorpus.Read(content.Span, fitted.Name, [.. fitted.Inputs.Vocabulary!.Select(character => Rune.GetRuneAt(character, 0))], problems), problems);
    }

    private static TextCorpus Read(TaskSpec spec, ReadOnlyMemory<byte> content)
    {
        var problems = new List<DataProblem>();
        return DataContent.Require(TextCorpus.Read(content.Span, "data", DataSplit.Parse(spec.Parameters.Text("split"))!, spec.Parameters.Integer("symbols") - 1, problems), problems);
    }
}
