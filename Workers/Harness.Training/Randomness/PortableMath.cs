namespace Harness.Training.Randomness;

/// <summary>Functions whose bits do not depend on a platform's C library: only IEEE 754 additions, multiplications, divisions and roots.</summary>
internal static class PortableMath
{
    private const double Ln2 = 0.69314718055994530942;

    /// <summary>The natural logarithm of a positive, finite, normal number, within 2 units in the last place or 1e-16, whichever is larger.</summary>
    /// <remarks>x = m·2^e with m in [√½, √2); ln m = 2·artanh((m−1)/(m+1)), whose series converges like 0.0295^k.</remarks>
    public static double Ln(double x)
    {
        if (!(x > 0) || !double.IsFinite(x)) throw new ArgumentOutOfRangeException(nameof(x), x, "The logarithm is taken of positive, finite numbers.");
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        double series = 0;
        for (var k = 23; k >= 1; k -= 2) series = series * square + 1.0 / k;
        return exponent * Ln2 + 2 * s * series;
    }
}
