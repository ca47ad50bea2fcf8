using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Summaries;

/// <summary>The answer in one sentence. Rules in the order in which they apply; each sentence says only what the rule has checked.</summary>
internal static class Headlines
{
    /// <summary>With more claims than this their verdicts are counted: no single one of them answers the question.</summary>
    private const int MostTold = 6;

    public static string Of(SummaryFacts facts, Texts texts)
    {
        if (facts.Planned == 0) return texts.NothingPlannedHeadline;
        if (facts.Finished == 0) return facts.Pending == 0 ? texts.TooManyFailuresHeadline((int)facts.Lost, (int)facts.Planned) : texts.NoResultHeadline((int)facts.Planned);
        if (facts.Pending > 0) return texts.RunningHeadline((int)facts.Finished, (int)facts.Planned);
        if (facts.Diverged == facts.Finished) return texts.AllDivergedHeadline((int)facts.Finished);
        if (facts.Tested.Count == 0)
        {
            if (facts.Seeds < Location.MinimumReplicates) return texts.FewSeedsHeadline(facts.Seeds);
            if (AgainstBaselines(facts, texts) is { Sentence: var undecided }) return texts.AsSentence(undecided);
            if (facts.Unlearned.Count == facts.Facets.Count)
                return facts.IsOwnData ? texts.NothingClearHeadline(facts.Facets.Count) : texts.NothingLearnedHeadline(facts.Facets.Count);
            if (facts.Decisions.Count == 0) return Described(facts, texts);
            if (facts.Open.Count > 0) return texts.UndecidedHeadline(facts.Open.Count);
        }

        if (IsCounted(facts)) return texts.AsSentence(texts.CountedHeadline(facts.Decisions.Count, texts.TallyIs([.. SummaryBuilder.Counted(facts.Decisions).Select(count => (texts.VerdictWord(count.Kind), count.Claims))])));
        return texts.AsSentence(Lead(facts, texts).Sentence);
    }

    /// <summary>Whether the headline counts verdicts and tells none of them.</summary>
    public static bool IsCounted(SummaryFacts facts) => facts.Decisions.Count > MostTold;

    /// <summary>Whether the headline of such a claim says itself in how many settings it holds.</summary>
    public static bool TellsSettings(ClaimDecision decision) => Settings(decision) > 1 && VictoryOf(decision) is not null;

    /// <summary>The claim whose effect carries the answer: the one that the headline tells, else the first that was measured. Null when there is none.</summary>
    public static ClaimDecision? Carrying(SummaryFacts facts, Texts texts) =>
        facts.Tested.Count > 0 ? Lead(facts, texts).Decision : facts.Open.Where(decision => decision.Kind == VerdictKind.Inconclusive && Settings(decision) > 0).OrderBy(Weight).FirstOrDefault();

    /// <summary>What matters most of what was decided.</summary>
    private static (ClaimDecision Decision, string Sentence) Lead(SummaryFacts facts, Texts texts)
    {
        if (AgainstBaselines(facts, texts) is { } networks) return networks;
        if (Win(facts, texts) is { } win) return win;
        if (First(VerdictKind.Depends) is { } depends)
        {
            var answers = depends.Disagreeing.GroupBy(facet => facet.Kind).OrderBy(group => group.Key).Select(group => (texts.VerdictWord(group.Key), group.Count())).ToList();
            return (depends, texts.DependsHeadline(Statement(depends), answers, depends.Facets.Count(facet => facet.Reason is null)));
        }

        if (Reached(facts, texts) is { } reached) return reached;
        if (facts.Decisions.FirstOrDefault(decision => decision.Kind == VerdictKind.NoMeaningfulDifference || decision is { Kind: VerdictKind.Supported, Claim: EquivalenceClaim }) is { } same)
            return (same, same.Claim.Rival is { } rival ? texts.SameHeadline(Name(same.Claim.That), Name(rival), texts.Measure(same.Claim).Trim()) : texts.HoldsHeadline(Statement(same)));
        if (First(VerdictKind.Supported) is { } holds) return (holds, texts.HoldsHeadline(Statement(holds)));
        var fails = First(VerdictKind.Contradicted)!;
        return (fails, texts.FailsHeadline(Statement(fails)));

        ClaimDecision? First(VerdictKind kind) => facts.Decisions.Where(decision => decision.Kind == kind).OrderBy(Weight).FirstOrDefault();

        string Name(string arm) => ClaimLines.ArmName(texts, facts.Facets, arm);

        string Statement(ClaimDecision decision) => texts.Statement(decision.Claim, Name);
    }

