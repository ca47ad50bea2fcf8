using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Binds the document's nodes to settings by the descriptor table, saying what is wrong with each.</summary>
internal sealed class SpecBinder(SettingReader reader, ExperimentSettings settings)
{
    private const string SeedForms = "{ count: 8, base: 1 } or { until: decided }, or a list of seeds, or how many";
    private const long LargestSeed = int.MaxValue;

    private static readonly KeyGroup Keys = KeyGroup.Of(SettingCatalog.All);

    /// <summary>The keys that are valid directly under <paramref name="path"/>, in the order of the reference; empty for a value.</summary>
    public static IReadOnlyList<string> KeysUnder(string path) => Keys.Find(path)?.Names ?? [];

    public void Bind(YamlMapping root)
    {
        BindGroup(root, Keys, "");
        RequireSettings();
        if (settings.Seeds.Count == 0) AddSeeds(LookSettings.Most(settings) ?? settings.Common(SettingCatalog.SeedCount)!.Whole, settings.Common(SettingCatalog.SeedBase)!.Whole);
    }

    private void BindGroup(YamlMapping mapping, KeyGroup group, string prefix)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            var path = prefix.Length == 0 ? key.Text : $"{prefix}.{key.Text}";
            settings.Blocks[path] = key.Span;
            if (prefix.Length == 0 && BindBlock(key, value)) continue;
            if (group.Groups.TryGetValue(key.Text, out var inner))
            {
                if (reader.Mapping(value, path, $"a mapping of: {string.Join(", ", inner.Names)}") is { } block) BindGroup(block, inner, path);
            }
            else if (group.Settings.TryGetValue(key.Text, out var descriptor))
            {
                BindSetting(descriptor, value, path);
            }
            else
            {
                reader.UnknownKey(key, prefix.Length == 0 ? key.Excerpt : $"{prefix}.{key.Excerpt}", group.Names);
            }
        }
    }

    /// <summary>Blocks that are more than a group of settings.</summary>
    private bool BindBlock(YamlScalar key, YamlNode value)
    {
        switch (key.Text)
        {
            case BlockNames.Tune:
                new TuneReader(reader, settings).Read(value, key.Span, block => BindGroup(block, Keys.Groups[BlockNames.Tune], BlockNames.Tune));
                return true;
            case BlockNames.Matrix:
                new MatrixReader(reader, settings).Read(value);
                return true;
            case BlockNames.Seeds:
                BindSeeds(value);
                return true;
            case BlockNames.Claims:
                settings.Claims = reader.List(value, BlockNames.Claims, "a list of claims");
                return true;
            default:
                return false;
        }
    }

    private void BindSetting(SettingDescriptor descriptor, YamlNode value, string path)
    {
        if (reader.Read(descriptor, value, path) is { } setting) settings.Base[descriptor] = setting;
        else settings.Refused.Add(descriptor);
    }

    private void BindSeeds(YamlNode node)
    {
        switch (node)
        {
            case YamlSequence list:
                BindSeedList(list);
                break;
            case YamlScalar { IsEmpty: false } count:
                BindSetting(SettingCatalog.SeedCount, count, BlockNames.Seeds);
                break;
            default:
                if (reader.Mapping(node, BlockNames.Seeds, SeedForms) is { } mapping) BindGroup(mapping, Keys.Groups[BlockNames.Seeds], BlockNames.Seeds);
                break;
        }
    }

    private void BindSeedList(YamlSequence list)
    {
        if (reader.List(list, BlockNames.Seeds, SeedForms) is null) return;
        var type = new WholeNumberType(0, LargestSeed);
        for (var i = 0; i < list.Items.Count; i++)
        {
            var item = list.Items[i];
            var path = $"{BlockNames.Seeds}[{i}]";
            SettingValue value;
            if (item is not YamlScalar scalar)
            {
                reader.Refuse(DiagnosticCodes.WrongKind, item.Span, path, $"a seed cannot be {item.Kind}", type.Expected);
            }
            else if (type.Parse(scalar.Text, out value) is { } problem)
            {
                reader.Refuse(problem.Code, item.Span, path, $"seed: {problem.Message}", type.Expected);
            }
            else if (settings.Seeds.Contains(value.Whole))
            {
                reader.Refuse(DiagnosticCodes.Repeated, item.Span, path, $"seed {value.Text} is listed twice");
            }
            else
            {
                settings.Seeds.Add(value.Whole);
            }
        }
    }

    private void AddSeeds(int count, int first)
    {
        if (first + (long)count - 1 > LargestSeed)
        {
            reader.Refuse(DiagnosticCodes.OutOfRange, settings.Base[SettingCatalog.SeedBase].Span, SettingCatalog.SeedBase.Path,
                string.Create(CultureInfo.InvariantCulture, $"{count} seeds from {first} go beyond {LargestSeed}"));
            return;
        }

        for (var i = 0; i < count; i++) settings.Seeds.Add((long)first + i);
    }

    private void RequireSettings()
    {
        if (settings.Base.TryGetValue(SettingCatalog.Version, out var version) && version.Common!.Value.Whole != SettingCatalog.CurrentVersion)
        {
            reader.Refuse(DiagnosticCodes.UnsupportedVersion, version.Span, SettingCatalog.Version.Path,
                $"version {version.Common.Value.Text} of the file format is not known", $"version: {SettingCatalog.CurrentVersion}",
                "a newer harness may know it");
        }

        foreach (var descriptor in SettingCatalog.All.Where(descriptor => descriptor.IsRequired && !IsGiven(descriptor)))
        {
            var block = descriptor.Path[..Math.Max(0, descriptor.Path.Length - descriptor.Key.Length - 1)];
            var isFactor = descriptor == SettingCatalog.Cell;
            reader.Refuse(DiagnosticCodes.MissingKey, settings.Blocks.GetValueOrDefault(block, settings.Root), descriptor.Path, $"\"{descriptor.Path}\" is missing",
                isFactor ? $"matrix: {{ cell: [{string.Join(", ", descriptor.Type.Choices)}] }}" : AsYaml(descriptor));
        }
    }

    private bool IsGiven(SettingDescriptor descriptor) =>
        settings.Base.ContainsKey(descriptor) || settings.Refused.Contains(descriptor) || settings.FactorOf(descriptor) is not null
        || (descriptor.CanVary && settings.Includes.Count > 0 && settings.Includes.TrueForAll(arm => arm.Values.ContainsKey(descriptor)))
        || (descriptor.CanVary && settings.HasRefusedArms);

    private static string AsYaml(SettingDescriptor descriptor)
    {
        var words = descriptor.Path.Split('.');
        var inner = $"{words[^1]}: {descriptor.Example}";
        for (var i = words.Length - 2; i >= 0; i--) inner = $"{words[i]}: {{ {inner} }}";
        return inner;
    }
}

