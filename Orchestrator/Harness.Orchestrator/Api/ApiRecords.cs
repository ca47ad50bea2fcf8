using System.Text.Json.Serialization;
using Harness.Orchestrator.Scheduling;

namespace Harness.Orchestrator.Api;

/// <summary>Where a running server is reached; kept in the data folder, readable by its owner only.</summary>
/// <param name="Token">Whoever shows it may do everything.</param>
internal sealed record ServerAddress(string Url, string Token, int ProcessId);

/// <summary>An experiment to run.</summary>
/// <param name="Text">The YAML.</param>
/// <param name="Path">Full path of the file it came from, for messages and for files that it names.</param>
/// <param name="Changes">What <c>--set</c> changes, as <c>path=value</c>.</param>
/// <param name="DataRoots">Full paths of further folders in which its data files may lie.</param>
internal sealed record SubmitRequest(string Text, string Path, IReadOnlyList<string> Changes, IReadOnlyList<string> DataRoots);

internal sealed record SubmitReply(long Experiment);

/// <summary>How far an experiment is, and why what waits waits.</summary>
internal sealed record ProgressReply(ExperimentProgress Progress, IReadOnlyList<WaitingReason> Reasons);

/// <param name="Changed">How many things were changed; 0 when there was nothing to do.</param>
internal sealed record ChangeReply(int Changed);

/// <summary>Why a request was refused, for people.</summary>
internal sealed record Refusal(string Message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ServerAddress))]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(SubmitReply))]
[JsonSerializable(typeof(ProgressReply))]
[JsonSerializable(typeof(ChangeReply))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class ApiJson : JsonSerializerContext;
