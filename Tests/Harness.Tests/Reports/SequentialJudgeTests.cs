using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;

namespace Harness.Tests.Reports;

/// <summary>Claims that are looked at while seeds are added.</summary>
public sealed class SequentialJudgeTests
{
    private static readonly int[] Looks = [8, 12, 16, 20, 30];

    private static readonly ComparisonClaim Better = new("better", "lstm", "rnn", "eval.loss", null, null);

    [Fact]
    public void A_clear_difference_is_decided_at_the_first_look_and_stays_decided()
    {
        // Later seeds say the opposite.
        double[] losses = [.. Enumerable.Range(0, 30).Select(seed => (seed < 8 ? 0.002 : 0.2) * (1 + (0.1 * (seed % 4))))];
        var verdicts = Decide([Better], Arm("rnn", ClaimArms.Losses(30, 0.02)), Arm("lstm", losses));

        verdicts.Looks.ShouldBe(1);
        verdicts.Needed.ShouldBeEmpty();
        var decision = verdicts.Decisions.ShouldHaveSingleItem();
        decision.Kind.ShouldBe(VerdictKind.Supported);
        decision.Look.ShouldBe(new LookStanding(1, 5, 8, decision.Look!.Level, null, false));
        decision.Facets.ShouldHaveSingleItem().Count.ShouldBe(8);
    }

    [Fact]
    public void Only_the_conditions_of_open_claims_get_more_seeds()
    {
        var verdicts = Decide([Better, new ComparisonClaim("same", "gru", "rnn", "eval.loss", null, null)],
            Arm("rnn", ClaimArms.Losses(8, 0.02)), Arm("lstm", ClaimArms.Losses(8, 0.002)), Arm("gru", Close(8)), Arm("transformer", ClaimArms.Losses(8, 0.02)));

        verdicts.Looks.ShouldBe(1);
        verdicts.Decisions.Select(decision => decision.Kind).ShouldBe([VerdictKind.Supported, VerdictKind.Inconclusive]);
        verdicts.Decisions[1].Look!.Next.ShouldBe(12);
        verdicts.Needed.Order().ShouldBe([0, 2]);
    }

    [Fact]
    public void Nothing_is_decided_before_a_look_is_complete()
    {
        var lstm = Arm("lstm", ClaimArms.Losses(8, 0.002));
        var running = lstm with { Trials = [.. lstm.Trials.Select((trial, place) => place == 5 ? trial with { State = TrialState.Running, Outcome = null } : trial)] };
        var verdicts = Decide([Better], Arm("rnn", ClaimArms.Losses(8, 0.02)), running);

        verdicts.Looks.ShouldBe(0);
        var decision = verdicts.Decisions.ShouldHaveSingleItem();
        decision.Kind.ShouldBe(VerdictKind.Inconclusive);
        (decision.Look!.Number, decision.Look.Next).ShouldBe((0, 8));
    }

    [Fact]
    public void The_order_in_which_seeds_finish_changes_nothing()
    {
        ConditionResults[] arms = [Arm("rnn", ClaimArms.Losses(30, 0.02)), Arm("lstm", Close(30))];
        ConditionResults[] mixed = [.. arms.Select(arm => arm with { Trials = [.. arm.Trials.Reverse()] })];
        Decide([Better], mixed).Decisions.Select(Picture).ShouldBe(Decide([Better], arms).Decisions.Select(Picture));

        static string Picture(ClaimDecision decision) => $"{decision.Kind} {decision.AdjustedP:R} {decision.Look}";
    }

    [Fact]
    public void A_hopeless_claim_is_closed_before_the_last_look()
    {
        // Better as often as worse, by any factor: neither a difference nor equality.
        double[] losses = [.. ClaimArms.Losses(30, 0.02).Select((loss, seed) => loss * Math.Exp(1.5 * Math.Sin(3 * seed)))];
        var decision = Decide([Better], Arm("rnn", ClaimArms.Losses(30, 0.02)), Arm("lstm", losses)).Decisions.ShouldHaveSingleItem();
        decision.Kind.ShouldBe(VerdictKind.Inconclusive);
        decision.Look!.IsFutile.ShouldBeTrue();
        decision.Look.Seeds.ShouldBeLessThan(30);
    }

    [Fact]
    public void A_later_look_is_stricter_than_a_single_one()
    {
        ConditionResults[] arms = [Arm("rnn", ClaimArms.Losses(8, 0.02)), Arm("lstm", [.. ClaimArms.Losses(8, 0.02).Select((loss, seed) => loss * (seed == 0 ? 1.06 : 0.5))])];
        var alone = ClaimArms.Decide(Better, arms);
        alone.Kind.ShouldBe(VerdictKind.Supported);
        var looked = Decide([Better], arms).Decisions.ShouldHaveSingleItem();
        looked.AdjustedP!.Value.ShouldBeGreaterThan(alone.AdjustedP!.Value);
        // One look over all seeds is the plain test.
        new SequentialJudge([.. Seeds(8)], [8]).Decide([Better], Numbered(arms)).Decisions[0].AdjustedP!.Value.ShouldBe(alone.AdjustedP.Value, 1e-6);
    }

    [Fact]
    public void What_nobody_learned_is_closed_without_a_verdict()
    {
        var verdicts = Decide([Better], Arm("rnn", ClaimArms.Losses(8, ClaimArms.Baseline)), Arm("lstm", ClaimArms.Losses(8, ClaimArms.Baseline)));
        verdicts.Decisions[0].Kind.ShouldBe(VerdictKind.NotTested);
        verdicts.Needed.ShouldBeEmpty();
    }

    [Fact]
    public void Counted_claims_are_in_no_family_and_need_no_seeds()
    {
        var verdicts = Decide([Better, new ComparisonClaim("small", "rnn", "lstm", "parameters", null, null)], Arm("rnn", ClaimArms.Losses(8, 0.02)), Arm("lstm", ClaimArms.Losses(8, 0.002)));
        verdicts.Decisions[0].Family.ShouldBe(1);
        verdicts.Decisions[1].Look!.Next.ShouldBeNull();
        verdicts.Needed.ShouldBeEmpty();
    }

    private static SequentialVerdicts Decide(IReadOnlyList<ClaimSpec> claims, params ConditionResults[] arms) => new SequentialJudge([.. Seeds(30)], Looks).Decide(claims, Numbered(arms));

    private static ConditionResults[] Numbered(ConditionResults[] arms) => [.. arms.Select((arm, place) => arm with { Ordinal = place })];

    private static IEnumerable<long> Seeds(int count) => Enumerable.Range(1, count).Select(seed => (long)seed);

    private static ConditionResults Arm(string cell, double[] losses) => ClaimArms.Arm(cell, losses);

    /// <summary>Better in most seeds, by little: more seeds may tell.</summary>
    private static double[] Close(int seeds) => [.. ClaimArms.Losses(seeds, 0.02).Select((loss, seed) => loss * (seed % 3 == 0 ? 1.2 : 0.7))];
}
