namespace Harness.Experiments.Yaml;

/// <summary>A text that diagnostics point into: the experiment file, or one <c>--set</c> argument.</summary>
internal sealed class SourceText(string file, string text)
{
    private string[]? lines;

    /// <summary>The name that diagnostics print.</summary>
    public string File { get; } = file;

    public string Text { get; } = text;

    /// <summary>What diagnostics quote, when that is not the parsed text itself.</summary>
    public string Shown { get; init; } = text;

    /// <summary>The line numbered from 1, without its line break; empty beyond the end.</summary>
    public string Line(int number)
    {
        lines ??= Shown.ReplaceLineEndings("\n").Split('\n');
        return number >= 1 && number <= lines.Length ? lines[number - 1] : "";
    }

    /// <summary>A span of <paramref name="length"/> characters that starts at a character offset.</summary>
    public SourceSpan At(int offset, int length = 1)
    {
        var line = 1;
        var lineStart = 0;
        for (var i = 0; i < offset && i < Text.Length; i++)
        {
            var isBreak = Text[i] == '\n' || (Text[i] == '\r' && !(i + 1 < Text.Length && Text[i + 1] == '\n'));
            if (!isBreak) continue;
            line++;
            lineStart = i + 1;
        }

        var column = offset - lineStart + 1;
        return new SourceSpan(this, line, column, line, column + length);
    }
}

/// <summary>A place in a text. Lines and columns count from 1, columns in UTF-16 units as editors do; the end is exclusive.</summary>
internal readonly record struct SourceSpan(SourceText Source, int Line, int Column, int EndLine, int EndColumn);
