using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Reads single values by their descriptors and says what is wrong with them.</summary>
internal sealed class SettingReader(DiagnosticList diagnostics)
{
    private static readonly IReadOnlyList<string> Cells = CellCatalog.All.Select(cell => cell.Name).ToArray();

    public DiagnosticList Diagnostics { get; } = diagnostics;

    /// <summary>The setting in all its forms; null when it was refused.</summary>
    public Setting? Read(SettingDescriptor descriptor, YamlNode node, string path)
    {
        if (node is YamlMapping map && descriptor.CanBePerCell) return ReadPerCell(descriptor, map, path);
        if (node is YamlMapping texts && descriptor.CanBePerLanguage) return ReadPerLanguage(descriptor, texts, path);
        return ReadLevel(descriptor, node, path) is { } level ? new Setting(descriptor, node.Span, level, null) : null;
    }

    /// <summary>One value; null when it was refused.</summary>
    public SettingLevel? ReadLevel(SettingDescriptor descriptor, YamlNode node, string path) => node switch
    {
        YamlScalar { IsEmpty: true } => Refuse(DiagnosticCodes.Empty, node.Span, path, $"\"{descriptor.Key}\" has no value", descriptor.Type.Expected),
        YamlScalar scalar => ReadScalar(descriptor, scalar, path),
        YamlSequence list when ListOf(descriptor.Type) is { } type => ReadList(descriptor, type, list, path),
        YamlSequence list when NamesOf(descriptor.Type) is { } names => ReadNames(descriptor, names, list, path),
        YamlSequence list when descriptor.Type is WholeNumberListType numbers => ReadNumbers(descriptor, numbers, list, path),
        YamlSequence when descriptor.CanVary => Refuse(DiagnosticCodes.WrongKind, node.Span, path, $"\"{descriptor.Key}\" is a list here", descriptor.Type.Expected,
            $"to compare several values, list them in the matrix: matrix: {{ {descriptor.Name}: [...] }}"),
        _ => Refuse(DiagnosticCodes.WrongKind, node.Span, path, $"\"{descriptor.Key}\" is {node.Kind} here", descriptor.Type.Expected),
    };

    /// <summary>The mapping itself, or null after saying that it is not one.</summary>
    public YamlMapping? Mapping(YamlNode node, string path, string expected)
    {
        if (node is YamlMapping mapping) return mapping;
        var isEmpty = node is YamlScalar { IsEmpty: true };
        Refuse(isEmpty ? DiagnosticCodes.Empty : DiagnosticCodes.WrongKind, node.Span, path,
            isEmpty ? $"\"{path}\" has no value" : $"\"{path}\" is {node.Kind} here", expected);
        return null;
    }

    /// <summary>The list itself, or null after saying that it is not one or that it is empty.</summary>
    public YamlSequence? List(YamlNode node, string path, string expected)
    {
        if (node is YamlSequence { Items.Count: > 0 } list) return list;
        var isEmpty = node is YamlScalar { IsEmpty: true } or YamlSequence;
        Refuse(isEmpty ? DiagnosticCodes.Empty : DiagnosticCodes.WrongKind, node.Span, path,
            isEmpty ? $"\"{path}\" has no entries" : $"\"{path}\" is {node.Kind} here", expected);
        return null;
    }

    public void UnknownKey(YamlScalar key, string path, IReadOnlyCollection<string> known)
    {
        var near = EditDistance.Nearest(key.Text, known);
        var elsewhere = near is null ? SettingCatalog.Find(key.Text) : null;
        Diagnostics.Error(DiagnosticCodes.UnknownKey, key.Span, path, $"unknown key \"{key.Excerpt}\"",
            near is null && elsewhere is null ? $"one of: {string.Join(", ", known)}" : null,
            near is not null ? $"did you mean \"{near}\"?" : elsewhere is not null ? $"it belongs elsewhere: {elsewhere.Path}" : null);
    }

    public SettingLevel? Refuse(string code, SourceSpan span, string path, string message, string? expected = null, string? suggestion = null)
    {
        Diagnostics.Error(code, span, path, message, expected, suggestion);
        return null;
    }

    private static WordListType? ListOf(SettingType type) => type as WordListType ?? (type as OptionalType)?.Inner as WordListType;

    private static NameListType? NamesOf(SettingType type) => type as NameListType ?? (type as TaskParameterType)?.Types.OfType<NameListType>().FirstOrDefault();

    private Setting? ReadPerCell(SettingDescriptor descriptor, YamlMapping map, string path)
    {
        var values = new Dictionary<string, SettingLevel>(StringComparer.Ordinal);
        if (map.Entries.Count == 0) Refuse(DiagnosticCodes.Empty, map.Span, path, $"\"{descriptor.Key}\" has no values", descriptor.Type.Expected);
        var isRight = map.Entries.Count > 0;
        foreach (var entry in map.Entries)
        {
            if (!Cells.Contains(entry.Key.Text, StringComparer.Ordinal))
            {
                UnknownWord("cell", entry.Key, $"{path}.{entry.Key.Excerpt}", Cells, $"one of: {string.Join(", ", Cells)}");
                isRight = false;
                continue;
            }

            if (ReadLevel(descriptor, entry.Value, $"{path}.{entry.Key.Text}") is { } level) values[entry.Key.Text] = level;
            else isRight = false;
        }

        return isRight ? new Setting(descriptor, map.Span, null, values) : null;
    }

