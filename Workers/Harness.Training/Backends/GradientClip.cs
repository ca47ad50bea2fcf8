using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Harness.Abstractions.Specs;
using Harness.Training.Engine;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>Norm and clipping of gradients, to be called after backward: by global norm (Pascanu, Mikolov &amp; Bengio 2013, algorithm 1), then by value, as the spec says.</summary>
/// <remarks>
/// Norms and factors are float64 on every backend, so that all of them agree on which trials diverge. In float32 the square of 1.9e19 is infinite, and the factor that
/// clips a norm of 1e39 is a subnormal number, which reads as zero.
/// </remarks>
internal static class GradientClip
{
    /// <summary>What gradients are multiplied by where it is below 1, as torch computes it: a little more than the norm, so that nothing is divided by zero.</summary>
    /// <typeparam name="N">A number of the processor or a tensor of norms; they have no operators in common.</typeparam>
    private static N Factor<N>(double maxNorm, N norm, Func<N, double, N> add, Func<double, N, N> divide) => divide(maxNorm, add(norm, 1e-6));

    /// <summary>Clips one model's gradients. Waits for a device once.</summary>
    /// <param name="loss">Of the step, a scalar.</param>
    public static StepResult Apply(Tensor loss, IReadOnlyList<Parameter> parameters, TrainSpec spec)
    {
        Tensor[] gradients = [.. parameters.Select(Dense).OfType<Tensor>()];
        if (loss.device_type != DeviceType.CPU) return OnDevice(loss, gradients, spec);
        var (norm, clipped) = loss.dtype == ScalarType.Float64 ? InMemory<double>(gradients, spec) : InMemory<float>(gradients, spec);
        return new(loss.to(ScalarType.Float64).item<double>(), norm, clipped);
    }

    /// <summary>Clips gradients in the processor's memory.</summary>
    /// <param name="gradients">Contiguous, of type <typeparamref name="T"/>; clipped in place.</param>
    /// <returns>The global norm before clipping, not finite when a gradient is not, and whether anything was clipped.</returns>
    public static (double Norm, bool Clipped) InMemory<T>(IReadOnlyList<Tensor> gradients, TrainSpec spec) where T : unmanaged, INumberBase<T>
    {
        double squares = 0;
        foreach (var gradient in gradients) squares += SumOfSquares.Of<T>(Numbers<T>(gradient));
        var norm = Math.Sqrt(squares);
        if (spec.ClipNorm is { } maxNorm && Factor(maxNorm, norm, (a, b) => a + b, (a, b) => a / b) is < 1 and var factor)
            foreach (var gradient in gradients) Scale(Numbers<T>(gradient), factor);
        if (spec.ClipValue is not { } largest) return (norm, norm > spec.ClipNorm);
        var clipped = false;
        foreach (var gradient in gradients) clipped |= Bound(Numbers<T>(gradient), largest);
        return (norm, clipped);
    }

    /// <summary>Clips one model's gradients without leaving the device, but to read loss, norm and largest entry at once.</summary>
    internal static StepResult OnDevice(Tensor loss, IReadOnlyList<Tensor> gradients, TrainSpec spec)
    {
        var (norms, peaks) = ByModel([.. gradients.Select(gradient => gradient.unsqueeze(0))], spec);
        double[] found = [.. stack([loss.detach().to(ScalarType.Float64).reshape(1), norms, peaks]).cpu().data<double>()];
        return Result(found[0], found[1], found[2], spec);
    }

    /// <summary>Clips the gradients of several models, each by its own norm, on the device that they are on.</summary>
    /// <param name="gradients">[K, …] each, clipped in place.</param>
    /// <returns>Float64, [K] each: global norms before clipping, and the largest entries before clipping by value; zeros where nothing is clipped by value.</returns>
    public static (Tensor Norms, Tensor Peaks) ByModel(IReadOnlyList<Tensor> gradients, TrainSpec spec)
    {
        var models = gradients[0].shape[0];
        var all = cat([.. gradients.Select(gradient => gradient.reshape(models, -1))], dim: 1).to(ScalarType.Float64);      // [K, P]
        var norms = all.square().sum(dim: 1).sqrt();
        if (spec.ClipNorm is { } maxNorm) all.mul_(Factor(maxNorm, norms, (a, b) => a + b, (a, b) => a / b).clamp_max(1).unsqueeze(1));
        var peaks = spec.ClipValue is null ? zeros_like(norms) : all.abs().amax([1]);
        if (spec.ClipValue is { } largest) all.clamp_(-largest, largest);
        if (spec.ClipNorm is null && spec.ClipValue is null) return (norms, peaks);
        long first = 0;
        foreach (var gradient in gradients)
        {
            var size = gradient.numel() / models;
            gradient.copy_(all.narrow(1, first, size).reshape(gradient.shape));
            first += size;
        }

        return (norms, peaks);
    }

    /// <param name="peak">As <see cref="ByModel"/> returns it.</param>
    public static StepResult Result(double loss, double norm, double peak, TrainSpec spec) =>
        new(loss, norm, spec.ClipValue is { } largest ? peak > largest : norm > spec.ClipNorm);

    /// <summary>A parameter's gradient with its entries in one piece of memory; null where it has none.</summary>
    private static Tensor? Dense(Parameter parameter)
    {
        if (parameter.grad is { } scattered && !scattered.is_contiguous()) parameter.grad = scattered.contiguous();
        return parameter.grad;
    }

    /// <summary>Multiplies in float64 and rounds once.</summary>
    private static void Scale<T>(Span<T> numbers, double factor) where T : unmanaged, INumberBase<T>
    {
        var whole = 0;
        if (typeof(T) == typeof(float))
        {
            var parts = MemoryMarshal.Cast<T, Vector512<float>>(numbers);
            foreach (ref var part in parts) part = Vector512.Narrow(Vector512.WidenLower(part) * factor, Vector512.WidenUpper(part) * factor);
            whole = parts.Length * Vector512<float>.Count;
        }

        foreach (ref var number in numbers[whole..]) number = T.CreateTruncating(double.CreateTruncating(number) * factor);
    }

    /// <returns>Whether a number was beyond the bound.</returns>
    private static bool Bound<T>(Span<T> numbers, double largest) where T : unmanaged, INumberBase<T>
    {
        var (clipped, bound) = (false, T.CreateTruncating(largest));
        foreach (ref var number in numbers)
        {
            if (!(double.CreateTruncating(T.Abs(number)) > largest)) continue;
            clipped = true;
            number = T.IsNegative(number) ? -bound : bound;
        }

        return clipped;
    }

    private static Span<T> Numbers<T>(Tensor tensor) where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes);
}
