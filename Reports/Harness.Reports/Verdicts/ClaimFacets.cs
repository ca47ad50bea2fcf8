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
        var facets = FoldAverages.Of(ClaimPairing.Settings(claim, conditions), claim.On).Select(pair =>
        {
            var (setting, known) = pair;
            var isJoined = !ReferenceEquals(setting, known);
            return Without([(claim as TrendClaim)?.GrowsWith, isJoined ? DataFold.Parameter : null], places[known.Conditions[0]].Panel) with
            {
                Arms = [.. setting.Conditions.Zip(known.Conditions, (condition, similar) => ArmOf(places[similar].Arm, condition) with { At = claim.At })],
            };
        }).ToList();
        var repeated = facets.GroupBy(facet => facet.Label, StringComparer.Ordinal).Where(same => same.Skip(1).Any()).Select(same => same.Key).ToHashSet(StringComparer.Ordinal);
        return [.. facets.Select(facet => repeated.Contains(facet.Label) ? facet with { Label = Named(facet) } : facet)];
    }

    private static Arm ArmOf(Arm arm, ConditionResults condition) => ReferenceEquals(arm.Condition, condition) ? arm : arm with { Condition = condition, Statistics = new TrialStatistics(condition) };

    /// <summary>A panel without the factors along which the claim crosses panels: that of a trend, and the folds that it averages over.</summary>
    private static Facet Without(string?[] factors, Facet panel) => factors.All(factor => factor is null) ? panel
        : panel with { Label = string.Join(" · ", panel.Levels.Where(level => !factors.Contains(level.Factor, StringComparer.Ordinal)).Select(level => level.Level)) };

    /// <summary>A panel that answers a claim more than once needs the names of the arms to tell the answers apart.</summary>
    private static string Named(Facet facet)
    {
        var arms = string.Join(" / ", facet.Arms.Select(arm => arm.Label));
        return facet.Label.Length == 0 ? arms : $"{facet.Label} · {arms}";
    }
}
