using System.Text.Json;
using Harness.Abstractions.Metrics;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Tests.Reports;

/// <summary>Every estimator against an independent implementation: Reference/reference.py made Reference/reference.json with scipy and R.</summary>
public sealed class StatisticsReferenceTests
{
    private const double Exact = 1e-9;

    private static readonly JsonElement Reference = Load();
    private static readonly double[] A = Numbers("a");
    private static readonly double[] B = Numbers("b");

    [Fact]
    public void Medians_and_quantiles()
    {
        Quantiles.Median(A).ShouldBe(Number("median"), Exact);
        Quantiles.Median(Numbers("x")).ShouldBe(Number("median_odd"), Exact);
        Quantiles.Quantile(Quantiles.Sorted(A), 0.025).ShouldBe(Number("quantile_025"), Exact);
    }

    /// <summary>With n = 8 the sign test cannot reject 2 of 8 (p = 0.07): the interval is the range; with n = 12 it cuts two values on each side (3/4096·… ≤ 0.025).</summary>
    [Fact]
    public void The_interval_of_a_median_lies_between_order_statistics()
    {
        var eight = Location.Median(A);
        (eight.Value, eight.Low, eight.High, eight.IsRange).ShouldBe((Number("median"), 0.13, 0.91, false));
        var twelve = Location.Median([.. Enumerable.Range(1, 12).Select(i => (double)i)]);
        (twelve.Value, twelve.Low, twelve.High).ShouldBe((6.5, 3.0, 10.0));
        Location.Median([3, 1, 2, 5, 4]).ShouldBe(new(3, 1, 5, 5) { IsRange = true });
        Location.Median([1, 2]).HasInterval.ShouldBeFalse();
    }

    [Fact]
    public void Infinite_values_of_both_signs_leave_a_median_without_becoming_NaN()
    {
        double[] both = [double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity];
        Location.Median(both).ShouldBe(new(0, double.NegativeInfinity, double.PositiveInfinity, 6));
        new SignedRankLocation(both).Estimate.ShouldBe(new(0, double.NegativeInfinity, double.PositiveInfinity, 6));
    }

    [Fact]
    public void Effect_sizes()
    {
        EffectSize.ProbabilityOfSuperiority(Numbers("y"), Numbers("x")).ShouldBe(Number("superiority"), Exact);
    }

    [Fact]
    public void Wilcoxon_signed_rank()
    {
        var location = new SignedRankLocation([.. A.Zip(B, (a, b) => a - b)]);
        (2 * Math.Min(location.Above(0), location.Below(0))).ShouldBe(Number("signed_rank"), Exact);
    }

    [Fact]
    public void Holm() => MultipleTesting.Holm(Numbers("p")).ShouldBe(Numbers("holm"), Exact);

    [Fact]
    public void Log_rank_scores_and_their_permutation_distribution()
    {
        var (a, b) = (Waits("waits_a"), Waits("waits_b"));
        var scores = Survival.Scores([.. a, .. b]);
        var observed = scores.Take(a.Length).Sum();
        observed.ShouldBe(Number("log_rank_observed_minus_expected"), Exact);
        // The reference counts deviations to both sides.
        var both = SubsetSums.UpperTail(scores, a.Length, Math.Abs(observed)).P + SubsetSums.UpperTail([.. scores.Select(score => -score)], a.Length, Math.Abs(observed)).P;
        both.ShouldBe(Number("log_rank_permutation"), Exact);
    }

    [Fact]
    public void Times_to_the_target_in_summary()
    {
        Waiting[] waits = [new(100, true), new(250, true), new(250, true), new(400, true), new(1000, false), new(1000, false), new(700, true)];
        Survival.RestrictedMean(waits, 1000).ShouldBe(3700 / 7.0, Exact);
        Survival.Reached(waits).ShouldBe([new(100, 1 / 7.0), new(250, 3 / 7.0), new(400, 4 / 7.0), new(700, 5 / 7.0)]);
    }

    [Fact]
    public void The_slope_over_levels() =>
        Reference.GetProperty("trend").EnumerateArray().Select(row => Trend.Slope([.. row.EnumerateArray().Select(v => v.GetDouble())])).ShouldBe(Numbers("slopes"), Exact);

    [Fact]
    public void Infinite_levels_have_an_order_and_no_slope()
    {
        Trend.Slope([100, 200, double.PositiveInfinity]).ShouldBe(double.PositiveInfinity);
        Trend.Slope([double.PositiveInfinity, 200, 100]).ShouldBe(double.NegativeInfinity);
        Trend.Slope([double.PositiveInfinity, double.PositiveInfinity]).ShouldBe(double.NaN);
    }

    [Fact]
    public void Further_seeds_grow_with_the_distance_that_lacks_and_respect_the_floor_of_the_test()
    {
        SampleSize.Further(3, 1 / 8.0, 0.05, bySigns: true).ShouldBe(3); // six pairs: 2/2^6 < 0.05
        // z is 1 at p = 0.1587, and 2.80 are needed: n grows by 7.85.
        SampleSize.Further(10, 0.15865525393145707, 0.05, bySigns: true).ShouldBe(79 - 10);
        SampleSize.Further(10, 0.49, 0.05, bySigns: false).ShouldBe(SampleSize.Most + 1);
        SampleSize.Further(10, 0.5, 0.05, bySigns: false).ShouldBeNull();
    }

    private static double Number(string key) => Reference.GetProperty(key).GetDouble();

    private static double[] Numbers(string key) => [.. Reference.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];

    private static Waiting[] Waits(string key) => [.. Reference.GetProperty(key).EnumerateArray().Select(w => new Waiting(w[0].GetDouble(), w[1].GetBoolean()))];

    private static JsonElement Load() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "Tests", "Harness.Tests", "Reports", "Reference", "reference.json"))).RootElement;
}
