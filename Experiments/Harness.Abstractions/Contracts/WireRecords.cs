
namespace Harness.Abstractions.Contracts;

/// <summary>A worker introduces itself.</summary>
/// <param name="Worker">Unique per process start, so that a restarted worker is a new one.</param>
/// <param name="Host">Machine name, for people.</param>
/// <param name="ProcessId">Of the worker process, for people.</param>
/// <param name="Slots">How many trials it runs at once.</param>
/// <param name="Environment">JSON of its trainer's <see cref="Results.EnvironmentRecord"/>.</param>
/// <param name="Cuda">Whether its trainers see a CUDA device.</param>
/// <param name="SlotMemory">Bytes of main memory per slot.</param>
/// <param name="Labels">What its owner calls it, for experiments that ask for it.</param>
/// <param name="Canary">What it made of the trial that every worker of a cluster begins with; null when there is nobody to compare it with.</param>
/// <param name="CudaMemory">Bytes of a CUDA device's memory per slot; 0 when the driver does not tell.</param>
[GenerateSerializer, Immutable, Alias("harness.worker-hello")]
public sealed record WorkerHello(
    [property: Id(0), Longest(200)] string Worker,
    [property: Id(1), Longest(255)] string Host,
    [property: Id(2)] int ProcessId,
    [property: Id(3)] int Slots,
    [property: Id(4), Longest(64 << 10)] string Environment,
    [property: Id(5)] bool Cuda = false,
    [property: Id(6)] long SlotMemory = 0,
    [property: Id(7), Longest(255)] IReadOnlyList<string>? Labels = null,
    [property: Id(8)] CanaryResult? Canary = null,
    [property: Id(9)] long CudaMemory = 0);

/// <param name="Digest">SHA-256 of the self-check trial's losses, bitwise.</param>
/// <param name="MillisecondsPerStep">Its training time per step.</param>
[GenerateSerializer, Immutable, Alias("harness.canary-result")]
public sealed record CanaryResult([property: Id(0), Longest(64)] string Digest, [property: Id(1)] double MillisecondsPerStep);

/// <summary>One execution of a trial by one worker. The number is the fencing token: it only grows.</summary>
[GenerateSerializer, Immutable, Alias("harness.attempt-key")]
public sealed record AttemptKey(
    [property: Id(0), Longest(64)] string Trial,
    [property: Id(1)] int Number,
    [property: Id(2), Longest(200)] string Worker)
{
    public override string ToString() => $"{Trial[..Math.Min(8, Trial.Length)]}#{Number}";
}

/// <summary>The right to execute a trial until it expires; heartbeats extend it.</summary>
/// <param name="Spec">JSON of the <see cref="Specs.TrialSpec"/>.</param>
/// <param name="Label">The trial in words, for logs and progress.</param>
/// <param name="Terms">What its experiment says about how it is run; null for the defaults.</param>
/// <param name="Token">Presented with everything that is said about the attempt.</param>
/// <param name="Pack">Leases of one name are for one slot, whose trainer trains them side by side; null for one that is trained alone.</param>
[GenerateSerializer, Immutable, Alias("harness.lease")]
public sealed record Lease(
    [property: Id(0)] AttemptKey Attempt,
    [property: Id(1)] string Spec,
    [property: Id(2)] string Label,
    [property: Id(3)] TimeSpan Duration,
    [property: Id(4)] AttemptTerms? Terms = null,
    [property: Id(5)] string? Pack = null,
    [property: Id(6)] LeaseToken? Token = null);

/// <summary>How an attempt is run; nothing of it changes an outcome.</summary>
/// <param name="CheckpointSeconds">Training time between checkpoints.</param>
/// <param name="HungSeconds">Silence of the trainer after which it is taken for hung.</param>
/// <param name="KeepWeights">Whether the final weights are kept.</param>
[GenerateSerializer, Immutable, Alias("harness.attempt-terms")]
public sealed record AttemptTerms(
    [property: Id(0)] double CheckpointSeconds = 30,
    [property: Id(1)] double HungSeconds = 600,
    [property: Id(2)] bool KeepWeights = true);

