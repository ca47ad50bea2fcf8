using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Model;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;
using static Harness.Tests.Reports.ClaimArms;

namespace Harness.Tests.Reports;

/// <summary>Only what was learned can be compared.</summary>
public sealed class LearningFloorTests
{
    private static readonly ComparisonClaim Better = new("b", "lstm", "rnn", "eval.loss", null, null);
    private static readonly EquivalenceClaim Equal = new("e", "lstm", "rnn", "eval.loss", 1.1);

    [Fact]
    public void Losses_no_better_than_the_baseline_are_not_compared()
    {
        // The published case: 1.68 against 7.74 baselines, "better by 4.99".
        Decide(Better, Arm("rnn", Losses(12, 7.74 * Baseline)), Arm("lstm", Losses(12, 1.68 * Baseline))).Reason.ShouldBe(NotTestedReason.NothingLearned);
        Decide(Equal, Arm("rnn", Losses(12, Baseline)), Arm("lstm", Losses(12, Baseline))).Reason.ShouldBe(NotTestedReason.NothingLearned);
        Decide(Better with { On = "eval.accuracy" }, Accurate("rnn", 0.2, Baseline), Accurate("lstm", 0.4, Baseline)).Reason.ShouldBe(NotTestedReason.NothingLearned);
    }

    [Fact]
    public void Where_one_arm_learned_the_card_says_that_the_other_did_not()
    {
        var conditions = new[] { Arm("rnn", Losses(8, Baseline)), Arm("lstm", Losses(8, 0.02)) };
        var decision = Decide(Better, conditions);
        decision.Kind.ShouldBe(VerdictKind.Supported);
        decision.Facets[0].Learning.Select(arm => arm.HasLearned).ShouldBe([true, false]);
        decision.Facets[0].Learning[0].Ratio.ShouldBe(0.02 * 1.15 / Baseline, 1e-9);

        var results = ResultsFixture.Typical with { Claims = [Better], Conditions = [.. conditions.Select((c, i) => c with { Ordinal = i })] };
        var card = ReportModelBuilder.Build(results, ReportOptions.Default).Verdicts!.Cards.ShouldHaveSingleItem();
        card.Findings.ShouldContain(line => line == "Loss ÷ baseline: LSTM 0.138, RNN 1.15. RNN did not learn more than the baseline.");
        card.Findings.ShouldContain(line => line.StartsWith("Seeds that diverged or learned nothing: LSTM 0 of 8, RNN 8 of 8; LSTM − RNN −1", StringComparison.Ordinal));
        card.FinePrint.ShouldContain(line => line.StartsWith("Typical seed: Hodges–Lehmann location", StringComparison.Ordinal));
    }

    [Fact]
    public void The_floor_is_the_stricter_of_a_twentieth_and_the_baselines_own_error()
    {
        LearningFloor.Of(ArmOf(Arm("rnn", Losses(8, 0.1))), "eval.loss")!.Floor.ShouldBe(0.95);
        // Baselines that scatter by 10 %: a loss 10 % below one of them is chance.
        var scattered = Arm("rnn", Losses(8, 0.1));
        scattered = scattered with { Trials = [.. scattered.Trials.Select((t, i) => t with { Outcome = t.Outcome! with { BaselineLoss = i % 2 == 0 ? 0.9 : 1.1, FinalLoss = 0.88 } })] };
        var learning = LearningFloor.Of(ArmOf(scattered), "eval.loss")!;
        learning.Floor.ShouldBe(1 - 2 * 0.1069, 0.001);
        learning.HasLearned.ShouldBeFalse();
        LearningFloor.Of(ArmOf(scattered), "gradient.half_life").ShouldBeNull();
    }

    [Fact]
    public void A_classifier_that_grew_over_confident_has_still_learned() =>
        Decide(Better with { On = "eval.accuracy" }, Accurate("rnn", 0.6, 2 * Baseline, best: 0.5 * Baseline), Accurate("lstm", 0.9, 3 * Baseline, best: 0.4 * Baseline)).Kind.ShouldBe(VerdictKind.Supported);

