using Harness.Abstractions.Diagnostics;

namespace Harness.Experiments.Yaml;

/// <summary>What YAML says, without any guess at what its scalars mean.</summary>
internal abstract record YamlNode(SourceSpan Span)
{
    /// <summary>The node's kind in the words of diagnostics.</summary>
    public abstract string Kind { get; }
}

/// <summary>A scalar's text, quotes and escapes resolved.</summary>
/// <param name="IsPlain">False when it was quoted or a block.</param>
internal sealed record YamlScalar(SourceSpan Span, string Text, bool IsPlain) : YamlNode(Span)
{
    public override string Kind => IsEmpty ? "nothing" : $"\"{Excerpt}\"";

    /// <summary>Whether nothing at all was written after the key.</summary>
    public bool IsEmpty => IsPlain && Text.Length == 0;

    /// <summary>The text on one line, shortened to what fits into a message.</summary>
    public string Excerpt => ShortText.Of(Text);
}

internal sealed record YamlSequence(SourceSpan Span, IReadOnlyList<YamlNode> Items) : YamlNode(Span)
{
    public override string Kind => "a list";
}

internal sealed record YamlMapping(SourceSpan Span, IReadOnlyList<YamlEntry> Entries) : YamlNode(Span)
{
    public override string Kind => "a mapping";

    public YamlEntry? Find(string key) => Entries.FirstOrDefault(entry => string.Equals(entry.Key.Text, key, StringComparison.Ordinal));
}

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
