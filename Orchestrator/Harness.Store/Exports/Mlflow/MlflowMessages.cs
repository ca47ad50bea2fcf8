using System.Text.Json.Serialization;

namespace Harness.Store.Exports.Mlflow;

/// <summary>A name and a text: a tag or a parameter.</summary>
internal sealed record MlflowPair(string Key, string Value);

/// <param name="Timestamp">Milliseconds since 1970.</param>
internal sealed record MlflowMetric(string Key, double Value, long Timestamp, long Step);

internal sealed record CreateExperiment(string Name, IReadOnlyList<MlflowPair> Tags);

internal sealed record ExperimentCreated(string ExperimentId);

internal sealed record ExperimentFound(MlflowExperiment Experiment);

/// <param name="LifecycleStage"><c>active</c> or <c>deleted</c>.</param>
internal sealed record MlflowExperiment(string ExperimentId, string? LifecycleStage);

internal sealed record SetExperimentTag(string ExperimentId, string Key, string Value);

internal sealed record SearchRuns(IReadOnlyList<string> ExperimentIds, int MaxResults, string? PageToken);

internal sealed record RunsFound(IReadOnlyList<MlflowRun>? Runs, string? NextPageToken);

internal sealed record MlflowRun(MlflowRunInfo Info, MlflowRunData? Data);

/// <param name="Status"><c>RUNNING</c>, <c>SCHEDULED</c>, <c>FINISHED</c>, <c>FAILED</c> or <c>KILLED</c>.</param>
internal sealed record MlflowRunInfo(string RunId, string? Status);

internal sealed record MlflowRunData(IReadOnlyList<MlflowPair>? Tags);

internal sealed record CreateRun(string ExperimentId, string RunName, long StartTime, IReadOnlyList<MlflowPair> Tags);

internal sealed record RunCreated(MlflowRun Run);

internal sealed record LogBatch(string RunId, IReadOnlyList<MlflowMetric> Metrics, IReadOnlyList<MlflowPair> Params, IReadOnlyList<MlflowPair> Tags);

internal sealed record UpdateRun(string RunId, string Status, long EndTime);

internal sealed record DeleteRun(string RunId);

/// <param name="ErrorCode">Such as <c>RESOURCE_ALREADY_EXISTS</c>.</param>
internal sealed record MlflowError(string? ErrorCode, string? Message);

/// <summary>Names as in MLflow's REST interface. Values that are no numbers are words, as Protocol Buffers write them in JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CreateExperiment))]
[JsonSerializable(typeof(ExperimentCreated))]
[JsonSerializable(typeof(ExperimentFound))]
[JsonSerializable(typeof(SetExperimentTag))]
[JsonSerializable(typeof(SearchRuns))]
[JsonSerializable(typeof(RunsFound))]
[JsonSerializable(typeof(CreateRun))]
[JsonSerializable(typeof(RunCreated))]
[JsonSerializable(typeof(LogBatch))]
[JsonSerializable(typeof(UpdateRun))]
[JsonSerializable(typeof(DeleteRun))]
[JsonSerializable(typeof(MlflowError))]
internal sealed partial class MlflowJson : JsonSerializerContext;
