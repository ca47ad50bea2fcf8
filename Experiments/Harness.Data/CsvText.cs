namespace Harness.Data;

/// <summary>One field of a record and where it stands.</summary>
/// <param name="Start">Of its characters, quotes not counted.</param>
/// <param name="IsEscaped">Whether it holds doubled quotes.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units, of the field's first character or quote.</param>
internal readonly record struct CsvField(int Start, int End, bool IsEscaped, int Line, int Column);

/// <summary>Why a text is not well-formed CSV.</summary>
internal sealed record CsvFault(int Line, int Column, string Message);

/// <summary>Cuts a text into records by RFC 4180: fields in quotes may hold separators, line breaks and doubled quotes; lines end with CRLF or LF.</summary>
internal sealed class CsvText(string text, char separator)
{
    private readonly List<CsvField> fields = [];
    private int at, line = 1, lineStart;

    /// <summary>The fields of the record that was read last.</summary>
    public IReadOnlyList<CsvField> Fields => fields;

    /// <summary>Set when reading stopped at something that is no CSV.</summary>
    public CsvFault? Fault { get; private set; }

    /// <summary>The candidate that the header holds most often outside of quotes; the comma when it holds none.</summary>
    public static char DetectSeparator(string text)
    {
        ReadOnlySpan<char> candidates = [',', ';', '\t'];
        Span<int> counts = stackalloc int[candidates.Length];
        var quoted = false;
        foreach (var c in text)
        {
            if (c == '"') quoted = !quoted;
            if (quoted) continue;
            if (c is '\n' or '\r') break;
            var candidate = candidates.IndexOf(c);
            if (candidate >= 0) counts[candidate]++;
        }

        var best = 0;
        for (var i = 1; i < counts.Length; i++)
            if (counts[i] > counts[best]) best = i;
        return candidates[best];
    }

    public ReadOnlySpan<char> Raw(CsvField field) => text.AsSpan(field.Start, field.End - field.Start);

    public string Value(CsvField field) => field.IsEscaped ? Raw(field).ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : Raw(field).ToString();

    /// <summary>Reads the next record; false at the end or at a fault. Empty lines at the end are no records.</summary>
    public bool Next()
    {
        fields.Clear();
        if (at >= text.Length || Fault is not null) return false;
        if (text[at] is '\n' or '\r')
        {
            if (text.AsSpan(at).IndexOfAnyExcept('\r', '\n') < 0) return false;
            return Refuse(line, 1, "an empty line");
        }

        while (true)
        {
            if (!ReadField()) return false;
            if (at >= text.Length) return true;
            if (text[at] != separator) return EndLine();
            at++;
        }
    }

    private bool ReadField()
    {
        var column = at - lineStart + 1;
        if (at < text.Length && text[at] == '"') return ReadQuoted(line, column);
        var start = at;
        while (at < text.Length && text[at] != separator && text[at] is not ('\n' or '\r'))
        {
            if (text[at] == '"') return Refuse(line, at - lineStart + 1, "a quote inside a field; such a field stands in quotes, its own quotes doubled");
            at++;
        }

        fields.Add(new(start, at, IsEscaped: false, line, column));
        return true;
    }

    private bool ReadQuoted(int openLine, int openColumn)
    {
        var start = ++at;
        var escaped = false;
        while (true)
        {
            if (at >= text.Length) return Refuse(openLine, openColumn, "this quote is never closed");
            var c = text[at];
            if (c == '"' && at + 1 < text.Length && text[at + 1] == '"')
            {
                escaped = true;
                at += 2;
                continue;
            }

            if (c == '"') break;
            at++;
            if (c != '\n') continue;
            line++;
            lineStart = at;
        }

        fields.Add(new(start, at, escaped, openLine, openColumn));
        at++;
        return at >= text.Length || text[at] == separator || text[at] is '\n' or '\r' || Refuse(line, at - lineStart + 1, "text after a closing quote");
    }

    private bool EndLine()
    {
        if (text[at] == '\r' && (at + 1 >= text.Length || text[at + 1] != '\n')) return Refuse(line, at - lineStart + 1, "a carriage return that ends no line");
        at += text[at] == '\r' ? 2 : 1;
        line++;
        lineStart = at;
        return true;
    }

    private bool Refuse(int faultLine, int faultColumn, string message)
    {
        Fault = new(faultLine, faultColumn, message);
        return false;
    }
}
