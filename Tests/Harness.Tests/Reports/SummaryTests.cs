using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Summaries;
using static Harness.Tests.Reports.ClaimArms;

namespace Harness.Tests.Reports;

/// <summary>Each sentence of a summary on results that were planted to be true of it, and on neighbours that are not.</summary>
public sealed class SummaryTests
{
    private static readonly ComparisonClaim LstmWins = new("lstm-wins", "lstm", "rnn", "eval.loss", null, null);
    private static readonly ComparisonClaim GruWins = new("gru-wins", "gru", "rnn", "eval.loss", null, null);

    private static readonly ConditionResults Rnn = Arm("rnn", Losses(8, 0.1)), Lstm = Arm("lstm", Losses(8, 0.005)), Gru = Arm("gru", Losses(8, 0.02));

    [Fact]
    public void Clear_winner_is_named_with_its_gain()
    {
        var summary = Summary([LstmWins], Rnn, Lstm);
        summary.Headline.ShouldBe("LSTM beats RNN on final evaluation loss (20.0× smaller).");
        summary.Next.ShouldBe("No further run is needed: every claim is decided.");
        summary.Findings[0].ShouldBe("LSTM's final evaluation loss is 20.0 times smaller than RNN's (95 % interval 20.0 – 20.0; 8 seeds). Solved runs: LSTM 8 of 8, RNN 0 of 8.");
        summary.Findings[1].ShouldBe("Only one setting was tested.");
        summary.Findings.ShouldContain(finding => finding.StartsWith("Cost against RNN: LSTM 4× the parameters, ", StringComparison.Ordinal));
        var line = summary.Claims.ShouldHaveSingleItem();
        line.Verdict.ShouldBe("supported");
        line.Text.ShouldBe("LSTM's final evaluation loss is 20.0 times smaller than RNN's (95 % interval 20.0 – 20.0; 8 seeds).");
        var setting = line.Settings.ShouldHaveSingleItem();
        setting.Effect!.Value.ShouldBe(20, 1e-9);
        (line.Scale, line.NegligibleTo!.Value).ShouldBe(("factor", 1.05));
    }

    [Fact]
    public void Two_winners_over_one_arm_share_a_sentence_and_outcomes_come_first()
    {
        Summary([LstmWins, GruWins], Rnn, Lstm, Gru).Headline.ShouldBe("LSTM and GRU beat RNN on final evaluation loss (20.0× smaller and 5.00× smaller).");
        Summary([LstmWins, new ComparisonClaim("smaller", "gru", "lstm", "parameters", null, null)], Rnn, Lstm, Gru).Headline
            .ShouldBe("LSTM beats RNN on final evaluation loss (20.0× smaller).");
    }

    [Fact]
    public void Arm_that_was_to_be_beaten_is_named_when_it_wins()
    {
        var summary = Summary([LstmWins, GruWins], Arm("rnn", Losses(8, 0.002)), Arm("lstm", Losses(8, 0.02)), Arm("gru", Losses(8, 0.05)));
        summary.Headline.ShouldBe("RNN beats LSTM and GRU on final evaluation loss (10.0× smaller and 25.0× smaller).");
        summary.Claims[0].Text.ShouldBe("LSTM's final evaluation loss is 10.0 times larger than RNN's (95 % interval 10.0 – 10.0; 8 seeds).");
        summary.Claims[0].Settings[0].Effect!.Value.ShouldBe(0.1, 1e-9);
    }

    [Fact]
    public void Claim_that_falls_short_of_its_factor_is_contradicted_without_a_winner_on_the_other_side() =>
        Summary([LstmWins with { ByFactor = 100 }], Rnn, Lstm).Headline.ShouldBe("Contradicted: LSTM beats RNN on final evaluation loss by a factor of 100 or more.");

    [Fact]
    public void Bound_that_several_arms_were_asked_for_says_who_reaches_it()
    {
        ClaimSpec[] claims = [.. new[] { "rnn", "lstm", "gru" }.Select(arm => new ThresholdClaim($"{arm}-is-good", arm, "eval.loss", 0.05, null))];
        var summary = Summary(claims, Rnn, Lstm, Gru);
        summary.Headline.ShouldBe("Final evaluation loss is below 0.05 for LSTM and GRU, but not for RNN.");
        summary.Findings[0].ShouldMatch("^LSTM's final evaluation loss is [0-9.]+ in the median \\(claimed: below 0.05; 95 % interval .*; 8 seeds\\)\\.");
        SummaryBuilder.Of(ResultsFixture.Typical with { Claims = claims, Conditions = [Rnn, Lstm with { Ordinal = 1 }, Gru with { Ordinal = 2 }] }, "zh").Headline.ShouldBe("LSTM 和 GRU 的最终评估损失低于 0.05，RNN 则不然。");
    }

