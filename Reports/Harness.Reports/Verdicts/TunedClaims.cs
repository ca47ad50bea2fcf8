using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Wording;

namespace Harness.Reports.Verdicts;

/// <summary>When tuning keeps a claim from being tested: it has not ended, or an arm's best value lies at the edge of what was searched.</summary>
internal sealed class TunedClaims(TuningResults tuning, Texts texts)
{
    /// <param name="facets">The settings of the claim with its arms and no other.</param>
    /// <returns>Null where nothing is in the way. Parameters are counted and need no training.</returns>
    public (NotTestedReason Reason, string Detail)? Obstacle(MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        if (metric.Name == MetricCatalog.Parameters) return null;
        if (tuning.Choices is not { } choices) return (NotTestedReason.StillRunning, texts.TuningRuns(tuning.Trials.Count(trial => trial.State.HasResult()), tuning.Trials.Count));
        var narrow = facets.SelectMany(facet => facet.Arms)
            .SelectMany(arm => choices.Where(choice => tuning.Spec.Arms[choice.Arm].Conditions.Contains(arm.Condition.Ordinal)).SelectMany(choice => choice.Edges).Select(edge => $"{arm.Label}: {texts.SearchTooNarrow(edge.Setting, edge.Value, edge.IsLow, edge.Try)}"))
            .Distinct(StringComparer.Ordinal).ToArray();
        return narrow.Length == 0 ? null : (NotTestedReason.SearchTooNarrow, string.Join("; ", narrow));
    }
}
