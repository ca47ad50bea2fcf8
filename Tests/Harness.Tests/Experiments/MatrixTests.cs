using Harness.Abstractions.Catalog;
using Harness.Experiments.Planning;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class MatrixTests
{
    [Fact]
    public void An_included_arm_takes_part_in_every_combination_that_it_does_not_name()
    {
        var plan = Plan("""
            cell: [rnn, lstm]
            length: [20, 40]
            include:
              - { cell: lstm, forget_bias: 2, label: lstm+fb2 }
              - { cell: gru, length: 80 }
            """);

        plan.Conditions.Select(condition => condition.Label).ShouldBe(
            ["rnn T=20", "rnn T=40", "lstm T=20", "lstm T=40", "lstm+fb2 T=20", "lstm+fb2 T=40", "gru T=80"]);
        plan.Conditions.Select(condition => condition.Arm).ShouldBe(["rnn", "rnn", "lstm", "lstm", "lstm+fb2", "lstm+fb2", "gru"]);
        plan.Conditions[4].Trial.Model.ForgetBias.ShouldBe(2);
        plan.Conditions[4].Factors.ShouldBe(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["arm"] = "lstm+fb2", ["cell"] = "lstm", ["length"] = "20", ["forget_bias"] = "2",
        });
    }

    [Fact]
    public void An_arm_without_a_label_is_named_by_what_it_changes() =>
        Plan("cell: [rnn, lstm]\ninclude: [{ cell: lstm, layers: 2 }]").Conditions.Select(condition => condition.Label).ShouldBe(["rnn", "lstm", "lstm L=2"]);

    [Fact]
    public void An_included_entry_with_lists_stands_for_all_their_combinations()
    {
        var plan = Plan("""
            include:
              - { cell: [rnn, lstm], task: latch, length: [10, 20], forget_bias: [drawn, 1] }
              - { cell: gru, task: temporal-order, length: [20, 40], update_bias: 2, label: open }
            """);

        plan.Conditions.Select(condition => condition.Label).ShouldBe(
        [
            "rnn latch T=10", "rnn latch T=20",
            "lstm latch T=10 forget_bias=drawn", "lstm latch T=10 forget_bias=1", "lstm latch T=20 forget_bias=drawn", "lstm latch T=20 forget_bias=1",
            "open T=20", "open T=40",
        ]);
        plan.Conditions.Select(condition => condition.Arm).ShouldBe(["rnn", "rnn", "lstm", "lstm", "lstm", "lstm", "open", "open"]);
    }

    [Fact]
    public void Arms_may_share_a_label_where_something_else_tells_them_apart() =>
        Plan("""
            include:
              - { cell: lstm, task: latch, length: 10, forget_bias: 2, label: open }
              - { cell: lstm, task: adding, length: 10, forget_bias: 2, label: open }
            """).Conditions.Select(condition => condition.Label).ShouldBe(["open latch", "open adding"]);

    [Fact]
    public void A_value_set_on_the_command_line_counts_instead_of_what_arms_give()
    {
        var spec = SpecText.Spec(WithMatrix("cell: [rnn]\ninclude: [{ cell: [lstm, gru], steps: 70, hidden: 16 }]"), "train.steps=5");

        spec.Conditions.Select(condition => condition.Trial.Train.Steps).ShouldBe([5, 5, 5]);
        spec.Conditions.Select(condition => condition.Trial.Model.Hidden).ShouldBe([8, 16, 16]);
    }

    [Fact]
    public void An_excluded_combination_is_not_trained() =>
        Plan("cell: [rnn, lstm]\nlength: [20, 40, 80]\nexclude: [{ cell: rnn, length: [40, 80] }, { length: 20, cell: lstm }]")
            .Conditions.Select(condition => condition.Label).ShouldBe(["rnn T=20", "lstm T=40", "lstm T=80"]);

    [Theory]
    [InlineData("length: { from: 16, to: 256, times: 2 }", "16 32 64 128 256")]
    [InlineData("length: { from: 10, to: 100, times: 3 }", "10 30 90")]
    [InlineData("length: { from: 10, to: 1000, times: 10 }", "10 100 1000")]
    [InlineData("length: { from: 10, to: 20, steps: 3 }", "10 15 20")]
    [InlineData("lr: { from: 0.1, to: 0.3, steps: 3 }", "0.1 0.2 0.3")]
    [InlineData("lr: { from: 1e-5, to: 1e-3, times: 10 }", "1e-05 0.0001 0.001")]
    public void Ranges_have_the_levels_that_one_expects(string range, string levels) =>
        SpecText.Spec(WithMatrix($"cell: [lstm]\n{range}")).Factors[1].Levels.ShouldBe(levels.Split(' '));

    [Fact]
    public void Conditions_are_nested_in_one_order_whatever_the_order_of_the_keys()
    {
        var plan = Plan("hidden: [4, 8]\nlength: [20, 40]\ncell: [rnn, gru]");
        var other = Plan("cell: [rnn, gru]\nmodel.hidden: [4, 8]\ntask.length: [20, 40]");

        plan.Conditions.Select(condition => condition.Label).Take(4).ShouldBe(["rnn T=20 H=4", "rnn T=20 H=8", "rnn T=40 H=4", "rnn T=40 H=8"]);
        other.Trials.Select(trial => trial.Id).ShouldBe(plan.Trials.Select(trial => trial.Id));
        other.Digest.ShouldBe(plan.Digest);
    }

    [Fact]
    public void A_factor_that_a_cell_does_not_have_gives_it_one_condition() =>
        Plan("cell: [rnn, lstm]\nforget_bias: [drawn, 1, 2]").Conditions.Select(condition => condition.Label)
            .ShouldBe(["rnn", "lstm forget_bias=drawn", "lstm forget_bias=1", "lstm forget_bias=2"]);

    [Fact]
    public void Tasks_can_be_compared_and_each_keeps_its_own_parameters()
    {
        var plan = Plan("cell: [lstm]\ntask: [adding, temporal-order]\nsymbols: [2, 3]");

        plan.Conditions.Select(condition => condition.Label).ShouldBe(["lstm adding", "lstm temporal-order symbols=2", "lstm temporal-order symbols=3"]);
        plan.Conditions[0].Trial.Task.Parameters.Values.Keys.ShouldBe(["markers"]);
        plan.Conditions[2].Trial.Task.Parameters.Integer("symbols").ShouldBe(3);
    }

    [Fact]
    public void A_setting_that_needs_another_gives_the_others_one_condition() =>
        Plan("cell: [gru]\noptimizer: [adam, sgd]\nmomentum: [0, 0.9]").Conditions.Select(condition => condition.Label)
            .ShouldBe(["gru optimizer=adam", "gru optimizer=sgd momentum=0", "gru optimizer=sgd momentum=0.9"]);

    [Fact]
    public void Trials_can_be_started_condition_by_condition()
    {
        var plan = Plan("cell: [rnn, lstm]", "run.order=condition-major");

        plan.Trials.Select(trial => trial.Condition).ShouldBe([0, 0, 1, 1]);
        plan.Trials.Select(trial => trial.Spec.Seed).ShouldBe([1, 2, 1, 2]);
    }

    [Theory]
    [InlineData("seeds: 3", new long[] { 1, 2, 3 })]
    [InlineData("seeds: { count: 2, base: 40 }", new long[] { 40, 41 })]
    [InlineData("seeds: { count: 2 }", new long[] { 1, 2 })]
    [InlineData("seeds: [7, 3, 11]", new long[] { 7, 3, 11 })]
    public void Seeds_are_counted_or_listed(string seeds, long[] expected) =>
        SpecText.Spec(SpecText.Small.Replace("seeds: { count: 2, base: 1 }", seeds, StringComparison.Ordinal)).Seeds.ShouldBe(expected);

    [Theory]
    [InlineData("parameters", 64)]
    [InlineData("parameters", 250)]
    [InlineData("flops", 64)]
    public void Matched_sizes_differ_by_less_than_two_percent(string match, int hidden)
    {
        var plan = Plan("cell: [lstm, gru, rnn]\nlength: [20, 40]", $"model.match={match}", $"model.hidden={hidden}");

        plan.Conditions[0].Trial.Model.Hidden.ShouldBe(hidden);
        foreach (var condition in plan.Conditions)
        {
            var reference = plan.Conditions.First(other => other.Trial.Model.Cell == "lstm" && other.Trial.Task.Length == condition.Trial.Task.Length);
            var (size, budget) = match == "flops" ? (condition.FlopsPerStep, reference.FlopsPerStep) : (condition.ParametersTotal, reference.ParametersTotal);
            (Math.Abs(size - budget) / budget).ShouldBeLessThan(0.02);
            condition.Match.ShouldNotBeNull().Mismatch.ShouldBe(Math.Abs(size - budget) / budget, 1e-12);
        }

        plan.Conditions[2].Trial.Model.Hidden.ShouldBeGreaterThan(hidden);
        plan.Conditions[4].Trial.Model.Hidden.ShouldBeGreaterThan(plan.Conditions[2].Trial.Model.Hidden);
    }

    [Fact]
    public void Sizes_can_be_matched_to_a_budget_or_to_another_cell()
    {
        var budget = Plan("cell: [rnn, lstm, gru]", "model={ match: parameters, budget: 50k }");
        budget.Conditions.ShouldAllBe(condition => Math.Abs(condition.ParametersTotal - 50_000) < 1_000);

        var reference = Plan("cell: [rnn, lstm, gru]", "model={ match: parameters, hidden: 100, reference: gru }");
        reference.Conditions.Single(condition => condition.Trial.Model.Cell == "gru").Trial.Model.Hidden.ShouldBe(100);
    }

    [Fact]
    public void Each_matched_size_is_the_nearest_that_there_is()
    {
        foreach (var condition in Plan("cell: [lstm, gru, rnn]", "model={ match: parameters, hidden: 50 }").Conditions)
        {
            var budget = condition.Match!.Budget;
            var here = Math.Abs(condition.ParametersTotal - budget);
            foreach (var step in new[] { -1, 1 })
            {
                var neighbour = condition.Trial with { Model = condition.Trial.Model with { Hidden = condition.Trial.Model.Hidden + step } };
                Math.Abs(ModelSize.ParametersTotal(neighbour) - budget).ShouldBeGreaterThanOrEqualTo(here);
            }
        }
    }

    private static string WithMatrix(string matrix) =>
        SpecText.Small.Replace("  cell: [rnn, lstm, gru]", string.Join('\n', matrix.Split('\n').Select(line => "  " + line)), StringComparison.Ordinal);

    private static ExperimentPlan Plan(string matrix, params string[] overrides) => ExperimentPlanner.Plan(SpecText.Spec(WithMatrix(matrix), overrides));
}
