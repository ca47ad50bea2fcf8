using System.Text.Json.Serialization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Contracts;

/// <summary>The one JSON dialect of the product: snake_case, no absent values, non-finite numbers as "NaN" and "Infinity".</summary>
/// <remarks>
/// Absent values are not written, so an absent constructor parameter must not be an error when they are read back. Where JSON comes
/// from outside, the reader makes the parameters that cannot be null required itself.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TrialSpec))]
[JsonSerializable(typeof(TrainerRequest))]
[JsonSerializable(typeof(TrainerFrame))]
[JsonSerializable(typeof(EnvironmentRecord))]
[JsonSerializable(typeof(TaskSample))]
[JsonSerializable(typeof(TestAnalysis))]
[JsonSerializable(typeof(IReadOnlyList<ClaimSpec>))]
[JsonSerializable(typeof(RunSpec))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(ReportSpec))]
[JsonSerializable(typeof(StagePlan))]
[JsonSerializable(typeof(IReadOnlyList<LookedClaim>))]
[JsonSerializable(typeof(IReadOnlyList<TuningChoice>))]
[JsonSerializable(typeof(IReadOnlyList<NextPoints>))]
[JsonSerializable(typeof(TimingResult))]
[JsonSerializable(typeof(TimingSpec))]
[JsonSerializable(typeof(ModelRequest))]
[JsonSerializable(typeof(ModelReply))]
[JsonSerializable(typeof(ModelDescription))]
public sealed partial class HarnessJson : JsonSerializerContext;
