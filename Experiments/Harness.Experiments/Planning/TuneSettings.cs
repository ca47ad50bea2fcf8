using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Planning;

/// <summary>The <c>tune:</c> block, checked value by value.</summary>
internal sealed class TuneSettings(SourceSpan span)
{
    public SourceSpan Span => span;

    /// <summary>What is searched, in the file's order.</summary>
    public List<Knob> Over { get; } = [];

    /// <summary>The factors whose levels are tuned by themselves; null tunes every condition by itself.</summary>
    public IReadOnlyList<SettingDescriptor>? Per { get; set; }
}

/// <summary>A setting that is searched.</summary>
/// <param name="Arms">The arms that have it in their search; null for all whose cell has the setting.</param>
/// <param name="Values">The values of a list; empty for a range.</param>
/// <param name="Low">Smallest value of a range.</param>
/// <param name="High">Largest value of a range.</param>
/// <param name="IsWhole">Whether a range has whole numbers only.</param>
internal sealed record Knob(
    SettingDescriptor Descriptor, SourceSpan Span, string Path, IReadOnlyList<(string Name, SourceSpan Span)>? Arms, TunedScale Scale, IReadOnlyList<SettingLevel> Values, double Low, double High, bool IsWhole);
