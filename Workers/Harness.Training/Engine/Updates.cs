using System.Runtime.CompilerServices;

namespace Harness.Training.Engine;

/// <summary>The arithmetic of the optimizers over weights in memory. Number by number, so that the width of the registers changes no bit.</summary>
/// <remarks>All spans of a call have the weights' length, a multiple of a register.</remarks>
internal static class Updates<L, V, T> where L : ILanes<V, T> where V : struct where T : unmanaged
{
    /// <summary>
    /// Adam (Kingma &amp; Ba 2015, algorithm 1, as PyTorch orders it): m' = β₁m + (1−β₁)g, v' = β₂v + (1−β₂)g², w' = decay·w − rate·m'/(√v'/correction + ε).
    /// </summary>
    /// <param name="rate">Learning rate over 1 − β₁ᵗ.</param>
    /// <param name="correction">√(1 − β₂ᵗ).</param>
    /// <param name="decay">What the weights are multiplied by first: 1, or for AdamW 1 − lr·λ (Loshchilov &amp; Hutter 2019, algorithm 2).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adam(Span<T> weights, ReadOnlySpan<T> gradients, Span<T> first, Span<T> second, double rate, double correction, double decay)
    {
        const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
        var w = Row(weights, weights.Length);
        var g = Row(gradients, weights.Length);
        var m = Row(first, weights.Length);
        var v = Row(second, weights.Length);
        for (nint i = 0; i < weights.Length; i += L.Count)
        {
            var gradient = g[0, i];
            var mean = L.MultiplyAdd(L.Of(Beta1), m[0, i], L.Multiply(L.Of(1 - Beta1), gradient));
            var square = L.MultiplyAdd(L.Of(Beta2), v[0, i], L.Multiply(L.Multiply(L.Of(1 - Beta2), gradient), gradient));
            var size = L.Add(L.Divide(L.SquareRoot(square), L.Of(correction)), L.Of(Epsilon));
            m[0, i] = mean;
            v[0, i] = square;
            w[0, i] = L.MultiplyAdd(L.Of(-rate), L.Divide(mean, size), L.Multiply(L.Of(decay), w[0, i]));
        }
    }

    /// <summary>RMSprop (Tieleman &amp; Hinton 2012): v' = αv + (1−α)g², b' = μb + g/(√v' + ε), w' = w − rate·b'.</summary>
    /// <param name="momentum">b; with μ = 0 it is written and never read.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsProp(Span<T> weights, ReadOnlySpan<T> gradients, Span<T> second, Span<T> momentum, double rate, double mu)
    {
        const double Alpha = 0.99, Epsilon = 1e-8;
        var w = Row(weights, weights.Length);
        var g = Row(gradients, weights.Length);
        var v = Row(second, weights.Length);
        var b = Row(momentum, weights.Length);
        for (nint i = 0; i < weights.Length; i += L.Count)
        {
            var gradient = g[0, i];
            var square = L.MultiplyAdd(L.Of(Alpha), v[0, i], L.Multiply(L.Multiply(L.Of(1 - Alpha), gradient), gradient));
            var step = L.Divide(gradient, L.Add(L.SquareRoot(square), L.Of(Epsilon)));
            if (mu > 0) step = L.MultiplyAdd(L.Of(mu), b[0, i], step);
            v[0, i] = square;
            b[0, i] = step;
            w[0, i] = L.MultiplyAdd(L.Of(-rate), step, w[0, i]);
        }
    }

    /// <summary>Stochastic gradient descent as PyTorch writes it: b' = μb + g + λw, w' = w − rate·b'.</summary>
    /// <param name="momentum">b; with μ = 0 it is written and never read.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sgd(Span<T> weights, ReadOnlySpan<T> gradients, Span<T> momentum, double rate, double mu, double decay)
    {
        var w = Row(weights, weights.Length);
        var g = Row(gradients, weights.Length);
        var b = Row(momentum, weights.Length);
        for (nint i = 0; i < weights.Length; i += L.Count)
        {
            var step = L.MultiplyAdd(L.Of(decay), w[0, i], g[0, i]);
            if (mu > 0) step = L.MultiplyAdd(L.Of(mu), b[0, i], step);
            b[0, i] = step;
            w[0, i] = L.MultiplyAdd(L.Of(-rate), step, w[0, i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Window<L, V, T> Row(ReadOnlySpan<T> numbers, int count) => new(numbers, count, 0, 1, 0, count);
}
