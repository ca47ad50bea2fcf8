namespace Harness.Data;

/// <summary>One field of a record and where it stands.</summary>
/// <param name="Start">Of its characters, quotes not counted.</param>
/// <param name="IsEscaped">Whether it holds doubled quotes.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units, of the field's first character or quote.</param>
internal readonly record struct CsvField(int Start, int End, bool IsEscaped, int Line, int Column);

/// <summary>Why a text is not well-formed CSV.</summary>
internal sealed record CsvFault(int Line, int Column, string Message);

/// <summary>
/// Cuts a text into records by RFC 4180: fields in quotes may hold separators, line breaks and doubled quotes; lines end with CRLF or LF.
/// Empty lines are no records where a record has several fields. Blanks as separators count as one, however many there are.
/// </summary>
internal sealed class CsvText
{
    private readonly List<CsvField> fields = [];
    private readonly string text;
    private readonly char separator;
    private int at, line = 1, lineStart;
    private bool isSingle;

    public CsvText(string text, char separator)
    {
        (this.text, this.separator) = (text, separator);
        if (FirstLineNames(text) is null) return;
        at = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        if (at == 0) at = text.Length;
        (line, lineStart) = (2, at);
    }

    /// <summary>The fields of the record that was read last.</summary>
    public IReadOnlyList<CsvField> Fields => fields;

    /// <summary>Set when reading stopped at something that is no CSV.</summary>
    public CsvFault? Fault { get; private set; }

    /// <summary>The separator that Excel's first line <c>sep=;</c> names; null without such a line.</summary>
    public static char? FirstLineNames(string text) =>
        text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 5 && text[4] is not ('\r' or '\n') && (text[5] is '\r' or '\n') ? text[4] : null;

    /// <summary>What the first line says, else the candidate that the header holds most often outside of quotes; the comma when it holds none.</summary>
    public static char DetectSeparator(string text)
    {
        if (FirstLineNames(text) is ',' or ';' or '\t' or '|') return text[4];
        ReadOnlySpan<char> candidates = [',', ';', '\t', '|'];
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

    /// <summary>Reads the next record; false at the end or at a fault. Empty lines are no records, but one between records of one field could be a missing value: a fault.</summary>
    public bool Next()
    {
        fields.Clear();
        if (at >= text.Length || Fault is not null) return false;
        while (text[at] is '\n' or '\r')
        {
            if (text.AsSpan(at).IndexOfAnyExcept('\r', '\n') < 0) return false;
            if (isSingle) return Refuse(line, 1, "an empty line");
            if (!EndLine() || at >= text.Length) return false;
        }

        SkipBlanks();
        while (true)
        {
            if (!ReadField()) return false;
            if (IsBlankSeparated)
            {
                SkipBlanks();
                if (at < text.Length && text[at] is not ('\r' or '\n')) continue;
                break;
            }

            if (at >= text.Length || text[at] != separator) break;
            at++;
        }

        isSingle = fields.Count == 1;
        return at >= text.Length || EndLine();
    }

    private bool IsBlankSeparated => separator == ' ';

    private bool IsSeparator(char c) => c == separator || (IsBlankSeparated && c == '\t');

    private void SkipBlanks()
    {
        if (!IsBlankSeparated) return;
        while (at < text.Length && text[at] is ' ' or '\t') at++;
    }

    private bool ReadField()
    {
        var column = at - lineStart + 1;
        if (at < text.Length && text[at] == '"') return ReadQuoted(line, column);
        var start = at;
        while (at < text.Length && !IsSeparator(text[at]) && text[at] is not ('\n' or '\r'))
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
        return at >= text.Length || IsSeparator(text[at]) || text[at] is '\n' or '\r' || Refuse(line, at - lineStart + 1, "text after a closing quote");
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
