using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Harness.Experiments.Yaml;

namespace Harness.Tests.Experiments;

/// <summary>The part of JSON Schema draft-07 that our schema uses, applied as an editor would: scalars by YAML's core rules.</summary>
internal sealed class SchemaCheck(string schema)
{
    private readonly JsonElement root = JsonDocument.Parse(schema).RootElement;

    /// <summary>The paths at which the text breaks the schema.</summary>
    public IReadOnlyList<string> Problems(string yaml)
    {
        var diagnostics = new DiagnosticList();
        var node = YamlTreeReader.Read(new SourceText("test.yaml", yaml), diagnostics);
        diagnostics.HasErrors.ShouldBeFalse();
        var problems = new List<string>();
        Check(root, node!, "$", problems);
        return problems;
    }

    private bool Check(JsonElement rule, YamlNode node, string path, List<string> problems)
    {
        var before = problems.Count;
        foreach (var keyword in rule.EnumerateObject())
        {
            var holds = keyword.Name switch
            {
                "$ref" => Check(Resolve(keyword.Value.GetString()!), node, path, problems),
                "anyOf" => keyword.Value.EnumerateArray().Any(form => Check(form, node, path, [])),
                "type" => HasType(keyword.Value.GetString()!, node),
                "enum" => keyword.Value.EnumerateArray().Any(word => IsText(node, word)),
                "const" => IsText(node, keyword.Value),
                "minimum" => Number(node) is not { } number || number >= keyword.Value.GetDouble(),
                "exclusiveMinimum" => Number(node) is not { } number || number > keyword.Value.GetDouble(),
                "maximum" => Number(node) is not { } number || number <= keyword.Value.GetDouble(),
                "maxLength" => node is not YamlScalar scalar || scalar.Text.Length <= keyword.Value.GetInt32(),
                "pattern" => node is YamlScalar scalar && Regex.IsMatch(scalar.Text, keyword.Value.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(1)),
                "minItems" => node is not YamlSequence list || list.Items.Count >= keyword.Value.GetInt32(),
                "maxItems" => node is not YamlSequence list || list.Items.Count <= keyword.Value.GetInt32(),
                "uniqueItems" => node is not YamlSequence list || list.Items.OfType<YamlScalar>().DistinctBy(item => item.Text, StringComparer.Ordinal).Count() == list.Items.Count,
                "minProperties" => node is not YamlMapping map || map.Entries.Count >= keyword.Value.GetInt32(),
                "required" => node is not YamlMapping map || keyword.Value.EnumerateArray().All(key => map.Find(key.GetString()!) is not null),
                "items" => CheckItems(keyword.Value, node, path, problems),
                "properties" => CheckProperties(keyword.Value, node, path, problems),
                "additionalProperties" or "$schema" or "title" or "description" or "default" or "examples" or "definitions" => true,
                _ => throw new InvalidOperationException($"The schema uses \"{keyword.Name}\", which this check does not know."),
            };
            if (!holds && problems.Count == before) problems.Add(path);
        }

        return problems.Count == before;
    }

    private bool CheckItems(JsonElement rule, YamlNode node, string path, List<string> problems)
    {
        if (node is not YamlSequence list) return true;
        var isRight = true;
        for (var i = 0; i < list.Items.Count; i++) isRight &= Check(rule, list.Items[i], string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), problems);
        return isRight;
    }

    private bool CheckProperties(JsonElement rules, YamlNode node, string path, List<string> problems)
    {
        if (node is not YamlMapping mapping) return true;
        foreach (var (key, value) in mapping.Entries)
        {
            if (rules.TryGetProperty(key.Text, out var rule)) Check(rule, value, $"{path}.{key.Text}", problems);
            else problems.Add($"{path}.{key.Text}");
        }

        return true;
    }

    private JsonElement Resolve(string reference) => root.GetProperty("definitions").GetProperty(reference["#/definitions/".Length..]);

    private static bool HasType(string type, YamlNode node) => type switch
    {
        "object" => node is YamlMapping,
        "array" => node is YamlSequence,
        "boolean" => node is YamlScalar { IsPlain: true, Text: "true" or "false" },
        "number" => Number(node) is not null,
        "integer" => Number(node) is { } number && number == Math.Floor(number),
        "string" => node is YamlScalar && Number(node) is null,
        _ => throw new InvalidOperationException($"Unknown type {type}."),
    };

    private static bool IsText(YamlNode node, JsonElement word) => node is YamlScalar scalar && scalar.Text == word.GetString();

    private static double? Number(YamlNode node) =>
        node is YamlScalar { IsPlain: true } scalar && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
