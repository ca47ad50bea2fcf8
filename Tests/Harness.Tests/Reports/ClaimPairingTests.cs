using Harness.Abstractions.Claims;
using Harness.Abstractions.Results;
using Harness.Experiments.Planning;
using Harness.Reports.Conditions;
using Harness.Reports.Model;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;
using Harness.Tests.Experiments;

namespace Harness.Tests.Reports;

public sealed class ClaimPairingTests
{
    private const string OneCell = """
        version: 1
        name: ablation
        task: { kind: adding, length: 10 }
        model: { hidden: 4 }
        matrix:
          cell: [lstm]

        """;

    [Fact]
    public void Nine_variants_of_one_cell_are_all_compared_with_the_plain_one()
    {
        var variants = Enumerable.Range(1, 9).Select(bias => FormattableString.Invariant($"lstm+fb{bias}")).ToList();
        var yaml = OneCell + "  include:\n" + string.Concat(variants.Select((name, i) => FormattableString.Invariant($"    - {{ cell: lstm, forget_bias: {i + 1}, label: {name} }}\n")))
            + "claims:\n" + string.Concat(variants.Select((name, i) => FormattableString.Invariant($"  - {{ id: c{i}, that: {name}, beats: lstm, on: eval.loss }}\n")));
        var decisions = Decide(yaml);
        decisions.Select(decision => decision.Facets.Count).ShouldBe(Enumerable.Repeat(1, 9));

        var facet = ConditionGrid.From(Results(SpecText.Spec(yaml))).ShouldHaveSingleItem();
        facet.Arms.Select(arm => arm.Label).ShouldBe(["LSTM", .. variants]);
    }

    [Fact]
    public void Variants_of_one_cell_are_compared_at_each_level_of_the_other_factors()
    {
        const string Yaml = OneCell + """
              length: [10, 20]
              include: [{ cell: lstm, forget_bias: 1, label: fb1 }]
            claims: [{ id: a, that: fb1, beats: lstm, on: eval.loss }]
            """;
        Decide(Yaml.Replace(", length: 10 }", " }", StringComparison.Ordinal))[0].Facets.Select(facet => facet.Facet).ShouldBe(["length 10", "length 20"]);
    }

    [Fact]
    public void Labelled_variants_without_a_plain_arm_are_compared() => Decide("""
        version: 1
        name: ablation
        task: { kind: adding, length: 10 }
        model: { hidden: 4 }
        matrix:
          include:
            - { cell: lstm, label: shut }
            - { cell: lstm, forget_bias: 2, label: open }
        claims: [{ id: a, that: open, beats: shut, on: eval.loss }]
        """)[0].Facets.ShouldHaveSingleItem().Facet.ShouldBeEmpty();

    [Fact]
    public void Cells_are_never_compared_at_different_lengths()
    {
        // Only the LSTM has length 40, and only the RNN length 10.
        const string Matrix = """
            version: 1
            name: lengths
            task: { kind: adding }
            matrix:
              cell: [rnn, lstm]
              length: [10, 20, 40]
              exclude: [{ cell: rnn, length: 40 }, { cell: lstm, length: 10 }]
            claims: [{ id: a, that: lstm, beats: rnn, on: eval.loss }]
            """;
        var facet = Decide(Matrix)[0].Facets.ShouldHaveSingleItem();
        facet.Count.ShouldBe(8);
        ClaimPairing.Settings(SpecText.Spec(Matrix).Claims[0], SpecText.Spec(Matrix).Conditions).ShouldHaveSingleItem().Conditions.Select(condition => condition.Label).ShouldBe(["lstm T=20", "rnn T=20"]);
    }

    [Fact]
    public void A_claim_is_about_every_level_of_a_factor_that_only_its_arm_has() => Decide("""
        version: 1
        name: biases
        task: { kind: adding, length: 10 }
        matrix:
          cell: [rnn, lstm]
          forget_bias: [drawn, 1]
        claims: [{ id: a, that: lstm, beats: rnn, on: eval.loss }]
        """)[0].Facets.Select(facet => facet.Facet).ShouldBe(["LSTM / RNN", "LSTM forget bias 1 / RNN"]);

