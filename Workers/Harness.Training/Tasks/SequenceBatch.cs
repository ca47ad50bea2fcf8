using Harness.Abstractions.Catalog;

namespace Harness.Training.Tasks;

/// <summary>Sequences with their answers, as plain arrays: any backend can read them.</summary>
internal sealed class SequenceBatch
{
    /// <summary>A class that carries no loss.</summary>
    public const long Ignored = -100;

    /// <summary>A real answer that carries no loss.</summary>
    public const float Unasked = float.NaN;

    public SequenceBatch(TaskShape shape, int count)
    {
        Shape = shape;
        Count = count;
        Inputs = new float[shape.Steps * count * shape.InputSize];
        Values = shape.Loss == LossKind.MeanSquaredError ? new float[shape.LossSteps * count * shape.OutputSize] : [];
        Lengths = new int[count];
        Array.Fill(Lengths, shape.Steps);
        Classes = shape.Loss == LossKind.CrossEntropy ? new long[shape.LossSteps * count] : [];
    }

    public TaskShape Shape { get; }

    /// <summary>B.</summary>
    public int Count { get; }

    /// <summary>[T, B, I].</summary>
    public float[] Inputs { get; }

    /// <summary>[P, B, O] for real answers, else empty; <see cref="Unasked"/> carries no loss.</summary>
    public float[] Values { get; }

    /// <summary>How many steps each sequence has; what lies behind them is padding.</summary>
    public int[] Lengths { get; }

    /// <summary>Whether any sequence is shorter than the longest could be.</summary>
    public bool IsPadded => Lengths.AsSpan().ContainsAnyExcept(Shape.Steps);

    /// <summary>The steps whose inputs decide the answer, per sequence; null unless somebody wants to know.</summary>
    public List<(int Sequence, int Step)>? Relevant { get; init; }

    /// <summary>[P, B] for classes, else empty; <see cref="Ignored"/> carries no loss.</summary>
    public long[] Classes { get; }

    /// <summary>How many answers are asked for, over all sequences, and outputs where they are real.</summary>
    public long Answers => Classes.Length > 0 ? Classes.LongCount(value => value != Ignored) : Values.LongCount(value => !float.IsNaN(value));

    /// <summary>The steps at which a sequence is asked.</summary>
    public IEnumerable<int> AnswerSteps(int sequence) => Shape.LossSteps == 1
        ? [Lengths[sequence] - 1]
        : Enumerable.Range(Shape.FirstLossStep, Shape.LossSteps).Where(step => IsAsked((step - Shape.FirstLossStep) * Count + sequence));

    /// <summary>Takes the loss from a sequence's steps outside of those from <paramref name="first"/> to its end.</summary>
    public void AskFrom(int sequence, int first)
    {
        if (Shape.LossSteps == 1) return;                                 // one answer, at each sequence's own end
        for (var step = Shape.FirstLossStep; step < Shape.Steps; step++)
        {
            if (step >= first && step < Lengths[sequence]) continue;
            var place = (step - Shape.FirstLossStep) * Count + sequence;
            if (Classes.Length > 0) Classes[place] = Ignored;
            else Values.AsSpan(place * Shape.OutputSize, Shape.OutputSize).Fill(Unasked);
        }
    }

    /// <summary>Whether the answer at a place of [P, B] carries loss.</summary>
    public bool IsAsked(int place) => Classes.Length > 0 ? Classes[place] != Ignored : !float.IsNaN(Values[place * Shape.OutputSize]);
}

/// <summary>One sequence of a batch, for the task to write.</summary>
internal readonly struct SequenceSlot(SequenceBatch batch, int index)
{
    private TaskShape Shape => batch.Shape;

    public void Input(int step, int channel, float value) => batch.Inputs[(step * batch.Count + index) * Shape.InputSize + channel] = value;

    /// <summary>The symbol of a step, one-hot.</summary>
    public void Symbol(int step, int symbol) => Input(step, symbol, 1);

    /// <summary>Ends the sequence after so many steps; what lies behind is padding. Only for sequences with one answer.</summary>
    public void EndAfter(int steps) => batch.Lengths[index] = steps;

    /// <summary>Notes that the answer depends on this step's input.</summary>
    public void Relevant(int step) => batch.Relevant?.Add((index, step));

    /// <summary>The real answer of a step that carries loss; <paramref name="step"/> counts over the whole sequence.</summary>
    public void Value(int step, int output, float value) => batch.Values[(Row(step) * batch.Count + index) * Shape.OutputSize + output] = value;

    /// <summary>The right class of a step that carries loss; <paramref name="step"/> counts over the whole sequence.</summary>
    public void Class(int step, long value) => batch.Classes[Row(step) * batch.Count + index] = value;

    /// <summary>The one answer of a sequence has its one row, wherever the sequence ends.</summary>
    private int Row(int step) => Shape.LossSteps == 1 ? 0 : step - Shape.FirstLossStep;
}
