using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Puts <c>--set</c> values into the document before it is checked, so that they are checked like the rest of it.</summary>
internal static class OverrideApplication
{
    private const string Shape = "path=value, such as --set train.steps=500 or --set matrix.length=[10,20]";

    /// <summary>The document with the override in it; the document itself when the override was refused.</summary>
    public static YamlMapping Apply(YamlMapping document, SettingOverride change, DiagnosticList diagnostics)
    {
        var source = new SourceText(SettingOverride.Option, change.Text);
        var equals = change.Text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            diagnostics.Error(DiagnosticCodes.BadOverride, source.At(0, Math.Max(1, change.Text.Length)), "", $"\"{ShortText.Of(change.Text)}\" changes nothing", Shape);
            return document;
        }

        var path = change.Text[..equals].Trim();
        var pathSpan = source.At(0, equals);
        var descriptor = SettingCatalog.Find(path);
        var owner = OwnerOf(path);
        if (descriptor is null && owner is null && !IsBlock(path) && !IsFactor(path))
        {
            var near = EditDistance.Nearest(path, SettingCatalog.All.SelectMany(setting => new[] { setting.Path, setting.Name }));
            diagnostics.Error(DiagnosticCodes.BadOverride, pathSpan, path, $"there is no setting \"{ShortText.Of(path)}\"", near is null ? Shape : null,
                near is null ? null : $"did you mean \"{near}\"?");
            return document;
        }

        if (ValueOf(source, equals + 1, diagnostics) is not { } value) return document;

        // `task` is short for the kind of task, and the block that holds it.
        if (value is YamlMapping && IsBlock(path)) descriptor = null;
        var words = (descriptor?.Path ?? path).Split('.');
        if (descriptor is { CanVary: true }) document = WithoutFactor(document, descriptor);
        if (words[0] == BlockNames.Matrix && words.Length > 1)
        {
            // The factor's name may hold dots, and the file may call it by its other name.
            var factor = path[(BlockNames.Matrix.Length + 1)..];
            if (SettingCatalog.Find(factor) is { } named) document = WithoutFactor(document, named);
            words = [BlockNames.Matrix, factor];
        }

        if (owner is not null)
        {
            document = SpreadOverCells(WithoutFactor(document, owner), owner, pathSpan);
            words = [.. owner.Path.Split('.'), words[^1]];
        }

