using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Harness.Training.Timing;

/// <summary>What this machine could reach: the denominators of shares.</summary>
internal static class Peak
{
    private const int Rounds = 5_000, Sums = 16;

    /// <summary>Side of the matrices whose product is timed; larger on a device that needs more work to be busy.</summary>
    private const int OnCpu = 512, OnDevice = 4_096;

    /// <summary>Where the sums go: what nobody reads is not computed.</summary>
    private static float sink;

    /// <summary>One core's float32 multiply-adds of full registers, in GFLOP/s.</summary>
    /// <param name="milliseconds">For how long.</param>
    /// <param name="clock">Milliseconds on a clock of the caller's choice.</param>
    public static double MultiplyAdd(double milliseconds, Func<double> clock)
    {
        var (began, bursts) = (clock(), 0);
        double took;
        do
        {
            sink = Burst(sink * 1e-30f);
            bursts++;
            took = clock() - began;
        }
        while (took < milliseconds);
        return 2.0 * bursts * Rounds * Sums * Vector512<float>.Count / took / 1e6;
    }

    /// <summary>libtorch's product of two large float32 matrices with the threads that are set, in GFLOP/s.</summary>
    public static double Matmul(Device device, TimeProvider clock)
    {
        var side = device.type == TorchSharp.DeviceType.CUDA ? OnDevice : OnCpu;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (a, b) = (full(side, side, 0.5f, device: device), full(side, side, 0.25f, device: device));
        Synchronise();
        var began = clock.GetTimestamp();
        matmul(a, b);
        Synchronise();
        return 2.0 * side * side * side / clock.GetElapsedTime(began).TotalSeconds / 1e9;

        void Synchronise()
        {
            if (device.type == TorchSharp.DeviceType.CUDA) cuda.synchronize();
        }
    }

    /// <summary>Sixteen chains of multiply-adds of full registers, which begin differently, for equal ones would be computed once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Burst(float start)
    {
        var factor = Vector512.Create(0.999f);
        var a = Vector512.Create(start);
        var b = a + Vector512.Create(1f);
        var c = a + Vector512.Create(2f);
        var d = a + Vector512.Create(3f);
        var e = a + Vector512.Create(4f);
        var f = a + Vector512.Create(5f);
        var g = a + Vector512.Create(6f);
        var h = a + Vector512.Create(7f);
        var i = a + Vector512.Create(8f);
        var j = a + Vector512.Create(9f);
        var k = a + Vector512.Create(10f);
        var l = a + Vector512.Create(11f);
        var m = a + Vector512.Create(12f);
        var n = a + Vector512.Create(13f);
        var o = a + Vector512.Create(14f);
        var p = a + Vector512.Create(15f);
        for (var round = 0; round < Rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, factor, factor);
            b = Vector512.FusedMultiplyAdd(b, factor, factor);
            c = Vector512.FusedMultiplyAdd(c, factor, factor);
            d = Vector512.FusedMultiplyAdd(d, factor, factor);
            e = Vector512.FusedMultiplyAdd(e, factor, factor);
            f = Vector512.FusedMultiplyAdd(f, factor, factor);
            g = Vector512.FusedMultiplyAdd(g, factor, factor);
            h = Vector512.FusedMultiplyAdd(h, factor, factor);
            i = Vector512.FusedMultiplyAdd(i, factor, factor);
            j = Vector512.FusedMultiplyAdd(j, factor, factor);
            k = Vector512.FusedMultiplyAdd(k, factor, factor);
            l = Vector512.FusedMultiplyAdd(l, factor, factor);
            m = Vector512.FusedMultiplyAdd(m, factor, factor);
            n = Vector512.FusedMultiplyAdd(n, factor, factor);
            o = Vector512.FusedMultiplyAdd(o, factor, factor);
            p = Vector512.FusedMultiplyAdd(p, factor, factor);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p);
    }
}
