using System.Runtime.CompilerServices;

namespace Harness.Training.Engine;

/// <summary>exp, tanh and σ over a register, from multiplications, additions and one division: the same bits on every processor and at every width.</summary>
/// <remarks>
/// eˣ − 1 = 2ⁿ·p(r) + (2ⁿ − 1) with n = round(x / ln 2) and r = x − n·ln 2 in two parts (Cody &amp; Waite 1980, chapter 6), p the Taylor polynomial of
/// eʳ − 1 for |r| ≤ ½ ln 2, of degree 7 in float32 (truncated at 5e-9) and 14 in float64 (1e-19). Keeping the 1 apart keeps small arguments exact:
/// tanh x = e/(e + 2) with e = e²ˣ − 1 and σ(x) = 1/(e + 2) with e = e⁻ˣ − 1 are within 4 units in the last place of the true value wherever that is
/// a normal number above 1e-37 (float32) or 1e-300 (float64).
/// </remarks>
internal static class Elementary<L, V, T> where L : ILanes<V, T> where V : struct where T : unmanaged
{
    private static bool IsDouble
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(double);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        // Beyond this, tanh is ±1 to the last bit.
        var limited = L.Clamp(x, IsDouble ? -20 : -10, IsDouble ? 20 : 10);
        var e = ExpMinusOne(L.Add(limited, limited));
        return L.Divide(e, L.Add(e, L.Of(2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x)
    {
        var e = ExpMinusOne(L.Subtract(L.Of(0), L.Clamp(x, IsDouble ? -700 : -87, IsDouble ? 700 : 87)));
        return L.Divide(L.Of(1), L.Add(e, L.Of(2)));
    }

    /// <summary>eˣ for x up to 87 (float32) or 700 (float64); below the negative of that as there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        var p = Polynomial(L.Clamp(x, IsDouble ? -700 : -87, IsDouble ? 700 : 87), out var scale);
        return L.MultiplyAdd(scale, p, scale);
    }

    /// <summary>eˣ − 1, for |x| up to 87 (float32) or 700 (float64).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpMinusOne(V x)
    {
        var p = Polynomial(x, out var scale);
        return L.MultiplyAdd(scale, p, L.Subtract(scale, L.Of(1)));
    }

    /// <summary>p(r), and 2ⁿ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Polynomial(V x, out V scale)
    {
        // Adding 1.5·2²³ (or 2⁵²) rounds to a whole number and leaves it, with the exponent's bias, in the lowest bits.
        var shift = L.Of(IsDouble ? 6755399441055744.0 + 1023 : 12582912.0 + 127);
        var shifted = L.MultiplyAdd(x, L.Of(1.4426950408889634), shift);
        var n = L.Subtract(shifted, shift);
        var r = L.MultiplyAdd(n, L.Of(IsDouble ? -0.693147180369123816490 : -0.693359375), x);
        r = L.MultiplyAdd(n, L.Of(IsDouble ? -1.90821492927058770002e-10 : 2.12194440e-4), r);
        var q = L.Of(1.0 / 5040);
        if (IsDouble)
        {
            q = L.MultiplyAdd(L.Of(1.0 / 87178291200), r, L.Of(1.0 / 6227020800));
            q = L.MultiplyAdd(q, r, L.Of(1.0 / 479001600));
            q = L.MultiplyAdd(q, r, L.Of(1.0 / 39916800));
            q = L.MultiplyAdd(q, r, L.Of(1.0 / 3628800));
            q = L.MultiplyAdd(q, r, L.Of(1.0 / 362880));
            q = L.MultiplyAdd(q, r, L.Of(1.0 / 40320));
            q = L.MultiplyAdd(q, r, L.Of(1.0 / 5040));
        }

        q = L.MultiplyAdd(q, r, L.Of(1.0 / 720));
        q = L.MultiplyAdd(q, r, L.Of(1.0 / 120));
        q = L.MultiplyAdd(q, r, L.Of(1.0 / 24));
        q = L.MultiplyAdd(q, r, L.Of(1.0 / 6));
        q = L.MultiplyAdd(q, r, L.Of(0.5));
        scale = L.PowerOfTwo(shifted);
        return L.MultiplyAdd(L.Multiply(r, r), q, r);
    }
}
