using Harness.Abstractions.Catalog;
using Harness.Abstractions.Settings;
using Harness.Data;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Planning;

/// <summary>A checked value and where it was written.</summary>
internal sealed record SettingLevel(SettingValue Value, SourceSpan Span)
{
    /// <summary>Which side of a threshold is meant, <c>below</c> or <c>above</c>, where the file says so.</summary>
    public string? Side { get; init; }
}

/// <summary>A setting as the file gives it: one value for all cells, or one per cell.</summary>
/// <param name="Common">The value for all cells, or null.</param>
/// <param name="PerCell">The values by cell, or null.</param>
internal sealed record Setting(SettingDescriptor Descriptor, SourceSpan Span, SettingLevel? Common, IReadOnlyDictionary<string, SettingLevel>? PerCell)
{
    /// <summary>The texts by language, where the file gives several; <see cref="Common"/> is then the first of them.</summary>
    public IReadOnlyDictionary<string, string>? PerLanguage { get; init; }
}

/// <summary>A setting that the matrix varies.</summary>
internal sealed record Factor(SettingDescriptor Descriptor, SourceSpan Span, IReadOnlyList<SettingLevel> Levels);

/// <summary>An arm beside the matrix: it takes part in every combination of the factors that it does not name.</summary>
internal sealed record IncludedArm(SourceSpan Span, string Path, string? Label, SourceSpan LabelSpan, IReadOnlyDictionary<SettingDescriptor, SettingLevel> Values)
{
    /// <summary>The settings for which the entry lists several values: it stands for one arm per combination.</summary>
    public IReadOnlyList<SettingDescriptor> Listed { get; init; } = [];
}

/// <summary>Combinations of the matrix that are left out: those in which every named factor has one of the levels.</summary>
internal sealed record Exclusion(SourceSpan Span, string Path, IReadOnlyDictionary<SettingDescriptor, IReadOnlyList<SettingLevel>> Levels);

/// <summary>An experiment file, checked value by value but not yet expanded.</summary>
internal sealed class ExperimentSettings(SourceSpan root, IDataFiles files)
{
    /// <summary>The data files that tasks name, and what is in them.</summary>
    public TaskData Data { get; } = new(files);

    /// <summary>The files that initial weights come from.</summary>
    public WeightFiles Weights { get; } = new(files);

    /// <summary>Where a missing key is reported.</summary>
    public SourceSpan Root { get; } = root;

    public Dictionary<SettingDescriptor, Setting> Base { get; } = [];

    /// <summary>Where each block of the file begins, by its path.</summary>
    public Dictionary<string, SourceSpan> Blocks { get; } = new(StringComparer.Ordinal);

    public List<Factor> Factors { get; } = [];

    public List<IncludedArm> Includes { get; } = [];

    public List<Exclusion> Excludes { get; } = [];

    public List<long> Seeds { get; } = [];

    public YamlSequence? Claims { get; set; }

    /// <summary>What is tuned; null where nothing is.</summary>
    public TuneSettings? Tune { get; set; }

    /// <summary>The settings that were written but refused: they are not missing, and nothing is concluded from their absence.</summary>
    public HashSet<SettingDescriptor> Refused { get; } = [];

    /// <summary>Whether an included arm was refused, so that the arms are not all known.</summary>
    public bool HasRefusedArms { get; set; }

    public Factor? FactorOf(SettingDescriptor descriptor) => Factors.Find(factor => factor.Descriptor == descriptor);

    /// <summary>The value that counts for all cells: written, or the default; null when there is neither.</summary>
    public SettingValue? Common(SettingDescriptor descriptor)
    {
        if (Base.TryGetValue(descriptor, out var setting) && setting.Common is { } common) return common.Value;
        return descriptor.DefaultValue;
    }
}
