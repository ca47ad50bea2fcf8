using System.Globalization;
using System.Text.Json;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Tests.Reports;

/// <summary>The tests that decide claims against brute force: Reference/verdicts.py made Reference/verdicts.json without any of their formulas.</summary>
public sealed class VerdictReferenceTests
{
    private static readonly JsonElement Reference = Load();
    private static readonly SignedRankLocation Location = new([.. Reference.GetProperty("differences").EnumerateArray().Select(value => value.GetDouble())]);

    [Fact]
    public void The_location_its_interval_and_p_come_from_all_sign_patterns()
    {
        Location.Estimate.Value.ShouldBe(Number("location"), 1e-12);
        Location.Estimate.Low!.Value.ShouldBe(Number("location_low"), 1e-9);
        Location.Estimate.High!.Value.ShouldBe(Number("location_high"), 1e-9);
        foreach (var (bound, p) in Table("location_above")) Location.Above(bound).ShouldBe(p, 1e-12);
    }

    [Fact]
    public void The_difference_of_shares_is_tested_over_all_tables_with_the_worst_common_share()
    {
        var difference = new ShareDifference(7, 8, 3, 9);
        foreach (var (bound, p) in Table("share_above")) difference.Above(bound).ShouldBe(p, 1e-6);
        difference.Estimate([]).Low!.Value.ShouldBe(Number("share_low"), 0.002);
        new ShareDifference(3, 9, 7, 8).Below(-0.1).ShouldBe(difference.Above(0.1), 1e-12);
        difference.Above(1).ShouldBe(1);
    }

    /// <summary>Newcombe (1998), table II, example a: 56/70 against 48/80 has the Miettinen–Nurminen interval 0.0528 – 0.3382; the exact one is slightly wider.</summary>
    [Fact]
    public void The_interval_of_a_difference_agrees_with_a_published_example()
    {
        var interval = new ShareDifference(56, 70, 48, 80).Estimate([]);
        interval.Low!.Value.ShouldBe(0.0528, 0.01);
        interval.High!.Value.ShouldBe(0.3382, 0.01);
    }

    [Fact]
    public void The_interval_of_a_share_is_the_binomial_test_inverted()
    {
        var expected = Reference.GetProperty("clopper_3_of_8");
        Proportions.Exact(3, 8).Low!.Value.ShouldBe(expected[0].GetDouble(), 1e-7);
        Proportions.Exact(3, 8).High!.Value.ShouldBe(expected[1].GetDouble(), 1e-7);
        (Proportions.Exact(0, 5).Low, Proportions.Exact(5, 5).High).ShouldBe((0, 1));
    }

    [Fact]
    public void Times_made_later_are_compared_over_all_assignments_to_the_groups()
    {
        var budget = Number("budget");
        var times = new TimeComparison(Waits("waits_b"), Waits("waits_a"), budget, budget, byFactor: true);
        foreach (var (effect, p) in Table("times_above")) times.Above(effect).P.ShouldBe(p, 1e-9);
    }

    [Fact]
    public void The_bounds_of_every_interval_are_where_its_test_begins_to_reject()
    {
        var times = new TimeComparison(Waits("waits_b"), Waits("waits_a"), 1000, 1000, byFactor: true);
        var interval = times.Estimate([]);
        interval.Value.ShouldBeInRange(interval.Low!.Value, interval.High!.Value);
        times.Above(interval.Low.Value - 1e-4).P.ShouldBeLessThanOrEqualTo(Inversion.Tail);
        times.Above(interval.Low.Value + 1e-4).P.ShouldBeGreaterThan(Inversion.Tail);
        Location.Above(Location.Estimate.Low!.Value - 1e-9).ShouldBeLessThanOrEqualTo(Inversion.Tail);
        Location.Above(Location.Estimate.Low.Value).ShouldBeGreaterThan(Inversion.Tail);
        var shares = new ShareDifference(7, 8, 3, 9);
        shares.Above(shares.Estimate([]).Low!.Value).ShouldBeLessThanOrEqualTo(Inversion.Tail);
    }

    [Fact]
    public void Sums_of_many_scores_are_sampled_with_their_error()
    {
        double[] scores = [.. Enumerable.Range(0, 60).Select(i => Math.Sin(i * 1.7))];
        var sampled = SubsetSums.UpperTail(scores, 30, scores.Take(30).Sum());
        sampled.Error.ShouldBeInRange(0.0001, 0.004);
        SubsetSums.UpperTail([.. scores.Take(24)], 12, scores.Take(12).Sum()).Error.ShouldBe(0);
        // Ties keep it exact: 6 events of 40 runs, all in one group of 20, C(34, 14) ÷ C(40, 20).
        SubsetSums.UpperTail([.. Enumerable.Range(0, 40).Select(i => i < 6 ? 0.85 : -0.15)], 20, 6 * 0.85 - 14 * 0.15).P.ShouldBe(0.010098010098, 1e-11);
    }

    private static double Number(string key) => Reference.GetProperty(key).GetDouble();

    private static IEnumerable<(double Bound, double P)> Table(string key) =>
        Reference.GetProperty(key).EnumerateObject().Select(pair => (double.Parse(pair.Name, CultureInfo.InvariantCulture), pair.Value.GetDouble()));

    private static Waiting[] Waits(string key) => [.. Reference.GetProperty(key).EnumerateArray().Select(w => new Waiting(w[0].GetDouble(), w[1].GetBoolean()))];

    private static JsonElement Load() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "Tests", "Harness.Tests", "Reports", "Reference", "verdicts.json"))).RootElement;
}
