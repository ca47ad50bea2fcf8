using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Harness.Experiments.Specs;
using static TorchSharp.torch;

namespace Harness.Training.Engine;

/// <summary>Norm and clipping of gradients in the processor's memory, for every backend on the CPU.</summary>
/// <remarks>
/// Norm and scaling are in float64. In float32 the square of 1.9e19 is infinite, and the factor that clips a norm of 1e39 is a subnormal number, which reads as zero.
/// </remarks>
internal static class EngineClip
{
    /// <summary>Clips by the global norm (Pascanu, Mikolov &amp; Bengio 2013, algorithm 1), then by value, as far as the spec asks for it.</summary>
    /// <param name="gradients">Contiguous, of type <typeparamref name="T"/>; clipped in place.</param>
    /// <returns>The global norm before clipping, not finite when a gradient is not, and whether anything was clipped.</returns>
    public static (double Norm, bool Clipped) Apply<T>(IReadOnlyList<Tensor> gradients, TrainSpec spec) where T : unmanaged, INumberBase<T>
    {
        double squares = 0;
        foreach (var gradient in gradients) squares += SumOfSquares.Of<T>(Numbers<T>(gradient));
        var norm = Math.Sqrt(squares);
        // As torch: a little more than the norm, so that nothing is divided by zero.
        if (spec.ClipNorm is { } most && most / (norm + 1e-6) is < 1 and var factor)
            foreach (var gradient in gradients) Scale(Numbers<T>(gradient), factor);
        if (spec.ClipValue is not { } largest) return (norm, norm > spec.ClipNorm);
        var clipped = false;
        foreach (var gradient in gradients) clipped |= Bound(Numbers<T>(gradient), largest);
        return (norm, clipped);
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
