namespace Harness.Reports.Model;

/// <summary>How many points each curve of a figure may have, so that a figure stays small however many conditions it shows.</summary>
/// <param name="PerCurve">Largest number of points of one curve.</param>
/// <param name="SeedCurves">Whether single seeds are drawn, and how many at most per series.</param>
internal sealed record PointBudget(int PerCurve, int SeedCurves)
{
    /// <summary>What a figure may weigh, with a little left for long labels; then what its parts were seen to weigh.</summary>
    private const int FigureBytes = 76_000;
    private const int BytesPerPanel = 3_200;
    private const int BytesPerSeries = 700;
    private const int BytesPerPoint = 11;

    private const int MostSeedCurves = 8;

    /// <summary>400 buckets of three.</summary>
    private const int MostPerCurve = 1_200;

    /// <summary>With fewer points per curve single seeds are left out, so that the median keeps its shape.</summary>
    private const int Fewest = 24;

    /// <param name="panels">Panels of the figure.</param>
    /// <param name="series">Series over all of them.</param>
    /// <param name="seeds">Seeds of the largest condition.</param>
    public static PointBudget For(int panels, int series, int seeds)
    {
        var points = (FigureBytes - panels * BytesPerPanel - series * BytesPerSeries) / BytesPerPoint;
        var drawn = Math.Min(seeds, MostSeedCurves);
        // Three curves per series: the median and the two edges of its band.
        var perCurve = points / Math.Max(1, series * (3 + drawn));
        if (perCurve >= Fewest) return new(Math.Min(perCurve, MostPerCurve), drawn);
        return new(Math.Clamp(points / Math.Max(1, series * 3), 12, MostPerCurve), 0);
    }
}
