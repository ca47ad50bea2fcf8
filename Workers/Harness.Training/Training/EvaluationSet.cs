using Harness.Experiments.Catalog;
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
        shape = task.Shape;
        for (var first = 0; first < sequences; first += Chunk)
            chunks.Add(BatchTensors.Of(task.Evaluation(seed, first, Math.Min(Chunk, sequences - first)), dtype, device));
        BaselineLoss = task.BaselineLoss(task.Evaluation(seed, 0, sequences));
    }

    /// <summary>Loss of the naive predictor on these sequences.</summary>
    public double BaselineLoss { get; }

    /// <summary>Mean loss over the set and, for classes, the share of right answers; without gradient.</summary>
    public Evaluation Evaluate(SequenceModel model)
    {
        using var _ = no_grad();
        double loss = 0, right = 0, answers = 0;
        foreach (var chunk in chunks)
        {
            using var scope = NewDisposeScope();
            var prediction = model.Predict(chunk.Input);                                                  // [P, B, O]
            loss += chunk.Loss(prediction, nn.Reduction.Sum).to(ScalarType.Float64).item<double>();
            if (shape.Loss == LossKind.MeanSquaredError)
            {
                answers += chunk.Target.numel();
                continue;
            }

            answers += chunk.Target.ne(SequenceBatch.Ignored).sum().item<long>();
            right += prediction.argmax(-1).eq(chunk.Target).sum().item<long>();
        }

        return new(loss / answers, shape.Loss == LossKind.CrossEntropy ? right / answers : null);
    }

    public void Dispose()
    {
        foreach (var (_, input, target) in chunks)
        {
            input.Dispose();
            target.Dispose();
        }
    }
}

/// <summary>What an evaluation found.</summary>
/// <param name="Accuracy">Absent for real-valued answers.</param>
internal sealed record Evaluation(double Loss, double? Accuracy);
