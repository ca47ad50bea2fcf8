using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class ClaimTests
{
    private const string Frame = """
        version: 1
        name: claims
        task: { kind: adding }
        matrix:
          cell: [rnn, lstm, gru]
          length: [20, 40]
          include: [{ cell: lstm, forget_bias: 1, label: lstm+fb1 }]

        """;

    [Fact]
    public void Every_kind_of_claim_is_read_as_it_is_meant()
    {
        SpecText.Spec(Frame + """
            claims:
              - { id: a, that: lstm, beats: rnn, on: eval.loss, by: 2x }
              - { id: b, that: lstm, beats: rnn, on: gradient.slope, at: init, by: 0.05 }
              - { id: c, that: lstm+fb1, beats: lstm, on: solved, by: 0.25 }
              - { id: d, that: gru, beats: rnn, on: parameters }
              - { id: e, that: gru, equals: lstm, on: eval.loss, within: 10% }
              - { id: f, that: gru, on: eval.loss, reaches: 0.01 }
              - { id: g, that: gru, on: gradient.half_life, reaches: 20 }
              - { id: h, that: rnn, on: gradient.slope, reaches: { below: -0.02 } }
              - { id: i, that: rnn, on: eval.loss, grows_with: length }
              - { id: j, that: rnn, on: gradient.half_life, falls_with: length }
            """).Claims.ShouldBe(
        [
            new ComparisonClaim("a", "lstm", "rnn", "eval.loss", 2, null),
            new ComparisonClaim("b", "lstm", "rnn", "gradient.slope", null, 0.05) { At = ProbeMoment.Init },
            new ComparisonClaim("c", "lstm+fb1", "lstm", "solved", null, 0.25),
            new ComparisonClaim("d", "gru", "rnn", "parameters", null, null),
            new EquivalenceClaim("e", "gru", "lstm", "eval.loss", 1.1),
            new ThresholdClaim("f", "gru", "eval.loss", 0.01, null),
            new ThresholdClaim("g", "gru", "gradient.slope", null, -Math.Log10(2) / 20),
            new ThresholdClaim("h", "rnn", "gradient.slope", -0.02, null),
            new TrendClaim("i", "rnn", "eval.loss", "length", Falls: false),
            new TrendClaim("j", "rnn", "gradient.slope", "length", Falls: true),
        ]);
    }

    [Theory]
    [InlineData("on: eval.loss, at: init", "HRN021 no probe measures eval.loss, so it belongs to no moment")]
    [InlineData("on: gradient.slope, at: middle", "HRN026 gradient.slope at middle needs gradient profiles at middle, and this experiment takes them at init and end only")]
    [InlineData("on: gradient.slope, at: start", "HRN012 unknown moment \"start\"")]
    [InlineData("on: gradient.half_life, by: 2x", "HRN033 half-lives have no ratio or difference where a gradient does not decay, so gradient.slope decides by how much")]
    public void A_moment_must_be_one_at_which_the_probe_runs(string claim, string problem) =>
        SpecText.Problems(Frame + $"claims: [{{ id: a, that: lstm, beats: rnn, {claim} }}]\nprobe: {{ gradients: [init, end] }}\n").ShouldHaveSingleItem().ShouldEndWith(problem);

    [Fact]
    public void A_claim_can_look_at_some_conditions_and_answer_the_article()
    {
        var claim = SpecText.Spec(Frame + "claims: [{ id: a, that: lstm, beats: rnn, on: eval.loss, where: { length: [20, 40] }, article: 7 }]\n").Claims.ShouldHaveSingleItem();

        claim.Article.ShouldBe(7);
        claim.Where.ShouldNotBeNull()["length"].ShouldBe(["20", "40"]);
        claim.Covers(new Dictionary<string, string>(StringComparer.Ordinal) { ["cell"] = "lstm", ["length"] = "40" }).ShouldBeTrue();
        claim.Covers(new Dictionary<string, string>(StringComparer.Ordinal) { ["cell"] = "lstm", ["length"] = "80" }).ShouldBeFalse();
        ClaimText.Sentence(claim).ShouldBe("lstm beats rnn on eval.loss where length is 20 or 40");
        var stored = JsonSerializer.Serialize([claim], HarnessJson.Default.IReadOnlyListClaimSpec);
        JsonSerializer.Deserialize(stored, HarnessJson.Default.IReadOnlyListClaimSpec).ShouldNotBeNull()[0].Where.ShouldNotBeNull()["length"].ShouldBe(["20", "40"]);
    }

    [Fact]
    public void Claims_are_said_as_sentences_in_the_plan()
    {
        var plan = ExperimentPlanner.Plan(SpecText.Spec(Frame + "claims:\n  - { id: a, that: lstm, beats: rnn, on: eval.loss, by: 2x }\n  - { id: j, that: rnn, on: gradient.half_life, falls_with: length }\n"));

        plan.Claims.Select(ClaimText.Sentence).ShouldBe(["lstm beats rnn on eval.loss by at least 2x", "gradient.slope of rnn falls with length"]);
    }

    [Theory]
    [InlineData("{ id: a, that: lstm, beats: rnn, on: eval.loss }", "{ id: a, that: lstm, beats: rnn, on: eval.loss, by: 2x }")]
    [InlineData("{ id: a, that: lstm, equals: rnn, on: eval.loss, within: 5% }", "{ id: a, that: lstm, equals: rnn, on: eval.loss, within: 6% }")]
    [InlineData("{ id: a, that: lstm, beats: rnn, on: eval.loss }", "{ id: a, that: lstm, beats: rnn, on: eval.loss, where: { length: 20 } }")]
    [InlineData("{ id: a, that: lstm, beats: rnn, on: eval.loss }", "{ id: a, that: lstm, beats: rnn, on: eval.loss, article: 6 }")]
    [InlineData("{ id: a, that: lstm, on: eval.loss, reaches: 1 }", "{ id: a, that: lstm, on: eval.loss, reaches: { above: 1 } }")]
    public void Another_claim_makes_another_digest_but_no_other_trial(string one, string other)
    {
        var first = ExperimentPlanner.Plan(SpecText.Spec(Frame + $"claims: [{one}]\n"));
        var second = ExperimentPlanner.Plan(SpecText.Spec(Frame + $"claims: [{other}]\n"));

        string.Equals(second.Digest, first.Digest, StringComparison.Ordinal).ShouldBeFalse();
        second.Trials.Select(trial => trial.Id).ShouldBe(first.Trials.Select(trial => trial.Id));
    }
}
