using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>What a task is to the trainer: how one sequence of it is generated. One class in one file, marked with its catalogue kind.</summary>
/// <remarks>
/// Sequence b of training step s is a pure function of (task, seed, s, b), and sequence b of the evaluation set of (task, seed, b):
/// neither depends on what was generated before, on the batch size, the cell or the device. Implementations have one public
/// constructor that takes the <see cref="TaskSpec"/> and, for tasks that read a file, its content.
/// </remarks>
internal abstract class SequenceTask
{
    private TaskSpec? varying;
    private SequenceTask?[] byLength = [];

    /// <summary>The shape of sequences of the full length.</summary>
    public abstract TaskShape Shape { get; }

    /// <summary>The shape of batches: that of the longest sequences, with a place for every answer of the shorter ones.</summary>
    public TaskShape BatchShape => varying is null || Shape.LossSteps == 1 ? Shape : Shape with { FirstLossStep = Math.Min(Shape.FirstLossStep, OfLength(varying.Shortest!.Value).Shape.FirstLossStep) };

    /// <summary>Writes one sequence and its answer; all numbers come from <paramref name="random"/>. The slot is zero before.</summary>
    public abstract void Generate(RandomStream random, SequenceSlot slot);

    /// <summary>Loss of the baseline on a set: for real answers the best constant, for classes their frequencies.</summary>
    public virtual double BaselineLoss(SequenceBatch set) =>
        Shape.Loss == LossKind.MeanSquaredError ? ConstantPredictors.BestConstant(set) : ConstantPredictors.ClassFrequencies(set);

    /// <summary>Loss of the baseline on the first sequences of the evaluation set.</summary>
    public virtual double EvaluationBaseline(long seed, int count) => BaselineLoss(Evaluation(seed, 0, count));

    /// <summary>The baselines of a task that reads a file, on the first sequences of its evaluation set and of its test set; empty for generated tasks.</summary>
    public virtual IReadOnlyList<BaselineScore> Baselines(int count) => [];

    /// <summary>What is in the file that the task reads; null for generated tasks.</summary>
    public virtual DataCard? Card() => null;

    /// <summary>The largest evaluation set there can be; only what is cut from a file has an end.</summary>
    public virtual int EvaluationSequences => int.MaxValue;

    /// <summary>Sequences of a held-out test set, 0 where there is none.</summary>
    public virtual int TestSequences => 0;

    /// <summary>What a model of this task reads and answers. Tasks that read a file name its columns, its scaling, its classes.</summary>
    public virtual (ModelInputs Inputs, ModelAnswer Answer) Describe() =>
        (new(Shape.Steps, Shape.InputSize), new(Shape.OutputSize, Shape.Loss == LossKind.CrossEntropy, Shape.FirstLossStep));

    /// <summary>The batch of training step <paramref name="step"/>, counted from 1.</summary>
    public SequenceBatch TrainingBatch(long seed, int step, int count) =>
        Batch(count, (batch, index) => Write(new RandomStream(seed, StreamPurpose.TrainingBatch, (uint)step, (uint)index), batch, index));

    /// <summary>Sequences <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1 of the evaluation set, as far as there are so many.</summary>
    public SequenceBatch Evaluation(long seed, int first, int count) =>
        Batch(Math.Min(count, EvaluationSequences - first), (batch, index) => WriteEvaluation(seed, first + index, batch, index));

    /// <summary>Sequences <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1 of the test set, as far as there are so many.</summary>
    public SequenceBatch Test(int first, int count) => Batch(Math.Min(count, TestSequences - first), (batch, index) => WriteTest(first + index, batch, index));

    /// <summary>The first sequence of the evaluation set, with the steps that its answer depends on.</summary>
    public SequenceBatch Example(long seed) => Batch(1, (batch, index) => WriteEvaluation(seed, index, batch, index), marked: true);

    /// <summary>Writes one sequence into its place of a batch, of a length that <paramref name="random"/> draws first where lengths vary.</summary>
    public void Write(RandomStream random, SequenceBatch batch, int index)
    {
        if (varying is null) Generate(random, new SequenceSlot(batch, index));
        else OfLength(random.NextInt32(varying.Shortest!.Value, varying.Length + 1)).WriteShort(random, batch, index);
    }

    /// <summary>The same, with so many steps.</summary>
    public void Write(RandomStream random, SequenceBatch batch, int index, int steps)
    {
        if (varying is null) Generate(random, new SequenceSlot(batch, index));
        else Enumerable.Range(varying.Shortest!.Value, byLength.Length).Select(OfLength).First(task => task.Shape.Steps == steps).WriteShort(random, batch, index);
    }

    /// <summary>Writes sequence <paramref name="sequence"/> of the evaluation set.</summary>
    protected virtual void WriteEvaluation(long seed, int sequence, SequenceBatch batch, int index) =>
        Write(new RandomStream(seed, StreamPurpose.EvaluationSet, 0, (uint)sequence), batch, index);

    /// <summary>Writes sequence <paramref name="sequence"/> of the test set, for tasks that have one.</summary>
    protected virtual void WriteTest(int sequence, SequenceBatch batch, int index) => throw new NotSupportedException("This task has no test set.");

    private void WriteShort(RandomStream random, SequenceBatch batch, int index)
    {
        batch.Lengths[index] = Shape.Steps;
        Generate(random, new SequenceSlot(batch, index));
        batch.AskFrom(index, Shape.FirstLossStep);
    }

    protected SequenceBatch Batch(int count, Action<SequenceBatch, int> write, bool marked = false)
    {
        var batch = new SequenceBatch(BatchShape, count) { Relevant = marked ? [] : null };
        for (var index = 0; index < count; index++) write(batch, index);
        return batch;
    }

    /// <summary>The task that <paramref name="spec"/> asks for, or null when there is none of that kind.</summary>
    /// <param name="data">The content of the file that a task reads; empty for generated ones.</param>
    /// <param name="fitted">The trained model that the file is read for; null for a file to learn from.</param>
    /// <exception cref="TrialRejectedException">The file is not what the task, or the model, needs.</exception>
    public static SequenceTask? Create(TaskSpec spec, ReadOnlyMemory<byte> data = default, FittedData? fitted = null)
    {
        if (TaskCatalog.Find(spec.Kind)?.ReadsFile == true)
            return fitted is null ? Implementations<SequenceTask>.Create(spec.Kind, spec, data) : Implementations<SequenceTask>.Create(spec.Kind, spec, data, fitted);
        var task = Implementations<SequenceTask>.Create(spec.Kind, spec with { Shortest = null });
        if (task is null || spec.Shortest is not { } shortest) return task;
        (task.varying, task.byLength) = (spec, new SequenceTask?[spec.Length - shortest + 1]);
        task.byLength[^1] = task;
        return task;
    }

    /// <summary>The same task with shorter sequences, made when first needed. Two threads may both make one: they are alike.</summary>
    private SequenceTask OfLength(int length) =>
        byLength[length - varying!.Shortest!.Value] ??= Implementations<SequenceTask>.Create(varying.Kind, varying with { Length = length, Shortest = null })!;
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
