using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <param name="Seeds">Seeds that both arms finished, ascending; for times, on one machine; or rounds of the timing trial that measured both in turns.</param>
internal sealed record ArmPair(string Facet, ArmReadings A, ArmReadings B, IReadOnlyList<long> Seeds)
{
    public bool IsTimed => A.Run is not null;

    /// <summary>The arms that learned: both, or the first alone where the other is a baseline.</summary>
    public IReadOnlyList<Arm> Networks => B.IsBaseline ? [A.Arm] : [A.Arm, B.Arm];
}

/// <summary>Two arms in every facet that has both, or the reason why they cannot be compared.</summary>
internal sealed record ArmPairs(IReadOnlyList<ArmPair> Pairs, NotTestedReason? Obstacle, string? Detail)
{
    public static ArmPairs Find(IReadOnlyList<Facet> facets, string that, string other, string metric)
    {
        var pairs = new List<ArmPair>();
        var isBaseline = BaselineCatalog.Find(other) is not null && facets.All(facet => ArmSelector.Find(facet, other) is null);
        foreach (var facet in facets)
        {
            if (ArmSelector.Find(facet, that) is not { } a || (isBaseline ? a : ArmSelector.Find(facet, other)) is not { } b) continue;
            var (readingsA, readingsB) = isBaseline ? (ArmReadings.Of([a], metric)[0], ArmReadings.OfBaseline(a, other, metric))
                : ArmReadings.Of([a, b], metric) is [var first, var second] ? (first, second) : throw new InvalidOperationException("Two arms have two readings.");
            var seeds = readingsA.BySeed.Keys.Intersect(readingsB.BySeed.Keys).Order();
            pairs.Add(new(facet.Label, readingsA, readingsB, [.. ArmReadings.IsSpeed(metric) && readingsA.Run is null ? OnOneMachine(seeds, readingsA, readingsB) : seeds]));
        }

        if (pairs.Count == 0) return Refused(NotTestedReason.MissingCondition, $"{that}, {other}");
        if (metric == MetricCatalog.Parameters) return new(pairs, null, null); // counted from the plan: no trial needed
        foreach (var pair in pairs)
        {
            foreach (var arm in new[] { pair.A, pair.B })
                if (arm.Obstacle is { } obstacle) return Refused(obstacle, arm.IsBaseline ? other : arm.Arm.Condition.Label);
            if (pair.Seeds.Count < Location.MinimumReplicates && pair.A.BySeed.Keys.Intersect(pair.B.BySeed.Keys).Count() >= Location.MinimumReplicates)
                return Refused(NotTestedReason.DifferentMachines, pair.A.Arm.Condition.Label);
            if (pair.Seeds.Count < Location.MinimumReplicates) return Refused(NotTestedReason.TooFewSeeds, pair.A.Arm.Condition.Label);
            if (ArmReadings.IsSpeed(metric) && pair.A.Devices.Concat(pair.B.Devices).Distinct(StringComparer.Ordinal).Skip(1).Any())
                return Refused(NotTestedReason.DifferentDevices, pair.A.Arm.Condition.Label);
        }

        return new(pairs, null, null);

        static IEnumerable<long> OnOneMachine(IEnumerable<long> seeds, ArmReadings a, ArmReadings b)
        {
            var (hostsA, hostsB) = (a.Hosts, b.Hosts);
            return seeds.Where(seed => hostsA[seed] == hostsB[seed]);
        }

        static ArmPairs Refused(NotTestedReason reason, string detail) => new([], reason, detail);
    }
}
