using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Shared;
using Harness.Training.Timing;
using Microsoft.Extensions.Time.Testing;
using TorchSharp;

namespace Harness.Tests.Training;

public sealed class TimingTrialTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void A_visit_is_the_mean_of_as_many_steps_as_make_it_long_enough_and_phases_add_up()
    {
        using var clock = new ArmClock(new ScriptedStep(time, data: 0.1, forward: 0.3, backward: 0.5, update: 0.1), Instruments());
        for (var round = 0; round < 3; round++) clock.Visit(counts: false);
        for (var round = 0; round < 4; round++) clock.Visit(counts: true);

        // Steps of 1 ms: four of them are the 4 ms that a visit takes at least.
        clock.StepsPerVisit.ShouldBe(4);
        clock.StepMs.ShouldBe([1, 1, 1, 1], 1e-9);
        clock.PhaseMs(StepPhase.Forward).ShouldBe([0.3, 0.3, 0.3, 0.3], 1e-9);
        clock.PhaseMs(StepPhase.Backward).ShouldBe([0.5, 0.5, 0.5, 0.5], 1e-9);
        clock.ProcessorMs.ShouldBe([2, 2, 2, 2], 1e-9);
        clock.JoulesPerStep.ShouldBeNull();
    }

    [Fact]
    public void Long_steps_are_timed_one_by_one_and_without_one_before_that_is_not_timed()
    {
        var step = new ScriptedStep(time, data: 1, forward: 9, backward: 18, update: 2);
        using var clock = new ArmClock(step, Instruments());
        clock.Visit(counts: false);
        clock.Visit(counts: true);
        clock.Visit(counts: true);

        clock.StepsPerVisit.ShouldBe(1);
        clock.StepMs.ShouldBe([30, 30], 1e-9);
        step.Taken.ShouldBe(2 + 1 + 1);
    }

    [Fact]
    public void On_a_device_that_works_on_its_own_whole_steps_are_timed_without_stops_between_phases()
    {
        var step = new ScriptedStep(time, data: 1, forward: 9, backward: 18, update: 2) { WorksOnItsOwn = true };
        using var clock = new ArmClock(step, Instruments());
        clock.Visit(counts: false);
        clock.Visit(counts: true);

        clock.StepMs.ShouldBe([30], 1e-9);
        clock.PhaseMs(StepPhase.Backward).ShouldBe([18], 1e-9);
        // Of three steps per visit (settling, whole, in phases) only the last stops after every phase; the warm-up's first settles, too.
        step.Synchronised.ShouldBe(2 * (1 + 1 + 4));
    }

    [Fact]
    public void Energy_is_read_from_every_package_and_counters_may_turn_over()
    {
        using var folder = new TemporaryFolder();
        EnergyCounter.Find(folder.File("absent")).ShouldBeNull();
        EnergyCounter.Find(folder.Path).ShouldBeNull();
        Package("intel-rapl:0", 900, 1_000);
        Package("intel-rapl:1", 10, 1_000);
        Package("intel-rapl:0:0", 5, 1_000);
        var counter = EnergyCounter.Find(folder.Path).ShouldNotBeNull();
        var before = counter.Read();
        before.ShouldBe([900_000_000, 10_000_000]);
        Package("intel-rapl:0", 100, 1_000);
        Package("intel-rapl:1", 40, 1_000);
        counter.Between(before, counter.Read()).ShouldBe(200 + 30, 1e-9);

        File.WriteAllText(Path.Combine(folder.Path, "intel-rapl:1", "energy_uj"), "no number");
        EnergyCounter.Find(folder.Path).ShouldBeNull();

        void Package(string name, long joules, long range)
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, name));
            File.WriteAllText(Path.Combine(folder.Path, name, "energy_uj"), FormattableString.Invariant($"{joules * 1_000_000}\n"));
            File.WriteAllText(Path.Combine(folder.Path, name, "max_energy_range_uj"), FormattableString.Invariant($"{range * 1_000_000}\n"));
        }
    }

    [Fact]
    public void Joules_per_step_are_the_mean_over_all_counted_steps()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(Directory.CreateDirectory(folder.File("intel-rapl:0")).FullName, "energy_uj");
        File.WriteAllText(Path.Combine(folder.File("intel-rapl:0"), "max_energy_range_uj"), "1000000000");
        File.WriteAllText(file, "0");
        var used = 0L;
        var step = new ScriptedStep(time, data: 1, forward: 9, backward: 18, update: 2) { OnTaken = () => File.WriteAllText(file, FormattableString.Invariant($"{used += 250_000}")) };
        using var clock = new ArmClock(step, Instruments() with { Energy = EnergyCounter.Find(folder.Path) });
        clock.Visit(counts: false);
        clock.Visit(counts: true);
        clock.Visit(counts: true);
        clock.JoulesPerStep!.Value.ShouldBe(0.25, 1e-9);
    }

    [Fact]
    public void What_others_computed_is_what_the_machine_did_without_us()
    {
        using var folder = new TemporaryFolder();
        MachineLoad.BusySeconds(folder.File("absent")).ShouldBeNull();
        File.WriteAllText(folder.File("stat"), "cpu  1000 200 300 99999 7 40 60 55 1 1\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
        MachineLoad.BusySeconds(folder.File("stat")).ShouldBe(16.0);
        MachineLoad.OtherCores(16, 46, own: TimeSpan.FromSeconds(10), wall: TimeSpan.FromSeconds(10)).ShouldBe(2);
        MachineLoad.OtherCores(null, 46, TimeSpan.Zero, TimeSpan.FromSeconds(10)).ShouldBeNull();
    }

    [Fact]
    public void A_timing_trial_measures_every_arm_in_every_round()
    {
        var threads = torch.get_num_threads();
        var frames = new List<TrainerFrame>();
        using (var trial = new TimingTrial("a", Spec(rounds: 4), TimeProvider.System, frames.Add))
        {
            var result = trial.Run(TestContext.Current.CancellationToken).ShouldNotBeNull();

            result.Arms.Count.ShouldBe(3);
            foreach (var arm in result.Arms)
            {
                foreach (var times in new[] { arm.StepMs, arm.DataMs, arm.ForwardMs, arm.BackwardMs, arm.UpdateMs })
                {
                    times.Length.ShouldBe(4);
                    times.ShouldAllBe(ms => ms > 0);
                }

                for (var round = 0; round < 4; round++) (arm.DataMs[round] + arm.ForwardMs[round] + arm.BackwardMs[round] + arm.UpdateMs[round]).ShouldBeLessThanOrEqualTo(arm.StepMs[round] * 1.001);
                arm.TokensPerStep.ShouldBe(4 * 12);
                arm.FlopsPerStep.ShouldBeGreaterThan(0);
                arm.CpuMs.Length.ShouldBe(4);
            }

            new[] { result.CalibrationMs, result.MatmulGflops, result.MultiplyAddGflops }.ShouldAllBe(rounds => rounds.Length == 4 && rounds.All(value => value > 0));
            result.Seconds.ShouldBeGreaterThan(0);
        }

        frames[0].ShouldBeOfType<TrialStarted>().Device.ShouldBe("cpu");
        torch.get_num_threads().ShouldBe(threads);
    }

    [Fact]
    public void A_stop_ends_it_and_nothing_is_found()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var frames = new List<TrainerFrame>();
        using var trial = new TimingTrial("a", Spec(rounds: 4), TimeProvider.System, frames.Add);
        trial.Run(stop.Token).ShouldBeNull();
        frames[^1].ShouldBeOfType<TrialStopped>().Step.ShouldBe(0);
    }

    [Fact]
    public void What_cannot_be_timed_is_refused_with_every_reason()
    {
        var good = Spec(rounds: 4);
        Refusal(good with { Timing = good.Timing! with { Arms = [], Rounds = 0, WarmUp = 0 } }).ShouldBe("timing.rounds is 0; it must be from 1 to 1000. timing.warm_up is 0; it must be at least 1. timing.arms is empty; there is nothing to measure.");
        var arm = good.Timing!.Arms[0];
        Refusal(good with { Timing = good.Timing with { Arms = [arm with { Threads = 0 }] } }).ShouldContain("timing.arms.threads is 0");
        Refusal(good with { Timing = good.Timing with { Arms = [arm with { Step = good }] } }).ShouldContain("an arm is a step");
        Refusal(good with { Timing = good.Timing with { Arms = [arm with { Step = arm.Step with { Model = Trials.Model("lsmt") } }] } }).ShouldContain("There is no cell 'lsmt'");
        Refusal(good with { Timing = good.Timing with { Arms = [arm, arm with { Step = arm.Step with { Device = DeviceKind.Cuda } }] } }).ShouldContain("several kinds of device");

        static string Refusal(TrialSpec spec) => Should.Throw<TrialRejectedException>(() => new TimingTrial("a", spec, TimeProvider.System, _ => { })).Message;
    }

    private static TrialSpec Spec(int rounds)
    {
        TimingArm[] arms = [.. ((KernelPath[])[KernelPath.Library, KernelPath.Cell, KernelPath.Engine]).Select(kernel => new TimingArm(TimingArm.StepOf(Trials.Spec("gru"), kernel), kernel == KernelPath.Library ? 2 : 1))];
        return arms[0].Step with { Timing = new TimingSpec(WarmUp: 2, rounds, arms) };
    }

    /// <summary>The process computes on two cores all the time.</summary>
    private Instruments Instruments()
    {
        var began = time.GetTimestamp();
        return new(time, () => 2 * time.GetElapsedTime(began), null);
    }

    /// <summary>A step whose phases take as long as the test says.</summary>
    private sealed class ScriptedStep(FakeTimeProvider time, double data, double forward, double backward, double update) : ITimedStep
    {
        public bool WorksOnItsOwn { get; init; }

        public int Taken { get; private set; }

        public int Synchronised { get; private set; }

        public Action? OnTaken { get; init; }

        public void Prepare()
        {
        }

        public void RunStep(Action<StepPhase>? ended)
        {
            Taken++;
            foreach (var (phase, ms) in new[] { (StepPhase.Data, data), (StepPhase.Forward, forward), (StepPhase.Backward, backward), (StepPhase.Update, update) })
            {
                time.Advance(TimeSpan.FromMilliseconds(ms));
                ended?.Invoke(phase);
            }

            OnTaken?.Invoke();
        }

        public void Synchronise() => Synchronised++;

        public void Dispose()
        {
        }
    }
}
