using Harness.Abstractions.Metrics;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>What one pair of arms says, with all that a card shows beside it.</summary>
internal static class PairEvidence
{
    /// <param name="test">Null when no pair of seeds carries information.</param>
    /// <param name="rule">What the test says about the claim's bounds.</param>
    /// <param name="decisive">Those bounds.</param>
    /// <param name="obstacle">Why the pair decides nothing whatever the test says; null when it may.</param>
    public static FacetEvidence Of(
        ArmPair pair, MetricDescriptor metric, EffectScale scale, PairTest? test, Func<PairTest, Ruling> rule, IReadOnlyList<double> decisive, double? better, NotTestedReason? obstacle)
    {
        var learning = pair.Networks.Select(arm => LearningFloor.Of(arm, metric.Name)).OfType<ArmLearning>().ToList();
        var reason = obstacle
            ?? (learning.Count == 2 && learning.TrueForAll(arm => !arm.HasLearned) ? NotTestedReason.NothingLearned
                : test is null ? NotTestedReason.NoInformation : (NotTestedReason?)null);
        var ruling = reason is null ? rule(test!) : new Ruling(VerdictKind.NotTested, 1, 1);
        var error = reason is null && test!.Error is { } sampled ? decisive.Max(sampled) : 0;
        return new(pair.Facet, test?.Count ?? 0, scale, new(() => test?.Estimate(decisive) ?? new(double.NaN, null, null, 0)), ruling.Kind, ruling.P, ruling.Open, reason is null ? better : null)
        {
            Reason = reason, Learning = learning, Failures = reason is null ? Failures(pair, metric.Name, learning) : null, Error = error > 0 ? error : null,
        };
    }

    /// <summary>What was counted, without chance.</summary>
    public static FacetEvidence Exact(string facet, int count, EffectScale scale, double effect, VerdictKind kind) =>
        new(facet, count, scale, new(new IntervalEstimate(effect, null, null, count)), kind, 0, 0, null);

    /// <param name="halfMustReach">Whether the claim is about typical times, so that half of both arms must have one.</param>
    public static NotTestedReason? ObstacleTo(ArmPair pair, string metric, bool halfMustReach)
    {
        if (ArmReadings.IsSpeed(metric)) return pair.IsTimed ? null : NotTestedReason.NotTimed;
        if (Degenerate.Reason(pair.Networks, metric) is { } reason) return reason;
        if (metric is not (MetricCatalog.Solved or MetricCatalog.StepsToTarget)) return null;
        var (a, b) = (Share(pair.A), Share(pair.B));
        return (a == 0 && b == 0) || (halfMustReach && Math.Min(a, b) < 0.5) ? NotTestedReason.NeverReached : null;

        static double Share(ArmReadings arm) => arm.Finished == 0 ? 0 : (double)arm.Arm.Statistics.Solved / arm.Finished;
    }

    private static FailedSeeds? Failures(ArmPair pair, string metric, List<ArmLearning> learning)
    {
        if (metric == MetricCatalog.StepsToTarget)
        {
            var (a, b) = (pair.A.Arm.Statistics, pair.B.Arm.Statistics);
            return Between(true, a.Finished - a.Solved, a.Finished, b.Finished - b.Solved, b.Finished);
        }

        return learning is [var first, var second] ? Between(false, first.Failed, first.Count, second.Failed, second.Count) : null;

        static FailedSeeds? Between(bool reached, int a, int allA, int b, int allB) =>
            a + b == 0 || allA == 0 || allB == 0 ? null : new(reached, a, allA, b, allB, new(() => new ShareDifference(a, allA, b, allB).Estimate([])));
    }
}
