namespace Harness.Reports.Model;

/// <summary>Which facets a figure draws when there are more than it has room for: evenly spread, the first and the last among them.</summary>
internal static class PanelSelection
{
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> all, int most)
    {
        most = Math.Max(1, most);
        if (all.Count <= most) return all;
        if (most == 1) return [all[^1]];
        return [.. Enumerable.Range(0, most).Select(i => all[(int)((long)i * (all.Count - 1) / (most - 1))])];
    }
}
