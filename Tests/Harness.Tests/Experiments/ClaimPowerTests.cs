using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

/// <summary>What the seeds of an experiment can decide, known before it is run.</summary>
public sealed class ClaimPowerTests
{
    private const string ThreeClaims = """
        version: 1
        name: few
        task: { kind: adding, length: 20 }
        matrix: { cell: [rnn, lstm, gru] }
        seeds: 5
        claims:
          - { id: a, that: lstm, beats: rnn, on: eval.loss }
          - { id: b, that: gru, beats: rnn, on: eval.loss }
          - { id: small, that: gru, beats: lstm, on: parameters }
          - { id: c, that: gru, beats: lstm, on: eval.loss }
        """;

    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 7)]
    [InlineData(3, 7)]
    [InlineData(5, 8)]
    [InlineData(12, 9)]
    [InlineData(30, 11)]
    public void A_paired_claim_needs_more_seeds_in_a_larger_family(int family, int seeds)
    {
        var claims = Enumerable.Range(0, family).Select(ClaimSpec (i) => Loss(i)).ToList();
        ClaimPower.Of(claims, seeds, null).ShouldAllBe(power => power.CanDecide && power.SmallestReplicates == seeds && power.Effect > 0);
        ClaimPower.Of(claims, seeds - 1, null).ShouldAllBe(power => !power.CanDecide && power.SmallestReplicates == seeds && power.Effect == null);
        ClaimPower.Of(claims, 5, null).ShouldAllBe(power => !power.CanDecide);
    }

    [Fact]
    public void Counted_parameters_need_no_seeds_and_join_no_family()
    {
        var power = ClaimPower.Of([Loss(0), new ComparisonClaim("p", "gru", "lstm", "parameters", null, null)], 6, null);
        power[0].Family.ShouldBe(1);
        power[0].CanDecide.ShouldBeTrue();
        power[1].CanDecide.ShouldBeTrue();
        power[1].Words.ShouldBe("counted exactly, needs no seeds");
    }

    [Fact]
    public void Shares_and_times_to_the_target_need_fewer_seeds_than_pairs()
    {
        // 2 / C(2n, n) and not 2 / 2ⁿ: every division of the 2n runs into two groups is equally likely.
        ClaimPower.Of([new ComparisonClaim("a", "lstm", "rnn", "solved", null, null)], 4, null)[0].CanDecide.ShouldBeTrue();
        ClaimPower.Of([new ComparisonClaim("a", "lstm", "rnn", "solved", null, null)], 3, null)[0].CanDecide.ShouldBeFalse();
        ClaimPower.Of([new ComparisonClaim("a", "lstm", "rnn", "steps_to_target", null, null)], 4, null)[0].CanDecide.ShouldBeTrue();
        ClaimPower.Of([new ThresholdClaim("a", "lstm", "solved", null, 0.5)], 6, null)[0].CanDecide.ShouldBeTrue();
        ClaimPower.Of([new ThresholdClaim("a", "lstm", "solved", null, 0.5)], 5, null)[0].CanDecide.ShouldBeFalse();
    }

    /// <summary>Against the t test, which needs d = 1.16 for 8 pairs, 0.66 for 20 and 0.28 for 100 (Faul et al. 2007, G*Power): ranks need a little more.</summary>
    [Theory]
    [InlineData(8, 1.16, 1.40)]
    [InlineData(20, 0.66, 0.72)]
    [InlineData(60, 0.36, 0.40)]
    [InlineData(61, 0.36, 0.40)]
    [InlineData(100, 0.28, 0.30)]
    public void The_effect_found_with_80_percent_power_is_that_of_the_test(int seeds, double least, double most) =>
        ClaimPower.Of([Loss(0)], seeds, null)[0].Effect.ShouldNotBeNull().ShouldBeInRange(least, most);

    [Fact]
    public void Effects_of_shares_medians_and_equality_are_exact()
    {
        // Fisher's exact test tells 5 of 8 from none (p = 0.026): P(X ≥ 5) = 0.81 at a share of 0.70, and 0.79 at 0.69.
        ClaimPower.Of([new ComparisonClaim("a", "lstm", "rnn", "solved", null, null)], 8, null)[0].Effect.ShouldNotBeNull().ShouldBe(0.70, 1e-9);
        // All of 8 must lie on one side: Φ(d)⁸ = 0.8.
        ClaimPower.Of([new ThresholdClaim("a", "rnn", "gradient.slope", -0.02, null)], 8, null)[0].Effect.ShouldNotBeNull().ShouldBe(1.919, 0.001);
        var equality = ClaimPower.Of([new EquivalenceClaim("a", "gru", "lstm", "eval.loss", 1.1)], 8, null)[0];
        equality.Scale.ShouldBe(PowerScale.Spread);
        equality.Effect.ShouldNotBeNull().ShouldBe(Math.Log(1.1) * Math.Sqrt(8 - 1.6449 * 1.6449 / 2) / (1.6449 + 1.2816), 1e-4);
    }

    [Fact]
    public void Equality_of_losses_in_nats_is_planned_on_the_scale_that_decides_it()
    {
        var yaml = SpecText.Small.Replace("kind: adding", "kind: majority", StringComparison.Ordinal).Replace("count: 2", "count: 8", StringComparison.Ordinal);
        var plan = ExperimentPlanner.Plan(SpecText.Spec(yaml + "\nclaims:\n  - { id: e, that: gru, equals: lstm, on: eval.loss, within: 10% }\n"));
        var power = ClaimPower.Of(plan.Claims, 8, null, plan.Conditions)[0];
        power.Scale.ShouldBe(PowerScale.Nats);
        power.Effect.ShouldNotBeNull().ShouldBe(0.02 * Math.Sqrt(8 - 1.6449 * 1.6449 / 2) / (1.6449 + 1.2816), 1e-5);
        power.Words.ShouldBe("8 seeds find equal arms equal (within 0.02 nats) if paired seeds scatter by less than 0.018 nats with 80 % power; 5 can decide it");
    }

    [Fact]
    public void Validation_warns_at_every_claim_that_its_seeds_cannot_decide()
    {
        SpecText.Problems(ThreeClaims).ShouldBe(
        [
            "7:5 HRN043 5 seeds cannot decide this claim: no corrected p is below 0.188 (3 claims tested)",
            "8:5 HRN043 5 seeds cannot decide this claim: no corrected p is below 0.188 (3 claims tested)",
            "10:5 HRN043 5 seeds cannot decide this claim: no corrected p is below 0.188 (3 claims tested)",
        ]);
        SpecText.Read(ThreeClaims).Diagnostics.ShouldAllBe(problem => problem.Severity == DiagnosticSeverity.Warning && problem.Suggestion == "seeds: 7");
        SpecText.Problems(ThreeClaims, "seeds=7").ShouldBeEmpty();
    }

    [Fact]
    public void The_plan_tells_what_each_claim_can_decide()
    {
        PlanText.Human(Plan(ThreeClaims)).ShouldContain("    a: lstm beats rnn on eval.loss\n      5 seeds cannot decide it, 7 can (3 claims tested)\n");
        PlanText.Human(Plan(ThreeClaims.Replace("seeds: 5", "seeds: 12", StringComparison.Ordinal)))
            .ShouldMatch("a: lstm beats rnn on eval\\.loss\n      12 seeds find a difference of 1\\.\\d standard deviations between seeds with 80 % power; 7 can decide it\n");
        var claim = Plan(ThreeClaims).Claims[0];
        (claim.CanDecide, claim.Family, claim.Replicates, claim.SmallestReplicates, claim.Effect).ShouldBe((false, 3, 5, 7, null));
    }

    [Fact]
    public void A_claim_about_time_needs_timing_trials()
    {
        const string Yaml = """
            version: 1
            name: times
            task: { kind: adding, length: 20 }
            matrix: { cell: [rnn, lstm] }
            claims:
              - { id: a, that: rnn, beats: lstm, on: speed.ms_per_step }
            """;
        SpecText.Problems(Yaml).ShouldBe(["6:42 HRN033 speed.ms_per_step is decided by timing trials, and this experiment has none"]);
        Plan(Yaml + "\nspeed: { measure: true }\nseeds: 1").Claims[0].Power.ShouldBe("decided by 40 timing rounds");
    }

    [Fact]
    public void Eight_seeds_are_the_default() => SpecText.Spec(ThreeClaims.Replace("seeds: 5\n", "", StringComparison.Ordinal)).Seeds.Count.ShouldBe(8);

    [Fact]
    public void Every_claim_of_the_catalogue_and_the_readme_can_be_decided()
    {
        foreach (var file in Directory.GetFiles(SpecText.Catalog, "*.yaml")) Decided(File.ReadAllText(file), SpecReader.ReadFile(file, []), file);
        var examples = System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")), "```yaml\n(version: 1\n.*?)```", System.Text.RegularExpressions.RegexOptions.Singleline, TimeSpan.FromSeconds(1));
        examples.Count.ShouldBeGreaterThan(0);
        foreach (var example in examples.Select(match => match.Groups[1].Value)) Decided(example, SpecText.Read(example), "README.md");

        static void Decided(string yaml, SpecReading reading, string name)
        {
            reading.Spec.ShouldNotBeNull(name);
            var plan = PlanDocument.Of(ExperimentPlanner.Plan(reading.Spec), new Dictionary<string, TrialState>(StringComparer.Ordinal), null);
            plan.Claims.ShouldAllBe(claim => claim.CanDecide, name);
            // The report asks questions of its own where the file asks none; five are the most that it has.
            if (plan.Claims.Count == 0) plan.Seeds.Count.ShouldBeGreaterThanOrEqualTo(8, yaml);
        }
    }

    private static ComparisonClaim Loss(int i) => new(FormattableString.Invariant($"c{i}"), "lstm", "rnn", "eval.loss", null, null);

    private static PlanDocument Plan(string yaml) =>
        PlanDocument.Of(ExperimentPlanner.Plan(SpecText.Spec(yaml)), new Dictionary<string, TrialState>(StringComparer.Ordinal), null);
}
