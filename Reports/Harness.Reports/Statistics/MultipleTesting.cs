namespace Harness.Reports.Statistics;

/// <summary>Keeps the chance of any false finding in a family of tests at its level.</summary>
internal static class MultipleTesting
{
    /// <summary>Holm's step-down adjustment (1979), in the order of <paramref name="p"/>.</summary>
    public static double[] Holm(IReadOnlyList<double> p)
    {
        var order = Enumerable.Range(0, p.Count).OrderBy(i => p[i]).ToArray();
        var adjusted = new double[p.Count];
        double largest = 0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, (p.Count - rank) * p[order[rank]]));
            adjusted[order[rank]] = largest;
        }

        return adjusted;
    }
}
