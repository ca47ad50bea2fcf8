using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>At which learning rate, or after which search, the arms of a claim were compared.</summary>
internal static class TunedNote
{
    /// <returns>One line; none for claims about one arm, about sizes and about speed, on which no learning rate has an influence.</returns>
    public static IEnumerable<string> Of(ClaimDecision decision, IReadOnlyList<Facet> panels, TuningResults? tuning, Texts texts)
    {
        if (decision.Claim.Rival is null || decision.Kind == VerdictKind.NotTested || decision.Metric is not { } metric || metric.Name == MetricCatalog.Parameters || MetricCatalog.IsIn(metric.Name, MetricCatalog.SpeedGroup)) yield break;
        List<Arm> arms = [.. ClaimFacets.Of(decision.Claim, panels).SelectMany(facet => facet.Arms).DistinctBy(arm => arm.Condition.Ordinal)];
        if (arms.Count == 0) yield break;
        if (tuning is null)
        {
            var rates = arms.GroupBy(arm => arm.Label, arm => Rate(arm.Condition.Trial.Train.Optimizer.LearningRate), StringComparer.Ordinal).Select(arm => (Arm: arm.Key, Rates: string.Join(", ", arm.Distinct(StringComparer.Ordinal)))).ToList();
            yield return texts.Untuned(rates.DistinctBy(arm => arm.Rates, StringComparer.Ordinal).Count() == 1 ? rates[0].Rates : string.Join(", ", rates.Select(arm => $"{arm.Arm} {arm.Rates}")));
            yield break;
        }

        if (tuning.Choices is not { } choices) yield break;
        var chosen = arms.SelectMany(arm => choices.Where(choice => tuning.Spec.Arms[choice.Arm].Conditions.Contains(arm.Condition.Ordinal))
            .Select(choice => $"{arm.Label} {string.Join(", ", tuning.Spec.Arms[choice.Arm].Settings.Select((setting, at) => $"{setting.Name} {choice.Values[at]}"))}")).Distinct(StringComparer.Ordinal).ToList();
        var searched = tuning.Spec.Arms.Where(arm => arm.Conditions.Any(condition => arms.Exists(compared => compared.Condition.Ordinal == condition))).SelectMany(arm => arm.Settings.Select(TuningTable.SearchText)).Distinct(StringComparer.Ordinal);
        const int most = 6;
        yield return texts.TunedAt(texts.SearchBudget(tuning), string.Join(", ", searched), string.Join("; ", chosen.Take(most)) + (chosen.Count > most ? "; …" : ""));
    }

    /// <summary>As in the file, unless six decimals lose it.</summary>
    public static string Rate(double rate) => rate < 1e-4 ? Numbers.Short(rate) : Numbers.Plain(rate);
}
