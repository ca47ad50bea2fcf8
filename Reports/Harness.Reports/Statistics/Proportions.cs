using MathNet.Numerics.Distributions;

namespace Harness.Reports.Statistics;

/// <summary>Shares of successes.</summary>
internal static class Proportions
{
    /// <summary>The exact interval (Clopper and Pearson 1934): the shares that the binomial test does not reject; of 95 % unless told.</summary>
    /// <param name="tail">What each side leaves out.</param>
    /// <exception cref="ArgumentOutOfRangeException">No trials, or more successes than trials.</exception>
    public static IntervalEstimate Exact(int successes, int trials, double tail = Inversion.Tail)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        return new((double)successes / trials,
            successes == 0 ? 0 : Beta.InvCDF(successes, trials - successes + 1, tail),
            successes == trials ? 1 : Beta.InvCDF(successes + 1, trials - successes, 1 - tail), trials);
    }

    /// <summary>The binomial test, one-sided: the probability of at least <paramref name="successes"/> when the share is <paramref name="share"/>.</summary>
    public static double Above(int successes, int trials, double share) => successes == 0 || share >= 1 ? 1 : share <= 0 ? 0 : 1 - Binomial.CDF(share, trials, successes - 1);

    /// <summary>The probability of at most <paramref name="successes"/>.</summary>
    public static double Below(int successes, int trials, double share) => Above(trials - successes, trials, 1 - share);
}
