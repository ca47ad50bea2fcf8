using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Contracts;

/// <summary>What decides a trial's outcome, as paths and values: its own JSON, flat.</summary>
public static class TrialSettings
{
    /// <summary>By path, in the order of the JSON, without the seed, which every trial has of its own. What is absent there is absent here.</summary>
    public static IReadOnlyDictionary<string, string> Of(TrialSpec trial)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(JsonSerializer.SerializeToNode(trial, HarnessJson.Default.TrialSpec)!, "");
        values.Remove("seed");
        return values;

        void Add(JsonNode node, string path)
        {
            if (node is JsonObject fields)
            {
                foreach (var (name, value) in fields)
                    if (value is not null) Add(value, path.Length == 0 ? name : $"{path}.{name}");
            }
            else
            {
                values[path] = node is JsonArray list ? string.Join(", ", list.Select(item => Word(item!))) : Word(node);
            }
        }

        // Words of a choice are written in the file as they are in prose, in the identity as the code has them.
        static string Word(JsonNode value) => value.GetValueKind() == JsonValueKind.String && value.ToString() is [>= 'A' and <= 'Z', ..] word ? word.ToLowerInvariant() : value.ToString();
    }
}
