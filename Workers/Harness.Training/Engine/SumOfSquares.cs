using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Harness.Training.Engine;

/// <summary>Σx² in float64: in float32 a norm below 1e-19 would read as zero, and one above 1.9e19 as infinite.</summary>
internal static class SumOfSquares
{
    /// <summary>Sixteen partial sums for every register width, then the remainder: bitwise identical on every processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of<T>(ReadOnlySpan<T> numbers) where T : unmanaged, INumberBase<T>
    {
        Vector512<double> sums = default, others = default;
        var whole = numbers.Length / 16 * 16;
        if (typeof(T) == typeof(float))
        {
            foreach (ref readonly var part in MemoryMarshal.Cast<T, Vector512<float>>(numbers[..whole]))
            {
                var (low, high) = (Vector512.WidenLower(part), Vector512.WidenUpper(part));
                sums = Vector512.FusedMultiplyAdd(low, low, sums);
                others = Vector512.FusedMultiplyAdd(high, high, others);
            }
        }
        else
        {
            foreach (ref readonly var part in MemoryMarshal.Cast<T, Vector512<double>>(numbers[..whole])) sums = Vector512.FusedMultiplyAdd(part, part, sums);
        }

        sums += others;
        var four = sums.GetLower() + sums.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        var sum = two[0] + two[1];
        foreach (var number in numbers[whole..])
            sum = Math.FusedMultiplyAdd(double.CreateTruncating(number), double.CreateTruncating(number), sum);
        return sum;
    }
}
