using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;
using Harness.Training.Randomness;

namespace Harness.Training.Tasks;

/// <summary>What a task is to the trainer: how one sequence of it is generated. One class in one file, marked with its catalogue kind.</summary>
/// <remarks>
/// Sequence b of training step s is a pure function of (task, seed, s, b), and sequence b of the evaluation set of (task, seed, b):
/// neither depends on what was generated before, on the batch size, the cell or the device. Implementations have one public
/// constructor that takes the <see cref="TaskSpec"/> and, for tasks that read a file, its content.
/// </remarks>
internal abstract class SequenceTask
{
    public abstract TaskShape Shape { get; }

    /// <summary>Writes one sequence and its answer; all numbers come from <paramref name="random"/>. The slot is zero before.</summary>
    public abstract void Generate(RandomStream random, SequenceSlot slot);

    /// <summary>Loss of the naive predictor on a set: for real answers the best constant, for classes their frequencies.</summary>
    public virtual double BaselineLoss(SequenceBatch set) =>
        Shape.Loss == LossKind.MeanSquaredError ? Baselines.BestConstant(set) : Baselines.ClassFrequencies(set);

    /// <summary>Loss of the naive predictor on the first sequences of the evaluation set.</summary>
    public virtual double EvaluationBaseline(long seed, int count) => BaselineLoss(Evaluation(seed, 0, count));

    /// <summary>The largest evaluation set there can be; only what is cut from a file has an end.</summary>
    public virtual int EvaluationSequences => int.MaxValue;

    /// <summary>Sequences of a held-out test set, 0 where there is none.</summary>
    public virtual int TestSequences => 0;

    /// <summary>The batch of training step <paramref name="step"/>, counted from 1.</summary>
    public SequenceBatch TrainingBatch(long seed, int step, int count) =>
        Batch(count, (index, slot) => Generate(new RandomStream(seed, StreamPurpose.TrainingBatch, (uint)step, (uint)index), slot));

    /// <summary>Sequences <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1 of the evaluation set, as far as there are so many.</summary>
    public SequenceBatch Evaluation(long seed, int first, int count) =>
        Batch(Math.Min(count, EvaluationSequences - first), (index, slot) => GenerateEvaluation(seed, first + index, slot));

    /// <summary>Sequences <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1 of the test set, as far as there are so many.</summary>
    public SequenceBatch Test(int first, int count) => Batch(Math.Min(count, TestSequences - first), (index, slot) => GenerateTest(first + index, slot));

    /// <summary>The first sequence of the evaluation set, with the steps that its answer depends on.</summary>
    public SequenceBatch Example(long seed) => Batch(1, (index, slot) => GenerateEvaluation(seed, index, slot), marked: true);

    /// <summary>Writes a sequence of the evaluation set.</summary>
    protected virtual void GenerateEvaluation(long seed, int index, SequenceSlot slot) =>
        Generate(new RandomStream(seed, StreamPurpose.EvaluationSet, 0, (uint)index), slot);

    /// <summary>Writes a sequence of the test set, for tasks that have one.</summary>
    protected virtual void GenerateTest(int index, SequenceSlot slot) => throw new NotSupportedException("This task has no test set.");

    private SequenceBatch Batch(int count, Action<int, SequenceSlot> write, bool marked = false)
    {
        var batch = new SequenceBatch(Shape, count) { Relevant = marked ? [] : null };
        for (var index = 0; index < count; index++) write(index, new SequenceSlot(batch, index));
        return batch;
    }

    /// <summary>The task that <paramref name="spec"/> asks for, or null when there is none of that kind.</summary>
    /// <param name="data">The content of the file that a task reads; empty for generated ones.</param>
    public static SequenceTask? Create(TaskSpec spec, ReadOnlyMemory<byte> data = default) =>
        TaskCatalog.Find(spec.Kind)?.ReadsFile == true ? Implementations<SequenceTask>.Create(spec.Kind, spec, data) : Implementations<SequenceTask>.Create(spec.Kind, spec);
}

/// <summary>The sizes of a task's sequences.</summary>
/// <param name="Steps">T, steps per sequence as the network sees it.</param>
/// <param name="InputSize">I, features per step.</param>
/// <param name="OutputSize">O, values or classes read out.</param>
/// <param name="FirstLossStep">Loss is taken at steps FirstLossStep … T−1, counted from 0; T−1 means at the last step only.</param>
/// <param name="Graded">Whether a sequence can be right or wrong as a whole; false where no predictor could be right, and for real answers.</param>
internal sealed record TaskShape(int Steps, int InputSize, int OutputSize, LossKind Loss, int FirstLossStep, bool Graded)
{
    /// <summary>P, how many steps carry loss.</summary>
    public int LossSteps => Steps - FirstLossStep;

    /// <summary>The shape of the task that <paramref name="spec"/> asks for, answered once, after the last step.</summary>
    public static TaskShape AnsweredAtEnd(TaskSpec spec) => AnsweredFrom(spec, TaskCatalog.Get(spec.Kind).StepsFor(spec.Length, spec.Parameters) - 1);

    /// <summary>The shape of the task that <paramref name="spec"/> asks for, answered at every step from <paramref name="firstLossStep"/> on.</summary>
    public static TaskShape AnsweredFrom(TaskSpec spec, int firstLossStep)
    {
        var definition = TaskCatalog.Get(spec.Kind);
        return new(
            definition.StepsFor(spec.Length, spec.Parameters), definition.InputSize(spec.Parameters), definition.OutputSize(spec.Parameters),
            definition.LossFor(spec.Parameters), firstLossStep, definition.IsGraded(spec.Parameters));
    }
}
