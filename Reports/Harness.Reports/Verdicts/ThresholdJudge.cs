using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"A's m is below (or above) x": the median of one arm against the threshold, by the sign test; a share by the binomial test.</summary>
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
        if (metric.Name == MetricCatalog.Parameters) return new(claim, metric, VerdictMethod.Exact, [.. arms.Select(arm => Counted(arm.Label, arm.Readings, bound, below))]);
        foreach (var (_, readings) in arms)
        {
            var obstacle = readings.Obstacle ?? (readings.BySeed.Count < Location.MinimumReplicates ? NotTestedReason.TooFewSeeds : null);
            if (obstacle is { } reason) return ClaimFinding.NotTested(claim, metric, Degenerate.Instead(reason, [readings.Arm], metric.Name), readings.Arm.Condition.Label);
        }

        var isShare = metric.Name is MetricCatalog.Solved or MetricCatalog.Diverged;
        return ClaimFinding.Of(claim, metric, isShare ? VerdictMethod.Binomial : VerdictMethod.Median,
            [.. arms.Select(arm => isShare ? Share(arm.Label, arm.Readings, metric, bound, below) : Judge(arm.Label, arm.Readings, metric, bound, below))]) with
        {
            IsTimed = arms.TrueForAll(arm => arm.Readings.Run is not null),
            HasOneBound = true,
        };
    }

    private static FacetEvidence Judge(string facet, ArmReadings readings, MetricDescriptor metric, double bound, bool below)
    {
        var scale = metric.Positive ? EffectScale.LogRatio : EffectScale.Difference;
        var n = readings.BySeed.Count;
        var smaller = readings.BySeed.Values.Count(value => value < bound);
        // A run that missed the target within the budget is later than any time within it; beside a later time it is unknown.
        var larger = readings.BySeed.Values.Count(value => value > bound && (double.IsFinite(value) || IsKnown(readings, metric, bound)));
        var (win, loss) = (Location.UpperTail(n, below ? smaller : larger), Location.UpperTail(n, below ? larger : smaller));
        var ruling = Ruling.Compare(_ => win, _ => loss, 0, 0, 0, n);
        var reason = ArmReadings.IsSpeed(metric.Name) && readings.Run is null ? NotTestedReason.NotTimed : Degenerate.Reason([readings.Arm], metric.Name);
        return new(facet, n, scale, new(Estimate), reason is null ? ruling.Kind : VerdictKind.NotTested, reason is null ? ruling.P : 1, ruling.Open, null)
        {
            Reason = reason, Learning = LearningFloor.Of(readings.Arm, metric.Name) is { } learning ? [learning] : [],
        };

        IntervalEstimate Estimate()
        {
            var median = Location.Median([.. readings.BySeed.Values]);
            return new(Distance(median.Value), below ? At(median.High) : At(median.Low), below ? At(median.Low) : At(median.High), n) { IsRange = median.IsRange };
        }

        double? At(double? value) => value is { } known ? Distance(known) : null;

        double Distance(double value) => below ? Effects.Between(bound, value, scale) : Effects.Between(value, bound, scale);
    }

    private static bool IsKnown(ArmReadings readings, MetricDescriptor metric, double bound) =>
        metric.Name != MetricCatalog.StepsToTarget || bound <= readings.Arm.Condition.Trial.Train.Steps;

    private static FacetEvidence Share(string facet, ArmReadings readings, MetricDescriptor metric, double bound, bool below)
    {
        var (n, successes) = (readings.BySeed.Count, (int)readings.BySeed.Values.Sum());
        var (above, under) = (Proportions.Above(successes, n, bound), Proportions.Below(successes, n, bound));
        var ruling = Ruling.Compare(_ => below ? under : above, _ => below ? above : under, 0, 0, 0, n);
        var reason = Degenerate.Reason([readings.Arm], metric.Name);
        return new(facet, n, EffectScale.Difference, new(Estimate), reason is null ? ruling.Kind : VerdictKind.NotTested, reason is null ? ruling.P : 1, ruling.Open, null) { Reason = reason };

        IntervalEstimate Estimate()
        {
            var share = Proportions.Exact(successes, n);
            return below ? new(bound - share.Value, bound - share.High, bound - share.Low, n) : new(share.Value - bound, share.Low - bound, share.High - bound, n);
        }
    }

    private static FacetEvidence Counted(string facet, ArmReadings readings, double bound, bool below)
    {
        var effect = below ? Math.Log(bound / readings.Arm.Condition.Parameters) : Math.Log(readings.Arm.Condition.Parameters / bound);
        return PairEvidence.Exact(facet, readings.Finished, EffectScale.LogRatio, effect, effect > 0 ? VerdictKind.Supported : VerdictKind.Contradicted);
    }
}
