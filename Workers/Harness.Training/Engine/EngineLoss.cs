using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Harness.Training.Randomness;
using Harness.Training.Tasks;

namespace Harness.Training.Engine;

/// <summary>The losses that tasks have, in float64 whatever the network's precision, and their gradients with respect to the answers.</summary>
/// <remarks>Means over what is asked for, as torch's with <c>ignore_index</c> or a mask; with nothing asked for they are no number.</remarks>
internal static class EngineLoss
{
    /// <summary>Mean squared error.</summary>
    /// <param name="answers">[N, O] of rows of <paramref name="stride"/> numbers; replaced by ∂L/∂answer, which is zero where nothing was asked for.</param>
    /// <param name="values">[N, O]; <see cref="SequenceBatch.Unasked"/> asks for nothing.</param>
    public static double Squared<T>(Span<T> answers, int stride, int outputs, ReadOnlySpan<float> values) where T : unmanaged, INumberBase<T>
    {
        var asked = 0;
        foreach (var value in values) asked += float.IsNaN(value) ? 0 : 1;
        double sum = 0;
        for (var row = 0; row < values.Length / outputs; row++)
        {
            for (var o = 0; o < outputs; o++)
            {
                ref var answer = ref answers[row * stride + o];
                var wanted = values[row * outputs + o];
                var error = float.IsNaN(wanted) ? 0 : double.CreateTruncating(answer) - wanted;
                sum += error * error;
                answer = T.CreateTruncating(2 * error / asked);
            }
        }

        return sum / asked;
    }

    /// <summary>Cross-entropy in nats of the softmax over each row.</summary>
    /// <param name="answers">As for <see cref="Squared"/>.</param>
    /// <param name="classes">[N]; <see cref="SequenceBatch.Ignored"/> asks for nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double CrossEntropy<T>(Span<T> answers, int stride, int outputs, ReadOnlySpan<long> classes) where T : unmanaged, INumberBase<T>
    {
        var asked = 0;
        foreach (var wanted in classes) asked += wanted == SequenceBatch.Ignored ? 0 : 1;
        var shares = new double[LayerSizes.Padded(outputs)];
        double loss = 0;
        for (var row = 0; row < classes.Length; row++)
        {
            var logits = answers.Slice(row * stride, outputs);
            if (classes[row] == SequenceBatch.Ignored)
            {
                logits.Clear();
                continue;
            }

            var largest = double.NegativeInfinity;
            foreach (var logit in logits) largest = Math.Max(largest, double.CreateTruncating(logit));
            for (var o = 0; o < outputs; o++) shares[o] = double.CreateTruncating(logits[o]) - largest;
            var target = shares[(int)classes[row]];
            foreach (ref var part in MemoryMarshal.Cast<double, Vector256<double>>(shares.AsSpan())) part = Elementary<DoubleLanes, Vector256<double>, double>.Exp(part);
            double sum = 0;
            for (var o = 0; o < outputs; o++) sum += shares[o];
            loss += double.IsFinite(sum) ? PortableMath.Ln(sum) - target : double.NaN;
            for (var o = 0; o < outputs; o++) logits[o] = T.CreateTruncating((shares[o] / sum - (o == classes[row] ? 1 : 0)) / asked);
        }

        return loss / asked;
    }
}
