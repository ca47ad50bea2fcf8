namespace Harness.Reports.Figures;

/// <summary>Makes a long curve short without hiding what it did: each bucket keeps its smallest, largest and last value.</summary>
internal static class CurveSampling
{
    /// <summary>The points to draw, in order; all of them when there are at most <paramref name="limit"/>.</summary>
    /// <param name="limit">Largest number of points, at least 3.</param>
    public static IReadOnlyList<PanelPoint> Reduce(IReadOnlyList<PanelPoint> points, int limit)
    {
        if (points.Count <= limit) return points;
        var buckets = Math.Max(1, limit / 3);
        var kept = new List<PanelPoint>(limit);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var from = (int)((long)bucket * points.Count / buckets);
            var until = (int)((long)(bucket + 1) * points.Count / buckets);
            var (smallest, largest) = (from, from);
            for (var i = from + 1; i < until; i++)
            {
                if (points[i].Y < points[smallest].Y) smallest = i;
                if (points[i].Y > points[largest].Y) largest = i;
            }

            foreach (var index in new SortedSet<int> { smallest, largest, until - 1 }) kept.Add(points[index]);
        }

        return kept;
    }
}
