using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Verdicts;
using static Harness.Tests.Reports.ClaimArms;

namespace Harness.Tests.Reports;

/// <summary>Targets that some seeds never reach: times and shares.</summary>
public sealed class EventTimeTests
{
    private static readonly ComparisonClaim Sooner = new("s", "gru", "lstm", "steps_to_target", null, null);
    private static readonly EquivalenceClaim AsSoon = new("e", "gru", "lstm", "steps_to_target", 1.05);
    private static readonly ComparisonClaim Solves = new("s", "gru", "lstm", "solved", null, null);

    /// <summary>Six of twenty against none: undecided by the median of pairs, p = 0.02 by the log-rank test.</summary>
    [Fact]
    public void A_target_that_one_arm_reached_at_times_and_the_other_never_is_decided()
    {
        var decision = Decide(Sooner, Reaching("lstm", 20), Reaching("gru", 20, 300, 400, 450, 500, 600, 700));
        decision.Kind.ShouldBe(VerdictKind.Supported);
        decision.AdjustedP!.Value.ShouldBe(0.0202, 0.0002);
        decision.Facets[0].Effect.ShouldBe(double.PositiveInfinity);
        decision.Facets[0].Low!.Value.ShouldBeGreaterThan(Math.Log(1.05));
        Decide(Sooner, Reaching("lstm", 20, 300, 400, 450, 500, 600, 700), Reaching("gru", 20)).Kind.ShouldBe(VerdictKind.Contradicted);
    }

    [Fact]
    public void Censored_runs_are_no_evidence_of_equality()
    {
        Decide(AsSoon, Reaching("lstm", 8), Reaching("gru", 8)).Reason.ShouldBe(NotTestedReason.NeverReached);
        Decide(Sooner, Reaching("lstm", 8), Reaching("gru", 8)).Reason.ShouldBe(NotTestedReason.NeverReached);
        // Two of twenty each, never of the same seed: nothing is known.
        Decide(Sooner, Reaching("lstm", 20, 100, 200), Reaching("gru", 20, 150, 250)).Kind.ShouldBe(VerdictKind.Inconclusive);
        Decide(AsSoon, Reaching("lstm", 20, 100, 200), Reaching("gru", 20, 150, 250)).Reason.ShouldBe(NotTestedReason.NeverReached);
    }

    [Fact]
    public void Three_seeds_that_tie_do_not_show_equality_and_eight_do()
    {
        var three = Decide(AsSoon, Reaching("lstm", 3, 50, 50, 50), Reaching("gru", 3, 50, 50, 50));
        three.Kind.ShouldBe(VerdictKind.Inconclusive);
        int[] eight = [50, 50, 50, 50, 50, 50, 50, 50];
        var decision = Decide(AsSoon, Reaching("lstm", 8, eight), Reaching("gru", 8, eight));
        decision.Kind.ShouldBe(VerdictKind.Supported);
        decision.AdjustedP!.Value.ShouldBeGreaterThanOrEqualTo(Math.Pow(2, -8));
    }

    [Fact]
    public void A_factor_of_times_is_estimated_with_its_interval()
    {
        var lstm = Reaching("lstm", 10, [.. Enumerable.Range(0, 10).Select(i => 400 + 40 * i)]);
        var gru = Reaching("gru", 10, [.. Enumerable.Range(0, 10).Select(i => 200 + 20 * i)]);
        var decision = Decide(Sooner, lstm, gru);
        decision.Kind.ShouldBe(VerdictKind.Supported);
        Math.Exp(decision.Facets[0].Effect).ShouldBe(2, 0.15);
        Decide(Sooner with { ByFactor = 1.4 }, lstm, gru).Kind.ShouldBe(VerdictKind.Supported);
        Decide(Sooner with { ByFactor = 4 }, lstm, gru).Kind.ShouldBe(VerdictKind.Contradicted);
        Decide(Sooner with { ByAmount = 50 }, lstm, gru).Kind.ShouldBe(VerdictKind.Supported);
    }

    [Fact]
    public void A_threshold_beyond_the_budget_cannot_be_contradicted()
    {
        var claim = new ThresholdClaim("t", "gru", "steps_to_target", 5000, null);
        Decide(claim, Reaching("gru", 12)).Kind.ShouldBe(VerdictKind.Inconclusive);
        Decide(claim with { Below = 900 }, Reaching("gru", 12)).Kind.ShouldBe(VerdictKind.Contradicted);
        Decide(claim with { Below = null, Above = 900 }, Reaching("gru", 12)).Kind.ShouldBe(VerdictKind.Supported);
        Decide(claim with { Below = null, Above = 5000 }, Reaching("gru", 12)).Kind.ShouldBe(VerdictKind.Inconclusive);
    }

    [Fact]
    public void Solved_shares_are_tested_against_the_difference_itself()
    {
        var five = Decide(Solves, Reaching("lstm", 5), Reaching("gru", 5, 1, 2, 3, 4, 5));
        (five.Kind, five.Method).ShouldBe((VerdictKind.Supported, VerdictMethod.ShareDifference));

        // Ten of twenty each: a difference of a half is refuted, and interval and p say so together.
        int[] ten = [.. Enumerable.Range(1, 10)];
        var half = Decide(Solves with { ByAmount = 0.5 }, Reaching("lstm", 20, ten), Reaching("gru", 20, ten));
        half.Kind.ShouldBe(VerdictKind.Contradicted);
        half.Facets[0].High!.Value.ShouldBeLessThan(0.5);
        Decide(Solves with { ByAmount = 0.02 }, Reaching("lstm", 20, ten), Reaching("gru", 20, ten)).Kind.ShouldBe(VerdictKind.Inconclusive);
    }

    [Fact]
    public void Enough_seeds_show_that_shares_do_not_differ()
    {
        var same = new ShareDifference(300, 300, 300, 300);
        Ruling.Compare(same.Above, same.Below, 0.02, -0.02, 0.02, 300).Kind.ShouldBe(VerdictKind.NoMeaningfulDifference);
        var few = new ShareDifference(20, 20, 20, 20);
        Ruling.Compare(few.Above, few.Below, 0.02, -0.02, 0.02, 20).Kind.ShouldBe(VerdictKind.Inconclusive);
    }

    /// <summary>What the card advises is tried: shares stay, seeds are added.</summary>
    [Theory]
    [InlineData(10, 6, 4, 0.5)]
    [InlineData(12, 8, 3, 0.02)]
    public void Advice_on_more_seeds_comes_true(int seeds, int first, int second, double by)
    {
        var claim = Solves with { ByAmount = by };
        var open = Decide(claim, Reaching("lstm", seeds, [.. Enumerable.Range(1, second)]), Reaching("gru", seeds, [.. Enumerable.Range(1, first)]));
        open.Kind.ShouldBe(VerdictKind.Inconclusive);
        var more = seeds + open.Further!.Value;
        more.ShouldBeLessThan(200);
        var settled = Decide(claim, Reaching("lstm", more, [.. Enumerable.Range(1, second * more / seeds)]), Reaching("gru", more, [.. Enumerable.Range(1, first * more / seeds)]));
        settled.Kind.ShouldBeOneOf(VerdictKind.Supported, VerdictKind.Contradicted);
    }
}
