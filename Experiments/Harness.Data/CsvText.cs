using System.Buffers;

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
/// The text is read piece by piece: what is in memory is one record and the piece it lies in.
/// </summary>
internal sealed class CsvText
{
    private const int PieceLength = 65_536;

    private readonly List<CsvField> fields = [];
    private readonly TextReader source;
    private readonly char separator;
    private readonly SearchValues<char> ends;
    private char[] buffer;
    private int filled, at, line = 1, lineStart;
    private bool isSingle, isRead;

    public CsvText(string text, char separator) : this(DecodedText.Of(text), separator)
    {
    }

    public CsvText(DecodedText text, char separator)
    {
        (source, this.separator, buffer) = (text.Open(), separator, new char[text.PieceOf(PieceLength)]);
        ends = SearchValues.Create([separator, '\n', '\r', '"', .. IsBlankSeparated ? "\t" : ""]);
        Has(5);
        if (FirstLineNames(buffer.AsSpan(0, filled)) is null) return;
        at = 5;
        while (Has(at) && buffer[at++] != '\n') { }
        (line, lineStart) = (2, at);
    }

    /// <summary>The fields of the record that was read last; they hold until the next one is read.</summary>
    public List<CsvField> Fields => fields;

    /// <summary>Set when reading stopped at something that is no CSV.</summary>
    public CsvFault? Fault { get; private set; }

    /// <summary>Whether the record that was read last holds blanks alone.</summary>
    public bool IsBlank
    {
        get
        {
            foreach (var each in fields)
                if (!Raw(each).IsWhiteSpace()) return false;
            return true;
        }
    }

    /// <summary>The separator that Excel's first line <c>sep=;</c> names; null without such a line.</summary>
    /// <param name="text">Its first six characters or more.</param>
    public static char? FirstLineNames(ReadOnlySpan<char> text) =>
        text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 5 && text[4] is not ('\r' or '\n') && (text[5] is '\r' or '\n') ? text[4] : null;

    public static char DetectSeparator(string text) => DetectSeparator(DecodedText.Of(text));

    /// <summary>What the first line says, else the candidate that the header holds most often outside of quotes; the comma when it holds none.</summary>
    public static char DetectSeparator(DecodedText text)
    {
        ReadOnlySpan<char> candidates = [',', ';', '\t', '|'];
        Span<int> counts = stackalloc int[candidates.Length];
        using var reader = text.Open();
        var piece = new char[text.PieceOf(PieceLength)];
        var (isFirst, quoted, isOver) = (true, false, false);
        while (!isOver && reader.Read(piece.AsSpan()) is > 0 and var count)
        {
            if (isFirst && FirstLineNames(piece.AsSpan(0, count)) is { } named and (',' or ';' or '\t' or '|')) return named;
            isFirst = false;
            foreach (var c in piece.AsSpan(0, count))
            {
                if (c == '"') quoted = !quoted;
                if (quoted) continue;
                if (isOver = c is '\n' or '\r') break;
                var candidate = candidates.IndexOf(c);
                if (candidate >= 0) counts[candidate]++;
            }
        }

        var best = 0;
        for (var i = 1; i < counts.Length; i++)
            if (counts[i] > counts[best]) best = i;
        return candidates[best];
    }

    public ReadOnlySpan<char> Raw(CsvField field) => buffer.AsSpan(field.Start, field.End - field.Start);

    public string Value(CsvField field) => field.IsEscaped ? Raw(field).ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : Raw(field).ToString();

    /// <summary>Reads the next record; false at the end or at a fault. Empty lines are no records, but one between records of one field could be a missing value: a fault.</summary>
    public bool Next()
    {
        fields.Clear();
        MakeRoom();
        if (!Has(at) || Fault is not null) return false;
        while (buffer[at] is '\n' or '\r')
        {
            if (IsEndOfRecords()) return false;
            if (isSingle) return Refuse(line, 1, "an empty line");
            if (!EndLine() || !Has(at)) return false;
        }

        SkipBlanks();
        while (true)
        {
            if (!ReadField()) return false;
            if (IsBlankSeparated)
            {
                SkipBlanks();
                if (Has(at) && buffer[at] is not ('\r' or '\n')) continue;
                break;
            }

            if (!Has(at) || buffer[at] != separator) break;
            at++;
        }

        isSingle = fields.Count == 1;
        return !Has(at) || EndLine();
    }

    private bool IsBlankSeparated => separator == ' ';

    private bool IsSeparator(char c) => c == separator || (IsBlankSeparated && c == '\t');

    /// <summary>Whether the text reaches to a place of the buffer; reads on until it does.</summary>
    private bool Has(int place)
    {
        while (place >= filled)
        {
            if (isRead) return false;
            // Two places, for one character can take both.
            if (buffer.Length - filled < 2) Array.Resize(ref buffer, 2 * buffer.Length);
            var count = source.Read(buffer.AsSpan(filled));
            filled += count;
            isRead = count == 0;
        }

        return true;
    }

    /// <summary>Drops what was read, so that a record needs no more room than itself.</summary>
    private void MakeRoom()
    {
        if (at < buffer.Length / 2) return;
        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        (filled, lineStart, at) = (filled - at, lineStart - at, 0);
    }

    /// <summary>Whether nothing but line ends follows.</summary>
    private bool IsEndOfRecords()
    {
        for (var place = at; Has(place); place++)
            if (buffer[place] is not ('\r' or '\n')) return false;
        return true;
    }

    private void SkipBlanks()
    {
        if (!IsBlankSeparated) return;
        while (Has(at) && buffer[at] is ' ' or '\t') at++;
    }

    private bool ReadField()
    {
        var column = at - lineStart + 1;
        if (Has(at) && buffer[at] == '"') return ReadQuoted(line, column);
        var start = at;
        while (Has(at))
        {
            var length = buffer.AsSpan(at, filled - at).IndexOfAny(ends);
            at = length < 0 ? filled : at + length;
            if (length < 0) continue;
            if (buffer[at] == '"') return Refuse(line, at - lineStart + 1, "a quote inside a field; such a field stands in quotes, its own quotes doubled");
            break;
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
            if (!Has(at)) return Refuse(openLine, openColumn, "this quote is never closed");
            var c = buffer[at];
            if (c == '"' && Has(at + 1) && buffer[at + 1] == '"')
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
        return !Has(at) || IsSeparator(buffer[at]) || buffer[at] is '\n' or '\r' || Refuse(line, at - lineStart + 1, "text after a closing quote");
    }

    private bool EndLine()
    {
        if (buffer[at] == '\r' && !(Has(at + 1) && buffer[at + 1] == '\n')) return Refuse(line, at - lineStart + 1, "a carriage return that ends no line");
        at += buffer[at] == '\r' ? 2 : 1;
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