/// <summary>How busy a worker's machine is. What cannot be told is null, never 0.</summary>
/// <param name="Processor">Share of the machine's processor time that was used since the last heartbeat, by anybody; from 0 to 1.</param>
/// <param name="MemoryUsed">Bytes of the machine's memory that are not available.</param>
/// <param name="MemoryTotal">Bytes of the machine's memory.</param>
/// <param name="OwnProcessor">Cores that the worker and its trainers used since the last heartbeat, 1.5 for one and a half.</param>
/// <param name="OwnMemory">Resident bytes of the worker and its trainers.</param>
/// <param name="ProcessorTemperature">Degrees Celsius of the processor's hottest sensor.</param>
/// <param name="Devices">The machine's GPUs, with or without users.</param>
[GenerateSerializer, Immutable, Alias("harness.worker-load")]
public sealed record WorkerLoad(
    [property: Id(0)] double? Processor,
    [property: Id(1)] long? MemoryUsed,
    [property: Id(2)] long? MemoryTotal,
    [property: Id(3)] double? OwnProcessor,
    [property: Id(4)] long? OwnMemory,
    [property: Id(5)] double? ProcessorTemperature = null,
    [property: Id(6), Longest(255)] IReadOnlyList<DeviceLoad>? Devices = null);

/// <summary>How busy a GPU is, as its driver tells. What it does not tell is null, never 0.</summary>
/// <param name="Index">Its place in the driver's order, which need not be CUDA's.</param>
/// <param name="Utilisation">Share of the time in which something ran on it; from 0 to 1.</param>
/// <param name="MemoryUsed">Bytes, by anybody.</param>
/// <param name="MemoryTotal">Bytes.</param>
/// <param name="Temperature">Degrees Celsius of the chip.</param>
/// <param name="Power">Watts of the board: the mean since the last heartbeat where it counts its energy, else of the moment.</param>
[GenerateSerializer, Immutable, Alias("harness.device-load")]
public sealed record DeviceLoad(
    [property: Id(0)] int Index,
    [property: Id(1), Longest(255)] string? Name,
    [property: Id(2)] double? Utilisation,
    [property: Id(3)] long? MemoryUsed,
    [property: Id(4)] long? MemoryTotal,
    [property: Id(5)] double? Temperature,
    [property: Id(6)] double? Power);

/// <param name="Revoked">Attempts that are no longer the worker's: stop them, send nothing more.</param>
[GenerateSerializer, Immutable, Alias("harness.heartbeat-reply")]
public sealed record HeartbeatReply([property: Id(0)] IReadOnlyList<AttemptKey> Revoked);

/// <summary>Consecutive points of one metric, see <see cref="MetricFrame"/>.</summary>
[GenerateSerializer, Immutable, Alias("harness.metric-batch")]
public sealed record MetricBatch(
    [property: Id(0), Longest(200)] string Metric,
    [property: Id(1)] int FirstStep,
    [property: Id(2)] int Stride,
    [property: Id(3), Longest(MetricFrame.MostPoints)] float[] Values);

