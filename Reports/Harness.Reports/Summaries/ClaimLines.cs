using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Summaries;

/// <summary>Each claim on one line: verdict, effect, interval.</summary>
internal static class ClaimLines
{
    public static ClaimLine Of(ClaimDecision decision, IReadOnlyList<Facet> facets, Texts texts)
    {
        var tested = decision.Facets.Where(facet => facet.Reason is null).ToList();
        var effects = tested.ConvertAll(facet => ClaimEffect.Of(decision.Claim, facet));
        var negligible = tested.Count > 0 && decision.Metric is { } metric ? ClaimEffect.Negligible(decision.Claim, metric, tested[0]) : null;
        return new(decision.Claim.Id, VerdictNames.Of(decision.Kind), texts.VerdictMark(decision.Kind), texts.VerdictWord(decision.Kind),
            texts.Statement(decision.Claim, name => ArmName(texts, facets, name)), Text(decision, tested, effects, facets, texts),
            [.. decision.Facets.Select(facet => Setting(decision, facet, effects.Count > 0 ? effects[0].Kind : null, texts))])
        {
            Scale = (effects.Count > 0 ? effects[0].Kind : EffectKind.Value) switch { EffectKind.Factor => "factor", EffectKind.Difference => "difference", _ => "value" },
            Claimed = ClaimEffect.Claimed(decision.Claim), NegligibleFrom = negligible?.From, NegligibleTo = negligible?.To,
            Axis = Axis(decision, effects, facets, texts),
        };
    }

    /// <summary>By how much and how sure: the effect with its interval and seeds; of several settings the smallest and the largest.</summary>
    public static string Evidence(ClaimDecision decision, IReadOnlyList<Facet> facets, Texts texts)
    {
        var tested = decision.Facets.Where(facet => facet.Reason is null).ToList();
        var effects = tested.Select(facet => (Facet: facet, Effect: ClaimEffect.Of(decision.Claim, facet))).Where(pair => !double.IsNaN(pair.Effect.Value)).OrderBy(pair => pair.Effect.Value).ToList();
        // Effects on different scales have no smallest and no largest.
        if (tested.Count == 1 || effects.Count < 2 || effects.Exists(pair => pair.Effect.Kind != effects[0].Effect.Kind))
            return Text(decision, tested, tested.ConvertAll(facet => ClaimEffect.Of(decision.Claim, facet)), facets, texts);
        var (least, most) = (effects[0], effects[^1]);
        var (first, second) = (Spoken(decision, least.Effect, facets, texts), Spoken(decision, most.Effect, facets, texts));
        var isOneSided = least.Effect.Value < least.Effect.Neutral == most.Effect.Value < most.Effect.Neutral && IsSpoken(least.Effect) == IsSpoken(most.Effect);
        var kind = most.Effect.Kind;
        // The same number twice would look like a mistake.
        if (isOneSided && Numbers.Short(least.Effect.Value) == Numbers.Short(most.Effect.Value))
        {
            var whole = least.Effect with { Low = effects.Min(pair => pair.Effect.Low), High = effects.Max(pair => pair.Effect.High) };
            var (clause, bounds) = Spoken(decision, whole, facets, texts);
            return texts.EvidenceAlike(clause, bounds, tested.Count, tested.Min(facet => facet.Count), decision.IsTimed);
        }

        var said = isOneSided && most.Effect.Value < most.Effect.Neutral && decision.Claim is not TrendClaim ? most.Effect.Flipped : most.Effect;
        return texts.EvidenceOver(
            (first.Clause, first.Bounds, least.Facet.Facet),
            (isOneSided ? kind == EffectKind.Factor ? texts.TimesWord(Numbers.Short(said.Value)) : Word(decision, said.Value, texts) : second.Clause, second.Bounds, most.Facet.Facet),
            isOneSided, tested.Count, tested.Min(facet => facet.Count), decision.IsTimed);
    }

    /// <summary>Whether it is a number that can be said: nothing is infinitely many times smaller.</summary>
    private static bool IsSpoken(ClaimEffect effect) => double.IsFinite(effect.Value) && double.IsFinite(effect.Flipped.Value);

    /// <summary>What a figure calls the arm.</summary>
    public static string ArmName(Texts texts, IReadOnlyList<Facet> facets, string name) =>
        facets.Select(facet => ArmSelector.Find(facet, name)).FirstOrDefault(arm => arm is not null)?.Label ?? (BaselineCatalog.Find(name) is { } baseline ? texts.BaselineArm(baseline) : name);

