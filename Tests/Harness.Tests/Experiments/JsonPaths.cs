using System.Text.Json;

namespace Harness.Tests.Experiments;

/// <summary>The dotted paths of a JSON object's values; lists count as values.</summary>
internal static class JsonPaths
{
    public static IEnumerable<string> Of(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement, "").ToArray();
    }

    private static IEnumerable<string> Of(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object) return [path];
        return element.EnumerateObject().SelectMany(property => Of(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}"));
    }
}
