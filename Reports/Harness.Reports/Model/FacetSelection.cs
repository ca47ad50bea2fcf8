using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// Which facets a figure draws, and which of them its caption speaks of, when there are more than it has room for: those first that
/// claims on its metrics look at, so that a verdict finds its evidence drawn. Chosen from the claims, not from the results.
/// </summary>
internal static class FacetSelection
{
    /// <summary>Every facet with the metrics of the claims that look at it.</summary>
    public static IReadOnlyList<Facet> Asked(IReadOnlyList<Facet> facets, IReadOnlyList<ClaimSpec> claims)
    {
        var asked = claims.Select(claim => (Metric: claim.On, Looked: ClaimFacets.Of(claim, facets)
            .SelectMany(facet => facet.Arms).Select(arm => arm.Condition).ToHashSet<object>(ReferenceEqualityComparer.Instance))).ToList();
        return [.. facets.Select(facet => facet with { Asked = [.. asked.Where(claim => facet.Arms.Any(arm => claim.Looked.Contains(arm.Condition))).Select(claim => claim.Metric)] })];
    }

    /// <summary>At most so many, in their own order, and what a note has to say about the others; null when all are drawn.</summary>
    /// <param name="metrics">Names, or beginnings of names, of the metrics that the figure is about.</param>
    public static (IReadOnlyList<T> Shown, string? Note) Of<T>(IReadOnlyList<T> all, int most, Func<T, Facet> facet, Texts texts, params string[] metrics)
    {
        if (all.Count <= most) return (all, null);
        if (!Distinguishes(all, facet, metrics)) return (PanelSelection.Of(all, most), texts.PanelsLeftOut(Math.Max(1, most), all.Count, asked: false));
        var chosen = ByInterest(all, facet, metrics).Take(Math.Max(1, most)).ToHashSet();
        return ([.. Enumerable.Range(0, all.Count).Where(chosen.Contains).Select(i => all[i])], texts.PanelsLeftOut(chosen.Count, all.Count, asked: true));
    }

    /// <summary>The one that speaks for the figure: what most claims look at; without such claims the last, which has the longest sequences.</summary>
    public static T Speaker<T>(IReadOnlyList<T> all, Func<T, Facet> facet, params string[] metrics) =>
        Distinguishes(all, facet, metrics) ? all[ByInterest(all, facet, metrics).First()] : all[^1];

    /// <summary>Whether claims single some of them out.</summary>
    public static bool Distinguishes<T>(IReadOnlyList<T> all, Func<T, Facet> facet, params string[] metrics) =>
        all.Select(item => Claims(facet(item), metrics)).Distinct().Skip(1).Any();

    /// <summary>Positions, the most interesting first: by claims, then by the share of runs that reached the target, then the later.</summary>
    public static IEnumerable<int> ByInterest<T>(IReadOnlyList<T> all, Func<T, Facet> facet, params string[] metrics) => Enumerable.Range(0, all.Count)
        .OrderByDescending(i => Claims(facet(all[i]), metrics)).ThenByDescending(i => Solved(facet(all[i]))).ThenByDescending(i => i);

    private static int Claims(Facet facet, string[] metrics) => facet.Asked.Count(asked => Array.Exists(metrics, metric => asked.StartsWith(metric, StringComparison.Ordinal)));

    private static double Solved(Facet facet) => facet.Arms.Sum(arm => arm.Statistics.Solved) / (double)Math.Max(1, facet.Arms.Sum(arm => arm.Statistics.Finished));
}
