using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Results;

/// <summary>What a timing trial found. Times are of one machine and compared with nothing from another.</summary>
/// <param name="Seconds">Wall time of all rounds.</param>
/// <param name="CalibrationMs">
/// Per round, milliseconds of one step of a fixed small workload, the same for good: how fast this machine was, next to how fast others were.
/// </param>
/// <param name="MatmulGflops">Per round, what libtorch's product of two large float32 matrices reaches with one thread (on a CUDA device: with the device).</param>
/// <param name="MultiplyAddGflops">Per round, what one core reaches with float32 multiply-adds of full registers that need no memory: the limit of any kernel.</param>
/// <param name="OtherCores">How many cores other processes kept busy meanwhile, on average; null where the system does not say.</param>
/// <param name="PeakBytes">The most main memory that the trainer's process had in use; null where the system does not say.</param>
/// <param name="Arms">In the order of <see cref="TimingSpec.Arms"/>.</param>
public sealed record TimingResult(
    double Seconds,
    double[] CalibrationMs,
    double[] MatmulGflops,
    double[] MultiplyAddGflops,
    double? OtherCores,
    long? PeakBytes,
    IReadOnlyList<ArmTiming> Arms);

/// <summary>One arm's times, each array by round, in milliseconds per step.</summary>
/// <param name="StepsPerRound">Steps that one round's figure is the mean of: more than one where a single step is too short to time well.</param>
/// <param name="FlopsPerStep">Operations of the recurrent layers' matrix products that a step really computes, two per multiply-add.</param>
/// <param name="TokensPerStep">Steps of all sequences of a batch together; padding not counted.</param>
/// <param name="StepMs">Whole steps, data included.</param>
/// <param name="CpuMs">Processor time of the trainer's process, all threads.</param>
/// <param name="DataMs">Making the batch and moving it to the device.</param>
/// <param name="ForwardMs">Prediction and loss.</param>
/// <param name="BackwardMs">Gradients of all weights.</param>
/// <param name="UpdateMs">Norm, clipping, reading the loss, and the optimizer; on the engine the optimizer alone, for it clips on its way back.</param>
/// <param name="JoulesPerStep">Of the processor's package, mean over all rounds; null where it cannot be read.</param>
public sealed record ArmTiming(
    int StepsPerRound,
    double FlopsPerStep,
    double TokensPerStep,
    double[] StepMs,
    double[] CpuMs,
    double[] DataMs,
    double[] ForwardMs,
    double[] BackwardMs,
    double[] UpdateMs,
    double? JoulesPerStep);

/// <summary>A timing trial of an experiment as far as it came.</summary>
/// <param name="Id">The trial's content hash.</param>
/// <param name="Host">The machine that measured it.</param>
/// <param name="Result">Null while there is none.</param>
public sealed record TimedTrial(string Id, TimingSpec Spec, TrialState State, string? Failure, string? Host, string? Processor, TimingResult? Result);

/// <summary>What a timing trial says about a condition on one backend.</summary>
/// <param name="IsOwn">Whether it is what the condition's trials take: this path, with one thread.</param>
/// <param name="Run">The timing trial. Times are compared within one only: they were measured interleaved, on one machine.</param>
/// <param name="Timing">Null while there is no result.</param>
public sealed record TimedArm(KernelPath Kernel, int Threads, bool IsOwn, TimedTrial Run, ArmTiming? Timing)
{
    /// <summary>What a timing trial measured of each condition, backend by backend; empty for conditions that none measures.</summary>
    /// <param name="trials">The experiment's timing trials; where several measure an arm, the first with a result counts.</param>
    public static IReadOnlyList<TimedArm> Of(TrialSpec condition, ILookup<string, (TimedTrial Trial, int Arm)> trials) =>
    [
        .. from kernel in Enum.GetValues<KernelPath>()
           from found in trials[TrialIdentity.Of(TimingArm.StepOf(condition, kernel))].GroupBy(found => found.Trial.Spec.Arms[found.Arm].Threads)
           let best = found.OrderBy(one => one.Trial.Result is null).First()
           select new TimedArm(kernel, found.Key, kernel == condition.Model.Kernel && found.Key == 1, best.Trial, best.Trial.Result?.Arms[best.Arm]),
    ];

    /// <summary>Timing trials by the arms that they measure.</summary>
    public static ILookup<string, (TimedTrial Trial, int Arm)> ByStep(IEnumerable<TimedTrial> trials) =>
        trials.SelectMany(trial => trial.Spec.Arms.Select((arm, index) => (arm.Id, Found: (trial, index)))).ToLookup(pair => pair.Id, pair => pair.Found, StringComparer.Ordinal);
}
