namespace Harness.Experiments.Yaml;

/// <summary>Finds the bracket that was never closed: the commonest broken YAML, and the one that parsers locate worst.</summary>
internal static class BracketScan
{
    /// <summary>The first opener without its closer, or null when all brackets pair up.</summary>
    public static SourceSpan? FirstUnclosed(SourceText source)
    {
        var text = source.Text;
        var openers = new List<int>();
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '#' when i == 0 || char.IsWhiteSpace(text[i - 1]):
                    i = EndOfLine(text, i);
                    break;
                case '"' or '\'' when StartsValue(text, i):
                    i = EndOfQuoted(text, i);
                    break;
                case '[' or '{' when openers.Count > 0 || StartsValue(text, i):
                    openers.Add(i);
                    break;
                case ']' when openers.Count > 0 && text[openers[^1]] == '[':
                case '}' when openers.Count > 0 && text[openers[^1]] == '{':
                    openers.RemoveAt(openers.Count - 1);
                    break;
                case '\n' when openers.Count > 0 && StartsBlockKey(text, i + 1):
                    // A new top-level key while a bracket is open: it was the bracket that was forgotten.
                    return source.At(openers[0]);
            }
        }

        return openers.Count > 0 ? source.At(openers[^1]) : null;
    }

    private static bool StartsValue(string text, int at)
    {
        var before = at - 1;
        while (before >= 0 && text[before] is ' ' or '\t') before--;
        return before < 0 || text[before] is '\n' or '\r' or ':' or '-' or ',' or '[' or '{' or '?';
    }

    private static bool StartsBlockKey(string text, int at)
    {
        if (at >= text.Length || !char.IsAsciiLetter(text[at])) return false;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.')) at++;
        return at + 1 < text.Length && text[at] == ':' && char.IsWhiteSpace(text[at + 1]);
    }

    private static int EndOfLine(string text, int at)
    {
        while (at + 1 < text.Length && text[at + 1] is not '\n') at++;
        return at;
    }

    private static int EndOfQuoted(string text, int at)
    {
        var quote = text[at];
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\\' && quote == '"') at++;
        }

        return at;
    }
}
