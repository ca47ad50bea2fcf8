using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Harness.Abstractions.Specs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Engine;

/// <summary>Takes the steps of one of the library's optimizers in its place, on the same weights and the same state, in one pass over memory.</summary>
/// <remarks>
/// State stays where the library keeps it, so checkpoints are the same and either may go on with the other's. No number crosses to native code
/// on the way, which TorchSharp does not keep alive meanwhile (docs/trainer.md, "One busy thread").
/// </remarks>
internal sealed class EngineOptimizer(optim.Optimizer optimizer, OptimizerSpec spec, Parameter[] parameters)
{
    private readonly OptimizerState[] states = [.. ((OptimizerHelper)optimizer).state_dict().State];

    /// <summary>One step, with the gradients that the weights carry.</summary>
    /// <param name="rate">The learning rate, schedule included.</param>
    public void Step(double rate)
    {
        for (var index = 0; index < parameters.Length; index++)
        {
            if (parameters[index].grad is not { } gradient) continue;
            if (parameters[index].dtype == ScalarType.Float64) Step<DoubleLanes, Vector256<double>, double>(parameters[index], gradient, states[index], rate);
            else Step<Lanes256, Vector256<float>, float>(parameters[index], gradient, states[index], rate);
        }
    }

    private void Step<L, V, T>(Tensor weight, Tensor gradient, OptimizerState state, double rate) where L : ILanes<V, T> where V : struct where T : unmanaged
    {
        var (mu, decay) = (spec.Momentum ?? 0, spec.WeightDecay ?? 0);
        switch (state)
        {
            case Adam.State adam:
                adam.step++;
                Adam<L, V, T>(weight, gradient, adam.exp_avg, adam.exp_avg_sq, adam.step, rate, 1);
                break;
            case AdamW.State adam:
                adam.step++;
                Adam<L, V, T>(weight, gradient, adam.exp_avg, adam.exp_avg_sq, adam.step, rate, 1 - rate * decay);
                break;
            case RMSProp.State rms:
                rms.step++;
                InWholeRegisters<L, V, T>((w, g, v, b) => Updates<L, V, T>.RmsProp(w, g, v, b, rate, mu), weight, gradient, rms.square_avg, rms.momentum_buffer);
                break;
            case SGD.State sgd:
                if (mu > 0) sgd.momentum_buffer ??= zeros_like(weight, requires_grad: false).DetachFromDisposeScope();
                InWholeRegisters<L, V, T>((w, g, b, _) => Updates<L, V, T>.Sgd(w, g, b, rate, mu, decay), weight, gradient, mu > 0 ? sgd.momentum_buffer : null, null);
                break;
            default:
                throw new NotSupportedException($"The engine has no step for {state.GetType().FullName}.");
        }
    }

    private static void Adam<L, V, T>(Tensor weight, Tensor gradient, Tensor first, Tensor second, long step, double rate, double decay) where L : ILanes<V, T> where V : struct where T : unmanaged
    {
        var (size, correction) = (rate / (1 - Power(0.9, step)), Math.Sqrt(1 - Power(0.999, step)));
        InWholeRegisters<L, V, T>((w, g, m, v) => Updates<L, V, T>.Adam(w, g, m, v, size, correction, decay), weight, gradient, first, second);
    }

    /// <summary>By squaring: a library's pow may differ in its last bit from system to system.</summary>
    private static double Power(double number, long exponent)
    {
        double result = 1;
        for (; exponent > 0; exponent >>= 1, number *= number)
            if ((exponent & 1) == 1) result *= number;
        return result;
    }

    private delegate void Update<T>(Span<T> weights, ReadOnlySpan<T> gradients, Span<T> first, Span<T> second) where T : unmanaged;

    /// <summary>Calls with as many numbers as fill registers, and with what is left in a register filled up with zeros.</summary>
    /// <param name="first">What the optimizer remembers; null where it has nothing, then memory is lent for the call.</param>
    private static void InWholeRegisters<L, V, T>(Update<T> update, Tensor weight, Tensor gradient, Tensor? first, Tensor? second) where L : ILanes<V, T> where V : struct where T : unmanaged
    {
        var count = (int)weight.numel();
        var w = Numbers<T>(weight);
        var g = Numbers<T>(gradient);
        var a = first is null ? new T[count] : Numbers<T>(first);
        var b = second is null ? new T[count] : Numbers<T>(second);
        var whole = count - count % L.Count;
        update(w[..whole], g[..whole], a[..whole], b[..whole]);
        if (whole == count) return;
        Span<T> rest = stackalloc T[4 * L.Count];
        rest.Clear();
        w[whole..].CopyTo(rest);
        g[whole..].CopyTo(rest[L.Count..]);
        a[whole..].CopyTo(rest[(2 * L.Count)..]);
        b[whole..].CopyTo(rest[(3 * L.Count)..]);
        update(rest[..L.Count], rest.Slice(L.Count, L.Count), rest.Slice(2 * L.Count, L.Count), rest.Slice(3 * L.Count, L.Count));
        rest[..(count - whole)].CopyTo(w[whole..]);
        rest.Slice(2 * L.Count, count - whole).CopyTo(a[whole..]);
        rest.Slice(3 * L.Count, count - whole).CopyTo(b[whole..]);
    }

    private static Span<T> Numbers<T>(Tensor tensor) where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes);
}
