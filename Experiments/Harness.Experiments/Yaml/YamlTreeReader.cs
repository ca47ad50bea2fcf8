using System.Globalization;
using Harness.Abstractions.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Harness.Experiments.Yaml;

/// <summary>Turns a text into nodes. YamlDotNet is used for its events only: its binder guesses and stops at the first mistake.</summary>
internal sealed class YamlTreeReader
{
    public const int MostEvents = 20_000;
    public const int LongestScalar = 8 * 1024;

    private const string CoreTagPrefix = "tag:yaml.org,2002:";
    private static readonly string[] CoreTags = ["str", "int", "float", "bool", "null", "map", "seq"];

    private readonly SourceText source;
    private readonly DiagnosticList diagnostics;
    private readonly Stack<OpenNode> open = new();
    private YamlNode? root;
    private int documents;

    private YamlTreeReader(SourceText source, DiagnosticList diagnostics)
    {
        this.source = source;
        this.diagnostics = diagnostics;
    }

    /// <summary>The document's root, or null when the text was refused or is empty.</summary>
    public static YamlNode? Read(SourceText source, DiagnosticList diagnostics)
    {
        var reader = new YamlTreeReader(source, diagnostics);
        try
        {
            return reader.ReadEvents() ? reader.root : null;
        }
        catch (YamlException problem)
        {
            reader.Report(problem);
        }
        catch (Exception problem)
        {
            // The parser has known inputs on which it throws a bare exception without a position.
            reader.ReportUnpositioned(problem);
        }

        return null;
    }

    private bool ReadEvents()
    {
        var parser = new Parser(new StringReader(source.Text));
        var events = 0;
        while (parser.MoveNext())
        {
            var current = parser.Current!;
            if (++events > MostEvents)
            {
                return Refuse(DiagnosticCodes.OverBudget, SpanOf(current), $"the file holds more than {MostEvents:N0} YAML elements");
            }

            if (!Take(current)) return false;
        }

        return true;
    }

    private bool Take(ParsingEvent current)
    {
        switch (current)
        {
            case DocumentStart when ++documents > 1:
                return Refuse(DiagnosticCodes.SeveralDocuments, SpanOf(current), "the file holds several YAML documents", "one experiment per file");
            case AnchorAlias alias:
                return Refuse(DiagnosticCodes.Anchor, SpanOf(alias), $"alias \"*{alias.Value.Value}\" is not allowed", "the value itself, written out");
            case NodeEvent node when !IsAllowed(node):
                return false;
            case Scalar scalar when scalar.Value.Length > LongestScalar:
                return Refuse(DiagnosticCodes.OverBudget, SpanOf(scalar), $"a value is longer than {LongestScalar / 1024} KiB");
            case Scalar scalar:
                return Place(new YamlScalar(SpanOf(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain));
            case MappingStart or SequenceStart:
                if (open.Count == SourceScan.DeepestNesting)
                {
                    return Refuse(DiagnosticCodes.OverBudget, SpanOf(current), $"values are nested more than {SourceScan.DeepestNesting} deep",
                        string.Create(CultureInfo.InvariantCulture, $"at most {SourceScan.DeepestNesting} levels, of which an experiment needs four"));
                }

                open.Push(new OpenNode(SpanOf(current), current is MappingStart));
                return true;
            case MappingEnd or SequenceEnd:
                return Place(open.Pop().Close());
            default:
                return true;
        }
    }

    private bool IsAllowed(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            return Refuse(DiagnosticCodes.Anchor, SpanOf(node), $"anchor \"&{node.Anchor.Value}\" is not allowed", "the value itself, written out");
        }

        if (node.Tag.IsEmpty) return true;
        var tag = node.Tag.IsNonSpecific ? "!" : node.Tag.Value;
        var isCore = tag.StartsWith(CoreTagPrefix, StringComparison.Ordinal) && CoreTags.Contains(tag[CoreTagPrefix.Length..], StringComparer.Ordinal);
        return isCore || Refuse(DiagnosticCodes.Tag, SpanOf(node), $"tag \"{ShortText.Of(tag.Replace(CoreTagPrefix, "!!", StringComparison.Ordinal))}\" is not allowed", "a plain value");
    }

    private bool Place(YamlNode node)
    {
        if (!open.TryPeek(out var parent))
        {
            root = node;
            return true;
        }

        if (!parent.IsMapping || parent.Key is not null)
        {
            parent.Add(node);
            return true;
        }

        if (node is not YamlScalar key)
        {
            return Refuse(DiagnosticCodes.WrongKind, node.Span, $"a key cannot be {node.Kind}", "a word");
        }

        if (key is { IsPlain: true, Text: "<<" })
        {
            return Refuse(DiagnosticCodes.Anchor, key.Span, "merge key \"<<\" is not allowed", "the values themselves, written out");
        }

        // The first value stays; the rest of the file is still worth checking.
        parent.SkipsValue = !parent.Keys.TryAdd(key.Text, key.Span);
        if (parent.SkipsValue)
        {
            diagnostics.Error(DiagnosticCodes.DuplicateKey, key.Span, key.Text, $"key \"{key.Excerpt}\" is given twice",
                $"each key once; the first is on line {parent.Keys[key.Text].Line}");
        }

        parent.Key = key;
        return true;
    }

