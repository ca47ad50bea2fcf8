using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>The sequences on which a trial is evaluated: the same for every cell and every step of a seed.</summary>
internal sealed class EvaluationSet : IDisposable
{
    /// <summary>Sequences per forward pass: bounds memory; part of the library's numerical contract, for its sums are taken per chunk.</summary>
    public const int Chunk = 250;

    private readonly TaskShape shape;
    private readonly NativeModel? native;
    private readonly List<SequenceBatch> batches = [];        // where the native kernels evaluate
    private readonly List<BatchTensors> chunks = [];          // where torch does

    /// <param name="native">Evaluates a model on the native kernels; null for a model on another backend.</param>
    public EvaluationSet(SequenceTask task, long seed, int sequences, ScalarType dtype, Device device, NativeModel? native = null)
    {
        (shape, this.native) = (task.BatchShape, native);
        Sequences = sequences = Math.Min(sequences, task.EvaluationSequences);
        foreach (var batch in Cut(sequences, (first, count) => task.Evaluation(seed, first, count)))
        {
            if (native is null) chunks.Add(BatchTensors.Of(batch, dtype, device));
            else batches.Add(batch);
        }

        BaselineLoss = task.EvaluationBaseline(seed, sequences);
    }

    public int Sequences { get; }

    /// <summary>The set in pieces, in order; empty where the native kernels evaluate.</summary>
    public IReadOnlyList<BatchTensors> Chunks => chunks;

    /// <summary>Loss of the baseline on these sequences.</summary>
    public double BaselineLoss { get; }

    /// <summary>Mean loss over the set and, where sequences can be right, the share in which every answer is; without gradient.</summary>
    public Evaluation Evaluate(SequenceModel model) => native is null ? Evaluate(model, shape, chunks) : Evaluate(native, shape, batches);

    /// <summary>The same on a set that is evaluated once and not kept.</summary>
    /// <param name="read">Returns the given number of sequences from a first one on.</param>
    public static Evaluation Once(SequenceModel model, TaskShape shape, int sequences, Func<int, int, SequenceBatch> read, ScalarType dtype, Device device, NativeModel? native = null)
    {
        return native is null ? Evaluate(model, shape, Tensors()) : Evaluate(native, shape, Cut(sequences, read));

        IEnumerable<BatchTensors> Tensors()
        {
            foreach (var batch in Cut(sequences, read))
            {
                using var scope = NewDisposeScope();
                yield return BatchTensors.Of(batch, dtype, device);
            }
        }
    }

    private static IEnumerable<SequenceBatch> Cut(int sequences, Func<int, int, SequenceBatch> read)
    {
        for (var first = 0; first < sequences; first += Chunk) yield return read(first, Math.Min(Chunk, sequences - first));
    }

    /// <summary>Sequence by sequence, so that the sums do not depend on how the set is cut.</summary>
    private static Evaluation Evaluate(NativeModel native, TaskShape shape, IEnumerable<SequenceBatch> batches)
    {
        double loss = 0, right = 0, answers = 0, sequences = 0;
        foreach (var batch in batches)
        {
            var (losses, isRight) = (new double[batch.Count], new bool[shape.Graded ? batch.Count : 0]);
            native.EvaluateBatch(batch, losses, isRight);
            foreach (var lost in losses) loss += lost;
            answers += batch.Answers;
            right += isRight.Count(each => each);
            sequences += batch.Count;
        }

        return new(loss / answers, shape.Graded ? right / sequences : null);
    }

    private static Evaluation Evaluate(SequenceModel model, TaskShape shape, IEnumerable<BatchTensors> chunks)
    {
        using var _ = no_grad();
        double loss = 0, right = 0, answers = 0, sequences = 0;
        foreach (var chunk in chunks)
        {
            using var scope = NewDisposeScope();
            var prediction = model.Predict(chunk);                                                        // [P, B, O]
            loss += chunk.Loss(prediction, nn.Reduction.Sum).to(ScalarType.Float64).item<double>();
            answers += chunk.Answers();
            if (!shape.Graded) continue;
            var asked = chunk.Target.ne(SequenceBatch.Ignored);                                           // [P, B]
            var wrong = asked.logical_and(prediction.argmax(-1).ne(chunk.Target)).sum(dim: 0);           // [B]
            right += wrong.eq(0).sum().item<long>();
            sequences += wrong.numel();
        }

        return new(loss / answers, shape.Graded ? right / sequences : null);
    }

    public void Dispose()
    {
        foreach (var chunk in chunks) chunk.Dispose();
    }
}

/// <summary>What an evaluation found.</summary>
/// <param name="Accuracy">Absent where sequences cannot be right: real answers, languages.</param>
internal sealed record Evaluation(double Loss, double? Accuracy);
