using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Tuning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Reads the <c>tune:</c> block: what is searched, and with which budget.</summary>
internal sealed class TuneReader(SettingReader reader, ExperimentSettings settings)
{
    public const string Over = "over";
    public const string Per = "per";
    public const string Arms = "arms";
    public const string Values = "values";
    public const string Log = "log";
    public const string Linear = "linear";
    public const string Whole = "int";

    private const string Shape = "a range such as { log: [1e-4, 1e-1] }, or a list of values";

    private static readonly string[] Names = [.. SettingCatalog.Tunable.SelectMany(setting => new[] { setting.ShortName, setting.Path }).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <param name="bind">Binds the settings of the block.</param>
    public void Read(YamlNode node, SourceSpan key, Action<YamlMapping> bind)
    {
        if (reader.Mapping(node, BlockNames.Tune, "what is searched and with which budget, such as { over: { lr: { log: [1e-4, 1e-1] } }, trials: 16 }") is not { } block) return;
        settings.Tune = new TuneSettings(key);
        var rest = new List<YamlEntry>();
        foreach (var entry in block.Entries)
        {
            switch (entry.Key.Text)
            {
                case Over:
                    ReadOver(entry.Value);
                    break;
                case Per:
                    ReadPer(entry.Value);
                    break;
                case "trials" or "seeds" or "studies" when entry.Value is YamlMapping:
                    reader.Refuse(DiagnosticCodes.Conflict, entry.Value.Span, $"{BlockNames.Tune}.{entry.Key.Text}", $"\"{entry.Key.Text}\" differs between arms: an arm that is searched longer finds better settings by luck alone",
                        "one number for all arms", "a setting that only some arms have belongs into tune.over with arms: it takes part in the same number of points");
                    break;
                default:
                    rest.Add(entry);
                    break;
            }
        }

        bind(block with { Entries = rest });
        if (block.Find(Over) is null)
            reader.Refuse(DiagnosticCodes.MissingKey, key, $"{BlockNames.Tune}.{Over}", "the search has no settings", "over: { lr: { log: [1e-4, 1e-1] } }");
    }

    private void ReadPer(YamlNode node)
    {
        var factors = new List<SettingDescriptor>();
        foreach (var item in node is YamlSequence list ? list.Items : [node])
        {
            if (item is not YamlScalar { IsEmpty: false } name)
            {
                reader.Refuse(DiagnosticCodes.WrongKind, item.Span, $"{BlockNames.Tune}.{Per}", $"a factor cannot be {item.Kind}", "names of factors of the matrix, such as [length]");
            }
            else if (SettingCatalog.Find(name.Text) is not { CanVary: true } descriptor)
            {
                reader.UnknownKey(name, $"{BlockNames.Tune}.{Per}", [.. SettingCatalog.Factors.Select(factor => factor.Name)]);
            }
            else
            {
                factors.Add(descriptor);
            }
        }

        settings.Tune!.Per = factors;
    }

    private void ReadOver(YamlNode node)
    {
        const string path = $"{BlockNames.Tune}.{Over}";
        if (reader.Mapping(node, path, "settings with what is searched of them, such as { lr: { log: [1e-4, 1e-1] } }") is not { } over) return;
        if (over.Entries.Count == 0) reader.Refuse(DiagnosticCodes.Empty, over.Span, path, "the search has no settings", "over: { lr: { log: [1e-4, 1e-1] } }");
        foreach (var (key, value) in over.Entries)
        {
            var at = $"{path}.{key.Excerpt}";
            if (SettingCatalog.Find(key.Text) is not { } descriptor)
                reader.UnknownKey(key, at, Names);
            else if (!descriptor.CanBeTuned)
                reader.Refuse(DiagnosticCodes.CannotVary, key.Span, at, $"\"{key.Excerpt}\" cannot be tuned: it is part of what is compared, or changes what a trial costs", $"one of: {string.Join(", ", SettingCatalog.Tunable.Select(setting => setting.Name))}");
            else if (settings.Tune!.Over.Exists(knob => knob.Descriptor == descriptor))
                reader.Refuse(DiagnosticCodes.DuplicateKey, key.Span, at, $"\"{key.Excerpt}\" is searched twice");
            else if (settings.Tune.Over.Count == SobolSequence.MostDimensions)
                reader.Refuse(DiagnosticCodes.OverBudget, key.Span, at, "too many settings are searched", $"at most {SobolSequence.MostDimensions}");
            else if (ReadKnob(descriptor, key.Span, value, at) is { } knob)
                settings.Tune.Over.Add(knob);
        }
    }

    private Knob? ReadKnob(SettingDescriptor descriptor, SourceSpan span, YamlNode node, string path)
    {
        if (node is YamlSequence) return ReadValues(descriptor, span, node, path, null);
        if (node is not YamlMapping map)
        {
            reader.Refuse(DiagnosticCodes.WrongKind, node.Span, path, $"\"{descriptor.Name}\" is {node.Kind} here", Shape);
            return null;
        }

        IReadOnlyList<(string, SourceSpan)>? arms = null;
        YamlEntry? form = null;
        foreach (var entry in map.Entries)
        {
            var at = $"{path}.{entry.Key.Excerpt}";
            switch (entry.Key.Text)
            {
                case Arms:
                    if (ReadArms(entry.Value, at) is not { } named) return null;
                    arms = named;
                    break;
                case Values or Log or Linear or Whole when form is null:
                    form = entry;
                    break;
                case Values or Log or Linear or Whole:
                    reader.Refuse(DiagnosticCodes.Conflict, entry.Key.Span, at, $"\"{descriptor.Name}\" has two searches", $"one of: {Values}, {Log}, {Linear}, {Whole}");
                    return null;
                default:
                    reader.UnknownKey(entry.Key, at, [Arms, Values, Log, Linear, Whole]);
                    return null;
            }
        }

        if (form is null)
        {
            reader.Refuse(DiagnosticCodes.MissingKey, map.Span, path, $"it is not said what is searched of \"{descriptor.Name}\"", Shape);
            return null;
        }

        return form.Key.Text == Values
            ? ReadValues(descriptor, span, form.Value, $"{path}.{Values}", arms)
            : ReadRange(descriptor, span, form.Key.Text, form.Value, $"{path}.{form.Key.Text}", arms);
    }

    private List<(string, SourceSpan)>? ReadArms(YamlNode node, string path)
    {
        var arms = new List<(string, SourceSpan)>();
        foreach (var item in node is YamlSequence list ? list.Items : [node])
        {
            if (item is YamlScalar { IsEmpty: false } name)
            {
                arms.Add((NameType.Composed(name.Text), name.Span));
                continue;
            }

            reader.Refuse(DiagnosticCodes.WrongKind, item.Span, path, $"an arm cannot be {item.Kind}", "a cell, the label of an included arm, or a list of them");
            return null;
        }

        return arms;
    }

    private Knob? ReadValues(SettingDescriptor descriptor, SourceSpan span, YamlNode node, string path, IReadOnlyList<(string, SourceSpan)>? arms)
    {
        if (reader.List(node, path, $"a list of values, each {descriptor.Type.Expected}") is not { } list) return null;
        var levels = new List<SettingLevel>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (reader.ReadLevel(descriptor, list.Items[i], $"{path}[{i}]") is not { } level) return null;
            if (levels.Exists(other => other.Value.Equals(level.Value)))
            {
                reader.Refuse(DiagnosticCodes.Repeated, level.Span, $"{path}[{i}]", $"value {level.Value.Text} is listed twice");
                return null;
            }

            levels.Add(level);
        }

        if (levels.Count > 1) return new Knob(descriptor, span, path, arms, TunedScale.Values, levels, 0, 0, IsWhole: false);
        reader.Refuse(DiagnosticCodes.Conflict, list.Span, path, "one value is no search", "at least two values", $"give it where it belongs: {descriptor.Path}");
        return null;
    }