    [Fact]
    public void Classes_are_compared_by_the_difference_in_nats()
    {
        var (rnn, lstm) = (Classes("rnn", 1.98), Classes("lstm", 1.88));
        var better = Decide(Better, rnn, lstm);
        better.Kind.ShouldBe(VerdictKind.Supported);
        better.Facets[0].Scale.ShouldBe(EffectScale.Difference);
        better.Facets[0].Effect.ShouldBe(0.1, 1e-9);
        better.Facets[0].Margin.ShouldBe(0.02);
        Decide(Equal, rnn, lstm).Kind.ShouldBe(VerdictKind.Contradicted);
        Decide(Equal, Classes("rnn", 1.885), lstm).Kind.ShouldBe(VerdictKind.Supported);
        // Who asks for a factor gets one.
        Decide(Better with { ByFactor = 1.05 }, rnn, lstm).Facets[0].Scale.ShouldBe(EffectScale.LogRatio);
    }

    /// <summary>A regression at one length and classes at the other: each is measured on its own scale.</summary>
    [Fact]
    public void Tasks_with_losses_of_different_kinds_have_scales_of_their_own()
    {
        var decision = Decide(Better, Arm("rnn", Losses(8, 0.1)), Arm("lstm", Losses(8, 0.02)), AtLength(100, Classes("rnn", 1.98)), AtLength(100, Classes("lstm", 1.88)));
        decision.Facets.Select(facet => facet.Scale).ShouldBe([EffectScale.LogRatio, EffectScale.Difference]);
        decision.Kind.ShouldBe(VerdictKind.Supported);

        static ConditionResults AtLength(int length, ConditionResults arm) => arm with
        {
            Factors = new Dictionary<string, string>(arm.Factors, StringComparer.Ordinal) { ["length"] = length.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        };
    }

    [Fact]
    public void The_typical_seed_decides_and_rare_failures_stand_in_their_own_line()
    {
        // Better by 0.3 in ln for 18 of 20 seeds, useless in two.
        double[] rnn = Losses(20, 0.02);
        double[] lstm = [.. rnn.Select((loss, i) => i < 2 ? 2 * Baseline : loss * Math.Exp(-0.3 + 0.01 * (i % 3)))];
        var decision = Decide(Better, Arm("rnn", rnn), Arm("lstm", lstm));
        decision.Kind.ShouldBe(VerdictKind.Supported);
        decision.Facets[0].Effect.ShouldBe(0.29, 0.01);
        var failures = decision.Facets[0].Failures.ShouldNotBeNull();
        (failures.First, failures.AllFirst, failures.Second).ShouldBe((2, 20, 0));
        failures.Difference.Value.Value.ShouldBe(0.1, 1e-12);
        failures.Difference.Value.Low!.Value.ShouldBeLessThan(0);
    }

    private static Arm ArmOf(ConditionResults condition) => ConditionGrid.From([condition])[0].Arms[0];

    private static ConditionResults Classes(string cell, double loss)
    {
        var arm = Arm(cell, [.. Enumerable.Range(0, 8).Select(i => loss + 0.003 * i)]);
        return arm with
        {
            Trial = arm.Trial with { Task = arm.Trial.Task with { Kind = "copy-memory", Parameters = new ParameterSet([new("items", "10")]) } },
            Trials = [.. arm.Trials.Select(t => t with { Outcome = t.Outcome! with { BaselineLoss = 2.5 } })],
        };
    }

    private static ConditionResults Accurate(string cell, double accuracy, double loss, double? best = null)
    {
        var arm = Arm(cell, Losses(8, loss));
        return arm with { Trials = [.. arm.Trials.Select((t, i) => t with { Outcome = t.Outcome! with { FinalAccuracy = accuracy + 0.001 * i, BestLoss = best ?? loss } })] };
    }
}
