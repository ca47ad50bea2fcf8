using AngleSharp.Html.Parser;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;
using static Harness.Tests.Reports.ClaimArms;

namespace Harness.Tests.Reports;

public sealed class VerdictTests
{
    private static readonly ComparisonClaim LossClaim = new("c", "lstm", "rnn", "eval.loss", null, null);

    [Fact]
    public void A_clear_win_over_eight_paired_seeds_is_supported()
    {
        var decision = Decide(LossClaim, Arm("rnn", Losses(8, 0.1)), Arm("lstm", Losses(8, 0.02)));
        decision.Kind.ShouldBe(VerdictKind.Supported);
        decision.AdjustedP!.Value.ShouldBe(2.0 / 256, 1e-9);
        var facet = decision.Facets.ShouldHaveSingleItem();
        Math.Exp(facet.Effect).ShouldBe(5, 0.5);
        facet.Count.ShouldBe(8);
        facet.Better.ShouldBe(1.0);
    }

    [Fact]
    public void A_clear_loss_is_contradicted() =>
        Decide(LossClaim, Arm("rnn", Losses(8, 0.02)), Arm("lstm", Losses(8, 0.1))).Kind.ShouldBe(VerdictKind.Contradicted);

    [Fact]
    public void A_win_by_less_than_the_claim_says_contradicts_it()
    {
        var claim = LossClaim with { ByFactor = 10 };
        Decide(claim, Arm("rnn", Losses(8, 0.1)), Arm("lstm", Losses(8, 0.02))).Kind.ShouldBe(VerdictKind.Contradicted);
    }

    [Fact]
    public void Losses_that_agree_within_the_practical_margin_are_no_meaningful_difference()
    {
        double[] rnn = Losses(10, 0.1);
        double[] lstm = [.. rnn.Select((v, i) => v * (1 + (i % 2 == 0 ? 0.01 : -0.01)))];
        Decide(LossClaim, Arm("rnn", rnn), Arm("lstm", lstm)).Kind.ShouldBe(VerdictKind.NoMeaningfulDifference);
    }

    [Fact]
    public void Five_pairs_cannot_reach_the_level_and_the_verdict_says_how_many_more_are_needed()
    {
        var decision = Decide(LossClaim, Arm("rnn", Losses(5, 0.1)), Arm("lstm", Losses(5, 0.02)));
        decision.Kind.ShouldBe(VerdictKind.Inconclusive);
        decision.Facets[0].Estimate.Value.IsRange.ShouldBeTrue();
        decision.Further.ShouldBe(1);
    }

