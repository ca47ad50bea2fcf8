using Harness.Abstractions.Claims;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;

namespace Harness.Reports.Statistics;

/// <summary>
/// Levels of a test that is looked at several times while data grow. The error that may be spent by a look follows the Pocock-type function
/// α·ln(1 + (e − 1)·t) of Lan &amp; DeMets (1983), t being the share of the data; bounds follow by the recursive integration of Armitage,
/// McPherson &amp; Rowe (1969) over the joint distribution of the looks (Jennison &amp; Turnbull 1999, chapter 19).
/// </summary>
internal sealed class GroupSequential
{
    // Odd, for Simpson's rule: bounds are right to 1e-6.
    private const int Points = 241;

    private const double LeastLevel = 1e-9, MostLevel = 0.5;

    private const int LevelsPerDecade = 8;

    private readonly double[] information;

    /// <summary>Overall levels, ascending, and for each the nominal levels of all looks.</summary>
    private readonly (double Overall, double[] Nominal)[] levels;

    /// <param name="looks">The number of seeds at each look, ascending; the last is the largest number there may be.</param>
    public GroupSequential(IReadOnlyList<int> looks)
    {
        if (looks.Count == 0 || looks[0] < 1 || looks.Zip(looks.Skip(1)).Any(pair => pair.First >= pair.Second)) throw new ArgumentException("Looks are ascending numbers of seeds.", nameof(looks));
        information = [.. looks.Select(seeds => (double)seeds / looks[^1])];
        levels = [.. Enumerable.Range(0, (int)(Math.Log10(MostLevel / LeastLevel) * LevelsPerDecade) + 2)
            .Select(step => Math.Min(MostLevel, LeastLevel * Math.Pow(10, step / (double)LevelsPerDecade))).Select(overall => (overall, Nominal(overall)))];
    }

    /// <summary>The error that may have been spent by a look.</summary>
    /// <param name="overall">Two-sided level of all looks together.</param>
    /// <param name="look">From 0.</param>
    public double Spent(double overall, int look) => LookSchedule.Spent(overall, information[look]);

    /// <summary>Two-sided levels at which the looks are tested, so that all of them together have <paramref name="overall"/>.</summary>
    public double[] Nominal(double overall) => [.. Bounds(look => Spent(overall, look)).Select(bound => 2 * Normal.CDF(0, 1, -bound))];

    /// <summary>Bounds of |Z| at the looks.</summary>
    /// <param name="spent">The two-sided error that may have been spent by a look.</param>
    public double[] Bounds(Func<int, double> spent)
    {
        var bounds = new double[information.Length];
        // The density of the sum at the last look, as long as no bound was crossed: at these points, with Simpson's weights.
        double[] at = [0], mass = [1];
        for (var look = 0; look < bounds.Length; look++)
        {
            var step = Math.Sqrt(information[look] - (look == 0 ? 0 : information[look - 1]));
            var scale = Math.Sqrt(information[look]);
            var spend = Math.Max(1e-300, spent(look) - (look == 0 ? 0 : spent(look - 1)));
            bounds[look] = Brent.FindRoot(bound => Math.Log(Crossed(at, mass, bound * scale, step)) - Math.Log(spend), 0, 37, 1e-10, 200);
            if (look < bounds.Length - 1) (at, mass) = Advance(at, mass, bounds[look] * scale, step);
        }

        return bounds;
    }

    /// <summary>The overall level at which <paramref name="p"/> just decides at a look: a p-value that has paid for all looks. 1 where that is above a half.</summary>
    /// <param name="p">Two-sided, from the data of this look.</param>
    /// <param name="look">From 0.</param>
    public double Adjust(double p, int look)
    {
        if (p <= levels[0].Nominal[look]) return levels[0].Overall;
        for (var i = 1; i < levels.Length; i++)
        {
            var (low, high) = (levels[i - 1], levels[i]);
            if (p > high.Nominal[look]) continue;
            var share = Math.Log(p / low.Nominal[look]) / Math.Log(high.Nominal[look] / low.Nominal[look]);
            return Math.Exp(Math.Log(low.Overall) + (share * Math.Log(high.Overall / low.Overall)));
        }

        return 1;
    }

    /// <summary>The chance that the sum leaves ±<paramref name="bound"/> in this step.</summary>
    private static double Crossed(double[] at, double[] mass, double bound, double step)
    {
        double sum = 0;
        for (var i = 0; i < at.Length; i++) sum += mass[i] * (Normal.CDF(0, 1, (at[i] - bound) / step) + Normal.CDF(0, 1, (-at[i] - bound) / step));
        return Math.Max(sum, 1e-300);
    }

    private static (double[] At, double[] Mass) Advance(double[] at, double[] mass, double bound, double step)
    {
        var (next, density) = (new double[Points], new double[Points]);
        var width = 2 * bound / (Points - 1);
        for (var j = 0; j < Points; j++)
        {
            next[j] = -bound + (j * width);
            double sum = 0;
            for (var i = 0; i < at.Length; i++)
            {
                var z = (next[j] - at[i]) / step;
                sum += mass[i] * Math.Exp(-z * z / 2);
            }

            var weight = j is 0 or Points - 1 ? 1 : j % 2 == 1 ? 4 : 2;
            density[j] = sum / (step * Math.Sqrt(2 * Math.PI)) * weight * width / 3;
        }

        return (next, density);
    }
}