    private Knob? ReadRange(SettingDescriptor descriptor, SourceSpan span, string form, YamlNode node, string path, IReadOnlyList<(string, SourceSpan)>? arms)
    {
        const string expected = "two numbers, the smaller one first, such as [1e-4, 1e-1]";
        var type = descriptor.Type is OptionalType optional ? optional.Inner : descriptor.Type;
        if (type is not (NumberType or WholeNumberType))
        {
            reader.Refuse(DiagnosticCodes.WrongKind, node.Span, path, $"\"{descriptor.Name}\" has no range", $"a list of values, each {descriptor.Type.Expected}");
            return null;
        }

        if (node is not YamlSequence { Items: [YamlScalar low, YamlScalar high] } || !NumberType.TryRead(low.Text, out var from) || !NumberType.TryRead(high.Text, out var to))
        {
            reader.Refuse(DiagnosticCodes.WrongKind, node.Span, path, "this is no range", expected);
            return null;
        }

        if (from >= to || (form == Log && from <= 0))
        {
            reader.Refuse(DiagnosticCodes.OutOfRange, node.Span, path, string.Create(CultureInfo.InvariantCulture, $"nothing lies evenly between {low.Excerpt} and {high.Excerpt}"), form == Log ? $"{expected}, both above 0" : expected);
            return null;
        }

        foreach (var end in new[] { low, high })
        {
            if (descriptor.Type.Parse(end.Text, out _) is not { } problem) continue;
            reader.Refuse(problem.Code, end.Span, path, $"{descriptor.Key}: {problem.Message}", descriptor.Type.Expected);
            return null;
        }

        return new Knob(descriptor, span, path, arms, form == Log ? TunedScale.Log : TunedScale.Linear, [], from, to, form == Whole || type is WholeNumberType);
    }
}
