using Harness.Abstractions.Metrics;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>The test that decides how two arms differ on a metric, with the interval that it gives when inverted.</summary>
/// <param name="Count">Pairs or seeds that carry information.</param>
/// <param name="Above">One-sided p against "the effect is not above this".</param>
/// <param name="Below">One-sided p against "the effect is not below this".</param>
/// <param name="Estimate">The effect with its interval, given the bounds that a verdict depends on.</param>
internal sealed record PairTest(VerdictMethod Method, int Count, Func<double, double> Above, Func<double, double> Below, Func<IReadOnlyList<double>, IntervalEstimate> Estimate)
{
    /// <summary>Standard error of a sampled p; null where p was enumerated.</summary>
    public Func<double, double>? Error { get; init; }

    /// <summary>The test of how much larger the metric is in <paramref name="x"/> than in <paramref name="y"/>; null when no pair carries information.</summary>
    public static PairTest? Of(ArmReadings x, ArmReadings y, IReadOnlyList<long> seeds, MetricDescriptor metric, EffectScale scale) => metric.Name switch
    {
        MetricCatalog.Solved or MetricCatalog.Diverged => Shares(x, y),
        MetricCatalog.StepsToTarget => Times(x, y, scale),
        _ => Paired([.. seeds.Select(seed => Effects.Between(x.BySeed[seed], y.BySeed[seed], scale)).Where(difference => !double.IsNaN(difference))]),
    };

    private static PairTest? Paired(IReadOnlyList<double> differences)
    {
        if (differences.Count == 0) return null;
        var location = new SignedRankLocation(differences);
        return new(VerdictMethod.SignedRank, differences.Count, location.Above, location.Below, _ => location.Estimate);
    }

    private static PairTest Shares(ArmReadings x, ArmReadings y)
    {
        var difference = new ShareDifference((int)x.BySeed.Values.Sum(), x.BySeed.Count, (int)y.BySeed.Values.Sum(), y.BySeed.Count);
        return new(VerdictMethod.ShareDifference, Math.Min(x.BySeed.Count, y.BySeed.Count), difference.Above, difference.Below, difference.Estimate);
    }

    /// <summary>Later times are larger: the other arm is the one that is sooner.</summary>
    private static PairTest Times(ArmReadings x, ArmReadings y, EffectScale scale)
    {
        var (late, soon) = (TargetWaits.Of(x.Arm, bySeconds: false), TargetWaits.Of(y.Arm, bySeconds: false));
        var times = new TimeComparison(soon, late, y.Arm.Condition.Trial.Train.Steps, x.Arm.Condition.Trial.Train.Steps, scale == EffectScale.LogRatio);
        return new(VerdictMethod.LogRank, Math.Min(late.Count, soon.Count), effect => times.Above(effect).P, effect => times.Below(effect).P, times.Estimate)
        {
            Error = effect => Math.Max(times.Above(effect).Error, times.Below(effect).Error),
        };
    }
}
