using System.Text.RegularExpressions;

namespace Harness.Tests.Structure;

/// <summary>A sentence of a Markdown page.</summary>
/// <param name="Line">The line of the page on which its paragraph, list item or table cell begins, from 1.</param>
/// <param name="Text">The sentence; a lone backtick stands for a piece of inline code.</param>
internal sealed record Sentence(int Line, string Text)
{
    /// <summary>How many words it has. Inline code counts as one, punctuation as none.</summary>
    public int Words => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(letter => char.IsLetterOrDigit(letter) || letter is '`' or '_'));
}

/// <summary>The prose of a Markdown page, without code blocks, headings, comments and the targets of links.</summary>
internal static partial class Prose
{
    /// <summary>The sentences of a page, in order. Each list item and each cell of a table begins a new one.</summary>
    public static IEnumerable<Sentence> Sentences(string page) =>
        Paragraphs(page).SelectMany(paragraph => SentenceEnd().Split(paragraph.Text.Replace("e.g. ", "e.g.~", StringComparison.Ordinal))
            .Where(text => !string.IsNullOrWhiteSpace(text)).Select(text => paragraph with { Text = text }));

    private static IEnumerable<Sentence> Paragraphs(string page)
    {
        var lines = page.ReplaceLineEndings("\n").Split('\n');
        var gathered = new List<string>();
        var first = 0;
        var isCode = false;
        for (var index = 0; index <= lines.Length; index++)
        {
            var line = index < lines.Length ? lines[index].Trim() : "";
            var isFence = line.StartsWith("```", StringComparison.Ordinal);
            if (isFence) isCode = !isCode;
            var text = isFence || isCode || line.StartsWith('#') || line.StartsWith("<!--", StringComparison.Ordinal) ? "" : Link().Replace(InlineCode().Replace(line, "`"), "$1");
            var isRow = text.StartsWith('|');
            if (gathered.Count > 0 && (text.Length == 0 || isRow || ListItem().IsMatch(text)))
            {
                yield return new(first, string.Join(' ', gathered));
                gathered.Clear();
            }

            if (isRow)
            {
                if (RowOfRules().IsMatch(text)) continue;
                foreach (var cell in text.Trim('|').Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) yield return new(index + 1, cell);
            }
            else if (text.Length > 0)
            {
                if (gathered.Count == 0) first = index + 1;
                gathered.Add(ListItem().Replace(text, ""));
            }
        }
    }

    [GeneratedRegex(@"(?<=[.!?])[""”)*]*\s+(?=[""“(*`A-Z0-9])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SentenceEnd();

    [GeneratedRegex("`[^`]*`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^(?:[-*]|\d+\.)\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"^[|\s:-]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RowOfRules();
}
