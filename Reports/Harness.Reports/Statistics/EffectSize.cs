namespace Harness.Reports.Statistics;

/// <summary>How different two samples are, in terms that need no unit.</summary>
internal static class EffectSize
{
    /// <summary>The probability that a random value of <paramref name="x"/> is larger than one of <paramref name="y"/>, ties half: U/(n·m) (Mann and Whitney 1947; Agarwal et al. 2021).</summary>
    /// <exception cref="ArgumentException">A sample is empty.</exception>
    public static double ProbabilityOfSuperiority(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count == 0 || y.Count == 0) throw new ArgumentException("A comparison needs values on both sides.", x.Count == 0 ? nameof(x) : nameof(y));
        double wins = 0;
        foreach (var a in x)
            foreach (var b in y) wins += a > b ? 1 : a == b ? 0.5 : 0;
        return wins / ((double)x.Count * y.Count);
    }
}
