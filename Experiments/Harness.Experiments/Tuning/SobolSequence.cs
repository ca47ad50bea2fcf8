namespace Harness.Experiments.Tuning;

/// <summary>
/// The Sobol sequence in base 2 with the direction numbers of Joe and Kuo (2008, SIAM J. Sci. Comput. 30, 2635-2654; new-joe-kuo-6), in the Gray-code order
/// of Antonov and Saleev (1979).
/// </summary>
internal static class SobolSequence
{
    /// <summary>Coordinates that a point can have.</summary>
    public const int MostDimensions = 16;

    private const int Bits = 32;

    /// <summary>From the second dimension on: the primitive polynomial's inner coefficients as bits, and the initial direction numbers, as many as its degree.</summary>
    private static readonly (int Coefficients, int[] Initial)[] numbers =
    [
        (0, [1]), (1, [1, 3]), (1, [1, 3, 1]), (2, [1, 1, 1]), (1, [1, 1, 3, 3]), (4, [1, 3, 5, 13]), (2, [1, 1, 5, 5, 17]), (4, [1, 1, 5, 5, 5]),
        (7, [1, 1, 7, 11, 19]), (11, [1, 1, 5, 1, 1]), (13, [1, 1, 1, 3, 11]), (14, [1, 3, 5, 5, 31]), (1, [1, 3, 3, 9, 7, 49]), (13, [1, 1, 1, 15, 21, 21]), (16, [1, 3, 1, 13, 27, 49]),
    ];

    private static readonly uint[][] directions = [.. Enumerable.Range(0, MostDimensions).Select(DirectionsOf)];

    /// <summary>A coordinate of a point, as a fraction of 2^32.</summary>
    /// <param name="index">Of the point, from 0, which is the origin.</param>
    /// <param name="dimension">From 0.</param>
    public static uint Coordinate(uint index, int dimension)
    {
        var (gray, value) = (index ^ (index >> 1), 0u);
        for (var bit = 0; gray != 0; bit++, gray >>= 1)
        {
            if ((gray & 1) != 0) value ^= directions[dimension][bit];
        }

        return value;
    }

    private static uint[] DirectionsOf(int dimension)
    {
        var v = new uint[Bits];
        if (dimension == 0)
        {
            for (var i = 0; i < Bits; i++) v[i] = 1u << (Bits - 1 - i);
            return v;
        }

        var (coefficients, initial) = numbers[dimension - 1];
        var degree = initial.Length;
        for (var i = 0; i < Bits; i++)
        {
            if (i < degree)
            {
                v[i] = (uint)initial[i] << (Bits - 1 - i);
                continue;
            }

            v[i] = v[i - degree] ^ (v[i - degree] >> degree);
            for (var k = 1; k < degree; k++)
            {
                if (((coefficients >> (degree - 1 - k)) & 1) != 0) v[i] ^= v[i - k];
            }
        }

        return v;
    }
}
