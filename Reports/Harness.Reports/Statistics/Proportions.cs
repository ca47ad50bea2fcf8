using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Harness.Reports.Statistics;

/// <summary>Shares of successes.</summary>
internal static class Proportions
{
    /// <summary>Wilson's score interval (1927): honest at 0/n and n/n, where the textbook interval has no width.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No trials, or more successes than trials.</exception>
    public static IntervalEstimate Wilson(int successes, int trials, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        var z = Normal.InvCDF(0, 1, (1 + confidence) / 2);
        double n = trials;
        var share = successes / n;
        var scale = 1 + z * z / n;
        var centre = (share + z * z / (2 * n)) / scale;
        var half = z / scale * Math.Sqrt(share * (1 - share) / n + z * z / (4 * n * n));
        return new(share, Math.Max(0, centre - half), Math.Min(1, centre + half), trials);
    }

    /// <summary>Fisher's exact test (1935) of two shares, two-sided: the probability of all tables no more likely than the observed one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More successes than trials, or a negative count.</exception>
    public static double FisherExact(int successesA, int trialsA, int successesB, int trialsB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successesA);
        ArgumentOutOfRangeException.ThrowIfNegative(successesB);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successesA, trialsA);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successesB, trialsB);
        var successes = successesA + successesB;
        var observed = Probability(successesA);
        double p = 0;
        for (var a = Math.Max(0, successes - trialsB); a <= Math.Min(successes, trialsA); a++)
        {
            var probability = Probability(a);
            // The same relative tolerance as R's fisher.test: equally likely tables must not be told apart by rounding.
            if (probability <= observed * (1 + 1e-7)) p += probability;
        }

        return Math.Min(1, p);

        double Probability(int a) => Math.Exp(
            SpecialFunctions.BinomialLn(trialsA, a) + SpecialFunctions.BinomialLn(trialsB, successes - a) - SpecialFunctions.BinomialLn(trialsA + trialsB, successes));
    }
}
