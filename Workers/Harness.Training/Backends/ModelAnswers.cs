using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>What a model answers to sequences, on the backend that trains it, without dropout and gradients.</summary>
/// <param name="native">The model's native kernels; null for a model on another backend.</param>
internal sealed class ModelAnswers(SequenceModel model, NativeModel? native, ScalarType dtype, Device device)
{
    /// <returns>[P, B, O], P the steps that carry loss.</returns>
    public double[] Of(SequenceBatch batch)
    {
        if (native is not null)
        {
            var answers = new double[batch.Shape.LossSteps * batch.Count * batch.Shape.OutputSize];
            native.PredictBatch(batch, answers);
            return answers;
        }

        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return model.Predict(BatchTensors.Of(batch, dtype, device)).to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    /// <summary>The answer after a sequence's last step.</summary>
    /// <param name="answers">What <see cref="Of"/> returned for the batch.</param>
    public static ReadOnlySpan<double> Last(SequenceBatch batch, double[] answers, int index)
    {
        var size = batch.Shape.OutputSize;
        return answers.AsSpan(((batch.Shape.LossSteps - 1) * batch.Count + index) * size, size);
    }

    /// <summary>softmax, shifted by the largest score so that none overflows.</summary>
    public static double[] Probabilities(ReadOnlySpan<double> scores)
    {
        var shares = scores.ToArray();
        var largest = shares.Max();
        for (var i = 0; i < shares.Length; i++) shares[i] = Math.Exp(shares[i] - largest);
        var sum = shares.Sum();
        for (var i = 0; i < shares.Length; i++) shares[i] /= sum;
        return shares;
    }
}