        if (value is YamlMapping block && Under(document, words) is YamlMapping replaced) WarnOfLost(path, pathSpan, replaced, block, diagnostics);
        return With(document, words, pathSpan, value);
    }

    /// <summary>A block that is set replaces the file's whole: what it does not repeat returns to its default.</summary>
    private static void WarnOfLost(string path, SourceSpan span, YamlMapping replaced, YamlMapping block, DiagnosticList diagnostics)
    {
        var lost = replaced.Entries.Select(entry => entry.Key.Text).Where(key => block.Find(key) is null).ToArray();
        if (lost.Length == 0) return;
        diagnostics.Warning(DiagnosticCodes.BadOverride, span, path, $"the whole block is replaced: {string.Join(", ", lost.Select(key => $"{path}.{key}"))} no longer set",
            $"to change one setting: --set {path}.{(block.Entries is [var first, ..] ? first.Key.Text : "KEY")}=VALUE");
    }

    private static YamlNode? Under(YamlMapping document, IEnumerable<string> words) => words.Aggregate((YamlNode?)document, (node, word) => (node as YamlMapping)?.Find(word)?.Value);

    /// <summary>Whether the path is a whole block, which is then replaced.</summary>
    private static bool IsBlock(string path) => path is BlockNames.Matrix or BlockNames.Claims || SpecBinder.KeysUnder(path).Count > 0;

    private static bool IsFactor(string path) => path.StartsWith(BlockNames.Matrix + ".", StringComparison.Ordinal) && path.Length > BlockNames.Matrix.Length + 1;

    /// <summary>The setting of which the path is one cell's value; null when it is none.</summary>
    private static SettingDescriptor? OwnerOf(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot > 0 && dot < path.Length - 1 && SettingCatalog.Find(path[..dot]) is { CanBePerCell: true } owner ? owner : null;
    }

    /// <summary>Writes a value that all cells share once for each of them, so that one can be changed.</summary>
    private static YamlMapping SpreadOverCells(YamlMapping document, SettingDescriptor owner, SourceSpan span)
    {
        YamlNode? node = document;
        foreach (var word in owner.Path.Split('.')) node = (node as YamlMapping)?.Find(word)?.Value;
        var shared = node ?? (owner.Default is { } text ? new YamlScalar(span, text, IsPlain: true) : null);
        if (shared is not YamlScalar) return document;
        var entries = CellCatalog.All.Select(cell => new YamlEntry(new YamlScalar(span, cell.Name, IsPlain: true), shared)).ToArray();
        return With(document, owner.Path.Split('.'), span, new YamlMapping(span, entries));
    }

    private static YamlNode? ValueOf(SourceText source, int offset, DiagnosticList diagnostics)
    {
        var text = source.Text[offset..].Trim();
        if (text.Length == 0 || text[0] is not ('[' or '{')) return new YamlScalar(source.At(offset, Math.Max(1, source.Text.Length - offset)), text, IsPlain: true);

        // Blanks keep the columns of the argument in the value's positions.
        return SourceScan.Read(System.Text.Encoding.UTF8.GetBytes(new string(' ', offset) + source.Text[offset..]), SettingOverride.Option, diagnostics) is { } checkedText
            ? YamlTreeReader.Read(new SourceText(SettingOverride.Option, checkedText.Text) { Shown = source.Text }, diagnostics)
            : null;
    }

    /// <summary>A value that is set counts instead of the factor's levels and of what included arms say.</summary>
    private static YamlMapping WithoutFactor(YamlMapping document, SettingDescriptor descriptor)
    {
        if (document.Find(BlockNames.Matrix) is not { Value: YamlMapping matrix } entry) return document;
        var kept = Without(matrix, descriptor).Entries
            .Select(factor => factor is { Key.Text: MatrixReader.Include, Value: YamlSequence arms }
                ? factor with { Value = arms with { Items = [.. arms.Items.Select(arm => arm is YamlMapping values ? Without(values, descriptor) : arm)] } }
                : factor).ToArray();
        return Replace(document, entry.Key, kept.Length == 0 ? null : matrix with { Entries = kept });
    }

    private static YamlMapping Without(YamlMapping mapping, SettingDescriptor descriptor) =>
        mapping with { Entries = [.. mapping.Entries.Where(entry => SettingCatalog.Find(entry.Key.Text) != descriptor)] };

    private static YamlMapping With(YamlMapping mapping, ReadOnlySpan<string> words, SourceSpan span, YamlNode value)
    {
        var entry = mapping.Find(words[0]);
        var key = entry?.Key ?? new YamlScalar(span, words[0], IsPlain: true);
        if (words.Length == 1) return Replace(mapping, key, value);

        // A block that is no mapping is a mistake that the file's own check reports; only seeds can rightly be something else.
        if (entry is { Value: not YamlMapping } && words[0] != BlockNames.Seeds) return mapping;
        var inner = entry?.Value as YamlMapping ?? new YamlMapping(span, []);
        return Replace(mapping, key, With(inner, words[1..], span, value));
    }

    private static YamlMapping Replace(YamlMapping mapping, YamlScalar key, YamlNode? value)
    {
        var entries = mapping.Entries.ToList();
        var at = entries.FindIndex(entry => string.Equals(entry.Key.Text, key.Text, StringComparison.Ordinal));
        if (at >= 0 && value is null) entries.RemoveAt(at);
        else if (at >= 0) entries[at] = new YamlEntry(key, value!);
        else if (value is not null) entries.Add(new YamlEntry(key, value));
        return mapping with { Entries = entries };
    }
}
