using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;

namespace Harness.Training.Protocol;

/// <summary>Reads requests: the worker's, or a bare trial fed by hand.</summary>
internal static class Requests
{
    private static readonly JsonSerializerOptions Dialect = new(HarnessJson.Default.Options)
    {
        AllowOutOfOrderMetadataProperties = true,
        TypeInfoResolver = HarnessJson.Default.WithAddedModifier(RequireWhatCannotBeAbsent),
    };

    /// <summary>What a person's trial is called in its frames.</summary>
    public const string ByHand = "by-hand";

    /// <param name="json">One JSON object.</param>
    /// <exception cref="FormatException">It is neither a request nor a trial; the message says where.</exception>
    public static TrainerRequest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json.ToArray());
            if (document.RootElement.TryGetProperty("type", out _))
                return document.Deserialize<TrainerRequest>(Dialect) ?? throw new FormatException("The request is null.");
            return new TrainRequest(ByHand, document.Deserialize<TrialSpec>(Dialect) ?? throw new FormatException("The trial is null."));
        }
        catch (Exception refusal) when (refusal is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new FormatException($"This is neither a request nor a trial: {refusal.Message}", refusal);
        }
    }

    private static void RequireWhatCannotBeAbsent(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AssociatedParameter is not { HasDefaultValue: false } parameter) continue;
            property.IsRequired = !(parameter.ParameterType.IsValueType ? Nullable.GetUnderlyingType(parameter.ParameterType) is not null : parameter.IsNullable);
        }
    }
}
