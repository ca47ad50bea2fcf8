using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Statistics;
using MathNet.Numerics.Distributions;

namespace Harness.Reports.Verdicts;

/// <summary>"A's m is below (or above) x".</summary>
internal static class ThresholdJudge
{
    public static ClaimFinding Examine(ThresholdClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        var threshold = claim.Below ?? claim.Above;
        if (threshold is not { } bound || (metric.Positive && bound <= 0)) return ClaimFinding.NotTested(claim, metric, NotTestedReason.MetricCannotDecide, metric.Name);
        var arms = facets.Select(facet => (facet.Label, Arm: ArmSelector.Find(facet, claim.That))).Where(pair => pair.Arm is not null)
            .Select(pair => (pair.Label, Readings: ArmReadings.Of([pair.Arm!], metric.Name)[0])).ToList();
        if (arms.Count == 0) return ClaimFinding.NotTested(claim, metric, NotTestedReason.MissingCondition, claim.That);
        var below = claim.Below is not null;
        if (metric.Name == MetricCatalog.Parameters) return new(claim, metric, VerdictMethod.Exact, [.. arms.Select(arm => Counted(arm.Label, arm.Readings, bound, below))], 0);
        foreach (var (_, readings) in arms)
        {
            if (readings.Obstacle is { } obstacle) return ClaimFinding.NotTested(claim, metric, obstacle, readings.Arm.Condition.Label);
            if (readings.BySeed.Count < Bootstrap.MinimumReplicates) return ClaimFinding.NotTested(claim, metric, NotTestedReason.TooFewSeeds, readings.Arm.Condition.Label);
        }

        if (metric.Name == MetricCatalog.Solved) return new(claim, metric, VerdictMethod.BinomialTest, [.. arms.Select(arm => Share(arm.Label, arm.Readings, bound, below))], 0);
        var evidence = arms.Select(arm => Judge(arm.Label, arm.Readings, metric, bound, below)).ToList();
        return new(claim, metric, evidence.Any(e => e.Differences.Count == 0) ? VerdictMethod.PairedSignedRank : VerdictMethod.PairedSignFlip, evidence, 0) { IsTimed = arms.TrueForAll(arm => arm.Readings.Run is not null) };
    }

    private static FacetEvidence Judge(string facet, ArmReadings readings, MetricDescriptor metric, double bound, bool below)
    {
        var scale = metric.Positive ? EffectScale.LogRatio : EffectScale.Difference;
        var effect = new PairedEffect([.. readings.BySeed.OrderBy(pair => pair.Key).Select(pair => below ? Effects.Between(bound, pair.Value, scale) : Effects.Between(pair.Value, bound, scale))], byRank: readings.Run is not null);
        var (kind, p) = effect.Judge(0, 0, 0);
        return new(facet, readings.BySeed.Count, scale, effect.Interval.Value, effect.Interval.Low, effect.Interval.High, kind, p, null, effect.Spread, 0);
    }

    /// <summary>The share of solved seeds against the threshold: Wilson's interval, the exact binomial test.</summary>
    private static FacetEvidence Share(string facet, ArmReadings readings, double bound, bool below)
    {
        var (n, solved) = (readings.BySeed.Count, (int)readings.BySeed.Values.Sum());
        var interval = Proportions.Wilson(solved, n);
        var (low, high) = below ? (bound - interval.High!.Value, bound - interval.Low!.Value) : (interval.Low!.Value - bound, interval.High!.Value - bound);
        var kind = low > 0 ? VerdictKind.Supported : high < 0 ? VerdictKind.Contradicted : VerdictKind.Inconclusive;
        var share = Math.Clamp(bound, 0, 1);
        var p = kind == VerdictKind.Inconclusive ? 1 : Math.Min(1, 2 * Math.Min(Binomial.CDF(share, n, solved), 1 - (solved == 0 ? 0 : Binomial.CDF(share, n, solved - 1))));
        double[] differences = [.. readings.BySeed.Values.Select(v => below ? bound - v : v - bound)];
        return new(facet, n, EffectScale.Difference, below ? bound - interval.Value : interval.Value - bound, low, high, kind, p, null,
            differences.Distinct().Skip(1).Any() ? differences : [], 0);
    }

    private static FacetEvidence Counted(string facet, ArmReadings readings, double bound, bool below)
    {
        var effect = below ? Math.Log(bound / readings.Arm.Condition.Parameters) : Math.Log(readings.Arm.Condition.Parameters / bound);
        return new(facet, readings.Finished, EffectScale.LogRatio, effect, null, null, effect > 0 ? VerdictKind.Supported : VerdictKind.Contradicted, 0, null, [], 0);
    }
}
