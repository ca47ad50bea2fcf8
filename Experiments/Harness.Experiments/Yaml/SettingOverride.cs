namespace Harness.Experiments.Yaml;

/// <summary>One <c>--set path=value</c> of the command line, as it was typed; the reader checks it like the file itself.</summary>
/// <param name="Text"><c>path=value</c>, e.g. <c>train.steps=500</c> or <c>matrix.length=[10, 20]</c>.</param>
public sealed record SettingOverride(string Text)
{
    internal const string Option = "--set";
}