/// <summary>What an attempt measured since its last report.</summary>
/// <param name="Gradients">JSON of each <see cref="Results.GradientProfile"/>.</param>
/// <param name="Step">The last step reported by the trainer.</param>
/// <param name="Loss">The training loss at that step.</param>
/// <param name="Device">The device it runs on, once known.</param>
/// <param name="GateTraces">JSON of each <see cref="Results.GateTrace"/>; null when there is none.</param>
/// <param name="Checkpoint">What became of checkpoints since the last report; null when nothing did.</param>
/// <param name="Sample">JSON of a <see cref="Results.TaskSample"/>, once per attempt.</param>
/// <param name="TestAnalysis">JSON of a <see cref="Results.TestAnalysis"/>, once, after training.</param>
[GenerateSerializer, Immutable, Alias("harness.attempt-report")]
public sealed record AttemptReport(
    [property: Id(0)] AttemptKey Attempt,
    [property: Id(1)] IReadOnlyList<MetricBatch> Metrics,
    [property: Id(2), Longest(AttemptReport.LongestJson)] IReadOnlyList<string> Gradients,
    [property: Id(3)] int Step,
    [property: Id(4)] double Loss,
    [property: Id(5), Longest(255)] string? Device,
    [property: Id(6), Longest(AttemptReport.LongestJson)] IReadOnlyList<string>? GateTraces = null,
    [property: Id(7)] CheckpointNews? Checkpoint = null,
    [property: Id(8), Longest(AttemptReport.LongestJson)] string? Sample = null,
    [property: Id(9), Longest(AttemptReport.LongestJson)] string? TestAnalysis = null)
{
    /// <summary>Characters of one profile, trace or sample.</summary>
    public const int LongestJson = 8 << 20;
}

/// <param name="ResumedFrom">The step of the checkpoint that the attempt resumed from; 0 when all were refused; null when there was none.</param>
/// <param name="SavedStep">The step of the newest checkpoint that this attempt left.</param>
/// <param name="Troubles">Checkpoints that were refused or could not be written, each in one sentence.</param>
[GenerateSerializer, Immutable, Alias("harness.checkpoint-news")]
public sealed record CheckpointNews(
    [property: Id(0)] int? ResumedFrom,
    [property: Id(1)] int? SavedStep,
    [property: Id(2), Longest(16 << 10)] IReadOnlyList<string> Troubles);

/// <summary>How an attempt ended. Completed, EarlyStopped and Diverged are results; the rest is not.</summary>
[GenerateSerializer, Alias("harness.attempt-end")]
public enum AttemptEnd
{
    Completed,
    EarlyStopped,
    Diverged,

    /// <summary>The trainer refused the trial or failed in its code: the trial's own failure.</summary>
    UserError,

    /// <summary>The device's memory did not suffice: the trial's own failure.</summary>
    GpuOutOfMemory,

    /// <summary>The kernel killed the trainer process for want of memory.</summary>
    HostOutOfMemory,

    /// <summary>The trainer process ended by a fault in native code or could not be started.</summary>
    NativeCrash,

    /// <summary>The trainer gave no sign of life for too long and was killed.</summary>
    Hung,

    /// <summary>The worker was not heard of until the lease ran out.</summary>
    LeaseLost,

    /// <summary>The worker left in order and gave the trial back.</summary>
    Drained,

    /// <summary>A person stopped it.</summary>
    Cancelled,

    /// <summary>The trainer process was killed (signal 9), and not for want of memory.</summary>
    Killed,
}

/// <param name="Outcome">JSON of the <see cref="Results.TrialOutcome"/> when the end is a result.</param>
/// <param name="Message">What went wrong, when something did.</param>
/// <param name="ExitCode">Of the trainer process, when it ended.</param>
/// <param name="Remainder">What was measured since the last report, stored in the same transaction.</param>
/// <param name="Log">The last that the trainer wrote to standard error, when the end is no result; at most <see cref="LongestLog"/> characters.</param>
/// <param name="Shared">Whether it befell other trials too, in the same process or the same step: it may have been their doing.</param>
[GenerateSerializer, Immutable, Alias("harness.attempt-completion")]
public sealed record AttemptCompletion(
    [property: Id(0)] AttemptKey Attempt,
    [property: Id(1)] AttemptEnd End,
    [property: Id(2), Longest(AttemptReport.LongestJson)] string? Outcome,
    [property: Id(3), Longest(AttemptCompletion.LongestMessage)] string? Message,
    [property: Id(4)] int? ExitCode,
    [property: Id(5)] AttemptReport? Remainder,
    [property: Id(6), Longest(AttemptCompletion.LongestLog)] string? Log = null,
    [property: Id(7)] bool Shared = false)
{
    public const int LongestLog = 64 << 10, LongestMessage = 64 << 10;
}
