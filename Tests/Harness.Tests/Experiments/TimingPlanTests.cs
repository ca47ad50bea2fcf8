using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class TimingPlanTests
{
    private const string Measured = SpecText.Small + "\nspeed: { measure: true }";

    [Fact]
    public void Every_distinct_step_is_timed_on_every_kernel_path_and_seeds_do_not_multiply_it()
    {
        var plan = Plan(Measured, "seeds=[1, 2, 3]");

        plan.Trials.Count.ShouldBe(9);
        var trial = plan.TimingTrials.ShouldHaveSingleItem();
        (trial.Ordinal, trial.Condition).ShouldBe((9, PlannedTrial.NoCondition));
        trial.Spec.Timing!.Rounds.ShouldBe(TimingSpec.DefaultRounds);
        trial.Spec.Train.Steps.ShouldBe(TimingSpec.DefaultRounds);
        trial.Spec.Timing.Arms.Select(arm => (arm.Step.Model.Cell, arm.Step.Model.Kernel)).ShouldBe(
            from cell in (string[])["rnn", "lstm", "gru"]
            from kernel in (KernelPath[])[KernelPath.Library, KernelPath.Cell, KernelPath.Engine]
            select (cell, kernel));
        trial.Id.ShouldBe(Plan(Measured, "seeds=[7]").TimingTrials[0].Id);
    }

    [Fact]
    public void Without_the_wish_nothing_is_timed_and_with_it_the_experiment_is_another()
    {
        Plan(SpecText.Small).TimingTrials.ShouldBeEmpty();
        Plan(Measured).Digest.ShouldNotBe(Plan(SpecText.Small).Digest, StringComparer.Ordinal);
        Plan(Measured).Trials.Select(trial => trial.Id).ShouldBe(Plan(SpecText.Small).Trials.Select(trial => trial.Id));
        Plan(SpecText.Small, "speed.measure=false").Digest.ShouldBe(Plan(SpecText.Small).Digest);
    }

    [Theory]
    [InlineData("train.steps=7")]
    [InlineData("train.optimizer.lr=0.1")]
    [InlineData("model.init=orthogonal")]
    [InlineData("schedule=cosine")]
    [InlineData("evaluation.every=7")]
    [InlineData("probe.gradients=none")]
    [InlineData("target={ metric: eval.loss, below: 0.5 }")]
    public void What_no_step_depends_on_asks_for_no_new_measurement(string change) =>
        Plan(Measured, change).TimingTrials[0].Id.ShouldBe(Plan(Measured).TimingTrials[0].Id);

    [Theory]
    [InlineData("task.length=21")]
    [InlineData("task.shortest=9")]
    [InlineData("model.hidden=9")]
    [InlineData("model.layers=2")]
    [InlineData("model.bidirectional=true")]
    [InlineData("train.batch=5")]
    [InlineData("train.sequences=5")]
    [InlineData("train.clip_norm=1")]
    [InlineData("train.optimizer.kind=sgd")]
    [InlineData("dtype=float64")]
    [InlineData("speed.rounds=31")]
    public void What_a_step_depends_on_does(string change) =>
        Plan(Measured, change).TimingTrials[0].Id.ShouldNotBe(Plan(Measured).TimingTrials[0].Id, StringComparer.Ordinal);

    [Fact]
    public void On_a_device_without_the_engine_it_is_left_out() =>
        Plan(Measured, "device=cuda").TimingTrials[0].Spec.Timing!.Arms.Select(arm => arm.Step.Model.Kernel).Distinct().ShouldBe([KernelPath.Library, KernelPath.Cell]);

    [Fact]
    public void Many_arms_are_split_and_every_part_begins_with_the_same_one()
    {
        var trials = Plan(Measured, "matrix={ cell: [rnn, lstm, gru], length: { from: 20, to: 38, steps: 10 } }").TimingTrials;

        trials.Count.ShouldBe(2);
        trials.Select(trial => trial.Spec.Timing!.Arms[0]).Distinct().Count().ShouldBe(1);
        trials.ShouldAllBe(trial => trial.Spec.Timing!.Arms.Count <= TimingPlanner.MostArms);
        trials.SelectMany(trial => trial.Spec.Timing!.Arms).Distinct().Count().ShouldBe(90);
        // What is compared with each other stays together.
        trials.SelectMany(trial => trial.Spec.Timing!.Arms.Skip(1).Select(arm => (trial.Id, arm.Step.Task.Length))).GroupBy(arm => arm.Length).ShouldAllBe(length => length.Select(arm => arm.Id).Distinct().Count() == 1);
    }

    [Fact]
    public void Large_steps_of_all_cells_still_share_a_trial_and_the_largest_have_one_each()
    {
        Plan(Measured, "task.length=784", "model.hidden=128", "train.batch=128").TimingTrials.ShouldHaveSingleItem();
        Plan(Measured, "task.length=7840", "model.hidden=128", "train.batch=128").TimingTrials.Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public void A_sweep_changes_one_setting_at_a_time_and_keeps_the_experiments_own_point()
    {
        var arms = Plan(Measured, "speed.sweep={ length: [40, 20], hidden: [16], threads: [1, 2] }").TimingTrials.ShouldHaveSingleItem().Spec.Timing!.Arms;

        // Nine of its own; one more length and hidden size for each; two threads for each but the engine's three.
        arms.Count.ShouldBe(9 + 9 + 9 + 6);
        arms.Where(arm => arm.Step.Task.Length == 40).ShouldAllBe(arm => arm.Step.Model.Hidden == 8 && arm.Threads == 1);
        arms.Where(arm => arm.Step.Model.Hidden == 16).ShouldAllBe(arm => arm.Step.Task.Length == 20 && arm.Threads == 1);
        arms.Where(arm => arm.Threads == 2).ShouldAllBe(arm => arm.Step.Model.Kernel != KernelPath.Engine);
        arms.Distinct().Count().ShouldBe(arms.Count);
    }

    [Fact]
    public void A_sweep_that_does_not_fit_one_trial_keeps_every_curve_whole()
    {
        var trials = Plan(Measured, "speed.sweep.length=[20, 30, 40, 50, 60, 70, 80]").TimingTrials;
        trials.Count.ShouldBe(2);
        foreach (var trial in trials)
            trial.Spec.Timing!.Arms.Skip(1).GroupBy(arm => (arm.Step.Model.Cell, arm.Step.Model.Kernel)).ShouldAllBe(curve => curve.Count() == 1 || curve.Count() >= 6);
        trials.SelectMany(trial => trial.Spec.Timing!.Arms).Distinct().Count().ShouldBe(9 * 7);
    }

    [Theory]
    [InlineData("speed.sweep.length=[0]", DiagnosticCodes.OutOfRange)]
    [InlineData("speed.sweep.length=[1, 30]", DiagnosticCodes.OutOfRange)]
    [InlineData("speed.sweep.hidden=[8, 8]", DiagnosticCodes.Repeated)]
    [InlineData("speed.sweep.batch=many", DiagnosticCodes.WrongKind)]
    [InlineData("speed={ measure: false, sweep: { length: [30] } }", DiagnosticCodes.Conflict)]
    public void A_sweep_that_cannot_be_is_refused(string change, string code) => SpecText.Problems(Measured, change).ShouldContain(problem => problem.Contains(code, StringComparison.Ordinal));

    [Fact]
    public void What_no_machine_holds_and_lengths_that_vary_or_are_cut_from_a_file_are_not_swept()
    {
        SpecText.Problems(Measured, "task.length=100000", "train.batch=1000", "speed.sweep.hidden=[8192]").ShouldHaveSingleItem().ShouldContain("GiB");
        SpecText.Problems(Measured, "task.shortest=9", "speed.sweep.length=[30]").ShouldHaveSingleItem().ShouldContain("task.shortest");
        var files = new MemoryFiles(("series.csv", SpecText.Series));
        var yaml = SpecText.OverSeries() + "\nspeed: { measure: true, sweep: { length: [8] } }";
        SpecReader.Read(System.Text.Encoding.UTF8.GetBytes(yaml), SpecText.FileName, [], files).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("cut from a file");
    }

    [Fact]
    public void Too_many_kinds_of_steps_are_refused_with_their_number()
    {
        var problem = SpecText.Problems(Measured, "matrix={ cell: [rnn, lstm, gru], length: { from: 20, to: 219, steps: 200 } }").ShouldHaveSingleItem();
        problem.ShouldContain("1,800 kinds of steps");
        problem.ShouldContain(DiagnosticCodes.TooManyTrials);
    }

    [Fact]
    public void The_plan_shows_what_is_timed_and_what_has_been()
    {
        var plan = Plan(Measured);
        var document = PlanDocument.Of(plan, new Dictionary<string, TrialState>(StringComparer.Ordinal), estimate: null);
        document.Timing.ShouldNotBeNull();
        (document.Timing.Arms, document.Timing.Rounds, document.Timing.Trials.ToRun).ShouldBe((9, 40, 1));
        document.Timing.Seconds.ShouldBeGreaterThan(0);
        document.Trials.Total.ShouldBe(6);
        PlanText.Human(document).ShouldContain("timing 1 trial, alone on a machine: 9 interleaved steps, 40 rounds, roughly ");
        var measured = PlanDocument.Of(plan, new Dictionary<string, TrialState>(StringComparer.Ordinal) { [plan.TimingTrials[0].Id] = TrialState.Completed }, estimate: null);
        PlanText.Human(measured).ShouldContain("measured already");
        PlanDocument.Of(Plan(SpecText.Small), new Dictionary<string, TrialState>(StringComparer.Ordinal), estimate: null).ToJson().ShouldNotContain("timing");
    }

    [Fact]
    public void Operations_that_nobody_computes_do_not_count()
    {
        var spec = Plan(SpecText.Small).Conditions[1].Trial;
        // LSTM, I = 2, H = 8, B = 4, T = 20: forward and dW 2·4·8·(2 + 8), dh 2·4·8·8, all per token.
        ModelSize.ComputedFlopsPerStep(spec).ShouldBe(4 * 20 * (2 * 2 * 4 * 8 * 10 + 2 * 4 * 8 * 8));
        ModelSize.TokensPerStep(spec).ShouldBe(80);
    }

    private static ExperimentPlan Plan(string yaml, params string[] changes) => ExperimentPlanner.Plan(SpecText.Spec(yaml, changes));
}