    [Fact]
    public void Target_that_only_one_arm_reaches_has_no_ratio()
    {
        var summary = Summary([new ComparisonClaim("sooner", "lstm", "rnn", "steps_to_target", null, null)], Reaching("rnn", 8), Reaching("lstm", 8, 100, 110, 120, 130, 140, 150, 160, 170));
        summary.Findings[0].ShouldStartWith("LSTM's typical seed reaches the target and RNN's does not (");
    }

    [Fact]
    public void Settings_that_disagree_are_counted()
    {
        var summary = Summary([LstmWins], Rnn, Lstm, Arm("rnn", Losses(8, 0.02), length: 100), Arm("lstm", Losses(8, 0.1), length: 100));
        summary.Headline.ShouldBe("It depends on the setting: “LSTM beats RNN on final evaluation loss” is supported in 1 and contradicted in 1 of 2 settings.");
        summary.Claims[0].Text.ShouldBe("In 2 settings: ✔ supported in 1, ✘ contradicted in 1; final evaluation loss, RNN / LSTM from 0.200 to 20.0.");
        // An effect on the other side is said of the other side.
        summary.Findings[0].ShouldStartWith("LSTM's final evaluation loss is 5.00 times larger than RNN's at length 100 (95 % interval 5.00 – 5.00); LSTM's final evaluation loss is 20.0 times smaller than RNN's at length 50 (95 % interval 20.0 – 20.0); 8 seeds each.");
        summary.Grid.Rows.Select(row => row.Setting).ShouldBe(["length 50", "length 100"]);
        summary.Grid.Rows[0].Cells.Select(cell => cell!.Solved).ShouldBe([0, 8]);
    }

