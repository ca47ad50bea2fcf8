using Harness.Experiments.Catalog;

namespace Harness.Training.Tasks;

/// <summary>Sequences with their answers, as plain arrays: any kernel path can read them.</summary>
internal sealed class SequenceBatch
{
    /// <summary>A class that carries no loss.</summary>
    public const long Ignored = -100;

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

    /// <summary>[P, B, O] for real answers, else empty.</summary>
    public float[] Values { get; }

    /// <summary>How many steps each sequence has.</summary>
    public int[] Lengths { get; }

    /// <summary>The steps whose inputs decide the answer, per sequence; null unless somebody wants to know.</summary>
    public List<(int Sequence, int Step)>? Relevant { get; init; }

    /// <summary>[P, B] for classes, else empty; <see cref="Ignored"/> carries no loss.</summary>
    public long[] Classes { get; }

    /// <summary>The steps at which a sequence is asked.</summary>
    public IEnumerable<int> AnswerSteps(int sequence) => Shape.LossSteps == 1
        ? [Lengths[sequence] - 1]
        : Enumerable.Range(Shape.FirstLossStep, Shape.LossSteps).Where(step => Classes.Length == 0 || Classes[(step - Shape.FirstLossStep) * Count + sequence] != Ignored);
}

/// <summary>One sequence of a batch, for the task to write.</summary>
internal readonly struct SequenceSlot(SequenceBatch batch, int index)
{
    private TaskShape Shape => batch.Shape;

    public void Input(int step, int channel, float value) => batch.Inputs[(step * batch.Count + index) * Shape.InputSize + channel] = value;

    /// <summary>The symbol of a step, one-hot.</summary>
    public void Symbol(int step, int symbol) => Input(step, symbol, 1);

    /// <summary>Notes that the answer depends on this step's input.</summary>
    public void Relevant(int step) => batch.Relevant?.Add((index, step));

    /// <summary>The real answer of a step that carries loss; <paramref name="step"/> counts over the whole sequence.</summary>
    public void Value(int step, int output, float value) => batch.Values[((step - Shape.FirstLossStep) * batch.Count + index) * Shape.OutputSize + output] = value;

    /// <summary>The right class of a step that carries loss; <paramref name="step"/> counts over the whole sequence.</summary>
    public void Class(int step, long value) => batch.Classes[(step - Shape.FirstLossStep) * batch.Count + index] = value;
}