/// <summary>The descriptor table as the tree of keys that it stands for.</summary>
internal sealed class KeyGroup
{
    public Dictionary<string, KeyGroup> Groups { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SettingDescriptor> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys in the order of the table.</summary>
    public List<string> Names { get; } = [];

    public static KeyGroup Of(IEnumerable<SettingDescriptor> settings)
    {
        var root = new KeyGroup();
        foreach (var setting in settings)
        {
            var words = setting.Path.Split('.');
            var group = root;
            foreach (var word in words[..^1])
            {
                if (!group.Groups.TryGetValue(word, out var inner))
                {
                    inner = new KeyGroup();
                    group.Groups.Add(word, inner);
                    group.Names.Add(word);
                }

                group = inner;
            }

            group.Settings.Add(words[^1], setting);
            group.Names.Add(words[^1]);
        }

        root.Names.AddRange([BlockNames.Matrix, BlockNames.Claims]);
        if (root.Groups.TryGetValue(BlockNames.Tune, out var tune)) tune.Names.InsertRange(0, [TuneReader.Over, TuneReader.Per]);
        return root;
    }

    public KeyGroup? Find(string path)
    {
        var group = this;
        foreach (var word in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!group.Groups.TryGetValue(word, out var inner)) return null;
            group = inner;
        }

        return group;
    }
}
