using System.Text;

namespace Harness.Reports.Sections;

/// <summary>Makes a script shorter without changing what it does: comments, indentation, ends of lines and spaces that separate nothing are left out.</summary>
/// <remarks>For scripts whose statements end with a semicolon and whose line comments have lines of their own.</remarks>
internal sealed class ScriptText
{
    private readonly string source;
    private readonly StringBuilder kept = new();

    /// <summary>Per open template literal, how many braces are open in the expression within it.</summary>
    private readonly Stack<int> braces = new();

    private int at;

    private ScriptText(string source) => this.source = source;

    public static string Compact(string script)
    {
        var lines = script.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith("//", StringComparison.Ordinal));
        return new ScriptText(string.Concat(lines)).Run();
    }

    private string Run()
    {
        while (at < source.Length)
        {
            var c = source[at];
            if (c is '"' or '\'') KeepLiteral(QuotedEnd());
            else if (c == '`' || (c == '}' && braces.TryPeek(out var open) && open == 0)) KeepTemplate();
            else if (c == '/' && source.AsSpan(at).StartsWith("/*", StringComparison.Ordinal)) at = source.IndexOf("*/", at, StringComparison.Ordinal) + 2;
            else if (c == '/' && IsExpected()) KeepLiteral(PatternEnd());
            else if (c == ' ') KeepSpace();
            else Keep(c);
        }

        return kept.ToString();
    }

    private void Keep(char c)
    {
        if (c is '{' or '}' && braces.TryPop(out var open)) braces.Push(open + (c == '{' ? 1 : -1));
        kept.Append(c);
        at++;
    }

    private void KeepLiteral(int end)
    {
        kept.Append(source, at, end - at);
        at = end;
    }

    /// <summary>Only where two words, or two signs that would be another together, are kept apart by it.</summary>
    private void KeepSpace()
    {
        var (before, after) = (kept.Length > 0 ? kept[^1] : ' ', at + 1 < source.Length ? source[at + 1] : ' ');
        if ((IsWord(before) && IsWord(after)) || (before == after && before is '+' or '-')) kept.Append(' ');
        at++;
    }

    private int QuotedEnd()
    {
        var end = at + 1;
        while (source[end] != source[at]) end += source[end] == '\\' ? 2 : 1;
        return end + 1;
    }

    /// <summary>The text of a template, from its beginning or from the end of an expression to the next expression or to its end.</summary>
    private void KeepTemplate()
    {
        if (source[at] == '}') braces.Pop();
        var end = at + 1;
        while (source[end] != '`' && !source.AsSpan(end).StartsWith("${", StringComparison.Ordinal)) end += source[end] == '\\' ? 2 : 1;
        if (source[end] == '$')
        {
            braces.Push(0);
            end++;
        }

        KeepLiteral(end + 1);
    }

    private int PatternEnd()
    {
        var isInClass = false;
        var end = at + 1;
        for (; source[end] != '/' || isInClass; end++)
        {
            if (source[end] == '\\') end++;
            else if (source[end] is '[' or ']') isInClass = source[end] == '[';
        }

        do end++;
        while (end < source.Length && char.IsAsciiLetter(source[end]));
        return end;
    }

    /// <summary>Whether a value may come next, so that a slash begins a pattern and is no division.</summary>
    private bool IsExpected() => kept.Length == 0 || "(,=:[!&|?{};+>".Contains(kept[^1], StringComparison.Ordinal);

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' || c > '\u007f';
}