    private bool Refuse(string code, SourceSpan span, string message, string? expected = null)
    {
        diagnostics.Error(code, span, "", message, expected);
        return false;
    }

    private void Report(YamlException problem)
    {
        if (BracketScan.FirstUnclosed(source) is { } bracket)
        {
            ReportUnclosed(bracket);
            return;
        }

        // Within braces the parser fails at the entry after an anchor, and would name that one.
        if (FirstAnchor(source.Line((int)problem.Start.Line)) is var (text, column))
        {
            var line = (int)problem.Start.Line;
            diagnostics.Error(DiagnosticCodes.Anchor, new SourceSpan(source, line, column, line, column + text.Length), "", $"anchor \"{text}\" is not allowed", "the value itself, written out");
            return;
        }

        var message = problem.Message.TrimEnd('.');
        diagnostics.Error(DiagnosticCodes.InvalidYaml, SpanOf(problem.Start, problem.End), "",
            $"this is not valid YAML: {char.ToLowerInvariant(message[0])}{message[1..]}", suggestion: Advice(message));
    }

    /// <summary>The first anchor or alias of a line outside quotes and comments, with its column from 1; null when there is none.</summary>
    private static (string Text, int Column)? FirstAnchor(string line)
    {
        for (var at = 0; at < line.Length; at++)
        {
            switch (line[at])
            {
                case '#':
                    return null;
                case '"' or '\'':
                    at = line.IndexOf(line[at], at + 1);
                    if (at < 0) return null;
                    break;
                case '&' or '*' when at > 0 && (char.IsWhiteSpace(line[at - 1]) || line[at - 1] is '[' or '{' or ',' or ':'):
                    var end = at + 1;
                    while (end < line.Length && (char.IsLetterOrDigit(line[end]) || line[end] is '_' or '-')) end++;
                    if (end > at + 1) return (line[at..end], at + 1);
                    break;
            }
        }

        return null;
    }

    /// <summary>The parser says what it met; people want to know what they did.</summary>
    private static string? Advice(string message)
    {
        if (message.Contains("quoted scalar", StringComparison.Ordinal)) return "is the closing quote missing?";
        return message.Contains("invalid mapping", StringComparison.Ordinal)
            ? "indent the lines of a block alike, put a colon after each key, and quotes around a text that holds a colon"
            : null;
    }

    private void ReportUnpositioned(Exception problem)
    {
        if (BracketScan.FirstUnclosed(source) is { } bracket) ReportUnclosed(bracket);
        else diagnostics.Error(DiagnosticCodes.InvalidYaml, source.At(0), "", $"this is not valid YAML: {ShortText.Of(problem.Message)}");
    }

    private void ReportUnclosed(SourceSpan bracket)
    {
        var opener = source.Line(bracket.Line)[bracket.Column - 1];
        var closer = opener == '[' ? ']' : '}';
        diagnostics.Error(DiagnosticCodes.InvalidYaml, bracket, "", $"this \"{opener}\" is never closed", $"a \"{closer}\" after the last entry");
    }

    private SourceSpan SpanOf(ParsingEvent current) => SpanOf(current.Start, current.End);

    private SourceSpan SpanOf(Mark start, Mark end)
    {
        var line = Math.Max(1, (int)start.Line);
        var column = Math.Max(1, (int)start.Column);
        var endLine = Math.Max(line, (int)end.Line);
        var endColumn = endLine == line ? Math.Max(column + 1, (int)end.Column) : Math.Max(1, (int)end.Column);
        return new SourceSpan(source, line, column, endLine, endColumn);
    }

    /// <summary>A mapping or list whose end has not come yet.</summary>
    private sealed class OpenNode(SourceSpan span, bool isMapping)
    {
        private readonly List<YamlNode> items = [];
        private readonly List<YamlEntry> entries = [];

        public bool IsMapping { get; } = isMapping;

        public Dictionary<string, SourceSpan> Keys { get; } = new(StringComparer.Ordinal);

        public YamlScalar? Key { get; set; }

        /// <summary>Whether the key was given before, so that its value is read but not kept.</summary>
        public bool SkipsValue { get; set; }

        public void Add(YamlNode node)
        {
            if (Key is null)
            {
                items.Add(node);
                return;
            }

            if (!SkipsValue) entries.Add(new YamlEntry(Key, node));
            Key = null;
        }

        public YamlNode Close() => IsMapping ? new YamlMapping(span, entries) : new YamlSequence(span, items);
    }
}
