namespace Harness.Reports.Statistics;

/// <summary>Tests by relabelling: the data themselves say how surprising they are.</summary>
internal static class PermutationTests
{
    /// <summary>Up to 2^16 patterns are enumerated; beyond that a seeded sample of <see cref="Draws"/> is taken.</summary>
    private const int MostEnumerated = 16;

    private const int Draws = 100_000;
    private const ulong Seed = 0x51F1_1920_26UL;

    /// <summary>
    /// Fisher's paired randomisation test (1935): under the hypothesis that the differences are symmetric about 0, every
    /// pattern of signs is as likely. One-sided: the probability of a mean at least as large as the observed one.
    /// </summary>
    /// <remarks>Sampled p-values count the observed pattern too (Phipson and Smyth 2010), so they are never zero.</remarks>
    /// <exception cref="ArgumentException">There are no differences.</exception>
    public static double SignFlipGreater(IReadOnlyList<double> differences)
    {
        if (differences.Count == 0) throw new ArgumentException("A test needs at least one difference.", nameof(differences));
        var observed = differences.Sum();
        // Sums of the same numbers in another order may differ in the last digits.
        var threshold = observed - 1e-12 * differences.Sum(Math.Abs);
        var n = differences.Count;
        long extreme = 0;
        if (n <= MostEnumerated)
        {
            for (var pattern = 0L; pattern < 1L << n; pattern++)
            {
                double sum = 0;
                for (var i = 0; i < n; i++) sum += (pattern >> i & 1) == 0 ? differences[i] : -differences[i];
                if (sum >= threshold) extreme++;
            }

            return (double)extreme / (1L << n);
        }

        var random = new SplitMix64(Seed);
        for (var draw = 0; draw < Draws; draw++)
        {
            double sum = 0;
            for (var i = 0; i < n;)
            {
                var bits = random.Next();
                for (var bit = 0; bit < 64 && i < n; bit++, i++) sum += (bits >> bit & 1) == 0 ? differences[i] : -differences[i];
            }

            if (sum >= threshold) extreme++;
        }

        return (extreme + 1.0) / (Draws + 1.0);
    }
}
