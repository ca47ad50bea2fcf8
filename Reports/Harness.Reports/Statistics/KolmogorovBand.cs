namespace Harness.Reports.Statistics;

/// <summary>
/// A simultaneous band around an empirical distribution function: with 95 % confidence the distribution lies within it everywhere, whatever it is
/// (Kolmogorov 1933). Exact up to a thousand values (the matrix method of Marsaglia, Tsang and Wang 2003); beyond, the bound of Dvoretzky, Kiefer and
/// Wolfowitz with Massart's constant (1990), which is wider by less than 1 %.
/// </summary>
internal static class KolmogorovBand
{
    private const int LargestExact = 1000;

    /// <summary>Half of the band's width.</summary>
    /// <param name="count">Independent values.</param>
    /// <param name="confidence">Of the band.</param>
    public static double HalfWidth(int count, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var bound = Math.Min(1, Math.Sqrt(Math.Log(2 / (1 - confidence)) / (2.0 * count)));
        if (count > LargestExact) return bound;
        // The exact width is at most the bound, and for no number of values below 0.85 of it; far wider bands cost minutes to compute.
        var (low, high) = (0.85 * bound, bound);
        while (high - low > 1e-7)
        {
            var middle = (low + high) / 2;
            if (Probability(count, middle) < confidence) low = middle;
            else high = middle;
        }

        return high;
    }

    /// <summary>The probability that the empirical distribution function of so many values stays within a distance of the true one.</summary>
    internal static double Probability(int count, double distance)
    {
        var scaled = count * distance;
        var k = (int)scaled + 1;
        var (size, h) = ((2 * k) - 1, k - scaled);
        var matrix = new double[size, size];
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++) matrix[i, j] = i - j + 1 < 0 ? 0 : 1;
        for (var i = 0; i < size; i++)
        {
            matrix[i, 0] -= Math.Pow(h, i + 1);
            matrix[size - 1, i] -= Math.Pow(h, size - i);
        }

        matrix[size - 1, 0] += (2 * h) - 1 > 0 ? Math.Pow((2 * h) - 1, size) : 0;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
                for (var g = 2; g <= i - j + 1; g++) matrix[i, j] /= g;
        }

        var (power, exponent) = Power(matrix, count);
        var probability = power[k - 1, k - 1];
        for (var i = 1; i <= count; i++)
        {
            probability = probability * i / count;
            if (probability >= 1e-140) continue;
            probability *= 1e140;
            exponent -= 140;
        }

        return Math.Clamp(probability * Math.Pow(10, exponent), 0, 1);
    }

    /// <summary>A power of a matrix, and the decimal exponent that was taken out of it.</summary>
    private static (double[,] Matrix, int Exponent) Power(double[,] matrix, int power)
    {
        if (power == 1) return (matrix, 0);
        var (half, exponent) = Power(matrix, power / 2);
        var square = Product(half, half);
        exponent *= 2;
        if (power % 2 != 0) square = Product(matrix, square);
        var size = square.GetLength(0);
        if (square[size / 2, size / 2] <= 1e140) return (square, exponent);
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++) square[i, j] *= 1e-140;
        return (square, exponent + 140);
    }

    private static double[,] Product(double[,] a, double[,] b)
    {
        var size = a.GetLength(0);
        var product = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var k = 0; k < size; k++)
            {
                var factor = a[i, k];
                if (factor == 0) continue;
                for (var j = 0; j < size; j++) product[i, j] += factor * b[k, j];
            }
        }

        return product;
    }
}