    [Fact]
    public void A_claim_about_some_conditions_is_decided_by_them_alone()
    {
        ConditionResults[] conditions =
        [
            Arm("rnn", Losses(8, 0.1)), Arm("lstm", Losses(8, 0.02)),
            Arm("rnn", Losses(8, 0.02), length: 100), Arm("lstm", Losses(8, 0.1), length: 100),
        ];
        Decide(LossClaim, conditions).Kind.ShouldBe(VerdictKind.Depends);
        var scoped = Decide(LossClaim with { Where = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["length"] = ["50"] } }, conditions);
        scoped.Kind.ShouldBe(VerdictKind.Supported);
        scoped.Facets.ShouldHaveSingleItem();
    }

    [Fact]
    public void Correction_for_the_family_can_take_a_verdict_away()
    {
        var arms = new[] { Arm("rnn", Losses(6, 0.1)), Arm("lstm", Losses(6, 0.02)) };
        Decide(LossClaim, arms).Kind.ShouldBe(VerdictKind.Supported); // p = 2/64
        var family = Judge([LossClaim, new ThresholdClaim("t", "lstm", "eval.loss", 0.01, null)], arms);
        family[0].Kind.ShouldBe(VerdictKind.Inconclusive);
        family[0].AdjustedP!.Value.ShouldBe(4.0 / 64, 1e-9);
        family[0].Family.ShouldBe(2);
    }

    [Fact]
    public void A_diverged_seed_counts_against_its_arm_and_is_not_left_out()
    {
        var rnn = Arm("rnn", Losses(8, 0.02));
        var decision = Decide(LossClaim, Diverge(rnn, 5), Arm("lstm", Losses(8, 0.1)));
        decision.Method.ShouldBe(VerdictMethod.SignedRank);
        decision.Facets[0].Count.ShouldBe(8);
        decision.Kind.ShouldBe(VerdictKind.Inconclusive);
        Decide(LossClaim, Diverge(rnn, 8), Arm("lstm", Losses(8, 0.1))).Kind.ShouldBe(VerdictKind.Supported);
    }

    /// <summary>Five of five cannot give less than p = 2/32; six of six give 2/64.</summary>
    [Fact]
    public void Where_only_the_number_of_seeds_keeps_p_up_the_number_that_lacks_is_named()
    {
        var decision = Decide(LossClaim, Diverge(Arm("rnn", Losses(5, 0.02)), 5), Arm("lstm", Losses(5, 0.1)));
        (decision.Kind, decision.Further).ShouldBe((VerdictKind.Inconclusive, 1));
    }

    [Theory]
    [InlineData(2, 0, 0, 0, NotTestedReason.TooFewSeeds)]
    [InlineData(8, 0, 2, 0, NotTestedReason.TooManyFailures)]
    [InlineData(8, 0, 0, 1, NotTestedReason.StillRunning)]
    public void What_cannot_be_tested_says_why(int seeds, int diverged, int failed, int pending, NotTestedReason reason)
    {
        var rnn = Arm("rnn", Losses(seeds, 0.1));
        rnn = Diverge(rnn, diverged);
        rnn = rnn with
        {
            Trials = [.. rnn.Trials.Select((t, i) => i < failed ? t with { State = TrialState.Failed, Outcome = null } : i < failed + pending ? t with { State = TrialState.Running, Outcome = null } : t)],
        };
        var decision = Decide(LossClaim, rnn, Arm("lstm", Losses(seeds, 0.02)));
        decision.Kind.ShouldBe(VerdictKind.NotTested);
        decision.Reason.ShouldBe(reason);
    }

    [Fact]
    public void Survivors_are_not_ranked_when_some_seeds_have_no_value()
    {
        var claim = new ComparisonClaim("g", "lstm", "rnn", "gradient.slope", null, null);
        var (rnn, lstm) = (Arm("rnn", Losses(8, 0.1), slope: -0.2), Arm("lstm", Losses(8, 0.1), slope: -0.02));
        Decide(claim, rnn, lstm).Kind.ShouldBe(VerdictKind.Supported);
        var decision = Decide(claim, Diverge(rnn, 1), lstm);
        decision.Reason.ShouldBe(NotTestedReason.CoverageDiffers);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ProbeMoment.End)]
    [InlineData(ProbeMoment.Init)]
    public void A_claim_is_decided_at_the_moment_that_it_names(ProbeMoment? at)
    {
        // The gate opens the LSTM's gradient as drawn; after training both keep it.
        var (rnn, lstm) = (AtInit(Arm("rnn", Losses(8, 0.1), slope: -0.01), -0.2), AtInit(Arm("lstm", Losses(8, 0.1), slope: -0.01), -0.07));
        Decide(new ComparisonClaim("g", "lstm", "rnn", "gradient.slope", null, 0.05) { At = at }, rnn, lstm).Kind
            .ShouldBe(at == ProbeMoment.Init ? VerdictKind.Supported : VerdictKind.Contradicted);
    }

    [Fact]
    public void A_stored_claim_about_half_lives_is_decided_by_slopes_and_never_by_their_ratio()
    {
        var (rnn, lstm) = (Arm("rnn", Losses(8, 0.1), slope: -0.2), Arm("lstm", Losses(8, 0.1), slope: 0.001));
        Decide(new ComparisonClaim("g", "lstm", "rnn", "gradient.half_life", null, null), rnn, lstm).Kind.ShouldBe(VerdictKind.Supported);
        Decide(new ComparisonClaim("g", "lstm", "rnn", "gradient.half_life", 2, null), rnn, lstm).Reason.ShouldBe(NotTestedReason.MetricCannotDecide);
    }

    private static ConditionResults AtInit(ConditionResults condition, double slope) => condition with
    {
        Trials = [.. condition.Trials.Select((trial, i) => trial with { Gradients = [.. trial.Gradients, trial.Gradients[0] with { Moment = ProbeMoment.Init, Step = 0, Slope = slope * (1 + 0.01 * i) }] })],
    };

    [Fact]
    public void Claims_about_missing_arms_and_metrics_without_direction_are_not_tested()
    {
        Decide(new ComparisonClaim("m", "gru", "rnn", "eval.loss", null, null), Arm("rnn", Losses(3, 1))).Reason.ShouldBe(NotTestedReason.MissingCondition);
        Decide(new ComparisonClaim("m", "rnn", "rnn", "train.grad_norm", null, null), Arm("rnn", Losses(3, 1))).Reason.ShouldBe(NotTestedReason.MetricCannotDecide);
        Decide(new ComparisonClaim("m", "lstm", "rnn", "eval.accuracy", 2, null), Arm("rnn", Losses(3, 1)), Arm("lstm", Losses(3, 1))).Reason.ShouldBe(NotTestedReason.MetricCannotDecide);
    }

    [Fact]
    public void Parameter_counts_are_decided_exactly_and_without_a_trial()
    {
        var decision = Decide(new ComparisonClaim("p", "gru", "lstm", "parameters", null, null), Arm("gru", []), Arm("lstm", []));
        decision.Kind.ShouldBe(VerdictKind.Supported);
        Math.Exp(decision.Facets[0].Effect).ShouldBe(4 / 3.0, 1e-9);
        decision.AdjustedP.ShouldBeNull();
    }

    [Fact]
    public void Times_to_the_target_are_censored_where_it_was_not_reached()
    {
        var claim = new ComparisonClaim("s", "lstm", "rnn", "steps_to_target", null, null);
        var decision = Decide(claim, Arm("rnn", Losses(8, 0.1)), Arm("lstm", Losses(8, 0.002)));
        decision.Method.ShouldBe(VerdictMethod.LogRank);
        decision.Kind.ShouldBe(VerdictKind.Supported);
    }

    [Theory]
    [InlineData(1.02, VerdictKind.Supported)]
    [InlineData(1.5, VerdictKind.Contradicted)]
    public void Equality_is_shown_or_refuted_and_never_concluded_from_silence(double ratio, VerdictKind expected)
    {
        var claim = new EquivalenceClaim("e", "gru", "lstm", "eval.loss", 1.1);
        double[] lstm = Losses(8, 0.1);
        Decide(claim, Arm("lstm", lstm), Arm("gru", [.. lstm.Select((v, i) => v * ratio * (1 + 0.01 * (i % 3)))])).Kind.ShouldBe(expected);
        var open = Noisy(8);
        open.Kind.ShouldBe(VerdictKind.Inconclusive);
        open.Further!.Value.ShouldBeInRange(20, 60);
        Noisy(8 + open.Further.Value).Kind.ShouldBe(VerdictKind.Supported);

        ClaimDecision Noisy(int seeds) => Decide(claim, Arm("lstm", Losses(seeds, 0.1)), Arm("gru", [.. Losses(seeds, 0.1).Select((v, i) => v * (i % 2 == 0 ? 1.2 : 0.85))]));
    }

    [Theory]
    [InlineData(0.05, VerdictKind.Supported)]
    [InlineData(0.005, VerdictKind.Contradicted)]
    public void Thresholds_are_decided_on_all_seeds(double below, VerdictKind expected) =>
        Decide(new ThresholdClaim("t", "lstm", "eval.loss", below, null), Arm("lstm", Losses(8, 0.02))).Kind.ShouldBe(expected);

    [Fact]
    public void A_trend_needs_the_order_of_the_levels_in_every_seed()
    {
        ConditionResults[] conditions = [.. new[] { 50, 100, 200 }.Select((length, i) => Arm("rnn", Losses(6, 0.02 * (i + 1)), length: length))];
        Decide(new TrendClaim("t", "rnn", "eval.loss", "length", Falls: false), conditions).Kind.ShouldBe(VerdictKind.Supported);
        Decide(new TrendClaim("t", "rnn", "eval.loss", "length", Falls: true), conditions).Kind.ShouldBe(VerdictKind.Contradicted);
    }

    [Fact]
    public void A_claim_holds_only_where_it_holds_in_every_facet()
    {
        var decision = Decide(LossClaim,
            Arm("rnn", Losses(8, 0.1), length: 50), Arm("lstm", Losses(8, 0.02), length: 50),
            Arm("rnn", Losses(8, 0.02), length: 100), Arm("lstm", Losses(8, 0.1), length: 100));
        decision.Facets.Select(f => f.Kind).ShouldBe([VerdictKind.Supported, VerdictKind.Contradicted]);
        decision.Kind.ShouldBe(VerdictKind.Depends);
        decision.Disagreeing.Select(f => f.Facet).ShouldBe(["length 50", "length 100"]);
    }

    /// <summary>Six seeds give p = 2/64 in each setting: alone enough, and not when the setting could be picked from two.</summary>
    [Fact]
    public void Settings_disagree_only_where_each_answer_survives_correction()
    {
        var weak = Decide(LossClaim,
            Arm("rnn", Losses(6, 0.1), length: 50), Arm("lstm", Losses(6, 0.02), length: 50),
            Arm("rnn", Losses(6, 0.02), length: 100), Arm("lstm", Losses(6, 0.1), length: 100));
        weak.Facets.Select(f => f.Kind).ShouldBe([VerdictKind.Supported, VerdictKind.Contradicted]);
        (weak.Kind, weak.Further).ShouldBe((VerdictKind.Inconclusive, 1));
        // By twice as much or not: a false answer can lie on one side of the bound only.
        Decide(LossClaim with { ByFactor = 2 },
            Arm("rnn", Losses(6, 0.1), length: 50), Arm("lstm", Losses(6, 0.02), length: 50),
            Arm("rnn", Losses(6, 0.05), length: 100), Arm("lstm", Losses(6, 0.05), length: 100)).Kind.ShouldBe(VerdictKind.Depends);

        // Supported in one setting, shown to be equal in the other.
        double[] same = Losses(8, 0.05);
        var equal = Decide(LossClaim,
            Arm("rnn", Losses(8, 0.1), length: 50), Arm("lstm", Losses(8, 0.02), length: 50),
            Arm("rnn", same, length: 100), Arm("lstm", [.. same.Select((loss, i) => loss * (1 + 0.001 * i))], length: 100));
        equal.Kind.ShouldBe(VerdictKind.Depends);
        equal.AdjustedP!.Value.ShouldBe(2 * 2.0 / 256, 1e-9);
    }

    [Fact]
    public void A_card_lists_the_settings_that_disagree()
    {
        ConditionResults[] conditions =
        [
            Arm("rnn", Losses(8, 0.1), length: 50), Arm("lstm", Losses(8, 0.02), length: 50),
            Arm("rnn", Losses(8, 0.02), length: 100), Arm("lstm", Losses(8, 0.1), length: 100),
        ];
        var results = ResultsFixture.Typical with { Claims = [LossClaim], Conditions = [.. conditions.Select((c, i) => c with { Ordinal = i })] };
        var english = ReportModelBuilder.Build(results, ReportOptions.Default).Verdicts!.Cards.ShouldHaveSingleItem();
        (english.Mark, english.Word, english.Explanation).ShouldBe(("⇄", "It depends", "Supported: length 50. Contradicted: length 100."));
        var chinese = ReportModelBuilder.Build(results, ReportOptions.Default with { Language = "zh" }).Verdicts!.Cards.ShouldHaveSingleItem();
        (chinese.Word, chinese.Explanation).ShouldBe(("视情况而定", "支持：长度 50。不支持：长度 100。"));
    }

    [Fact]
    public void A_labelled_arm_is_found_by_its_label_and_its_plain_cell_stays_plain()
    {
        var labelled = Arm("lstm", Losses(8, 0.001));
        labelled = labelled with
        {
            Factors = new Dictionary<string, string>(labelled.Factors, StringComparer.Ordinal) { ["arm"] = "lstm+fb2", ["forget_bias"] = "2" },
        };
        ConditionResults[] conditions = [Arm("rnn", Losses(8, 0.1)), Arm("lstm", Losses(8, 0.1)), labelled];
        Decide(LossClaim with { That = "lstm+fb2" }, conditions).Kind.ShouldBe(VerdictKind.Supported);
        Decide(LossClaim, conditions).Kind.ShouldBe(VerdictKind.NoMeaningfulDifference);
    }

    /// <summary>Simulated families without any true difference; the thousand of the acceptance run in the benchmarks.</summary>
    [Fact]
    public void Families_without_a_true_difference_rarely_give_a_supported_verdict()
    {
        const int families = 120;
        var noise = new Harness.Reports.Statistics.SplitMix64(7);
        ComparisonClaim[] claims = [LossClaim, new("b", "gru", "rnn", "eval.loss", null, null), new("c2", "gru", "lstm", "eval.loss", null, null)];
        var wrong = 0;
        for (var family = 0; family < families; family++)
        {
            double[] Draw() => [.. Enumerable.Range(0, 8).Select(_ => 0.01 * Math.Exp(2 * ((noise.Next() >> 11) * (1.0 / (1UL << 53)))))];
            if (Judge(claims, Arm("rnn", Draw()), Arm("lstm", Draw()), Arm("gru", Draw())).Any(d => d.Kind == VerdictKind.Supported)) wrong++;
        }

        ((double)wrong / families).ShouldBeLessThanOrEqualTo(0.05);
    }

    [Fact]
    public async Task Every_card_links_to_its_evidence_and_the_evidence_links_back()
    {
        foreach (var results in new[] { ResultsFixture.Typical, ResultsFixture.Typical with { Claims = AllKinds } })
        {
            var page = new HtmlParser().ParseDocument(await ReportWriter.Write(results, ReportOptions.Default));
            var cards = page.QuerySelectorAll(".card");
            cards.Length.ShouldBeGreaterThan(4);
            foreach (var card in cards)
            {
                var links = card.QuerySelectorAll("a");
                links.Length.ShouldBeGreaterThan(0);
                foreach (var link in links)
                {
                    var target = page.GetElementById(link.GetAttribute("href")![1..]).ShouldNotBeNull();
                    var place = target.Closest("figure") ?? target.Closest("section")!;
                    place.QuerySelector($"a[href='#{card.Id}']").ShouldNotBeNull($"{link.TextContent} names {card.Id}");
                }
            }

            page.QuerySelector("main section")!.Id.ShouldBe("verdicts");
        }
    }

    [Fact]
    public async Task Cards_say_what_was_found_in_natural_units()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(ResultsFixture.Typical with { Claims = AllKinds }, ReportOptions.Default));
        GoldenFile.Match("verdicts.txt", string.Join("\n\n", page.QuerySelectorAll(".card").Select(card =>
            string.Join("\n", card.TextContent.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)))) + "\n");
    }

    [Fact]
    public void Each_metric_of_a_claim_has_one_source_in_a_trial()
    {
        var trial = Arm("lstm", [0.002], slope: -0.1).Trials[0];
        trial = trial with { Metrics = MetricCatalog.All.Select(m => m.Name).ToDictionary(name => name, _ => new MetricSeries([0, 10], [0.5f, 0.25f]), StringComparer.Ordinal) };
        foreach (var metric in MetricCatalog.All.Where(m => m.IsClaimable && m.Name != "eval.accuracy")) TrialMetrics.ValueOf(trial, metric.Name).ShouldNotBeNull(metric.Name);
        TrialMetrics.ValueOf(trial, "gradient.half_life")!.Value.ShouldBe(Math.Log10(2) / 0.1, 1e-12);
        Should.Throw<ArgumentException>(() => TrialMetrics.ValueOf(trial, "train.loss")).Message.ShouldContain("eval.loss");
    }

    private static IReadOnlyList<ClaimSpec> AllKinds { get; } =
    [
        new ComparisonClaim("remembers", "lstm", "rnn", "gradient.slope", null, 0.02) { At = ProbeMoment.Init },
        new ComparisonClaim("learns", "gru", "rnn", "eval.loss", null, null),
        new ComparisonClaim("solves", "lstm", "rnn", "solved", null, 0.5),
        new ComparisonClaim("sooner", "gru", "lstm", "steps_to_target", null, null),
        new EquivalenceClaim("on-par", "gru", "lstm", "eval.loss", 1.1),
        new ThresholdClaim("good", "lstm", "eval.loss", 0.01, null),
        new TrendClaim("harder", "lstm", "steps_to_target", "length", Falls: false),
        new ComparisonClaim("smaller", "gru", "lstm", "parameters", null, null),
        new ComparisonClaim("faster", "rnn", "gru", "speed.ms_per_step", 2, null),
    ];

    [Fact]
    public void Times_of_training_runs_are_shown_within_one_machine_and_decide_nothing()
    {
        var claim = new ComparisonClaim("faster", "rnn", "lstm", "speed.ms_per_step", null, null);
        var rnn = Timed(Arm("rnn", Losses(10, 0.1)), 1, _ => "zeus");
        // Three of the ten ran on a machine on which everything takes ten times as long.
        var lstm = Timed(Arm("lstm", Losses(10, 0.1)), 2, seed => seed <= 3 ? "apollo" : "zeus");
        var decision = Decide(claim, rnn, lstm);
        (decision.Kind, decision.Reason).ShouldBe((VerdictKind.NotTested, NotTestedReason.NotTimed));
        var facet = decision.Facets.ShouldHaveSingleItem();
        facet.Count.ShouldBe(7);
        Math.Exp(facet.Effect).ShouldBe(2, 1e-9);

        Decide(claim, rnn, Timed(lstm, 2, _ => "apollo")).Reason.ShouldBe(NotTestedReason.DifferentMachines);
        Decide(new TrendClaim("t", "rnn", "speed.ms_per_step", "length", Falls: false), rnn, Timed(Arm("rnn", Losses(10, 0.1), length: 100), 5, _ => "zeus")).Reason.ShouldBe(NotTestedReason.NotTimed);
        Decide(new ThresholdClaim("t", "rnn", "speed.ms_per_step", 10, null), rnn).Reason.ShouldBe(NotTestedReason.NotTimed);

        static ConditionResults Timed(ConditionResults condition, double milliseconds, Func<long, string> host) => condition with
        {
            Trials = [.. condition.Trials.Select(trial => trial with
            {
                Host = host(trial.Seed),
                Outcome = trial.Outcome! with { MillisecondsPerStep = milliseconds * (host(trial.Seed) == "apollo" ? 10 : 1) },
            })],
        };
    }
}
