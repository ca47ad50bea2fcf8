using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"A beats B on m by δ".</summary>
internal static class ComparisonJudge
{
    public static ClaimFinding Examine(ComparisonClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        if (metric.LowerIsBetter is not { } lowerIsBetter || (claim.ByFactor is not null && !metric.Positive) || claim.ByFactor <= 0)
            return ClaimFinding.NotTested(claim, metric, NotTestedReason.MetricCannotDecide, metric.Name);
        var pairs = ArmPairs.Find(facets, claim.That, claim.Beats, metric.Name);
        if (pairs.Obstacle is { } obstacle) return ClaimFinding.NotTested(claim, metric, obstacle, pairs.Detail);

        var scale = metric.Positive && claim.ByAmount is null ? EffectScale.LogRatio : EffectScale.Difference;
        var named = claim.ByFactor is { } factor ? Math.Log(factor) : claim.ByAmount;
        var negligible = scale == EffectScale.LogRatio || !metric.Positive ? Margins.Of(metric) : 0;
        var needed = named ?? negligible;
        // A claim that names how much it wins by is refuted by less; one that does not, by losing.
        var refuted = named ?? -negligible;
        var evidence = pairs.Pairs.Select(pair => metric.Name switch
        {
            MetricCatalog.Parameters => Counted(pair, scale, needed),
            MetricCatalog.Solved => Shares(pair, needed, refuted, named is null ? negligible : 0),
            _ => Paired(pair, metric, scale, lowerIsBetter, needed, refuted, named is null ? negligible : 0),
        }).ToList();
        var method = metric.Name switch
        {
            MetricCatalog.Parameters => VerdictMethod.Exact,
            MetricCatalog.Solved => VerdictMethod.FisherExact,
            MetricCatalog.StepsToTarget when named is null => VerdictMethod.LogRank,
            _ => evidence.Any(e => e.Differences.Count == 0) ? VerdictMethod.PairedSignedRank : VerdictMethod.PairedSignFlip,
        };
        return new(claim, metric, method, evidence, needed) { IsTimed = pairs.Pairs.All(pair => pair.IsTimed) };
    }

    private static FacetEvidence Counted(ArmPair pair, EffectScale scale, double needed)
    {
        var (a, b) = ((double)pair.A.Arm.Condition.Parameters, (double)pair.B.Arm.Condition.Parameters);
        var effect = scale == EffectScale.LogRatio ? Math.Log(b / a) : b - a;
        var kind = effect > needed ? VerdictKind.Supported
            : effect == 0 ? VerdictKind.NoMeaningfulDifference
            : VerdictKind.Contradicted;
        return new(pair.Facet, pair.A.Finished, scale, effect, null, null, kind, 0, null, [], needed);
    }

    /// <summary>Shares of solved seeds: Newcombe's hybrid score interval (1998, method 10) of the difference, Fisher's exact test.</summary>
    private static FacetEvidence Shares(ArmPair pair, double needed, double refuted, double negligible)
    {
        var (a, b) = (pair.A.BySeed.Values.ToList(), pair.B.BySeed.Values.ToList());
        var (solvedA, solvedB) = ((int)a.Sum(), (int)b.Sum());
        var (intervalA, intervalB) = (Proportions.Wilson(solvedA, a.Count), Proportions.Wilson(solvedB, b.Count));
        var difference = intervalA.Value - intervalB.Value;
        var low = difference - Math.Sqrt(Square(intervalA.Value - intervalA.Low!.Value) + Square(intervalB.High!.Value - intervalB.Value));
        var high = difference + Math.Sqrt(Square(intervalA.High!.Value - intervalA.Value) + Square(intervalB.Value - intervalB.Low!.Value));
        var kind = low > needed ? VerdictKind.Supported
            : high < refuted ? VerdictKind.Contradicted
            : low > -negligible && high < negligible ? VerdictKind.NoMeaningfulDifference
            : VerdictKind.Inconclusive;
        var p = kind == VerdictKind.Inconclusive ? 1 : Proportions.FisherExact(solvedA, a.Count, solvedB, b.Count);
        var differences = pair.Seeds.Select(seed => pair.A.BySeed[seed] - pair.B.BySeed[seed]).ToList();
        return new(pair.Facet, pair.Seeds.Count, EffectScale.Difference, difference, low, high, kind, p, EffectSize.ProbabilityOfSuperiority(a, b),
            differences.Distinct().Skip(1).Any() ? differences : [], difference > (needed + refuted) / 2 ? needed : refuted);

        static double Square(double value) => value * value;
    }

    private static FacetEvidence Paired(
        ArmPair pair, MetricDescriptor metric, EffectScale scale, bool lowerIsBetter, double needed, double refuted, double negligible)
    {
        var effect = new PairedEffect([.. pair.Seeds.Select(seed => lowerIsBetter
            ? Effects.Between(pair.B.BySeed[seed], pair.A.BySeed[seed], scale)
            : Effects.Between(pair.A.BySeed[seed], pair.B.BySeed[seed], scale))], byRank: pair.IsTimed);
        var (kind, p) = effect.Judge(needed, refuted, negligible);
        if (metric.Name == MetricCatalog.StepsToTarget && kind is VerdictKind.Supported or VerdictKind.Contradicted && needed == negligible)
            p = Survival.LogRank(Waits(pair.A), Waits(pair.B));
        double? better = pair.IsTimed ? null : EffectSize.ProbabilityOfSuperiority(Oriented(pair.A), Oriented(pair.B));
        return new(pair.Facet, pair.Seeds.Count, scale, effect.Interval.Value, effect.Interval.Low, effect.Interval.High, kind, p, better,
            effect.Spread, effect.NearestBound(needed, refuted));

        List<double> Oriented(ArmReadings arm) => [.. arm.BySeed.Values.Select(v => lowerIsBetter ? -v : v)];
    }

    /// <summary>Seeds that never reached the target are censored at the end of training.</summary>
    private static List<Waiting> Waits(ArmReadings arm) =>
        [.. arm.BySeed.Values.Select(steps => double.IsFinite(steps) ? new Waiting(steps, true) : new Waiting(arm.Arm.Condition.Trial.Train.Steps, false))];
}
