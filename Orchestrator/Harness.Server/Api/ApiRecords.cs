using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Summaries;
using Harness.Scheduling;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>Where a running server is reached; kept in the data folder, readable by its owner only.</summary>
/// <param name="Token">Allows everything.</param>
/// <param name="ViewerToken">Allows reading.</param>
internal sealed record ServerAddress(string Url, string Token, string ViewerToken, int ProcessId);

/// <summary>An experiment to run.</summary>
/// <param name="Text">The YAML.</param>
/// <param name="Path">Full path of the file it came from, for messages and for files that it names.</param>
/// <param name="Changes">What <c>--set</c> changes, as <c>path=value</c>.</param>
/// <param name="DataRoots">Full paths of further folders in which its data files may lie.</param>
/// <param name="Paused">Whether nothing of it is started until it is resumed.</param>
internal sealed record SubmitRequest(string Text, string? Path = null, IReadOnlyList<string>? Changes = null, IReadOnlyList<string>? DataRoots = null, bool Paused = false);

/// <summary>What <c>harness run -o json</c> prints.</summary>
/// <param name="Version">Raised when a member changes its meaning or goes.</param>
/// <param name="Report">Full path; null when the report went to standard output.</param>
internal sealed record RunReply(int Version, long Experiment, string? Report, string Database, ReportSummary Summary);

/// <param name="Priority">From -1000 to 1000; higher ones are started first.</param>
internal sealed record PriorityRequest(int Priority)
{
    public const int Least = -1000, Most = 1000;

    public bool IsSound => Priority is >= Least and <= Most;
}

internal sealed record SubmitReply(long Experiment);

/// <param name="Valid">Whether it can be run.</param>
/// <param name="Omitted">How many diagnostics were left out.</param>
internal sealed record ValidateReply(bool Valid, IReadOnlyList<DiagnosticView> Diagnostics, int Omitted);

/// <summary>How far an experiment is, and why what waits waits.</summary>
internal sealed record ProgressReply(ExperimentProgress Progress, IReadOnlyList<WaitingReason> Reasons);

/// <param name="Changed">How many things were changed; 0 when there was nothing to do.</param>
internal sealed record ChangeReply(int Changed);

/// <param name="Url">Opens the dashboard, once.</param>
internal sealed record LinkReply(string Url);

/// <param name="Trouble">Why nothing can be stored or decided; absent when all is well.</param>
internal sealed record HealthReply(string Status, string? Trouble);

/// <summary>An enumeration in the words of database and experiment file.</summary>
internal sealed class SnakeCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower) where T : struct, Enum;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(SnakeCase<TrialState>), typeof(SnakeCase<ExperimentState>), typeof(SnakeCase<ProbeMoment>)], NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ServerAddress))]
[JsonSerializable(typeof(ServerTokens))]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(PriorityRequest))]
[JsonSerializable(typeof(SubmitReply))]
[JsonSerializable(typeof(ValidateReply))]
[JsonSerializable(typeof(ProgressReply))]
[JsonSerializable(typeof(ChangeReply))]
[JsonSerializable(typeof(LinkReply))]
[JsonSerializable(typeof(HealthReply))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ExperimentPage))]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(EventLine))]
[JsonSerializable(typeof(AttemptLog))]
[JsonSerializable(typeof(ExperimentDetail))]
[JsonSerializable(typeof(TrialPage))]
[JsonSerializable(typeof(TrialDetail))]
[JsonSerializable(typeof(MetricsReply))]
[JsonSerializable(typeof(MetricView))]
[JsonSerializable(typeof(GradientsReply))]
[JsonSerializable(typeof(WorkersReply))]
[JsonSerializable(typeof(QueueReply))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(ReportSummary))]
[JsonSerializable(typeof(RunReply))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ApiJson : JsonSerializerContext;
