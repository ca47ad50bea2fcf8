using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Conditions;
using Harness.Reports.Model;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Summaries;
using Harness.Reports.Verdicts;

namespace Harness.Tests.Reports;

public sealed class TuningReportTests
{
    private static readonly string[] rates = ["0.0001", "0.001", "0.01", "0.1"];

    [Theory]
    [InlineData("en", "Chosen values", "lr 0.001", "LSTM trains from 0.001 to 0.01 (1 to 3 decades)")]
    [InlineData("zh", "选定的取值", "lr 0.001", "LSTM 从 0.001 到 0.01 能训练（1 到 3 个数量级）")]
    public async Task The_report_shows_what_was_chosen_where_arms_train_and_what_it_cost(string language, string column, string chosen, string window)
    {
        var html = await ReportWriter.Write(Tuned(), ReportOptions.Default with { Language = language });
        foreach (var text in new[] { column, chosen, window, "id=\"fig-rate-window\"", "id=\"fig-best-of\"", "id=\"fig-lead\"", "id=\"tuning-choices\"" }) html.ShouldContain(text);
        // A search is said where the verdicts' scope is.
        html.ShouldContain("lr 0.0001 … 0.1");
    }

    [Fact]
    public void The_table_counts_diverged_trials_and_time_of_every_arm()
    {
        var results = Tuned();
        var table = TuningTable.Of(results.Tuning, SearchReadings.Of(results.Tuning, ConditionGrid.From(results.Conditions)), Harness.Reports.Wording.Texts.In("en")).ShouldNotBeNull();
        table.Rows.Count.ShouldBe(2);
        // One of four points diverges on both seeds; each trial takes a second and a half.
        table.Rows[0].Cells.Select(cell => cell.Text).ShouldContain(text => text.StartsWith("2 of 8", StringComparison.Ordinal) || text.StartsWith("2/8", StringComparison.Ordinal));
        table.Rows[0].Cells[^1].Sort.ShouldBe(8 * 1.5);
    }

    [Fact]
    public void A_claim_on_an_arm_at_the_edge_of_its_search_is_not_tested_and_belongs_to_no_family()
    {
        var claims = new ClaimSpec[]
        {
            new ComparisonClaim("wins", "lstm", "gru", "eval.loss", null, null),
            new ComparisonClaim("other", "gru", "rnn", "eval.loss", null, null),
            new ComparisonClaim("smaller", "gru", "lstm", "parameters", null, null),
        };
        var results = Tuned(cells: ["rnn", "lstm", "gru"], edge: true) with { Claims = claims };
        var decisions = ClaimJudge.Decide(claims, ConditionGrid.From(results.Conditions), results.Tuning);
        (decisions[0].Kind, decisions[0].Reason).ShouldBe((VerdictKind.NotTested, NotTestedReason.SearchTooNarrow));
        decisions[0].ReasonDetail.ShouldBe("LSTM: lr 0.1 is the largest value tried: try lr: { log: [0.0001, 1] }");
        decisions[1].Reason.ShouldBeNull();
        decisions[1].Family.ShouldBe(1);
        decisions[2].Reason.ShouldBeNull();
        SummaryBuilder.Of(results).Next.ShouldContain("Widen the search");
    }

    [Fact]
    public void Nothing_is_decided_before_tuning_has_ended()
    {
        var claims = new ClaimSpec[] { new ComparisonClaim("wins", "lstm", "gru", "eval.loss", null, null) };
        var tuned = Tuned();
        var results = tuned with { Tuning = tuned.Tuning! with { Choices = null }, Conditions = [.. tuned.Conditions.Select(condition => condition with { Trials = [] })], Claims = claims };
        var decision = ClaimJudge.Decide(claims, ConditionGrid.From(results.Conditions), results.Tuning).Single();
        (decision.Reason, decision.ReasonDetail).ShouldBe((NotTestedReason.StillRunning, "tuning: 16 of 16 trials"));
        ReportModelBuilder.Build(results, ReportOptions.Default).Masthead.Status.ShouldBe(ReportStatus.Provisional);
    }

