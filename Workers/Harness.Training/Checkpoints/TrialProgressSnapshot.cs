using System.Text.Json.Serialization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Training.Checkpoints;

/// <summary>What a trial has recorded up to a checkpoint: the part of its state that is not tensors.</summary>
/// <param name="Platform">What it was computed with; see <see cref="Native.TorchEnvironment.Platform"/>.</param>
/// <param name="EvaluationsWithoutGain">Evaluations in a row without a smaller loss, for the stopping rule.</param>
/// <param name="Candidate">The first of two evaluations beyond the target, while the second is awaited.</param>
/// <param name="Reached">The evaluation that counts as reaching the target.</param>
/// <param name="StepSeconds">Wall time of every step.</param>
/// <param name="Curves">Every metric frame in its newest version, including those that still grow.</param>
/// <param name="Gradients">Every gradient profile, in order.</param>
/// <param name="Traces">Every trace of the gates, in order; null when there is none.</param>
/// <param name="Kept">The evaluation whose weights are kept; null where none are.</param>
internal sealed record TrialProgressSnapshot(
    string Platform,
    int ClippedSteps,
    int EvaluationsWithoutGain,
    double? BestLoss,
    double? LatestLoss,
    double? LatestAccuracy,
    TargetSighting? Candidate,
    TargetSighting? Reached,
    double EvaluationSeconds,
    double ProbeSeconds,
    IReadOnlyList<double> StepSeconds,
    IReadOnlyList<MetricFrame> Curves,
    IReadOnlyList<GradientProfile> Gradients,
    IReadOnlyList<GateTrace>? Traces = null,
    KeptEvaluation? Kept = null);

/// <summary>The best evaluation so far.</summary>
internal sealed record KeptEvaluation(int Step, double Loss, double? Accuracy = null);

/// <param name="Seconds">Training time up to then.</param>
internal sealed record TargetSighting(int Step, double Seconds);

/// <summary>The product's JSON dialect, for what is stored in checkpoints. Numbers are written so that they read back to the same bits.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TrialProgressSnapshot))]
[JsonSerializable(typeof(Dictionary<string, SafetensorsEntry>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