    [Fact]
    public void Winner_in_every_setting_is_said_to_be_one()
    {
        var summary = Summary([LstmWins], Rnn, Lstm, Arm("rnn", Losses(8, 0.12), length: 100), Arm("lstm", Losses(8, 0.01), length: 100));
        summary.Headline.ShouldBe("LSTM beats RNN on final evaluation loss in all 2 settings.");
        // The smallest and the largest effect, each with its interval; the headline says where.
        summary.Findings[0].ShouldStartWith("LSTM's final evaluation loss is 12.0 times smaller than RNN's at length 100 (95 % interval 12.0 – 12.0) and 20.0 times at length 50 (95 % interval 20.0 – 20.0); 8 seeds each.");
        summary.Findings.ShouldNotContain(finding => finding.Contains("settings tested", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_learned_gives_the_victory_to_the_baseline()
    {
        var summary = Summary([LstmWins], Arm("rnn", Losses(8, Baseline)), Arm("lstm", Losses(8, Baseline)));
        summary.Headline.ShouldBe("The baseline wins: no arm learned more than a predictor without memory knows.");
        summary.Next.ShouldStartWith("Train longer");
        summary.Verdicts.ShouldHaveSingleItem().Verdict.ShouldBe("not_tested");
    }

    [Fact]
    public void Settings_without_learning_are_named_beside_those_with_it()
    {
        var summary = Summary([LstmWins], Rnn, Lstm, Arm("rnn", Losses(8, Baseline), length: 100), Arm("lstm", Losses(8, Baseline), length: 100));
        summary.Findings[1].ShouldBe("Nothing was learned in 1 of 2 settings (length 100): no arm's loss is clearly below the baseline's there. Only one setting was tested.");
        summary.Next.ShouldStartWith("Train longer");
    }

    [Fact]
    public void All_diverged_is_no_answer()
    {
        var summary = Summary([LstmWins], Diverge(Rnn, 8), Diverge(Lstm, 8));
        summary.Headline.ShouldBe("No answer: all 16 runs diverged.");
        summary.Next.ShouldStartWith("Lower the learning rate");
        summary.Grid.Rows[0].Cells.ShouldAllBe(cell => cell!.LossOverBaseline == null && cell.Diverged == 8 && cell.Seeds.Count == 0);
        Summary([LstmWins], Diverge(Rnn, 8), Lstm).Findings.ShouldContain(finding => finding.StartsWith("8 of 16 runs diverged (RNN).", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, "No verdict: with one seed a difference may be chance.")]
    [InlineData(2, "No verdict: with 2 seeds a difference may be chance.")]
    public void Too_few_seeds_give_no_verdict(int seeds, string headline)
    {
        var summary = Summary([LstmWins], Arm("rnn", Losses(seeds, 0.1)), Arm("lstm", Losses(seeds, 0.005)));
        summary.Headline.ShouldBe(headline);
        summary.Next.ShouldContain($"now {seeds}");
    }

    [Fact]
    public void Open_claim_says_how_many_seeds_would_settle_it()
    {
        var summary = Summary([LstmWins, new ThresholdClaim("t", "lstm", "eval.loss", 0.001, null)], Arm("rnn", Losses(6, 0.1)), Arm("lstm", Losses(6, 0.005)));
        summary.Headline.ShouldBe("No answer: the evidence decides none of 2 claims.");
        summary.Next.ShouldContain("more seed");
        summary.Next.ShouldContain("first of 2 open claims");
    }

    [Fact]
    public void Still_running_gives_no_answer_yet()
    {
        var results = ResultsFixture.Make(["rnn", "lstm"], [20], 4, (_, _, seed) => seed == 4 ? TrialState.Pending : TrialState.Completed) with { Claims = [LstmWins] };
        var summary = SummaryBuilder.Of(results);
        summary.Headline.ShouldBe("No answer yet: 6 of 8 trials have a result, and the rest could change it.");
        summary.Next.ShouldBe("Wait for the remaining 2 trials.");
        (summary.Finished, summary.Planned).ShouldBe((6, 8));
        SummaryBuilder.Of(ResultsFixture.NothingFinished).Headline.ShouldBe("No answer yet: none of 6 trials has a result.");
        SummaryBuilder.Of(ResultsFixture.NothingFinished).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Many_claims_are_counted()
    {
        ClaimSpec[] claims = [.. Enumerable.Range(1, 6).Select(i => LstmWins with { Id = $"c{i}" }), new ComparisonClaim("no", "rnn", "lstm", "eval.loss", null, null)];
        var summary = Summary(claims, Arm("rnn", Losses(12, 0.1)), Arm("lstm", Losses(12, 0.005)));
        summary.Headline.ShouldBe("Of 7 claims, 6 are supported and 1 is contradicted.");
        summary.Findings[1].ShouldBe("Contradicted: no.");
    }

    [Fact]
    public void Experiment_without_claims_is_described()
    {
        var summary = Summary([], Lstm);
        summary.Headline.ShouldBe("LSTM ends at a median loss of 0.00575 (baseline 0.167); no claim was tested.");
        summary.Next.ShouldBe("Name a claim in the experiment file (claims) to get a verdict.");
    }

    [Fact]
    public void Both_languages_state_the_same_numbers()
    {
        foreach (var results in new[] { ResultsFixture.Typical, ResultsFixture.OneSeed, ResultsFixture.AllDiverged, ResultsFixture.NothingFinished })
        {
            var (english, chinese) = (SummaryBuilder.Of(results, "en"), SummaryBuilder.Of(results, "zh"));
            chinese.Claims.Select(claim => (claim.Id, claim.Verdict)).ShouldBe(english.Claims.Select(claim => (claim.Id, claim.Verdict)));
            chinese.Findings.Count.ShouldBe(english.Findings.Count);
            chinese.Language.ShouldBe("zh-Hans");
            chinese.Headline.ShouldContain("。");
            english.Headline.ShouldEndWith(".");
        }
    }

    [Fact]
    public void No_more_than_three_findings_and_none_with_a_hole()
    {
        foreach (var results in new[] { ResultsFixture.Typical, ResultsFixture.OneSeed, ResultsFixture.OneCell, ResultsFixture.AllDiverged, ResultsFixture.ManyTrials })
        {
            var summary = SummaryBuilder.Of(results);
            summary.Findings.Count.ShouldBeInRange(1, 3);
            foreach (var sentence in summary.Findings.Concat([summary.Headline, summary.Next])) sentence.ShouldMatch(@"^[^\s].*[.]$");
            foreach (var sentence in summary.Claims.Select(claim => claim.Text)) sentence.ShouldNotContain("NaN");
        }
    }

    private static ReportSummary Summary(IReadOnlyList<ClaimSpec> claims, params ConditionResults[] conditions) =>
        SummaryBuilder.Of(ResultsFixture.Typical with { Claims = claims, Conditions = [.. conditions.Select((condition, i) => condition with { Ordinal = i })] });
}
