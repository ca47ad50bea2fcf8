using System.Text.Json;

namespace Harness.Experiments.Starting;

/// <summary>Reads JSON lines: one object per line, or one array of objects.</summary>
internal static class JsonLines
{
    /// <exception cref="StartRefusedException">With line and cure.</exception>
    public static SourceTable Read(string text, string name)
    {
        var names = new List<string>();
        var records = new List<Dictionary<string, string>>();
        var trimmed = text.AsSpan().Trim();
        if (trimmed.StartsWith("["))
        {
            using var document = Parse(text, name, 1);
            foreach (var element in document.RootElement.EnumerateArray()) Add(element, 1);
        }
        else
        {
            var number = 0;
            foreach (var line in text.Split('\n'))
            {
                number++;
                if (string.IsNullOrWhiteSpace(line)) continue;
                using var document = Parse(line, name, number);
                Add(document.RootElement, number);
            }
        }

        if (records.Count == 0) throw new StartRefusedException($"{name}: there is no object in the file.");
        return new(names, [.. records.Select(record => names.Select(column => record.GetValueOrDefault(column, "")).ToArray())]);

        void Add(JsonElement element, int line)
        {
            if (element.ValueKind != JsonValueKind.Object) throw new StartRefusedException(FormattableString.Invariant($"{name}:{line}: here is a {element.ValueKind}, and each line must be an object such as {{\"time\": \"2024-01-01\", \"load\": 1.5}}."));
            var record = new Dictionary<string, string>(StringComparer.Ordinal);
            Flatten(element, "", record);
            foreach (var column in record.Keys)
                if (!names.Contains(column, StringComparer.Ordinal)) names.Add(column);
            records.Add(record);
        }
    }

    /// <summary>Objects within an object become columns with a point in their name; lists cannot be a cell and are left out.</summary>
    private static void Flatten(JsonElement element, string prefix, Dictionary<string, string> record)
    {
        foreach (var property in element.EnumerateObject())
        {
            var column = prefix + property.Name;
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    Flatten(property.Value, column + ".", record);
                    break;
                case JsonValueKind.Array:
                    break;
                case JsonValueKind.Null:
                    record[column] = "";
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    record[column] = property.Value.GetBoolean() ? "1" : "0";
                    break;
                case JsonValueKind.String:
                    record[column] = property.Value.GetString()!;
                    break;
                default:
                    record[column] = property.Value.GetRawText();
                    break;
            }
        }
    }

    private static JsonDocument Parse(string text, string name, int line)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException problem)
        {
            throw new StartRefusedException(FormattableString.Invariant($"{name}:{line + (problem.LineNumber ?? 0)}: this is not JSON: {problem.Message}"));
        }
    }
}
