using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Summaries;

/// <summary>The numbers of one setting's evidence in natural units, in the claim's favour: factors, differences, or the measured value of a threshold claim.</summary>
internal sealed record ClaimEffect(EffectKind Kind, double Value, double? Low, double? High, bool IsRange)
{
    /// <summary>Where there is no effect: 1 for factors, 0 for differences; a measured value has no such place.</summary>
    public double? Neutral => Kind switch { EffectKind.Factor => 1, EffectKind.Difference => 0, _ => null };

    /// <summary>Whether the whole interval speaks against the claim's arm.</summary>
    public bool IsReversed => Neutral is { } neutral && High < neutral && !IsRange;

    /// <summary>The same seen from the other arm.</summary>
    public ClaimEffect Flipped => Kind == EffectKind.Factor ? this with { Value = 1 / Value, Low = 1 / High, High = 1 / Low } : this with { Value = -Value, Low = -High, High = -Low };

    public string Bounds(Texts texts) => Low is { } low && High is { } high && (double.IsFinite(low) || double.IsFinite(high)) ? texts.Bounds(Numbers.Range(low, high), IsRange) : "";

    public static ClaimEffect Of(ClaimSpec claim, FacetEvidence evidence)
    {
        var estimate = evidence.Estimate.Value;
        if (claim is ThresholdClaim threshold)
        {
            // The judge stores the distance to the threshold, towards the side that is claimed.
            var (bound, sign) = threshold.Below is { } below ? (below, -1) : (threshold.Above!.Value, 1);
            var (low, high) = sign > 0 ? (estimate.Low, estimate.High) : (estimate.High, estimate.Low);
            return new(EffectKind.Value, At(estimate.Value)!.Value, At(low), At(high), estimate.IsRange);

            double? At(double? effect) => effect is not { } distance ? null : evidence.Scale == EffectScale.LogRatio ? bound * Math.Exp(sign * distance) : bound + sign * distance;
        }

        return new(evidence.Scale == EffectScale.LogRatio ? EffectKind.Factor : EffectKind.Difference, Natural(estimate.Value)!.Value, Natural(estimate.Low), Natural(estimate.High), estimate.IsRange);

        double? Natural(double? effect) => evidence.Scale == EffectScale.LogRatio && effect is { } log ? Math.Exp(log) : effect;
    }

    /// <summary>What the claim names: "by 2x", a threshold.</summary>
    public static double? Claimed(ClaimSpec claim) => claim switch
    {
        ComparisonClaim c => c.ByFactor ?? c.ByAmount,
        ThresholdClaim c => c.Below ?? c.Above,
        _ => null,
    };

    /// <summary>What is too small to matter, or what counts as equal.</summary>
    public static (double From, double To)? Negligible(ClaimSpec claim, MetricDescriptor metric, FacetEvidence evidence)
    {
        if (claim is ThresholdClaim) return null;
        var margin = claim is EquivalenceClaim ? evidence.Margin : Margins.Of(metric, evidence.Scale);
        return margin is not { } half ? null : evidence.Scale == EffectScale.LogRatio ? (Math.Exp(-half), Math.Exp(half)) : (-half, half);
    }
}

internal enum EffectKind
{
    Factor,
    Difference,
    Value,
}
