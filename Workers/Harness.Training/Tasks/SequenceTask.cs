using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;
using Harness.Training.Randomness;

namespace Harness.Training.Tasks;

/// <summary>What a task is to the trainer: how one sequence of it is generated. One class in one file, marked with its catalogue kind.</summary>
/// <remarks>
/// Sequence b of training step s is a pure function of (task, seed, s, b), and sequence b of the evaluation set of (task, seed, b):
/// neither depends on what was generated before, on the batch size, the cell or the device. Implementations have one public
/// constructor that takes the <see cref="TaskSpec"/>.
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

    /// <summary>Loss of the naive predictor on a set: for real answers the best constant, for classes their frequencies.</summary>
    public virtual double BaselineLoss(SequenceBatch set) =>
        Shape.Loss == LossKind.MeanSquaredError ? Baselines.BestConstant(set) : Baselines.ClassFrequencies(set);

    /// <summary>The batch of training step <paramref name="step"/>, counted from 1.</summary>
    public SequenceBatch TrainingBatch(long seed, int step, int count) => Batch(seed, StreamPurpose.TrainingBatch, (uint)step, 0, count);

    /// <summary>Sequences <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1 of the evaluation set.</summary>
    public SequenceBatch Evaluation(long seed, int first, int count) => Batch(seed, StreamPurpose.EvaluationSet, 0, first, count);

    /// <summary>The first sequence of the evaluation set, with the steps that its answer depends on.</summary>
    public SequenceBatch Example(long seed) => Batch(seed, StreamPurpose.EvaluationSet, 0, 0, 1, marked: true);

    private SequenceBatch Batch(long seed, StreamPurpose purpose, uint step, int first, int count, bool marked = false)
    {
        var batch = new SequenceBatch(BatchShape, count) { Relevant = marked ? [] : null };
        for (var index = 0; index < count; index++)
        {
            var random = new RandomStream(seed, purpose, step, (uint)(first + index));
            if (varying is null)
            {
                Generate(random, new SequenceSlot(batch, index));
                continue;
            }

            var task = OfLength(random.NextInt32(varying.Shortest!.Value, varying.Length + 1));
            batch.Lengths[index] = task.Shape.Steps;
            task.Generate(random, new SequenceSlot(batch, index));
            batch.AskFrom(index, task.Shape.FirstLossStep);
        }

        return batch;
    }

    /// <summary>The task that <paramref name="spec"/> asks for, or null when there is none of that kind.</summary>
    public static SequenceTask? Create(TaskSpec spec)
    {
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
            definition.Loss, firstLossStep, definition.Records("eval.accuracy"));
    }
}
