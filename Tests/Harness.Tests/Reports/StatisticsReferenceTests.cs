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

    private static double[] Differences => [.. A.Zip(B, (a, b) => a - b)];

    [Fact]
    public void Location()
    {
        Quantiles.Median(A).ShouldBe(Number("median"), Exact);
        Quantiles.Median(Numbers("x")).ShouldBe(Number("median_odd"), Exact);
        Quantiles.Quantile(Quantiles.Sorted(A), 0.025).ShouldBe(Number("quantile_025"), Exact);
        Descriptive.InterquartileMean(A).ShouldBe(Number("iqm"), Exact);
        Descriptive.InterquartileMean(Numbers("tied")).ShouldBe(Number("iqm_nine"), Exact);
    }

    [Fact]
    public void Median_by_rank_has_the_exact_distribution_of_the_resampled_median()
    {
        // Its resamples differ from the reference's (ranks, not places, are drawn), so the bounds agree up to sampling.
        var interval = Bootstrap.Median(A);
        interval.Value.ShouldBe(Number("median"), Exact);
        interval.Low!.Value.ShouldBe(Numbers("percentile_median")[0], 0.02);
        interval.High!.Value.ShouldBe(Numbers("percentile_median")[1], 0.02);
    }

    [Fact]
    public void Infinite_values_of_both_signs_leave_a_median_without_becoming_NaN()
    {
        var interval = Bootstrap.Median([double.NegativeInfinity, double.NegativeInfinity, double.PositiveInfinity, double.PositiveInfinity]);
        interval.Value.ShouldBe(0);
        interval.Low.ShouldBe(double.NegativeInfinity);
        interval.High.ShouldBe(double.PositiveInfinity);
    }

    [Fact]
    public void Bias_corrected_and_accelerated_bootstrap()
    {
        ShouldBe(Bootstrap.BiasCorrected(Numbers("dyadic"), sample => sample.Average()), "bca_mean");
        ShouldBe(Bootstrap.BiasCorrected(Numbers("dyadic"), Descriptive.InterquartileMean), "bca_iqm");
    }

    [Fact]
    public void Effect_sizes()
    {
        EffectSize.ProbabilityOfSuperiority(Numbers("y"), Numbers("x")).ShouldBe(Number("superiority"), Exact);
        EffectSize.CliffsDelta(Numbers("y"), Numbers("x")).ShouldBe(2 * Number("superiority") - 1, Exact);
    }

    [Fact]
    public void Wilcoxon_signed_rank()
    {
        TwoSided(RankTests.SignedRankGreater, Differences).ShouldBe(Number("signed_rank"), Exact);
        TwoSided(RankTests.SignedRankGreater, Numbers("tied")).ShouldBe(Number("signed_rank_tied"), Exact);
        RankTests.SignedRankGreater([0, 0]).ShouldBe(1);
    }

    [Fact]
    public void Mann_Whitney()
    {
        RankTests.MannWhitney(A, B).ShouldBe(Number("mann_whitney"), Exact);
        RankTests.MannWhitney(Numbers("x"), Numbers("y")).ShouldBe(Number("mann_whitney_tied"), Exact);
    }

    [Theory]
    [InlineData(3, 0.10)]
    [InlineData(5, 2.0 / 252)]
    [InlineData(8, 2.0 / 12870)]
    public void Mann_Whitney_has_the_floor_that_few_seeds_impose(int seeds, double floor) =>
        RankTests.MannWhitney([.. Enumerable.Range(0, seeds).Select(i => (double)i)], [.. Enumerable.Range(100, seeds).Select(i => (double)i)]).ShouldBe(floor, Exact);

    [Fact]
    public void Sign_flip_permutation()
    {
        PermutationTests.SignFlipGreater(Differences).ShouldBe(Number("sign_flip_greater"), Exact);
        TwoSided(PermutationTests.SignFlipGreater, Differences).ShouldBe(Number("sign_flip"), Exact);
        PermutationTests.SignFlipGreater([1, 2, 3, 4, 5]).ShouldBe(Math.Pow(2, -5), Exact);
    }

    [Fact]
    public void Sampled_sign_flips_agree_with_the_normal_approximation_and_are_never_zero()
    {
        double[] differences = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? 1.0 : -0.6)];
        // z = Σd / √Σd² = 8 / √27.2 = 1.534; one-sided p 0.0625.
        PermutationTests.SignFlipGreater(differences).ShouldBe(0.0625, 0.015);
        PermutationTests.SignFlipGreater([.. Enumerable.Repeat(1.0, 40)]).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Holm() => MultipleTesting.Holm(Numbers("p")).ShouldBe(Numbers("holm"), Exact);

    [Fact]
    public void Equivalence_of_paired_ratios()
    {
        var result = Equivalence.PairedRatio(Numbers("log_ratios"), 1.1);
        result.P.ShouldBe(Number("tost_p"), Exact);
        result.Low.ShouldBe(Numbers("tost_interval")[0], Exact);
        result.High.ShouldBe(Numbers("tost_interval")[1], Exact);
    }

    [Theory]
    [InlineData(3, 8, "wilson_3_of_8")]
    [InlineData(0, 5, "wilson_0_of_5")]
    [InlineData(5, 5, "wilson_5_of_5")]
    public void Wilson_interval(int successes, int trials, string key)
    {
        var interval = Proportions.Wilson(successes, trials);
        interval.Low!.Value.ShouldBe(Numbers(key)[0], Exact);
        interval.High!.Value.ShouldBe(Numbers(key)[1], Exact);
    }

    [Fact]
    public void Fisher_exact()
    {
        Proportions.FisherExact(5, 5, 0, 5).ShouldBe(Number("fisher_5_5_0_5"), Exact);
        Proportions.FisherExact(7, 8, 3, 9).ShouldBe(Number("fisher_7_8_3_9"), Exact);
        Proportions.FisherExact(5, 5, 5, 5).ShouldBe(1, Exact);
    }

    [Fact]
    public void Kaplan_Meier_and_log_rank()
    {
        var (a, b) = (Waits("waits_a"), Waits("waits_b"));
        // R 4.2: summary(survfit(Surv(c(100,250,250,400,1000,1000,700), c(1,1,1,1,0,0,1)) ~ 1), rmean = 1000)$table
        Survival.RestrictedMean([new(100, true), new(250, true), new(250, true), new(400, true), new(1000, false), new(1000, false), new(700, true)], 1000).ShouldBe(3700 / 7.0, Exact);
        var curve = Survival.KaplanMeier(a);
        var expected = Reference.GetProperty("kaplan_meier").EnumerateArray().Select(step => (step[0].GetDouble(), step[1].GetDouble())).ToList();
        curve.Count.ShouldBe(expected.Count);
        foreach (var (step, (time, survival)) in curve.Zip(expected))
        {
            step.Time.ShouldBe(time);
            step.Survival.ShouldBe(survival, Exact);
        }

        Survival.MedianTime(a).ShouldBe(450);
        Survival.MedianTime([new(10, true), new(20, false), new(20, false)]).ShouldBeNull();
        Survival.Scores([.. a, .. b]).Take(a.Length).Sum().ShouldBe(Number("log_rank_observed_minus_expected"), Exact);
        Survival.LogRank(a, b).ShouldBe(Number("log_rank_permutation"), Exact);
    }

    [Fact]
    public void Log_rank_of_many_runs_is_sampled_and_repeats()
    {
        Waiting[] early = [.. Enumerable.Range(1, 15).Select(i => new Waiting(i, true))];
        Waiting[] late = [.. Enumerable.Range(30, 15).Select(i => new Waiting(i, i % 3 > 0))];
        var p = Survival.LogRank(early, late);
        p.ShouldBe(1 / 20_001.0, 1e-12);
        Survival.LogRank(early, late).ShouldBe(p);
        Survival.LogRank(early, early).ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public void Page_trend()
    {
        var rows = Reference.GetProperty("trend").EnumerateArray().Select(row => (IReadOnlyList<double>)[.. row.EnumerateArray().Select(v => v.GetDouble())]).ToList();
        var trend = Trend.Page(rows);
        trend.P.ShouldBe(Number("page"), Exact);
        trend.Slopes.ShouldBe(Numbers("slopes"), Exact);
    }

    [Fact]
    public void Page_trend_with_ties_is_sampled_and_without_any_order_is_not_small()
    {
        Trend.Page([[1, 1, 1], [2, 2, 2]]).P.ShouldBe(1);
        Trend.Page([[3, 2, 1], [3, 2, 1], [3, 2, 1]]).P.ShouldBe(1, Exact);
    }

    [Fact]
    public void Further_seeds_grow_with_the_spread_and_respect_the_floor_of_the_test()
    {
        SampleSize.Further([1.0, 1.1, 0.9], 0, 0.05).ShouldBe(3); // six pairs: 2/2^6 < 0.05
        var wide = SampleSize.Further([3.0, -2.0, 1.0, 0.5], 0, 0.05)!.Value;
        wide.ShouldBe((int)Math.Ceiling(Math.Pow((Number("normal_quantile_975") + 0.8416212335729143) * Math.Sqrt(12.6875 / 3) / 0.625, 2)) - 4);
        SampleSize.Further([1.0, -1.0, 0.001], 0, 0.05).ShouldBe(SampleSize.Most + 1);
        SampleSize.Further([1.0, -1.0], 0, 0.05).ShouldBeNull();
    }

    private static void ShouldBe(IntervalEstimate interval, string key)
    {
        interval.Low!.Value.ShouldBe(Numbers(key)[0], Exact);
        interval.High!.Value.ShouldBe(Numbers(key)[1], Exact);
    }

    /// <summary>Twice the smaller of the two one-sided probabilities, as the reference's two-sided tests.</summary>
    private static double TwoSided(Func<IReadOnlyList<double>, double> greater, IReadOnlyList<double> differences) =>
        Math.Min(1, 2 * Math.Min(greater(differences), greater([.. differences.Select(difference => -difference)])));

    private static double Number(string key) => Reference.GetProperty(key).GetDouble();

    private static double[] Numbers(string key) => [.. Reference.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];

    private static Waiting[] Waits(string key) => [.. Reference.GetProperty(key).EnumerateArray().Select(w => new Waiting(w[0].GetDouble(), w[1].GetBoolean()))];

    private static JsonElement Load() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "Tests", "Harness.Tests", "Reports", "Reference", "reference.json"))).RootElement;
}