    [Theory]
    [InlineData("{ id: a, that: lstm, beats: rnn, on: eval.loss }", "no condition of lstm can be compared with one of rnn: the most similar ones, \"lstm latch\" and \"rnn adding\", differ in task")]
    [InlineData("{ id: a, that: rnn, on: eval.loss, grows_with: hidden }", "hidden does not vary for rnn")]
    [InlineData("{ id: a, that: gru, on: eval.loss, grows_with: hidden }", "no conditions of gru differ in nothing but a number of hidden")]
    [InlineData("{ id: a, that: lstm, beats: rnn, on: train.grad_norm_max }", "train.grad_norm_max has no better side, so no arm can beat another on it")]
    [InlineData("{ id: a, that: lstm, on: eval.loss, reaches: 0 }", "eval.loss is always above 0")]
    public void A_claim_without_conditions_is_an_error_at_its_line(string claim, string message) => SpecText.Problems($$"""
        version: 1
        name: apart
        task: { length: 10 }
        matrix:
          include:
            - { cell: rnn, task: adding }
            - { cell: lstm, task: latch }
            - { cell: gru, task: adding, hidden: 8 }
            - { cell: gru, task: latch, hidden: 16 }
        claims:
          - {{claim}}
        """).ShouldHaveSingleItem().ShouldMatch($"^11:\\d+ HRN033 {System.Text.RegularExpressions.Regex.Escape(message)}$");