    [Fact]
    public async Task A_matrix_over_the_learning_rate_gets_the_window_without_tuning()
    {
        var typical = ResultsFixture.Make(["lstm", "gru"], [20], 4);
        var conditions = rates.SelectMany((rate, i) => typical.Conditions.Select(condition => condition with
        {
            Ordinal = (i * 2) + condition.Ordinal,
            Label = $"{condition.Label} lr={rate}",
            Factors = new Dictionary<string, string>(condition.Factors, StringComparer.Ordinal) { ["lr"] = rate },
            Trial = condition.Trial with { Train = condition.Trial.Train with { Optimizer = condition.Trial.Train.Optimizer with { LearningRate = Rate(rate) } } },
            Trials = [.. condition.Trials.Select(trial => trial with { Outcome = Outcome(condition.Trial.Model.Cell, Rate(rate)), State = rate == "0.1" ? TrialState.Diverged : TrialState.Completed, Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) })],
        })).ToArray();
        var html = await ReportWriter.Write(typical with { Conditions = conditions }, ReportOptions.Default);
        html.ShouldContain("LSTM trains from 0.001 to 0.01 (1 to 3 decades)");
        html.ShouldNotContain("fig-best-of");
        (await ReportWriter.Write(typical, ReportOptions.Default)).ShouldNotContain("fig-rate-window");
    }

    /// <summary>Loss = 0.1 + distance² around 10^−2, baseline 1.1: within a tenth of the way means a distance below √0.1.</summary>
    [Fact]
    public void The_window_of_a_planted_parabola_is_as_wide_as_it_is()
    {
        var points = Enumerable.Range(0, 41).Select(i => -4 + (i / 10.0)).Select(x => (Math.Pow(10, x), 0.1 + ((x + 2) * (x + 2)))).ToList();
        var window = TrainingWindow.Of(points, 1.1).ShouldNotBeNull();
        Math.Log10(window.Best).ShouldBe(-2, 1e-9);
        window.Least.ShouldBe(0.6, 1e-9);
        window.Most!.Value.ShouldBe(0.8, 1e-9);
        window.Least.ShouldBeLessThan(2 * Math.Sqrt(0.1));
        window.Most.Value.ShouldBeGreaterThan(2 * Math.Sqrt(0.1));
        TrainingWindow.Of([.. points.Where(point => point.Item1 < 0.011)], 1.1)!.Most.ShouldBeNull();
        TrainingWindow.Of([(0.1, double.PositiveInfinity), (0.01, 1.2)], 1.1).ShouldBeNull();
        TrainingWindow.Of([], 1).ShouldBeNull();
    }

    /// <summary>Marsaglia, Tsang and Wang (2003), and the table of Miller (1956).</summary>
    [Theory]
    [InlineData(1, 0.975)]
    [InlineData(2, 0.84189)]
    [InlineData(5, 0.56328)]
    [InlineData(10, 0.40925)]
    [InlineData(20, 0.29408)]
    [InlineData(40, 0.21012)]
    [InlineData(100, 0.13403)]
    public void The_band_has_the_published_width(int count, double width) => KolmogorovBand.HalfWidth(count).ShouldBe(width, 6e-6);

    [Fact]
    public void The_distribution_is_that_of_Kolmogorov()
    {
        KolmogorovBand.Probability(10, 0.274).ShouldBe(0.6284796154565, 1e-12);
        KolmogorovBand.HalfWidth(1000).ShouldBe(KolmogorovBand.HalfWidth(1001), 1e-3);
        KolmogorovBand.HalfWidth(1001).ShouldBe(Math.Sqrt(Math.Log(40) / 2002), 1e-12);
    }

    /// <summary>The band covers the true curve for all k at once in 95 % of searches, whatever the scores' distribution.</summary>
    [Fact]
    public void The_band_of_the_best_of_k_covers()
    {
        const int searches = 2000, points = 24;
        var random = new SplitMix64(7);
        var covered = 0;
        for (var search = 0; search < searches; search++)
        {
            var scores = Enumerable.Range(0, points).Select(_ => Math.Pow((random.Next() >> 11) * (1.0 / (1UL << 53)), 3)).ToArray();
            var curve = BestOfCurve.Of(scores, points);
            if (Enumerable.Range(1, points).All(k => Math.Pow(1 - Math.Pow(0.5, 1.0 / k), 3) is var truth && truth >= curve[k - 1].Low && truth <= curve[k - 1].High)) covered++;
        }

        ((double)covered / searches).ShouldBeGreaterThan(0.95 - (2 * Math.Sqrt(0.95 * 0.05 / searches)));
        BestOfCurve.Of([3, 1, 2], 1)[0].Median.ShouldBe(2);
        BestOfCurve.Of([double.PositiveInfinity, 1], 2)[0].High.ShouldBe(double.PositiveInfinity);
    }

    /// <summary>Counts every draw of k points with replacement from both searches.</summary>
    [Theory]
    [InlineData("1 3 5 7", "2 4 6", 3)]
    [InlineData("1 1 2 Infinity", "1 2 Infinity Infinity", 2)]
    [InlineData("5 6", "1 2 3", 4)]
    public void The_probability_to_lead_is_that_of_every_possible_draw(string first, string second, int k)
    {
        double[] a = Numbers(first), b = Numbers(second);
        var (wins, all) = (0.0, 0);
        foreach (var x in Bests(a, k))
            foreach (var y in Bests(b, k)) (wins, all) = (wins + (x < y ? 1 : x.Equals(y) ? 0.5 : 0), all + 1);
        var (share, low, high) = BestOfLead.Of(a, b, k)[k - 1];
        share.ShouldBe(wins / all, 1e-12);
        low.ShouldBeLessThanOrEqualTo(share);
        high.ShouldBeGreaterThanOrEqualTo(share);
        // Seen from the other side it is what is left.
        var (other, otherLow, otherHigh) = BestOfLead.Of(b, a, k)[k - 1];
        (other + share).ShouldBe(1, 1e-12);
        (otherLow + high).ShouldBe(1, 1e-12);
        (otherHigh + low).ShouldBe(1, 1e-12);

        static double[] Numbers(string text) => [.. text.Split(' ').Select(number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
        static IEnumerable<double> Bests(double[] scores, int left) => left == 0 ? [double.PositiveInfinity] : scores.SelectMany(score => Bests(scores, left - 1).Select(rest => Math.Min(score, rest)));
    }

    /// <summary>The band holds the true probability for all k at once in at least 95 % of pairs of searches, also where both try the same points.</summary>
    [Fact]
    public void The_band_of_the_lead_covers()
    {
        const int pairs = 2000, points = 16;
        var random = new SplitMix64(11);
        double Uniform() => (random.Next() >> 11) * (1.0 / (1UL << 53));
        var covered = 0;
        for (var pair = 0; pair < pairs; pair++)
        {
            // Scores u² and u: P(best of k of the first is better) by integration is 1 − k ∫ (1 − √x)^k (1 − x)^(k−1) dx.
            var drawn = Enumerable.Range(0, points).Select(_ => Uniform()).ToArray();
            var lead = BestOfLead.Of([.. drawn.Select(u => u * u)], drawn, points);
            if (Enumerable.Range(1, points).All(k => Truth(k) is var truth && truth >= lead[k - 1].Low && truth <= lead[k - 1].High)) covered++;
        }

        ((double)covered / pairs).ShouldBeGreaterThan(0.95);
        BestOfLead.AheadFrom([(0.6, 0.4, 0.8), (0.7, 0.51, 0.9), (0.8, 0.6, 1)]).ShouldBe(2);
        BestOfLead.AheadFrom([(0.6, 0.6, 0.8), (0.7, 0.5, 0.9)]).ShouldBeNull();

        // The midpoint rule, fine enough for the band's width.
        static double Truth(int k) => 1 - Enumerable.Range(0, 2000).Sum(i => ((i + 0.5) / 2000) is var x ? k * Math.Pow(1 - Math.Sqrt(x), k) * Math.Pow(1 - x, k - 1) / 2000 : 0);
    }

    [Fact]
    public async Task A_search_that_prunes_compares_points_on_the_first_rung_and_says_what_it_saved()
    {
        var results = Tuned();
        var spec = results.Tuning!.Spec with { Halving = new HalvingSpec(2, 2) };
        var full = results.Conditions[0].Trial.Train.Steps;
        // All points for half of the steps, and points 1 and 2 once more in full, at twice the time and half of the loss.
        var trials = results.Tuning.Trials.Select(trial => trial with { Steps = full / 2 })
            .Concat(results.Tuning.Trials.Where(trial => trial.Point is 1 or 2).Select(trial => trial with { Steps = full, Outcome = trial.Outcome! with { FinalLoss = trial.Outcome.FinalLoss / 2, TrainSeconds = 2, EvaluationSeconds = 1 } }));
        results = results with { Tuning = results.Tuning with { Spec = spec, Trials = [.. trials] } };

        var arm = SearchReadings.Of(results.Tuning, ConditionGrid.From(results.Conditions))[0].Arms[0];
        (arm.Points[1].Median, arm.Points[1].Last, arm.Points[0].Median, arm.Points[0].Last).ShouldBe((0.1, 0.05, 0.9, 0.9));
        (arm.Seconds, arm.InFull).ShouldBe(((8 * 1.5) + (4 * 3), 8 * 3));
        var html = await ReportWriter.Write(results, ReportOptions.Default);
        html.ShouldContain("Halving trained 4 points for 1/2 of the steps, 2 points in full.");
        html.ShouldContain("All points are compared on the first rung, after 1/2 of the steps");
        (await ReportWriter.Write(results, ReportOptions.Default with { Language = "zh" })).ShouldContain("逐级淘汰");
    }

    [Fact]
    public void Cards_say_after_which_search_or_at_which_rate_arms_were_compared()
    {
        var results = Tuned() with { Claims = [new ComparisonClaim("wins", "lstm", "gru", "eval.loss", null, null), new ComparisonClaim("smaller", "gru", "lstm", "parameters", null, null)] };
        IReadOnlyList<string> FinePrint(ExperimentResults of, int card) => ReportModelBuilder.Build(of, ReportOptions.Default).Verdicts!.Cards[card].FinePrint;
        FinePrint(results, 0).ShouldContain("Each at its best of 4 points (lr 0.0001 … 0.1): LSTM lr 0.001; GRU lr 0.001.", StringComparer.Ordinal);
        FinePrint(results with { Tuning = null }, 0).ShouldContain("At learning rate 0.001, untuned.", StringComparer.Ordinal);
        FinePrint(results with { Tuning = null }, 1).ShouldNotContain(line => line.Contains("untuned", StringComparison.Ordinal));
    }

    private static ExperimentResults Tuned(string[]? cells = null, bool edge = false)
    {
        cells ??= ["lstm", "gru"];
        var results = ResultsFixture.Make(cells, [20], 8);
        var arms = results.Conditions.Select(condition => new TunedArm(condition.Label, [condition.Ordinal], [new("lr", TunedScale.Log, 1e-4, 0.1)], [.. rates.Select(rate => new[] { rate })])).ToArray();
        var spec = new TuningSpec(4, 1, [1_000_001, 1_000_002], "grid", "eval.loss", arms);
        var trials = results.Conditions.SelectMany(condition => rates.SelectMany((rate, point) => spec.Seeds.Select(seed =>
            new TunedTrialResult(condition.Ordinal, point, seed, 100, rate == "0.1" ? TrialState.Diverged : TrialState.Completed, Outcome(condition.Trial.Model.Cell, Rate(rate))))));
        var choices = results.Conditions.Select(condition => new TuningChoice(
            condition.Ordinal, 1, ["0.001"], [new(1, 0.1)], edge && condition.Trial.Model.Cell == "lstm" ? [new("lr", IsLow: false, "0.1", "lr: { log: [0.0001, 1] }")] : [])).ToArray();
        return results with { Tuning = new TuningResults(spec, [.. trials], choices) };
    }

    private static double Rate(string rate) => double.Parse(rate, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Both cells train at 0.001 and 0.01 only; at 0.1 they diverge.</summary>
    private static TrialOutcome Outcome(string cell, double rate) => new()
    {
        Kind = rate >= 0.1 ? OutcomeKind.Diverged : OutcomeKind.Completed,
        Steps = 100,
        FinalLoss = rate >= 0.1 ? null : rate < 0.001 ? 0.9 : rate < 0.01 ? 0.1 : cell == "lstm" ? 0.11 : 0.12,
        BaselineLoss = 1,
        Solved = false,
        DivergedAtStep = rate >= 0.1 ? 3 : null,
        Parameters = 10,
        ParametersTotal = 12,
        TrainSeconds = 1,
        EvaluationSeconds = 0.5,
        ProbeSeconds = 0,
    };
}
