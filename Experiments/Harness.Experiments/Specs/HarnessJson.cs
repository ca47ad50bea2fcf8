using System.Text.Json.Serialization;
using Harness.Experiments.Contracts;
using Harness.Experiments.Results;

namespace Harness.Experiments.Specs;

/// <summary>The one JSON dialect of the product: snake_case, no absent values, non-finite numbers as "NaN" and "Infinity".</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TrialSpec))]
[JsonSerializable(typeof(TrainerRequest))]
[JsonSerializable(typeof(TrainerFrame))]
[JsonSerializable(typeof(EnvironmentRecord))]
public sealed partial class HarnessJson : JsonSerializerContext;
