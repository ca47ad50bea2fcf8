using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Harness.Abstractions.Catalog;
using Harness.Training.Randomness;
using Harness.Training.Tasks;

namespace Harness.Training.Engine;

/// <summary>The losses that tasks have, in float64 for every network precision, and their gradients with respect to the answers.</summary>
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

            loss += Nats<T>(logits, (int)classes[row], shares, out var sum);
            for (var o = 0; o < outputs; o++) logits[o] = T.CreateTruncating((shares[o] / sum - (o == classes[row] ? 1 : 0)) / asked);
        }

        return loss / asked;
    }

    /// <summary>What each sequence loses, and whether it is right, without gradients.</summary>
    /// <param name="answers">[P, sequences, O] of rows of <paramref name="stride"/> numbers.</param>
    /// <param name="batch">What they were asked for.</param>
    /// <param name="first">The batch's first of these sequences.</param>
    /// <param name="losses">[sequences]: sums over what is asked for.</param>
    /// <param name="right">[sequences], whether the right class has the largest logit wherever one is asked for, the first of equal ones; empty for real answers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BySequence<T>(ReadOnlySpan<T> answers, int stride, SequenceBatch batch, int first, Span<double> losses, Span<bool> right) where T : unmanaged, INumberBase<T>
    {
        var (outputs, shares) = (batch.Shape.OutputSize, new double[LayerSizes.Padded(batch.Shape.OutputSize)]);
        losses.Clear();
        right.Fill(true);
        for (var step = 0; step < batch.Shape.LossSteps; step++)
        {
            for (var sequence = 0; sequence < losses.Length; sequence++)
            {
                var answer = answers.Slice((step * losses.Length + sequence) * stride, outputs);
                var place = step * batch.Count + first + sequence;
                if (!batch.IsAsked(place)) continue;
                if (batch.Shape.Loss == LossKind.CrossEntropy)
                {
                    var wanted = (int)batch.Classes[place];
                    losses[sequence] += Nats(answer, wanted, shares, out _);
                    if (!right.IsEmpty && Largest(answer) != wanted) right[sequence] = false;
                    continue;
                }

                for (var o = 0; o < outputs; o++)
                {
                    var error = double.CreateTruncating(answer[o]) - batch.Values[place * outputs + o];
                    losses[sequence] += error * error;
                }
            }
        }
    }

    /// <summary>Cross-entropy of one answer.</summary>
    /// <param name="shares">At least as many as logits, in whole registers: becomes what the softmax divides by <paramref name="sum"/>.</param>
    private static double Nats<T>(ReadOnlySpan<T> logits, int wanted, Span<double> shares, out double sum) where T : unmanaged, INumberBase<T>
    {
        var largest = double.NegativeInfinity;
        foreach (var logit in logits) largest = Math.Max(largest, double.CreateTruncating(logit));
        for (var o = 0; o < logits.Length; o++) shares[o] = double.CreateTruncating(logits[o]) - largest;
        var target = shares[wanted];
        foreach (ref var part in MemoryMarshal.Cast<double, Vector256<double>>(shares)) part = Elementary<DoubleLanes, Vector256<double>, double>.Exp(part);
        sum = 0;
        for (var o = 0; o < logits.Length; o++) sum += shares[o];
        return double.IsFinite(sum) ? PortableMath.Ln(sum) - target : double.NaN;
    }

    /// <summary>As torch's argmax: what is no number counts as the largest.</summary>
    private static int Largest<T>(ReadOnlySpan<T> logits) where T : unmanaged, INumberBase<T>
    {
        var (found, most) = (0, double.CreateTruncating(logits[0]));
        for (var o = 1; o < logits.Length && !double.IsNaN(most); o++)
        {
            var logit = double.CreateTruncating(logits[o]);
            if (logit > most || double.IsNaN(logit)) (found, most) = (o, logit);
        }

        return found;
    }
}