    private Setting? ReadPerLanguage(SettingDescriptor descriptor, YamlMapping map, string path)
    {
        var levels = new Dictionary<string, SettingLevel>(StringComparer.Ordinal);
        if (map.Entries.Count == 0) Refuse(DiagnosticCodes.Empty, map.Span, path, $"\"{descriptor.Key}\" has no texts", descriptor.Type.Expected);
        foreach (var (key, value) in map.Entries)
        {
            var at = $"{path}.{key.Excerpt}";
            if (!ReportLanguages.All.Contains(key.Text, StringComparer.Ordinal)) UnknownWord("language", key, at, ReportLanguages.All, $"one of: {string.Join(", ", ReportLanguages.All)}");
            else if (ReadLevel(descriptor, value, at) is not { } level) continue;
            else if (level.Value.Text.Length == 0) Refuse(DiagnosticCodes.Empty, value.Span, at, $"\"{at}\" is an empty text", descriptor.Type.Expected);
            else levels[key.Text] = level;
        }

        if (levels.Count == 0 || levels.Count < map.Entries.Count) return null;
        return new Setting(descriptor, map.Span, levels[ReportLanguages.All.First(levels.ContainsKey)], null) { PerLanguage = levels.ToDictionary(text => text.Key, text => text.Value.Value.Text, StringComparer.Ordinal) };
    }

    private SettingLevel? ReadScalar(SettingDescriptor descriptor, YamlScalar scalar, string path)
    {
        if (descriptor.Type.Parse(scalar.Text, out var value) is not { } problem) return new SettingLevel(value, scalar.Span);
        if (problem.Code == DiagnosticCodes.UnknownWord) UnknownWord(descriptor.Noun, scalar, path, descriptor.Type.Choices, descriptor.Type.Expected);
        else Refuse(problem.Code, scalar.Span, path, $"{(path == BlockNames.Seeds ? path : descriptor.Key)}: {problem.Message}", descriptor.Type.Expected, Advice(descriptor, scalar.Text));
        return null;
    }

    private void UnknownWord(string what, YamlScalar scalar, string path, IReadOnlyList<string> choices, string expected) =>
        Refuse(DiagnosticCodes.UnknownWord, scalar.Span, path, $"unknown {what} \"{scalar.Excerpt}\"", expected,
            EditDistance.Nearest(scalar.Text, choices) is { } near ? $"did you mean \"{near}\"?" : null);

    private SettingLevel? ReadList(SettingDescriptor descriptor, WordListType type, YamlSequence list, string path)
    {
        if (List(list, path, descriptor.Type.Expected) is null) return null;
        var words = new List<string>();
        var isRight = true;
        for (var i = 0; i < list.Items.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (list.Items[i] is not YamlScalar item)
            {
                Refuse(DiagnosticCodes.WrongKind, list.Items[i].Span, at, $"\"{descriptor.Key}\" holds {list.Items[i].Kind} here", type.Expected);
                isRight = false;
            }
            else if (!type.Words.Contains(item.Text, StringComparer.Ordinal))
            {
                UnknownWord(descriptor.Noun, item, at, type.Words, type.Expected);
                isRight = false;
            }
            else if (words.Contains(item.Text, StringComparer.Ordinal))
            {
                Refuse(DiagnosticCodes.Repeated, item.Span, at, $"\"{item.Text}\" is listed twice");
                isRight = false;
            }
            else
            {
                words.Add(item.Text);
            }
        }

        return isRight ? new SettingLevel(SettingValue.OfWords([.. type.Words.Where(words.Contains)]), list.Span) : null;
    }

    private SettingLevel? ReadNames(SettingDescriptor descriptor, NameListType type, YamlSequence list, string path)
    {
        if (List(list, path, descriptor.Type.Expected) is null) return null;
        var names = new List<string>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (list.Items[i] is not YamlScalar { IsEmpty: false } item) return Refuse(DiagnosticCodes.WrongKind, list.Items[i].Span, at, $"\"{descriptor.Key}\" holds {list.Items[i].Kind} here", "a name");
            if (type.Parse(item.Text, out _) is { } problem) return Refuse(problem.Code, item.Span, at, $"{descriptor.Key}: {problem.Message}", $"at most {type.Longest}");
            if (names.Contains(item.Text, StringComparer.Ordinal)) return Refuse(DiagnosticCodes.Repeated, item.Span, at, $"\"{item.Excerpt}\" is listed twice");
            names.Add(item.Text);
        }

        return new SettingLevel(SettingValue.OfNames(names), list.Span);
    }

    private SettingLevel? ReadNumbers(SettingDescriptor descriptor, WholeNumberListType type, YamlSequence list, string path)
    {
        if (List(list, path, type.Expected) is null) return null;
        var numbers = new SortedSet<int>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (list.Items[i] is not YamlScalar { IsEmpty: false } item) return Refuse(DiagnosticCodes.WrongKind, list.Items[i].Span, at, $"\"{descriptor.Key}\" holds {list.Items[i].Kind} here", type.Item.Expected);
            if (type.Item.Parse(item.Text, out var number) is { } problem) return Refuse(problem.Code, item.Span, at, $"{descriptor.Key}: {problem.Message}", type.Item.Expected);
            if (!numbers.Add(number.Whole)) return Refuse(DiagnosticCodes.Repeated, item.Span, at, $"\"{item.Excerpt}\" is listed twice");
        }

        return new SettingLevel(SettingValue.OfWords([.. numbers.Select(number => SettingValue.Canonical(number))]), list.Span);
    }

    private static string? Advice(SettingDescriptor descriptor, string text) => descriptor.Type switch
    {
        SwitchType when text is "yes" or "on" or "True" or "TRUE" or "1" => "did you mean \"true\"?",
        SwitchType when text is "no" or "off" or "False" or "FALSE" or "0" => "did you mean \"false\"?",
        OptionalType optional when text is "null" or "~" or "None" or "off" or "no" or "default" => $"did you mean \"{optional.AbsentWord}\"?",
        WholeNumberType when text.Contains('_', StringComparison.Ordinal) => "write the digits without separators",
        _ => null,
    };
}
