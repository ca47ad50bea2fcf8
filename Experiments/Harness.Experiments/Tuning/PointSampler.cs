using System.Security.Cryptography;
using System.Text;

namespace Harness.Experiments.Tuning;

/// <summary>Draws the points of a search in the unit cube. A pure function of its arguments: all arms get the same points.</summary>
internal static class PointSampler
{
    public const string Sobol = "sobol";
    public const string Random = "random";
    public const string Grid = "grid";

    private const double Scale = 1.0 / 4294967296;

    public static IReadOnlyList<string> All { get; } = [Sobol, Random, Grid];

    /// <summary>A coordinate from 0 to below 1.</summary>
    /// <param name="seed">Of the study, see <see cref="SeedOf"/>: studies are scrambled independently.</param>
    /// <param name="index">Of the point, from 0.</param>
    /// <param name="dimension">Of the setting, from 0.</param>
    public static double Coordinate(string sampler, ulong seed, int index, int dimension) => sampler == Sobol
        ? Scale * Scrambled(SobolSequence.Coordinate((uint)index, dimension), Mixed(seed ^ Mixed((ulong)dimension)))
        : Scale * (uint)(Mixed(Mixed(seed ^ Mixed((ulong)dimension)) + (ulong)index) >> 32);

    /// <summary>The seed of a study of an experiment.</summary>
    public static ulong SeedOf(string experiment, int study) =>
        BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{experiment}\n{study}"))));

    /// <summary>
    /// Nested uniform scrambling (Owen 1995): each bit is flipped by a random function of the bits above it, so that every point is uniform by itself and the
    /// points stay as evenly spread as they were.
    /// </summary>
    private static uint Scrambled(uint value, ulong seed)
    {
        var scrambled = 0u;
        for (var bit = 31; bit >= 0; bit--)
        {
            // The bits above, with a leading one that says how many they are.
            var above = bit == 31 ? 1UL : (1UL << (31 - bit)) | (value >> (bit + 1));
            scrambled |= (((value >> bit) & 1) ^ (uint)(Mixed(seed ^ Mixed(above)) & 1)) << bit;
        }

        return scrambled;
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private static ulong Mixed(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