    /// <summary>The effect of one setting as a clause, "LSTM's loss is 5.1 times smaller than RNN's", with the interval of that number.</summary>
    public static (string Clause, string Bounds) Spoken(ClaimDecision decision, ClaimEffect effect, IReadOnlyList<Facet> facets, Texts texts)
    {
        var metric = texts.Measure(decision.Claim).Trim();
        // Nothing is 0.2 times smaller: an effect against the claim is said from the other side.
        var isAgainst = effect.Value < effect.Neutral && decision.Claim is not TrendClaim;
        var said = isAgainst ? effect.Flipped : effect;
        var isFactor = effect.Kind == EffectKind.Factor;
        var number = isFactor ? Numbers.Short(said.Value) : texts.InUnit(Numbers.Short(said.Value), decision.Metric!.Unit);
        var isLowerBetter = decision.Metric!.LowerIsBetter == true;
        var clause = decision.Claim switch
        {
            ComparisonClaim { On: MetricCatalog.StepsToTarget } c when double.IsInfinity(said.Value) =>
                texts.OnlyOneReaches(ArmName(texts, facets, isAgainst ? c.Beats : c.That), ArmName(texts, facets, isAgainst ? c.That : c.Beats)),
            { Rival: { } rival } c when said.Value == said.Neutral => texts.Equal(ArmName(texts, facets, c.That), ArmName(texts, facets, rival), metric),
            // An effect in favour is a smaller value where lower is better.
            ComparisonClaim c => texts.Compared(ArmName(texts, facets, c.That), ArmName(texts, facets, c.Beats), metric, isFactor, number, isSmaller: isLowerBetter != isAgainst),
            EquivalenceClaim c => texts.Compared(ArmName(texts, facets, c.That), ArmName(texts, facets, c.EqualTo), metric, isFactor, number, isSmaller: isAgainst),
            TrendClaim c => texts.TrendOf(ArmName(texts, facets, c.That), metric, texts.FactorName(c.GrowsWith), isFactor, number, c.Falls),
            _ => texts.MeasuredOf(ArmName(texts, facets, decision.Claim.That), metric, Word(decision, said.Value, texts)),
        };
        return (clause, decision.Claim is ThresholdClaim threshold
            ? texts.Joined([texts.ClaimedBound(Numbers.Plain(threshold.Below ?? threshold.Above!.Value), threshold.Below is not null), said.Bounds(texts)]) : said.Bounds(texts));
    }

    private static string Text(ClaimDecision decision, List<FacetEvidence> tested, List<ClaimEffect> effects, IReadOnlyList<Facet> facets, Texts texts)
    {
        if (decision.Reason is { } reason) return texts.NotTestedBecause(reason, decision.ReasonDetail ?? ArmName(texts, facets, decision.Claim.That));
        if (tested.Count == 1)
        {
            var (clause, bounds) = Spoken(decision, effects[0], facets, texts);
            return texts.WithEvidence(clause, bounds, decision.Method == VerdictMethod.Exact ? null : tested[0].Count, decision.IsTimed);
        }

        var marks = tested.GroupBy(facet => facet.Kind).OrderBy(group => group.Key).Select(group => (texts.VerdictMark(group.Key), texts.VerdictWord(group.Key), group.Count())).ToList();
        // Tasks of different kinds of loss have effects on different scales, which make no range.
        var values = effects.Exists(effect => effect.Kind != effects[0].Kind) ? [] : effects.Select(effect => effect.Value).Where(value => !double.IsNaN(value)).Order().ToList();
        return texts.OverSettings(tested.Count, marks, values.Count == 0 ? null : (Numbers.Short(values[0]), Numbers.Short(values[^1])), Axis(decision, effects, facets, texts));
    }

    /// <param name="scale">What the claim's numbers are; those of another kind are written and not given as numbers.</param>
    private static ClaimSetting Setting(ClaimDecision decision, FacetEvidence facet, EffectKind? scale, Texts texts)
    {
        if (facet.Reason is { } reason) return new(facet.Facet, VerdictNames.Of(VerdictKind.NotTested), texts.VerdictMark(VerdictKind.NotTested), null, null, null, facet.Count, texts.NotTestedBecause(reason, facet.Facet));
        var effect = ClaimEffect.Of(decision.Claim, facet);
        var value = effect.Kind == EffectKind.Factor ? texts.Times(Numbers.Short(effect.Value)) : effect.Kind == EffectKind.Value ? Word(decision, effect.Value, texts) : Numbers.Short(effect.Value);
        var bounds = effect.Low is { } low && effect.High is { } high && (double.IsFinite(low) || double.IsFinite(high)) ? Numbers.Range(low, high) : "";
        return new(facet.Facet, VerdictNames.Of(facet.Kind), texts.VerdictMark(facet.Kind), Given(effect.Value), Given(effect.Low), Given(effect.High), facet.Count, bounds.Length == 0 ? value : texts.WithBounds(value, bounds));

        double? Given(double? number) => effect.Kind == scale && number is { } known && double.IsFinite(known) ? known : null;
    }

    /// <summary>What the axis of the claim's forest plot counts.</summary>
    private static string Axis(ClaimDecision decision, List<ClaimEffect> effects, IReadOnlyList<Facet> facets, Texts texts)
    {
        if (decision.Metric is null) return "";
        var metric = texts.Metric(decision.Metric.Name).Trim();
        var isFactor = effects.Count > 0 && effects[0].Kind == EffectKind.Factor;
        return decision.Claim switch
        {
            ComparisonClaim c => decision.Metric.LowerIsBetter == true
                ? texts.AxisOf(metric, texts.EffectOf(ArmName(texts, facets, c.Beats), ArmName(texts, facets, c.That), isFactor)) : texts.AxisOf(metric, texts.EffectOf(ArmName(texts, facets, c.That), ArmName(texts, facets, c.Beats), isFactor)),
            EquivalenceClaim c => texts.AxisOf(metric, texts.EffectOf(ArmName(texts, facets, c.That), ArmName(texts, facets, c.EqualTo), isFactor)),
            TrendClaim => texts.AxisOf(metric, texts.PerLevel(isFactor)),
            _ => metric,
        };
    }

    /// <summary>A number; for one arm what its infinity means.</summary>
    private static string Word(ClaimDecision decision, double value, Texts texts) => !double.IsPositiveInfinity(value) ? texts.InUnit(Numbers.Short(value), decision.Metric!.Unit) : decision.Metric!.Name switch
    {
        MetricCatalog.GradientHalfLife => texts.NoDecayWord,
        MetricCatalog.StepsToTarget => texts.NotReached,
        _ => texts.DivergedWord,
    };
}