    /// <summary>Whether networks are worth their cost comes before which of them is best. Null unless claims on the skill against the baseline all have an answer, and the same one in every setting.</summary>
    private static (ClaimDecision Decision, string Sentence)? AgainstBaselines(SummaryFacts facts, Texts texts)
    {
        var asked = facts.Decisions.Where(decision => decision.Claim is ThresholdClaim { On: MetricCatalog.TestSkill, Above: 0 }).ToList();
        if (asked.Count == 0 || !asked.TrueForAll(decision => decision.Kind is VerdictKind.Supported or VerdictKind.Contradicted or VerdictKind.Inconclusive)) return null;
        var (winners, losers, open) = (Arms(VerdictKind.Supported), Arms(VerdictKind.Contradicted), Arms(VerdictKind.Inconclusive));
        var isOfClasses = facts.Arms.Any(arm => DataQuestion.Of(arm.Condition.Trial.Task) == DataQuestions.Class);
        // An arm that is asked about under several conditions may have several answers.
        if (winners.Intersect(losers, StringComparer.Ordinal).Concat(open.Intersect([.. winners, .. losers], StringComparer.Ordinal)).Any()) return null;
        return (asked.Find(SummaryFacts.IsDecided) ?? asked[0], texts.BaselinesHeadline(winners, losers, open, isOfClasses));

        List<string> Arms(VerdictKind kind) => [.. asked.Where(decision => decision.Kind == kind).Select(decision => ClaimLines.ArmName(texts, facts.Facets, decision.Claim.That)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>One bound asked of several arms: which of them reach it. Null where none does, or only one was asked.</summary>
    private static (ClaimDecision, string)? Reached(SummaryFacts facts, Texts texts)
    {
        var asked = facts.Decisions.Where(decision => decision.Claim is ThresholdClaim && SummaryFacts.IsDecided(decision))
            .GroupBy(decision => decision.Claim is ThresholdClaim claim ? (claim.On, claim.At, claim.Below, claim.Above, Where(decision)) : default)
            .FirstOrDefault(group => group.Count() > 1 && group.Any(decision => decision.Kind == VerdictKind.Supported))?.ToList();
        if (asked is null || asked[0].Claim is not ThresholdClaim first) return null;
        var sentence = texts.ReachedHeadline(texts.Measure(first).Trim(), Numbers.Plain(first.Below ?? first.Above!.Value), first.Below is not null, Named(VerdictKind.Supported), Named(VerdictKind.Contradicted));
        return (asked.Find(decision => decision.Kind == VerdictKind.Supported)!, first.Where is { Count: > 0 } ? texts.InScope(sentence, texts.ScopeOf(first)) : sentence);

        List<string> Named(VerdictKind kind) => [.. asked.Where(decision => decision.Kind == kind).Select(decision => ClaimLines.ArmName(texts, facts.Facets, decision.Claim.That)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>An arm that is better than another in every setting: a claim that holds, or one whose opposite does.</summary>
    private sealed record Victory(ClaimDecision Decision, string Winner, string Loser, bool IsReversed)
    {
        public (string, ProbeMoment?) Measure => (Decision.Metric!.Name, Decision.Claim.At);
    }

    private static (ClaimDecision, string)? Win(SummaryFacts facts, Texts texts)
    {
        var victories = facts.Decisions.Select(VictoryOf).OfType<Victory>().OrderBy(victory => Weight(victory.Decision)).ToList();
        if (victories.Count == 0) return null;
        // "LSTM and GRU beat RNN", or "LSTM beats RNN and GRU": whichever tells more of what weighs as much.
        var first = victories[0];
        var peers = victories.Where(victory => victory.Measure == first.Measure && Settings(victory.Decision) == Settings(first.Decision) && Where(victory.Decision) == Where(first.Decision)).ToList();
        var sameLoser = peers.Where(victory => victory.Loser == first.Loser).DistinctBy(victory => victory.Winner, StringComparer.Ordinal).ToList();
        var sameWinner = peers.Where(victory => victory.Winner == first.Winner).DistinctBy(victory => victory.Loser, StringComparer.Ordinal).ToList();
        var told = sameLoser.Count >= sameWinner.Count ? sameLoser : sameWinner;
        var gains = told.Select(Gain).ToList();
        var isScoped = first.Decision.Claim.Where is { Count: > 0 };
        var sentence = texts.WinHeadline(
            Names(told.Select(victory => victory.Winner)), Names(told.Select(victory => victory.Loser)), Measure(first), gains.Contains(null) ? [] : [.. gains.OfType<string>()], Settings(first.Decision));
        return (first.Decision, isScoped ? texts.InScope(sentence, texts.ScopeOf(first.Decision.Claim)) : sentence);

        List<string> Names(IEnumerable<string> arms) => [.. arms.Distinct(StringComparer.Ordinal).Select(arm => ClaimLines.ArmName(texts, facts.Facets, arm))];

        string Measure(Victory victory) => texts.Measure(victory.Decision.Claim).Trim();

        string? Gain(Victory victory)
        {
            if (Settings(victory.Decision) > 1 || victory.Decision.Facets.FirstOrDefault(facet => facet.Reason is null) is not { } facet) return null;
            var effect = ClaimEffect.Of(victory.Decision.Claim, facet);
            if (victory.IsReversed) effect = effect.Flipped;
            return double.IsFinite(effect.Value) ? texts.GainOf(Numbers.Short(effect.Value), effect.Kind == EffectKind.Factor, victory.Decision.Metric!.LowerIsBetter == true) : null;
        }
    }

    private static Victory? VictoryOf(ClaimDecision decision)
    {
        if (decision.Claim is not ComparisonClaim claim) return null;
        if (decision.Kind == VerdictKind.Supported) return new(decision, claim.That, claim.Beats, IsReversed: false);
        // A claim of "2x" is also refuted by a smaller win. The other arm wins only where every interval is on its side.
        return decision.Kind == VerdictKind.Contradicted && decision.Facets.Where(facet => facet.Reason is null).All(facet => ClaimEffect.Of(claim, facet).IsReversed)
            ? new(decision, claim.Beats, claim.That, IsReversed: true) : null;
    }

    private static int Settings(ClaimDecision decision) => decision.Facets.Count(facet => facet.Reason is null);

    private static string Where(ClaimDecision decision) => decision.Claim.Where is not { } named ? "" : string.Join(';', named.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={string.Join(',', pair.Value)}"));

    /// <summary>Outcomes before what explains them, and costs last; of outcomes the one that the file names first.</summary>
    private static int Weight(ClaimDecision decision) => decision.Metric?.Name switch
    {
        MetricCatalog.EvaluationLoss or MetricCatalog.EvaluationAccuracy or MetricCatalog.TestLoss or MetricCatalog.TestAccuracy or MetricCatalog.Solved or MetricCatalog.StepsToTarget => 0,
        MetricCatalog.GeneralizationGap or MetricCatalog.Diverged => 1,
        MetricCatalog.Parameters or MetricCatalog.MillisecondsPerStep => 3,
        _ => 2,
    };

    private static string Described(SummaryFacts facts, Texts texts)
    {
        var known = facts.Facets.SelectMany(facet => facet.Arms.Select(arm => (Facet: facet, Arm: arm))).Where(pair => pair.Arm.Statistics is { FinalLoss: { } loss, Baseline: not null } && double.IsFinite(loss.Value)).ToList();
        // Losses of different settings are not compared: one setting has a best arm.
        if (known.Count == 0 || facts.Facets.Count > 1) return texts.AsSentence(texts.NothingToDescribeHeadline);
        var (facet, best) = known.MinBy(pair => pair.Arm.Statistics.FinalLoss!.Value);
        return texts.AsSentence(texts.DescribedHeadline(best.Label, known.Count, facet.Label, Numbers.Short(best.Statistics.FinalLoss!.Value), Numbers.Short(best.Statistics.Baseline)));
    }
}
