using System.Text.Json.Serialization;

namespace Harness.Abstractions.Specs;

/// <summary>The JSON of what is asked for, in the dialect of <see cref="Contracts.HarnessJson"/>: the identity of a trial is a hash of it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TrialSpec))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class SpecJson : JsonSerializerContext;
