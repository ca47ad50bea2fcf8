using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>"m of A grows (or falls) with a factor": the slope over the factor's levels within each seed, and its sign over seeds.</summary>
internal static class TrendJudge
{
    public static ClaimFinding Examine(TrendClaim claim, MetricDescriptor metric, IReadOnlyList<Facet> facets)
    {
        var arms = facets.SelectMany(facet => facet.Arms).Where(arm => Names(arm, claim.That) && Level(arm, claim.GrowsWith) is not null).ToList();
        // Conditions that differ in nothing but the factor form one row of levels.
        var rows = arms.GroupBy(arm => Others(arm, claim.GrowsWith), StringComparer.Ordinal)
            .Select(group => (Label: group.Key, Levels: ArmReadings.Of([.. group.OrderBy(arm => Level(arm, claim.GrowsWith)!.Value)], metric.Name).ToList()))
            .Where(row => row.Levels.Count > 1).Select(row => (Label: Place(facets, row.Levels[0].Arm, claim.GrowsWith), row.Levels)).ToList();
        if (rows.Count == 0) return ClaimFinding.NotTested(claim, metric, NotTestedReason.MissingCondition, $"{claim.That}, {claim.GrowsWith}");
        var evidence = new List<FacetEvidence>();
        foreach (var (label, levels) in rows)
        {
            foreach (var level in levels)
                if (level.Obstacle is { } obstacle) return Refused(obstacle, level.Arm);
            var seeds = levels.Skip(1).Aggregate(levels[0].BySeed.Keys, (common, level) => common.Intersect(level.BySeed.Keys)).Order().ToList();
            if (seeds.Count < Location.MinimumReplicates) return Refused(NotTestedReason.TooFewSeeds, levels[0].Arm);
            evidence.Add(Judge(label, levels, seeds, metric, claim.Falls));
        }

        return ClaimFinding.Of(claim, metric, VerdictMethod.SignedRank, evidence) with { IsTimed = rows.TrueForAll(row => row.Levels[0].Run is not null) };

        ClaimFinding Refused(NotTestedReason reason, Arm arm) => ClaimFinding.NotTested(claim, metric, Degenerate.Instead(reason, [arm], metric.Name), arm.Condition.Label);
    }

    private static FacetEvidence Judge(string label, List<ArmReadings> levels, List<long> seeds, MetricDescriptor metric, bool falls)
    {
        var scale = Margins.ScaleOf(metric, levels[0].Arm.Condition.Trial);
        var sign = falls ? -1 : 1;
        List<double> slopes = [.. seeds.Select(seed => sign * Trend.Slope([.. levels.Select(level => scale == EffectScale.LogRatio ? Math.Log(level.BySeed[seed]) : level.BySeed[seed])])).Where(slope => !double.IsNaN(slope))];
        List<ArmLearning> learning = [.. levels.Select(level => LearningFloor.Of(level.Arm, metric.Name)).OfType<ArmLearning>()];
        var reason = ArmReadings.IsSpeed(metric.Name) && levels[0].Run is null ? NotTestedReason.NotTimed
            : Degenerate.Reason([.. levels.Select(level => level.Arm)], metric.Name)
            ?? (metric.Name is MetricCatalog.StepsToTarget or MetricCatalog.Solved && levels.TrueForAll(level => level.Arm.Statistics.Solved == 0) ? NotTestedReason.NeverReached
                : learning.Count > 0 && learning.TrueForAll(level => !level.HasLearned) ? NotTestedReason.NothingLearned
                : slopes.Count == 0 ? NotTestedReason.NoInformation : null);
        var location = slopes.Count == 0 ? null : new SignedRankLocation(slopes);
        var negligible = Margins.Of(metric, scale);
        var ruling = reason is null && location is not null ? Ruling.Compare(location.Above, location.Below, 0, 0, negligible, slopes.Count) : new Ruling(VerdictKind.NotTested, 1, 1);
        return new(label, slopes.Count, scale, new(location?.Estimate ?? new(double.NaN, null, null, 0)), ruling.Kind, ruling.P, ruling.Open, null)
        {
            Reason = reason, Learning = learning,
        };
    }

    private static bool Names(Arm arm, string name) => arm.Condition.Factors.TryGetValue("arm", out var label)
        ? string.Equals(label, name, StringComparison.Ordinal)
        : string.Equals(arm.Condition.Trial.Model.Cell, name, StringComparison.Ordinal);

    private static double? Level(Arm arm, string factor) =>
        arm.Condition.Factors.TryGetValue(factor, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The arm's facet without the factor that the claim is about.</summary>
    private static string Place(IReadOnlyList<Facet> facets, Arm arm, string factor) =>
        string.Join(" · ", facets.First(facet => facet.Arms.Contains(arm)).Levels.Where(level => level.Factor != factor).Select(level => level.Level));

    private static string Others(Arm arm, string factor) => string.Join(" · ", arm.Condition.Factors
        .Where(pair => pair.Key != factor && pair.Key != "cell" && pair.Key != "arm")
        .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
}
