using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Reports.Model;
using Harness.Store;
using Harness.Tests.Reports;

namespace Harness.Tests.Orchestrator;

/// <summary>What the plan promises for a run, from trials with known times.</summary>
public sealed class RunEstimateTests
{
    private static readonly TrialSpec Lstm = ResultsFixture.Make(["lstm"], [20], 1).Conditions[0].Trial with
    {
        Train = ResultsFixture.Make(["lstm"], [20], 1).Conditions[0].Trial.Train with { Steps = 100 },
        Evaluation = new(50, 200), // 3 evaluations
        Probe = new([ProbeMoment.Init, ProbeMoment.End], 32),
    };

    /// <summary>2 s of training, 0.6 s of evaluations, 0.4 s of probes and 0.5 s beside them.</summary>
    private static readonly TimedTraining Known = new(Lstm, Outcome(100, 2, 0.6, 0.4), Wall: 3.5);

    [Fact]
    public void A_trial_takes_its_training_evaluations_probes_and_what_is_beside_them() => Seconds([(Lstm, 4)], slots: 1).ShouldBe(4 * 3.5, 1e-9);

    [Fact]
    public void Slots_share_the_trials_but_none_ends_before_its_longest_trial()
    {
        Seconds([(Lstm, 4)], slots: 2).ShouldBe(2 * 3.5, 1e-9);
        Seconds([(Lstm, 1)], slots: 8).ShouldBe(3.5, 1e-9);
    }

    [Fact]
    public void More_steps_bring_more_evaluations_and_no_more_probes() =>
        Seconds([(Lstm with { Train = Lstm.Train with { Steps = 1000 } }, 1)], 1).ShouldBe(20 + 21 * 0.2 + 0.4 + 0.5, 1e-9);

    [Fact]
    public void Few_steps_do_not_make_a_run_take_no_time() =>
        Seconds([(Lstm with { Train = Lstm.Train with { Steps = 1 } }, 1000)], 1).ShouldBe(1000 * (0.02 + 2 * 0.2 + 0.4 + 0.5), 1e-6);

    [Fact]
    public void Probes_along_the_way_are_counted() =>
        Seconds([(Lstm with { Probe = Lstm.Probe with { GradientsEvery = 10 } }, 1)], 1).ShouldBe(2 + 0.6 + 12 * 0.2 + 0.5, 1e-9);

    [Fact]
    public void Timing_trials_and_the_start_are_added()
    {
        RunEstimate.Of([(Lstm, 4)], [Known], 2, more: 30)!.Seconds.ShouldBe(7 + 30, 1e-9);
        RunEstimate.Start(null).ShouldBe(5.5, 1e-9);
        RunEstimate.Start(3.9).ShouldBe(9.75, 1e-9);
        RunEstimate.Start(600).ShouldBe(25);
    }

    [Fact]
    public void A_cell_without_earlier_trials_is_estimated_from_another_machine()
    {
        var gru = Lstm with { Model = Lstm.Model with { Cell = "gru" } };
        var estimate = RunEstimate.Of([(gru, 2), (Lstm, 2)], [Known], 1, more: 1)!;

        var reference = ReferenceTimes.Trial(gru)!.Value;
        estimate.Seconds.ShouldBe(2 * reference + 2 * 3.5 + 1, 1e-9);
        estimate.Low.ShouldBe(2 * reference * 0.5 + 2 * 3.5 * 0.8 + 1, 1e-9);
        estimate.High.ShouldBe(2 * reference * 3 + 2 * 3.5 * 1.3 + 1, 1e-9);
        estimate.Basis.ShouldBe("1 earlier trial of the same shape and times of another machine");
        RunEstimate.Of([(gru, 2)], [], 1, 0)!.Basis.ShouldBe("times of another machine, as none are known of this one");
    }

    [Fact]
    public void Nothing_is_estimated_for_a_device_without_reference_times() =>
        RunEstimate.Of([(Lstm with { Device = DeviceKind.Cuda }, 1)], [], 2, 0).ShouldBeNull();

    // Medians of seed-claims on an idle core, in milliseconds per optimizer step with B = 32.
    [Theory]
    [InlineData("rnn", KernelPath.Engine, 50, 32, 0.15)]
    [InlineData("lstm", KernelPath.Engine, 50, 32, 0.56)]
    [InlineData("gru", KernelPath.Engine, 50, 32, 0.41)]
    [InlineData("gru", KernelPath.Engine, 20, 37, 0.30)]
    [InlineData("rnn", KernelPath.Engine, 20, 66, 0.24)]
    [InlineData("rnn", KernelPath.Cell, 21, 32, 1.50)]
    public void Reference_times_are_those_measured(string cell, KernelPath kernel, int length, int hidden, double milliseconds)
    {
        var trial = Lstm with { Model = Lstm.Model with { Cell = cell, Kernel = kernel, Hidden = hidden, Layers = 1 }, Task = Lstm.Task with { Length = length }, Train = Lstm.Train with { Batch = 32 } };
        (ReferenceTimes.Step(trial) * 1000).ShouldBeInRange(milliseconds / 1.5, milliseconds * 1.5);
    }

    [Fact]
    public void Trials_that_started_their_trainer_do_not_speak_for_warm_ones()
    {
        TimedTraining cold = new(Lstm, Outcome(100, 6, 1.5, 1) with { MillisecondsPerStep = 25 }, Wall: 10);
        Seconds([(Lstm, 4)], 1, cold, Known, cold).ShouldBe(4 * 3.5, 1e-9);
        // Alone, its median step counts, and the least that a trial took beside its work.
        Seconds([(Lstm, 4)], 1, cold).ShouldBe(4 * (2.5 + 1.5 + 1 + 1.5), 1e-9);
    }

    private static double Seconds(IReadOnlyList<(TrialSpec, int)> open, int slots, params TimedTraining[] known) => RunEstimate.Of(open, known is [] ? [Known] : known, slots, 0)!.Seconds;

    private static TrialOutcome Outcome(int steps, double train, double evaluation, double probe) => new()
    {
        Kind = OutcomeKind.Completed, Steps = steps, BaselineLoss = 1, Solved = false, Parameters = 1, ParametersTotal = 1,
        TrainSeconds = train, EvaluationSeconds = evaluation, ProbeSeconds = probe,
    };
}
