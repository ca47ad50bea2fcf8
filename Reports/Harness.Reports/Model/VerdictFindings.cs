using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Summaries;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>One facet's evidence as a line: the effect in natural units, its interval, how many seeds.</summary>
internal static class VerdictFindings
{
    public static string Line(ClaimDecision decision, FacetEvidence evidence, IReadOnlyList<Facet> facets, Texts texts)
    {
        var (subject, value, low, high) = decision.Claim switch
        {
            ComparisonClaim c => Effect(decision.Metric!.LowerIsBetter == true ? (c.Beats, c.That) : (c.That, c.Beats)),
            EquivalenceClaim c => Effect((c.That, c.EqualTo)),
            ThresholdClaim c => Value(c, evidence, texts),
            _ => (texts.PerLevel(evidence.Scale == EffectScale.LogRatio), Natural(Signed(evidence.Effect)), Natural(Signed(evidence.Low)), Natural(Signed(evidence.High))),
        };
        if (decision.Claim is TrendClaim { Falls: true }) (low, high) = (high, low);
        // From infinity to infinity, or without any pair, there is nothing to tell.
        var interval = low is { } from && high is { } to && (double.IsFinite(from) || double.IsFinite(to) || from != to) ? Numbers.Range(from, to) : null;
        return texts.Finding(decision.Facets.Count > 1 ? texts.VerdictMark(evidence.Kind) : null, evidence.Facet, texts.Metric(decision.Metric!.Name), subject, Word(decision, value, texts),
            interval is null ? null : texts.Bounds(interval, evidence.Estimate.Value.IsRange),
            decision.Method == VerdictMethod.Exact ? null : evidence.Count, decision.Method == VerdictMethod.SignedRank && decision.Claim is not TrendClaim, decision.IsTimed,
            evidence.Better is { } better && decision.Claim is ComparisonClaim claim ? texts.BetterIn(ClaimLines.ArmName(texts, facets, claim.That), Numbers.Plain(Math.Round(100 * better))) : null);

        (string, double?, double?, double?) Effect((string First, string Second) arms) => (
            texts.EffectOf(ClaimLines.ArmName(texts, facets, arms.First), ClaimLines.ArmName(texts, facets, arms.Second), evidence.Scale == EffectScale.LogRatio),
            Natural(evidence.Effect), Natural(evidence.Low), Natural(evidence.High));

        // A trend's effect is stored in the claim's direction; what is shown is the metric's own.
        double? Signed(double? effect) => decision.Claim is TrendClaim { Falls: true } ? -effect : effect;

        double? Natural(double? effect) => evidence.Scale == EffectScale.LogRatio && effect is { } log ? Math.Exp(log) : effect;
    }

    /// <summary>A number; for one arm what its infinity means, as tables have it.</summary>
    private static string Word(ClaimDecision decision, double? value, Texts texts) => value is double.PositiveInfinity && decision.Claim is ThresholdClaim ? decision.Metric!.Name switch
    {
        MetricCatalog.GradientHalfLife => texts.NoDecayWord,
        MetricCatalog.StepsToTarget => texts.NotReached,
        _ => texts.DivergedWord,
    } : Numbers.Short(value);

    /// <summary>What stands under the line: loss ÷ baseline, seeds that failed, and why the facet decides nothing where others do.</summary>
    public static IEnumerable<string> Notes(ClaimDecision decision, FacetEvidence evidence, IReadOnlyList<Facet> facets, Texts texts)
    {
        if (evidence.Learning.Count > 0)
        {
            yield return texts.LossRatios([.. evidence.Learning.Select(arm => (Name(decision, arm), Numbers.Short(arm.Ratio)))],
                evidence.Learning.Any(arm => arm.HasLearned) ? [.. evidence.Learning.Where(arm => !arm.HasLearned).Select(arm => Name(decision, arm))] : []);
        }

        if (evidence.Failures is { } failed)
        {
            var (that, other) = decision.Claim is EquivalenceClaim equal ? (equal.That, equal.EqualTo) : decision.Claim is ComparisonClaim better ? (better.That, better.Beats) : ("", "");
            var (first, second) = (ClaimLines.ArmName(texts, facets, that), ClaimLines.ArmName(texts, facets, other));
            yield return texts.FailedSeeds(failed.Reached, texts.CountOfArm(first, failed.First, failed.AllFirst), texts.CountOfArm(second, failed.Second, failed.AllSecond),
                texts.EffectOf(first, second, ratio: false), Numbers.Short(failed.Difference.Value.Value), Numbers.Range(failed.Difference.Value.Low!.Value, failed.Difference.Value.High!.Value));
        }

        if (evidence.Reason is { } reason && decision.Kind != VerdictKind.NotTested) yield return texts.FacetNotTested(texts.NotTestedBecause(reason, evidence.Facet));
    }

    private static string Name(ClaimDecision decision, ArmLearning arm) => decision.Claim is TrendClaim ? arm.Arm.Condition.Label : arm.Arm.Label;

    /// <summary>The measured value itself, recovered from its distance to the threshold.</summary>
    private static (string, double?, double?, double?) Value(ThresholdClaim claim, FacetEvidence evidence, Texts texts)
    {
        var (bound, sign) = claim.Below is { } below ? (below, -1) : (claim.Above!.Value, 1);
        var (low, high) = sign > 0 ? (evidence.Low, evidence.High) : (evidence.High, evidence.Low);
        return (texts.Against(Numbers.Plain(bound)), At(evidence.Effect), At(low), At(high));

        double? At(double? effect) => effect is not { } e ? null : evidence.Scale == EffectScale.LogRatio ? bound * Math.Exp(sign * e) : bound + sign * e;
    }
}
