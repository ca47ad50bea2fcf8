namespace Harness.Reports.Model;

/// <summary>How many points each curve of a figure may have, so that a figure stays small however many conditions it shows.</summary>
/// <param name="PerCurve">Largest number of points of one curve.</param>
/// <param name="SeedCurves">Whether single seeds are drawn, and how many at most per series.</param>
internal sealed record PointBudget(int PerCurve, int SeedCurves)
{
    /// <summary>About ten bytes per point: 55 kB, which leaves room for axes and words under 80 kB.</summary>
    private const int Total = 5_500;

    private const int MostSeedCurves = 8;

    /// <summary>400 buckets of three.</summary>
    private const int MostPerCurve = 1_200;

    private const int Fewest = 24;

    /// <param name="series">Series over all panels of the figure.</param>
    /// <param name="seeds">Seeds of the largest condition.</param>
    public static PointBudget For(int series, int seeds)
    {
        var drawn = Math.Min(seeds, MostSeedCurves);
        var perCurve = Total / Math.Max(1, series * (3 + drawn));
        if (perCurve >= Fewest) return new(Math.Min(perCurve, MostPerCurve), drawn);
        return new(Math.Max(12, Math.Min(MostPerCurve, Total / Math.Max(1, series * 3))), 0);
    }
}