    [Fact]
    public void A_batch_that_goes_with_the_length_belongs_to_the_trend()
    {
        const string Yaml = """
            version: 1
            name: tokens
            task: { kind: adding }
            matrix:
              include:
                - { cell: rnn, length: 10, batch: 40 }
                - { cell: rnn, length: 20, batch: 20 }
                - { cell: rnn, length: 40, batch: 10 }
                - { cell: rnn, length: 40, batch: 10, lr: 1e-2, label: fast }
                - { cell: rnn, length: 80, batch: 5, lr: 1e-3, label: fast }
            claims:
              - { id: a, that: rnn, on: eval.loss, grows_with: length }
            """;
        var spec = SpecText.Spec(Yaml);
        ClaimPairing.Settings(spec.Claims[0], spec.Conditions).ShouldHaveSingleItem().Conditions.Select(condition => condition.Trial.Task.Length).ShouldBe([10, 20, 40]);
        Decide(Yaml)[0].Facets.ShouldHaveSingleItem().Facet.ShouldBeEmpty();
        // A learning rate is no budget: who trains longer sequences with another one compares two things at once.
        SpecText.Problems(Yaml.Replace("that: rnn", "that: fast", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldEndWith("no conditions of fast differ in nothing but a number of length");
    }

    /// <summary>Random matrices, exclusions, included arms, scopes and claims.</summary>
    [Fact]
    public void A_claim_that_passes_validation_has_conditions_in_the_report()
    {
        var (accepted, refused) = (0, 0);
        for (var index = 0; index < 3000; index++)
        {
            var yaml = RandomExperiment(new Random(index));
            var reading = SpecText.Read(yaml);
            if (reading.Spec is not { } spec)
            {
                if (reading.Diagnostics.Any(problem => problem.Code == "HRN033")) refused++;
                continue;
            }

            accepted++;
            // Conditions are looked up before trials, so trials that are still to come answer fastest.
            foreach (var decision in ClaimJudge.Decide(spec.Claims, ConditionGrid.From(Results(spec, TrialState.Pending))))
                decision.Reason.ShouldNotBe(NotTestedReason.MissingCondition, $"{decision.Claim.Id} of\n{yaml}");
        }

        accepted.ShouldBeGreaterThan(300);
        refused.ShouldBeGreaterThan(100);
    }

    private static string RandomExperiment(Random random)
    {
        string[] cells = ["rnn", "lstm", "gru"];
        List<string> arms = [.. cells.Where(_ => random.Next(3) > 0)];
        if (arms.Count == 0) arms.Add("lstm");
        var matrix = new List<string> { $"cell: [{string.Join(", ", arms)}]" };
        string[] factors = [.. new[] { "length: [10, 20]", "forget_bias: [drawn, 1]", "hidden: [4, 8, 16]", "lr: [1e-2, 1e-3]", "steps: [20, 40]", "task: [adding, latch]" }.Where(_ => random.Next(4) == 0)];
        matrix.AddRange(factors);
        if (random.Next(3) == 0) matrix.Add($"exclude: [{{ cell: {Pick(arms)}{(Array.Exists(factors, f => f.StartsWith('l')) ? ", length: 10" : "")} }}]");
        var included = new List<string>();
        for (var i = random.Next(4); i > 0; i--)
        {
            var label = random.Next(3) == 0 ? null : FormattableString.Invariant($"arm{i}");
            var cell = Pick(cells);
            var sets = string.Concat(new[] { "length: 30", "hidden: 8", "lr: 3e-3", "task: latch", "steps: 80", cell == "lstm" ? "forget_bias: 2" : "hidden: 12" }.Where(_ => random.Next(4) == 0).Take(2).Select(set => ", " + set));
            included.Add($"    - {{ cell: {cell}{sets}{(label is null ? "" : ", label: " + label)} }}\n");
            arms.Add(label ?? cell);
        }

        var claims = Enumerable.Range(0, 1 + random.Next(3)).Select(i =>
        {
            var scope = factors.Where(factor => factor[0] is 'h' or 't').Select(factor => factor[0] == 'h' ? ", where: { hidden: [4, 8] }" : ", where: { task: latch }").FirstOrDefault();
            var where = random.Next(3) == 0 ? scope : null;
            var kind = Pick([$"beats: {Pick(arms)}", $"equals: {Pick(arms)}, within: 10%", "reaches: 0.1", "grows_with: length", "falls_with: hidden", "grows_with: forget_bias", "grows_with: lr"]);
            return FormattableString.Invariant($"  - {{ id: c{i}, that: {Pick(arms)}, {kind}, on: {Pick(["eval.loss", "solved", "parameters"])}{where} }}\n");
        });
        return $"version: 1\nname: random\ntask: {{ {(Array.Exists(factors, f => f.StartsWith('t')) ? "" : "kind: adding, ")}{(Array.Exists(factors, f => f.StartsWith("le", StringComparison.Ordinal)) ? "" : "length: 10")} }}\n"
            + (Array.Exists(factors, f => f.StartsWith('h')) ? "" : "model: { hidden: 4 }\n")
            + "matrix:\n" + string.Concat(matrix.Select(line => $"  {line}\n")) + (included.Count > 0 ? "  include:\n" + string.Concat(included) : "") + "claims:\n" + string.Concat(claims);

        string Pick(IReadOnlyList<string> from) => from[random.Next(from.Count)];
    }

    private static IReadOnlyList<ClaimDecision> Decide(string yaml)
    {
        var spec = SpecText.Spec(yaml);
        return ClaimJudge.Decide(spec.Claims, ConditionGrid.From(Results(spec)));
    }

    /// <summary>What a report would get: eight seeds of every condition.</summary>
    private static List<ConditionResults> Results(ExperimentSpec spec, TrialState state = TrialState.Completed)
    {
        var trials = ResultsFixture.Make(["lstm"], [20], 8, (_, _, _) => state).Conditions[0].Trials;
        return [.. spec.Conditions.Select((condition, i) => new ConditionResults(i, condition.Label, condition.Factors, condition.Trial, 100 + i, 200 + i, trials))];
    }
}
