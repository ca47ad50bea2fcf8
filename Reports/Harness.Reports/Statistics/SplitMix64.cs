namespace Harness.Reports.Statistics;

/// <summary>A small generator whose stream never changes between runtimes, so that equal results give equal intervals.</summary>
/// <remarks>Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014.</remarks>
internal sealed class SplitMix64(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15UL;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }

    /// <summary>Uniform on 0 … <paramref name="exclusive"/> − 1; the bias is below 2⁻³² for the sizes met here (Lemire 2019).</summary>
    public int Below(int exclusive) => (int)(((UInt128)Next() * (ulong)exclusive) >> 64);
}
