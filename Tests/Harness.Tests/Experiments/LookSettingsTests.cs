using Harness.Abstractions.Claims;
using Harness.Experiments.Planning;

namespace Harness.Tests.Experiments;

public sealed class LookSettingsTests
{
    private static readonly string Claim = SpecText.Small + "\nclaims:\n  - { id: a, that: lstm, beats: rnn, on: eval.loss }\n";

    [Theory]
    [InlineData("{ until: decided }", new[] { 8, 10, 12, 14, 18, 24, 30 })]
    [InlineData("{ until: decided, start: 10, most: 20 }", new[] { 10, 12, 14, 16, 20 })]
    [InlineData("{ until: decided, looks: [8, 12, 16, 20, 30] }", new[] { 8, 12, 16, 20, 30 })]
    [InlineData("{ until: decided, base: 7, most: 12 }", new[] { 8, 10, 12 })]
    public void Looks_follow_from_the_seeds_block(string seeds, int[] looks)
    {
        var spec = SpecText.Spec(Claim, $"seeds={seeds}");
        spec.Looks.ShouldBe(looks);
        spec.Seeds.Count.ShouldBe(looks[^1]);
        var plan = ExperimentPlanner.Plan(spec);
        plan.Trials.Count.ShouldBe(plan.Conditions.Count * looks[0]);
        plan.Stages!.Looks.ShouldBe(looks);
    }

    [Theory]
    [InlineData("{ until: decided, count: 8 }", "seeds.count fixes the number of seeds, and seeds.until adds seeds")]
    [InlineData("{ until: decided, looks: [8, 12], start: 9 }", "the first of seeds.looks is 8, and seeds.start is 9")]
    [InlineData("{ until: decided, looks: [8, 12], most: 30 }", "the last of seeds.looks is 12, and seeds.most is 30")]
    [InlineData("{ until: decided, start: 30, most: 20 }", "the first look has 30 seeds, and there are 20 at most")]
    [InlineData("{ until: decided, most: 5 }", "no look can decide the claim: 5 seeds are too few")]
    [InlineData("{ start: 8 }", "seeds.start is of no use: the number of seeds is fixed")]
    public void Contradictory_looks_are_refused_at_their_place(string seeds, string problem) =>
        SpecText.Problems(Claim, $"seeds={seeds}").ShouldContain(line => line.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void A_first_look_that_can_decide_nothing_is_told() =>
        SpecText.Problems(Claim, "seeds={ until: decided, looks: [4, 12, 30] }").ShouldContain(line => line.Contains("the look at 4 seeds can decide none of 1 claim; the first that can is the one at 12", StringComparison.Ordinal));

    [Theory]
    [InlineData(1, 8)]
    [InlineData(6, 10)]
    [InlineData(15, 11)]
    public void The_first_look_is_the_first_that_can_decide(int claims, int seeds)
    {
        LookSchedule.Default(claims, 30)[0].ShouldBe(seeds);
        LookSchedule.FirstDecisive(claims, LookSchedule.Default(claims, 30)).ShouldBe(seeds);
    }
}
