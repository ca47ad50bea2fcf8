using System.Collections.Concurrent;
using MathNet.Numerics;

namespace Harness.Reports.Statistics;

/// <summary>
/// The difference of two independent shares, a/nA − b/nB: the exact unconditional test of "the difference is at most d" that orders the
/// tables by the score statistic of Miettinen and Nurminen (1985) (Chan and Zhang 1999), and the interval from inverting it. It tests d
/// itself, so that equal shares refute a difference as soon as there are seeds enough. The unknown second share is sought only where the
/// data leave it with 99.99 % confidence, which adds 0.0001 to p (Berger and Boos 1994): shares far from those seen decide nothing.
/// </summary>
internal sealed class ShareDifference
{
    /// <summary>Steps of the unknown common share over which the largest p is sought.</summary>
    private const int Grid = 200;

    private const double Excluded = 1e-4;

    private static readonly ConcurrentDictionary<int, double[]> logWays = new();

    private readonly int a, allA, b, allB;

    /// <exception cref="ArgumentOutOfRangeException">No trials on a side, or more successes than trials.</exception>
    public ShareDifference(int a, int allA, int b, int allB)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(allA);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(allB);
        ArgumentOutOfRangeException.ThrowIfNegative(a);
        ArgumentOutOfRangeException.ThrowIfNegative(b);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(a, allA);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(b, allB);
        (this.a, this.allA, this.b, this.allB) = (a, allA, b, allB);
    }

    public double Value => (double)a / allA - (double)b / allB;

    /// <summary>One-sided p against "the difference is not above <paramref name="d"/>".</summary>
    public double Above(double d) => P(a, allA, b, allB, d);

    /// <summary>One-sided p against "the difference is not below <paramref name="d"/>".</summary>
    public double Below(double d) => P(b, allB, a, allA, -d);

    /// <summary>The difference with its 95 % interval.</summary>
    /// <param name="decisive">See <see cref="Inversion.Lower"/>.</param>
    public IntervalEstimate Estimate(IReadOnlyList<double> decisive) =>
        new(Value, Inversion.Lower(Above, -1, Value, decisive), Inversion.Upper(Below, Value, 1, decisive), Math.Min(allA, allB));

    private static double P(int x, int n, int y, int m, double d)
    {
        if (d >= 1) return 1;
        if (d <= -1) return x == 0 && y == m ? 1 : 0;
        var observed = Score(x, n, y, m, d) - 1e-9;
        // The score falls with y: for every x the tables at least as extreme are those with y up to a limit, which never falls with x.
        var limits = new int[n + 1];
        for (int i = 0, limit = -1; i <= n; i++)
        {
            while (limit < m && Score(i, n, limit + 1, m, d) >= observed) limit++;
            limits[i] = limit;
        }

        double largest = 0;
        var likely = Proportions.Exact(y, m, Excluded / 2);
        var (from, until) = (Math.Clamp(likely.Low!.Value, Math.Max(0, -d), Math.Min(1, 1 - d)), Math.Clamp(likely.High!.Value, Math.Max(0, -d), Math.Min(1, 1 - d)));
        for (var step = 0; step <= Grid; step++)
        {
            var share = from + (until - from) * step / Grid;
            var below = Cumulative(m, share);
            var probability = Probabilities(n, Math.Clamp(share + d, 0, 1));
            double p = 0;
            for (var i = 0; i <= n; i++)
                if (limits[i] >= 0) p += probability[i] * below[limits[i]];
            largest = Math.Max(largest, p);
        }

        return Math.Min(1, largest + Excluded);
    }

    /// <summary>Distance from d in standard errors, these from the likeliest shares that differ by d (Farrington and Manning 1990, appendix).</summary>
    private static double Score(int x, int n, int y, int m, double d)
    {
        var (p, q) = ((double)x / n, (double)y / m);
        var theta = (double)m / n;
        var third = 1 + theta;
        var second = -(1 + theta + p + theta * q + d * (theta + 2));
        var first = d * d + d * (2 * p + theta + 1) + p + theta * q;
        var constant = -p * d * (1 + d);
        var v = Math.Pow(second / (3 * third), 3) - second * first / (6 * third * third) + constant / (2 * third);
        var u = (v < 0 ? -1 : 1) * Math.Sqrt(Math.Max(0, second * second / (9 * third * third) - first / (3 * third)));
        var angle = (Math.PI + Math.Acos(Math.Clamp(u == 0 ? 0 : v / (u * u * u), -1, 1))) / 3;
        var share = Math.Clamp(2 * u * Math.Cos(angle) - second / (3 * third), Math.Max(0, d), Math.Min(1, 1 + d));
        var other = share - d;
        var variance = (share * (1 - share) / n + other * (1 - other) / m) * (n + m) / (n + m - 1);
        var distance = p - q - d;
        return variance > 1e-15 ? distance / Math.Sqrt(variance) : Math.Abs(distance) < 1e-12 ? 0 : distance > 0 ? double.PositiveInfinity : double.NegativeInfinity;
    }

    private static double[] Probabilities(int n, double share)
    {
        var probabilities = new double[n + 1];
        if (share is 0 or 1)
        {
            probabilities[share == 0 ? 0 : n] = 1;
            return probabilities;
        }

        var ways = logWays.GetOrAdd(n, static all => [.. Enumerable.Range(0, all + 1).Select(k => SpecialFunctions.BinomialLn(all, k))]);
        var (success, failure) = (Math.Log(share), Math.Log(1 - share));
        for (var k = 0; k <= n; k++) probabilities[k] = Math.Exp(ways[k] + k * success + (n - k) * failure);
        return probabilities;
    }

    private static double[] Cumulative(int n, double share)
    {
        var sums = Probabilities(n, share);
        for (var k = 1; k <= n; k++) sums[k] += sums[k - 1];
        return sums;
    }
}
