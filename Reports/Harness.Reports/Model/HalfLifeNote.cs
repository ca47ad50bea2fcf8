using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>The half-lives beside a verdict on slopes of the gradient: easier to picture than a slope, and not fit to decide.</summary>
internal static class HalfLifeNote
{
    /// <returns>A line for each setting of the claim; none for other metrics.</returns>
    public static IEnumerable<string> Of(ClaimDecision decision, IReadOnlyList<Facet> panels, Texts texts)
    {
        if (decision.Kind == VerdictKind.NotTested || decision.Metric?.Name != MetricCatalog.GradientSlope) yield break;
        var facets = ClaimFacets.Of(decision.Claim, panels);
        foreach (var facet in facets)
        {
            var arms = facet.Arms.Select(arm => Words(arm, texts)).OfType<string>().ToList();
            if (arms.Count > 0) yield return texts.HalfLives(facets.Count > 1 ? facet.Label : "", arms);
        }
    }

    /// <summary>The median half-life of the seeds, as in the table of gradients; null without slopes.</summary>
    private static string? Words(Arm arm, Texts texts)
    {
        List<double> slopes = [.. arm.Condition.Trials.Select(trial => TrialMetrics.ValueOf(trial, MetricCatalog.GradientSlope, arm.At)).OfType<double>().Where(double.IsFinite)];
        if (slopes.Count == 0) return null;
        var steps = Location.Median([.. slopes.Select(slope => GradientProfile.HalfLifeOf(slope) ?? double.PositiveInfinity)])?.Value ?? double.PositiveInfinity;
        return texts.HalfLifeOf(arm.Label, double.IsFinite(steps) ? Numbers.Short(steps) : null);
    }
}
