using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Wording;

namespace Harness.Reports.Summaries;

/// <summary>At most four entries: by how much and how sure, what was solved, where it does not hold, what it costs.</summary>
internal static class Findings
{
    private const int MostArms = 4;

    public static IReadOnlyList<string> Of(SummaryFacts facts, Texts texts) =>
        facts.Finished == 0 ? [] : [.. new[] { Evidence(facts, texts), What(facts, texts), WhereNot(facts, texts), Cost(facts, texts) }.OfType<string>()];

    /// <summary>Not before the end: an effect that the rest could change is no answer.</summary>
    private static string? Evidence(SummaryFacts facts, Texts texts) =>
        facts.Pending > 0 || facts.Diverged == facts.Finished || Headlines.Carrying(facts, texts) is not { } carrying ? null
        // A headline that tells a claim says where it was asked.
        : Headlines.IsCounted(facts) && carrying.Claim.Where is { Count: > 0 } ? texts.InScope(ClaimLines.Evidence(carrying, facts.Facets, texts), texts.ScopeOf(carrying.Claim))
        : ClaimLines.Evidence(carrying, facts.Facets, texts);

    private static string? What(SummaryFacts facts, Texts texts)
    {
        if (facts.HasSolved)
        {
            var counts = facts.Arms.GroupBy(arm => arm.Label, StringComparer.Ordinal)
                .Select(arm => (Arm: arm.Key, Solved: arm.Sum(own => own.Statistics.Solved), Finished: arm.Sum(own => own.Statistics.Finished))).Where(arm => arm.Finished > 0)
                .OrderByDescending(arm => arm.Solved / (double)arm.Finished).ToList();
            return texts.SolvedFinding(counts.Take(MostArms).ToList(), Math.Max(0, counts.Count - MostArms), facts.Facets.Count);
        }

        var arms = facts.Learning.SelectMany(setting => setting.Arms.Select(arm => (setting.Facet, Arm: arm))).Where(pair => pair.Arm.Ratio < 1).ToList();
        if (arms.Count == 0) return facts.Diverged == facts.Finished ? null : texts.UnsolvedFinding;
        var (facet, closest) = arms.MinBy(pair => pair.Arm.Ratio);
        return texts.ClosestFinding(closest.Arm.Label, facet.Label, Numbers.Percent(closest.Ratio));
    }

    private static string? WhereNot(SummaryFacts facts, Texts texts)
    {
        var sentences = new[] { Settings(facts, texts), Answers(facts, texts) }.OfType<string>().ToList();
        return sentences.Count == 0 ? null : texts.Sentences(sentences);
    }

    /// <summary>Where the headline's answer does not hold, or that it holds wherever it was tested. Null where the headline says so itself.</summary>
    private static string? Answers(SummaryFacts facts, Texts texts)
    {
        if (facts.Pending > 0 || Headlines.Carrying(facts, texts) is not { } carrying) return null;
        if (facts.Tested.Count > 0 && Headlines.IsCounted(facts)) return texts.ContradictedFinding([.. facts.Decisions.Where(decision => decision.Kind == VerdictKind.Contradicted).Select(decision => decision.Claim.Id)]);
        var tested = carrying.Facets.Count(facet => facet.Reason is null);
        return tested == 1 ? texts.OneSettingFinding
            : carrying.Kind == VerdictKind.Depends || Headlines.TellsSettings(carrying) ? null
            : carrying.Kind == VerdictKind.Inconclusive ? texts.TestedFinding(tested) : texts.EverywhereFinding(tested);
    }

    private static string? Settings(SummaryFacts facts, Texts texts)
    {
        var unlearned = facts.Unlearned;
        if (unlearned.Count > 0 && unlearned.Count < facts.Facets.Count) return texts.UnlearnedFinding([.. unlearned.Select(facet => facet.Label)], facts.Facets.Count);
        var unsolved = facts.Facets.Where(facet => facet.Arms.All(arm => arm.Statistics is { Solved: 0, Finished: > 0 })).ToList();
        if (facts.HasSolved && unsolved.Count > 0) return texts.UnsolvedSettingsFinding([.. unsolved.Select(facet => facet.Label)], facts.Facets.Count);
        if (facts.Diverged > 0 && facts.Diverged < facts.Finished)
            return texts.DivergedFinding((int)facts.Diverged, (int)facts.Finished, [.. facts.Arms.Where(arm => arm.Statistics.Diverged > 0).Select(arm => arm.Label).Distinct(StringComparer.Ordinal)]);
        var behind = facts.Learning is [var only] && only.Arms.Any(arm => arm.HasLearned) ? only.Arms.Where(arm => !arm.HasLearned).Select(arm => arm.Arm.Label).ToList() : [];
        return behind.Count > 0 ? texts.UnlearnedArmsFinding(behind) : null;
    }

    /// <summary>Parameters and time per step against the arm with the fewest parameters, over the settings that have both.</summary>
    private static string? Cost(SummaryFacts facts, Texts texts)
    {
        if (facts.Facets.OrderByDescending(facet => facet.Arms.Count).FirstOrDefault() is not { Arms.Count: > 1 } widest) return null;
        var reference = widest.Arms.MinBy(arm => arm.Condition.Parameters)!;
        var costs = widest.Arms.Where(arm => arm.Label != reference.Label).Take(MostArms - 1).Select(arm =>
        {
            var pairs = facts.Facets.Select(facet => (Own: Find(facet, arm.Label), Other: Find(facet, reference.Label))).Where(pair => pair.Own is not null && pair.Other is not null).ToList();
            return (arm.Label, Parameters: Range(pairs.Select(pair => (double?)pair.Own!.Condition.Parameters / pair.Other!.Condition.Parameters)),
                Time: Range(pairs.Select(pair => pair.Own!.Statistics.MillisecondsPerStep?.Value / pair.Other!.Statistics.MillisecondsPerStep?.Value)));
        }).Where(cost => cost.Parameters is not null || cost.Time is not null).ToList();
        return costs.Count == 0 ? null : texts.CostFinding(reference.Label, costs, facts.Arms.All(arm => arm.Statistics.IsTimed));

        static Arm? Find(Facet facet, string label) => facet.Arms.FirstOrDefault(arm => arm.Label == label);
    }

    private static string? Range(IEnumerable<double?> factors)
    {
        var known = factors.OfType<double>().Where(double.IsFinite).Select(Rounded).Order().ToList();
        return known.Count == 0 ? null : known[0] == known[^1] ? Numbers.Plain(known[0]) : $"{Numbers.Plain(known[0])} – {Numbers.Plain(known[^1])}";

        // Two digits say what it costs.
        static double Rounded(double factor) => factor >= 10 ? Math.Round(factor) : Math.Round(factor, factor < 1 ? 2 : 1);
    }
}
