namespace Harness.Abstractions.Diagnostics;

/// <summary>Foreign text as a message quotes it.</summary>
public static class ShortText
{
    private const int Longest = 60;

    /// <summary>The text on one line, shortened to what fits into a message.</summary>
    public static string Of(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        if (line.Length <= Longest) return line;
        var cut = char.IsHighSurrogate(line[Longest - 1]) ? Longest - 1 : Longest;
        return string.Concat(line.AsSpan(0, cut), "…");
    }
}
