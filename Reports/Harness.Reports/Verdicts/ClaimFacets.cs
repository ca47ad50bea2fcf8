using Harness.Abstractions.Claims;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;

namespace Harness.Reports.Verdicts;

/// <summary>The settings of a claim with the arms and names that figures give to its conditions.</summary>
internal static class ClaimFacets
{
    /// <returns>One facet for each setting of <see cref="ClaimPairing"/>, with the arms that the claim looks at and no other.</returns>
    public static IReadOnlyList<Facet> Of(ClaimSpec claim, IReadOnlyList<Facet> panels)
    {
        // Compared by reference: two conditions of equal content are two conditions.
        var places = new Dictionary<ConditionResults, (Facet Panel, Arm Arm)>(ReferenceEqualityComparer.Instance);
        foreach (var panel in panels)
            foreach (var arm in panel.Arms) places[arm.Condition] = (panel, arm);
        List<ConditionResults> conditions = [.. places.Keys.OrderBy(condition => condition.Ordinal)];
        var facets = ClaimPairing.Settings(claim, conditions)
            .Select(setting => Without((claim as TrendClaim)?.GrowsWith, places[setting.Conditions[0]].Panel) with { Arms = [.. setting.Conditions.Select(condition => places[condition].Arm with { At = claim.At })] }).ToList();
        var repeated = facets.GroupBy(facet => facet.Label, StringComparer.Ordinal).Where(same => same.Skip(1).Any()).Select(same => same.Key).ToHashSet(StringComparer.Ordinal);
        return [.. facets.Select(facet => repeated.Contains(facet.Label) ? facet with { Label = Named(facet) } : facet)];
    }

    /// <summary>A panel without the factor along which a trend crosses panels.</summary>
    private static Facet Without(string? factor, Facet panel) => factor is null ? panel
        : panel with { Label = string.Join(" · ", panel.Levels.Where(level => level.Factor != factor).Select(level => level.Level)) };

    /// <summary>A panel that answers a claim more than once needs the names of the arms to tell the answers apart.</summary>
    private static string Named(Facet facet)
    {
        var arms = string.Join(" / ", facet.Arms.Select(arm => arm.Label));
        return facet.Label.Length == 0 ? arms : $"{facet.Label} · {arms}";
    }
}
