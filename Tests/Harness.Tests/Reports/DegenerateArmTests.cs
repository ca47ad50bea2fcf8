using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Outcomes;
using static Harness.Tests.Reports.ClaimArms;

namespace Harness.Tests.Reports;

/// <summary>Every kind of arm that says little or nothing, under every form of claim.</summary>
public sealed class DegenerateArmTests
{
    private const string Supported = nameof(VerdictKind.Supported), Contradicted = nameof(VerdictKind.Contradicted), Equal = nameof(VerdictKind.NoMeaningfulDifference), Open = nameof(VerdictKind.Inconclusive);
    private const string Diverged = nameof(NotTestedReason.EveryDiverged), Never = nameof(NotTestedReason.NeverReached), Nothing = nameof(NotTestedReason.NoInformation), Few = nameof(NotTestedReason.TooFewSeeds), Unlearned = nameof(NotTestedReason.NothingLearned);

    private static readonly ClaimSpec[] Forms =
    [
        new ComparisonClaim("loss", "lstm", "rnn", "eval.loss", null, null),
        new ComparisonClaim("loss by 2x", "lstm", "rnn", "eval.loss", 2, null),
        new EquivalenceClaim("equal loss", "lstm", "rnn", "eval.loss", 1.1),
        new ThresholdClaim("low loss", "lstm", "eval.loss", 0.05, null),
        new TrendClaim("loss grows", "lstm", "eval.loss", "length", Falls: false),
        new ComparisonClaim("sooner", "lstm", "rnn", "steps_to_target", null, null),
        new EquivalenceClaim("as soon", "lstm", "rnn", "steps_to_target", 1.05),
        new ThresholdClaim("soon", "lstm", "steps_to_target", 500, null),
        new TrendClaim("later", "lstm", "steps_to_target", "length", Falls: false),
        new ComparisonClaim("solves", "lstm", "rnn", "solved", null, null),
        new ComparisonClaim("solves by half", "lstm", "rnn", "solved", null, 0.5),
        new ThresholdClaim("solves most", "lstm", "solved", null, 0.5),
    ];

    /// <summary>In the order of the claim forms: loss, loss by 2x, equal, threshold, trend; steps: sooner, as soon, threshold, trend; solved: more, by half, threshold.</summary>
    public static TheoryData<string, string[]> Answers => new()
    {
        { "diverged", [Diverged, Diverged, Diverged, Diverged, Diverged, Diverged, Diverged, Diverged, Diverged, Diverged, Diverged, Diverged] },
        { "censored", [Equal, Contradicted, Supported, Contradicted, Equal, Never, Never, Contradicted, Never, Never, Never, Contradicted] },
        { "unlearned", [Unlearned, Unlearned, Unlearned, Contradicted, Unlearned, Never, Never, Contradicted, Never, Never, Never, Contradicted] },
        { "equal", [Equal, Contradicted, Supported, Supported, Equal, Equal, Supported, Supported, Equal, Open, Contradicted, Supported] },
        { "zero", [Nothing, Nothing, Nothing, Supported, Nothing, Equal, Supported, Supported, Equal, Open, Contradicted, Supported] },
        { "one seed", [Few, Few, Few, Few, Few, Few, Few, Few, Few, Few, Few, Few] },
        { "none", [Few, Few, Few, Few, Few, Few, Few, Few, Few, Few, Few, Few] },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Each_claim_has_its_right_answer(string kind, string[] answers)
    {
        foreach (var (form, answer) in Forms.Zip(answers))
        {
            var conditions = form is TrendClaim ? new[] { Make(kind, "lstm", 50), Make(kind, "lstm", 100), Make(kind, "rnn", 50), Make(kind, "rnn", 100) } : [Make(kind, "rnn", 50), Make(kind, "lstm", 50)];
            var decision = Decide(form, conditions);
            (decision.Reason?.ToString() ?? decision.Kind.ToString()).ShouldBe(answer, $"{kind} arms, claim '{form.Id}'");
            (decision.AdjustedP ?? 1).ShouldBeGreaterThanOrEqualTo(Math.Pow(2, -8));
        }
    }

    /// <summary>With one arm as it should be, what the other lacks counts against it.</summary>
    [Theory]
    [InlineData("diverged", "loss", nameof(VerdictKind.Contradicted))]
    [InlineData("unlearned", "loss", nameof(VerdictKind.Contradicted))]
    [InlineData("censored", "sooner", nameof(VerdictKind.Contradicted))]
    [InlineData("diverged", "sooner", nameof(VerdictKind.Contradicted))]
    [InlineData("censored", "as soon", nameof(NotTestedReason.NeverReached))]
    [InlineData("censored", "solves", nameof(VerdictKind.Contradicted))]
    [InlineData("diverged", "equal loss", nameof(VerdictKind.Contradicted))]
    [InlineData("zero", "loss", nameof(VerdictKind.Supported))]
    public void A_degenerate_arm_against_a_good_one(string kind, string claim, string answer)
    {
        var decision = Decide(Forms.Single(form => form.Id == claim), Arm("rnn", Losses(8, 0.005)), Make(kind, "lstm", 50));
        (decision.Reason?.ToString() ?? decision.Kind.ToString()).ShouldBe(answer);
    }

    private static ConditionResults Make(string kind, string cell, int length)
    {
        var arm = kind switch
        {
            "diverged" => Diverge(Arm(cell, Losses(8, 0.1), length: length), 8),
            "censored" => Arm(cell, Losses(8, 0.1), length: length),
            "unlearned" => Arm(cell, Losses(8, 1.1 * Baseline), length: length),
            "equal" => Arm(cell, [.. Enumerable.Repeat(0.002, 8)], length: length),
            "zero" => Arm(cell, new double[8], length: length),
            "one seed" => Arm(cell, [0.002], length: length),
            _ => Arm(cell, [], length: length),
        };
        return kind is not ("equal" or "zero") ? arm : arm with { Trials = [.. arm.Trials.Select(t => t with { Outcome = t.Outcome! with { StepsToTarget = 100 } })] };
    }
}
