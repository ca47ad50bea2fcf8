using System.Diagnostics;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Native;
using Harness.Training.Shared;
using TorchSharp;

namespace Harness.Training.Timing;

/// <summary>
/// Carries out a timing trial: every arm takes interleaved steps, round after round (ABC, CBA, ABC …), with a measurement of what the machine can do
/// in every round. It leaves no checkpoint: what is measured in two halves on two days is not one measurement.
/// </summary>
internal sealed class TimingTrial : IDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the multiply-add peak is looked at in each round.</summary>
    private const double PeakMilliseconds = 2;

    private readonly string attempt;
    private readonly TrialSpec spec;
    private readonly TimingSpec timing;
    private readonly Instruments instruments;
    private readonly Action<TrainerFrame> send;
    private readonly ArmClock calibration;
    private readonly List<ArmClock> arms = [];
    private readonly int threads = torch.get_num_threads();
    private long progressAt;

    /// <param name="data">Where the file is that the arms name by its hash; null for generated tasks.</param>
    /// <exception cref="TrialRejectedException">The spec asks for something this trainer does not have.</exception>
    public TimingTrial(string attempt, TrialSpec spec, TimeProvider clock, Action<TrainerFrame> send, string? data = null)
    {
        (this.attempt, this.spec, this.send, timing) = (attempt, spec, send, spec.Timing!);
        Refuse(timing);
        instruments = new(clock, () => Environment.CpuUsage.TotalTime, EnergyCounter.Find("/sys/class/powercap"));
        calibration = new(new LearnerStep(Calibration, null), instruments);
        arms.AddRange(timing.Arms.Select(arm => new ArmClock(new LearnerStep(arm, data), instruments)));
        progressAt = clock.GetTimestamp();
    }

    /// <summary>The workload that every machine times beside the arms. Fixed for good: figures of different versions are to be comparable.</summary>
    private static TimingArm Calibration { get; } = new(
        new TrialSpec(
            TrialSpec.RevisionOf(KernelPath.Library), new TaskSpec("adding", 20, new ParameterSet([new("markers", "anywhere")])),
            new ModelSpec(CellCatalog.Calibration, KernelPath.Library, 32, 1, Bidirectional: false, Activation: null, InitKind.Default),
            new TrainSpec(1, 16, new OptimizerSpec(OptimizerKind.Adam, 1e-6), ClipNorm: null),
            new EvaluationSpec(1, 1), new ProbeSpec([], 1), Target: null, Precision.Float32, DeviceKind.Cpu, Seed: 1), 1);

    /// <summary>Measures all rounds, or until asked to stop.</summary>
    /// <returns>What was found, or null when <paramref name="stop"/> ended it.</returns>
    public TimingResult? Run(CancellationToken stop)
    {
        SubnormalFlush.Enable();
        var device = spec.Device == DeviceKind.Cuda ? torch.CUDA : torch.CPU;
        send(new TrialStarted(attempt, ModelSize.Parameters(spec), ModelSize.ParametersTotal(spec), double.NaN, device.type.ToString().ToLowerInvariant()));
        List<double> matmul = [], multiplyAdd = [];
        var (started, busy, own) = (instruments.Wall.GetTimestamp(), MachineLoad.BusySeconds("/proc/stat"), instruments.Processor());
        for (var round = 0; round < timing.WarmUp + timing.Rounds; round++)
        {
            var counts = round >= timing.WarmUp;
            calibration.Visit(counts);
            var (product, core) = (Peak.Matmul(device, instruments.Wall), Peak.MultiplyAdd(PeakMilliseconds, Milliseconds));
            if (counts) (matmul, multiplyAdd) = ([.. matmul, product], [.. multiplyAdd, core]);
            for (var turn = 0; turn < arms.Count; turn++)
            {
                if (stop.IsCancellationRequested)
                {
                    send(new TrialStopped(attempt, Math.Max(0, round - timing.WarmUp)));
                    return null;
                }

                // Forwards and backwards: what drifts within a round weighs on both ends alike.
                arms[round % 2 == 0 ? turn : arms.Count - 1 - turn].Visit(counts);
                Progress(round);
            }
        }

        var wall = instruments.Wall.GetElapsedTime(started);
        return new(
            wall.TotalSeconds, Rounded(calibration.StepMs), Rounded(matmul), Rounded(multiplyAdd),
            MachineLoad.OtherCores(busy, MachineLoad.BusySeconds("/proc/stat"), instruments.Processor() - own, wall),
            Process.GetCurrentProcess().PeakWorkingSet64 is > 0 and var bytes ? bytes : null,
            [.. arms.Zip(timing.Arms, Found)]);
    }

    private static ArmTiming Found(ArmClock clock, TimingArm arm) => new(
        clock.StepsPerVisit, ModelSize.ComputedFlopsPerStep(arm.Step), ModelSize.TokensPerStep(arm.Step), Rounded(clock.StepMs), Rounded(clock.ProcessorMs),
        Rounded(clock.PhaseMs(StepPhase.Data)), Rounded(clock.PhaseMs(StepPhase.Forward)), Rounded(clock.PhaseMs(StepPhase.Backward)), Rounded(clock.PhaseMs(StepPhase.Update)),
        clock.JoulesPerStep);

    /// <summary>Nanoseconds are as fine as the clock.</summary>
    private static double[] Rounded(IEnumerable<double> values) => [.. values.Select(value => Math.Round(value, 6))];

    private double Milliseconds() => instruments.Wall.GetElapsedTime(0).TotalMilliseconds;

    private void Progress(int round)
    {
        if (instruments.Wall.GetElapsedTime(progressAt) < ProgressInterval) return;
        progressAt = instruments.Wall.GetTimestamp();
        send(new TrialProgress(attempt, Math.Max(0, round - timing.WarmUp), timing.Rounds, double.NaN));
    }

    private static void Refuse(TimingSpec timing)
    {
        var faults = new List<string>();
        if (timing.Rounds is < 1 or > TimingSpec.MostRounds) faults.Add($"timing.rounds is {timing.Rounds}; it must be from 1 to {TimingSpec.MostRounds}.");
        if (timing.WarmUp < 1) faults.Add($"timing.warm_up is {timing.WarmUp}; it must be at least 1.");
        if (timing.Arms.Count == 0) faults.Add("timing.arms is empty; there is nothing to measure.");
        foreach (var arm in timing.Arms)
        {
            if (arm.Threads is < 1 or > 1024) faults.Add($"timing.arms.threads is {arm.Threads}; it must be from 1 to 1024.");
            if (arm.Step.Timing is not null) faults.Add("timing.arms.step.timing must be absent: an arm is a step, not a timing trial.");
        }

        if (timing.Arms.Select(arm => (arm.Step.Task.Data, arm.Step.Device)).Distinct().Skip(1).Any()) faults.Add("timing.arms read several files or run on several kinds of device; measure them in trials of their own.");
        if (faults.Count > 0) throw new TrialRejectedException(string.Join(" ", faults));
        foreach (var arm in timing.Arms) TrialCheck.Refuse(arm.Step);
    }

    public void Dispose()
    {
        calibration.Dispose();
        arms.ForEach(arm => arm.Dispose());
        if (torch.get_num_threads() != threads) TorchEnvironment.UseThreads(threads);
    }
}
