using System.Text.Json.Serialization;
using Harness.Abstractions.Results;

namespace Harness.Abstractions.Contracts;

/// <summary>What a trainer writes to its standard output: one JSON object per line.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TrainerReady), "ready")]
[JsonDerivedType(typeof(TrialStarted), "started")]
[JsonDerivedType(typeof(TrialResumed), "resumed")]
[JsonDerivedType(typeof(TrialCheckpointed), "checkpointed")]
[JsonDerivedType(typeof(MetricFrame), "metrics")]
[JsonDerivedType(typeof(GradientFrame), "gradients")]
[JsonDerivedType(typeof(GateTraceFrame), "gate_trace")]
[JsonDerivedType(typeof(TestAnalysisFrame), "test_analysis")]
[JsonDerivedType(typeof(TrialProgress), "progress")]
[JsonDerivedType(typeof(TrialFinished), "finished")]
[JsonDerivedType(typeof(TrialTimed), "timed")]
[JsonDerivedType(typeof(TrialStopped), "stopped")]
[JsonDerivedType(typeof(TrialRejected), "rejected")]
[JsonDerivedType(typeof(TrialErrored), "errored")]
public abstract record TrainerFrame
{
    /// <summary>Bytes of a line: far above any frame (a profile of 100,000 lags is about 2 MB).</summary>
    public const int LongestLine = 8 * 1024 * 1024;
}

/// <summary>A frame about one attempt.</summary>
public abstract record AttemptFrame : TrainerFrame
{
    /// <summary>What the request called the attempt.</summary>
    public abstract string Attempt { get; init; }
}

/// <summary>A frame whose content goes to the server with the next report.</summary>
public abstract record ReportedFrame : AttemptFrame;

/// <summary>The last frame of an attempt.</summary>
public abstract record EndingFrame : AttemptFrame;

/// <summary>The first frame: the trainer is up and libtorch answers.</summary>
/// <param name="Protocol">Version of requests and frames; a worker understands <see cref="CurrentProtocol"/> alone.</param>
public sealed record TrainerReady(int Protocol, int ProcessId, EnvironmentRecord Environment) : TrainerFrame
{
    public const int CurrentProtocol = 1;
}

/// <summary>The trial's model is built; counts are taken from the model itself.</summary>
/// <param name="Parameters">Trainable parameters of the recurrent layers.</param>
/// <param name="ParametersTotal">With the output layer.</param>
/// <param name="BaselineLoss">Loss of the baseline on the evaluation set.</param>
/// <param name="Sample">A sequence of the task, to look at.</param>
public sealed record TrialStarted(string Attempt, long Parameters, long ParametersTotal, double BaselineLoss, [property: Longest(255)] string Device, TaskSample? Sample = null) : ReportedFrame;

/// <summary>Comes after <see cref="TrialStarted"/> when there was a checkpoint to resume from, or one that could not be used.</summary>
/// <remarks>Everything recorded up to that step follows at once, as if it had just been measured: what an earlier attempt lost is there again.</remarks>
/// <param name="Step">Steps that need not be repeated; 0 with no <paramref name="File"/> when training starts from scratch.</param>
/// <param name="File">Name of the checkpoint in use, absent when training starts from scratch.</param>
/// <param name="Refused">Newer checkpoints that were passed over.</param>
public sealed record TrialResumed(string Attempt, int Step, string? File, IReadOnlyList<RefusedCheckpoint> Refused) : ReportedFrame;

/// <param name="File">Its name, without the folder.</param>
/// <param name="Reason">Why it was not used, for people.</param>
public sealed record RefusedCheckpoint(string File, string Reason);

/// <summary>A checkpoint is safely on disk; or it could not be written, and training continues without it.</summary>
/// <param name="Step">Steps that need not be repeated by an attempt that resumes from it.</param>
/// <param name="File">Its name, absent when it could not be written.</param>
/// <param name="Failure">Why it could not be written; earlier checkpoints are as they were.</param>
public sealed record TrialCheckpointed(string Attempt, int Step, string? File, string? Failure) : ReportedFrame;

/// <summary>Consecutive points of one metric: point i belongs to step <paramref name="FirstStep"/> + i·<paramref name="Stride"/>.</summary>
/// <param name="Metric">A name of the metric catalogue.</param>
/// <param name="FirstStep">Step of the first value; steps count from 1, 0 is the state before training.</param>
/// <param name="Stride">Steps between values.</param>
/// <param name="Values">The values, float32 as recorded.</param>
public sealed record MetricFrame(string Attempt, string Metric, int FirstStep, int Stride, [property: Longest(MetricFrame.MostPoints)] float[] Values) : ReportedFrame
{
    /// <summary>Points of one frame.</summary>
    public const int MostPoints = 256;
}

/// <summary>A gradient profile, see <see cref="GradientProfile"/>.</summary>
public sealed record GradientFrame(string Attempt, GradientProfile Profile) : ReportedFrame;

/// <summary>An example trace of the gates, see <see cref="GateTrace"/>.</summary>
public sealed record GateTraceFrame(string Attempt, GateTrace Trace) : ReportedFrame;

/// <summary>What the trained network made of the test part of a data file, once, see <see cref="TestAnalysis"/>.</summary>
public sealed record TestAnalysisFrame(string Attempt, TestAnalysis Analysis) : ReportedFrame;

/// <summary>A sign of life between other frames, at most a few per second.</summary>
public sealed record TrialProgress(string Attempt, int Step, int Steps, double Loss) : ReportedFrame;

/// <summary>The trial came to a scientific end: it completed, or it diverged.</summary>
public sealed record TrialFinished(string Attempt, TrialOutcome Outcome) : EndingFrame;

/// <summary>A timing trial came to its end: what it measured.</summary>
public sealed record TrialTimed(string Attempt, TimingResult Result) : EndingFrame;

/// <summary>The trial stopped on request.</summary>
public sealed record TrialStopped(string Attempt, int Step) : EndingFrame;

/// <summary>The request cannot be carried out as asked; trying again will not help.</summary>
/// <param name="Attempt">Null when the request could not be read.</param>
public sealed record TrialRejected(string? Attempt, [property: Longest(TrainerFrame.LongestLine, MayHoldNul = true)] string Message) : TrainerFrame;

/// <summary>The trial failed by an exception.</summary>
/// <param name="Reason">The failure class, if the trainer knows it (e.g. <c>device_out_of_memory</c>), else <c>error</c>.</param>
/// <param name="Shared">Whether it befell a step that was taken for several trials at once; whose doing it was cannot be told then.</param>
public sealed record TrialErrored(string Attempt, string Reason, [property: Longest(TrainerFrame.LongestLine, MayHoldNul = true)] string Message, [property: Longest(TrainerFrame.LongestLine, MayHoldNul = true)] string? Details, bool Shared = false) : EndingFrame;
