using System.Buffers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Abstractions.Contracts;

namespace Harness.Workers.Trainer;

/// <summary>A line that was meant as a frame and cannot be read as one. Its content is lost, so its attempt has no result.</summary>
/// <param name="Attempt">Whose it was; null where the line does not say.</param>
/// <param name="Reason">For people.</param>
internal sealed record UnreadableFrame(string? Attempt, string Reason) : TrainerFrame
{
    private const int LongestName = 200;

    private static readonly HashSet<string> types =
        [.. typeof(TrainerFrame).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(derived => derived.TypeDiscriminator as string).OfType<string>()];

    /// <summary>A line that names the type of a frame; null for any other line, which native libraries write at times.</summary>
    public static UnreadableFrame? Of(ReadOnlySequence<byte> line, string reason)
    {
        var (type, attempt) = ((string?)null, (string?)null);
        try
        {
            var json = new Utf8JsonReader(line);
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1) continue;
                var (isType, isAttempt) = (json.ValueTextEquals("type"u8), json.ValueTextEquals("attempt"u8));
                if (!json.Read()) break;
                if (json.TokenType == JsonTokenType.String && isType) type = json.GetString();
                else if (json.TokenType == JsonTokenType.String && isAttempt) attempt = json.GetString();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // What came before the fault is known.
        }

        return type is null || !types.Contains(type) ? null : new UnreadableFrame(attempt is { Length: <= LongestName } ? attempt : null, $"'{type}': {reason}");
    }
}
