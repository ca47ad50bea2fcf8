using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>The sequences on which a trial is judged: the same for every cell and every step of a seed.</summary>
internal sealed class EvaluationSet : IDisposable
{
    /// <summary>Sequences per forward pass: bounds memory; part of the numerical contract, for sums are taken per chunk.</summary>
    private const int Chunk = 250;

    private readonly TaskShape shape;
    private readonly List<BatchTensors> chunks = [];

    public EvaluationSet(SequenceTask task, long seed, int sequences, ScalarType dtype, Device device)
    {
        shape = task.BatchShape;
        sequences = Math.Min(sequences, task.EvaluationSequences);
        for (var first = 0; first < sequences; first += Chunk)
            chunks.Add(BatchTensors.Of(task.Evaluation(seed, first, Math.Min(Chunk, sequences - first)), dtype, device));
        BaselineLoss = task.EvaluationBaseline(seed, sequences);
    }

    /// <summary>Loss of the naive predictor on these sequences.</summary>
    public double BaselineLoss { get; }

    /// <summary>Mean loss over the set and, where sequences can be right, the share in which every answer is; without gradient.</summary>
    public Evaluation Evaluate(SequenceModel model) => Evaluate(model, shape, chunks);

    /// <summary>The same on a set that is evaluated once and not kept.</summary>
    /// <param name="take">Gives so many sequences from a first one on.</param>
    public static Evaluation Once(SequenceModel model, TaskShape shape, int sequences, Func<int, int, SequenceBatch> take, ScalarType dtype, Device device)
    {
        return Evaluate(model, shape, Chunks());

        IEnumerable<BatchTensors> Chunks()
        {
            for (var first = 0; first < sequences; first += Chunk)
            {
                using var scope = NewDisposeScope();
                yield return BatchTensors.Of(take(first, Math.Min(Chunk, sequences - first)), dtype, device);
            }
        }
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
