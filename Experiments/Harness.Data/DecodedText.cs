using System.Text;

namespace Harness.Data;

/// <summary>The text of a file, decoded piece by piece, as often as it is asked for: a whole text takes twice the memory of its bytes, or more.</summary>
public sealed class DecodedText
{
    private const int HeadLines = CsvProfile.MostRows + 2;

    private readonly ReadOnlyMemory<byte> bytes;
    private readonly Encoding? encoding;
    private readonly string text = "";

    /// <param name="bytes">Without a byte order mark, and known to be valid.</param>
    internal DecodedText(ReadOnlyMemory<byte> bytes, Encoding encoding) => (this.bytes, this.encoding) = (bytes, encoding);

    private DecodedText(string text) => this.text = text;

    public static DecodedText Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text);
    }

    /// <summary>A length for a buffer that its characters are read into: what a short text needs, and a little more for a decoder that looks ahead.</summary>
    internal int PieceOf(int most) => (int)Math.Min(most, (encoding is null ? text.Length : bytes.Length) + 256L);

    /// <summary>Its characters, from the first one on.</summary>
    internal TextReader Open() => encoding is null ? new StringReader(text) : new Pieces(bytes, encoding.GetDecoder());

    /// <summary>A copy of the lines that <see cref="CsvProfile"/> looks at, so that the file need not stay in memory for it.</summary>
    public DecodedText Head()
    {
        // Quotes may hold line breaks, and UTF-16 holds the byte of a line break in other characters.
        if (encoding is null or UnicodeEncoding) return this;
        var span = bytes.Span;
        var end = 0;
        for (var line = 0; line < HeadLines && end < span.Length; line++)
        {
            var length = span[end..].IndexOf((byte)'\n') + 1;
            end = length == 0 ? span.Length : end + length;
        }

        return span[..end].Contains((byte)'"') ? this : new(bytes[..end].ToArray(), encoding);
    }

    /// <summary>Its characters (Unicode scalar values), decoded anew each time.</summary>
    internal IEnumerable<Rune> Characters()
    {
        using var reader = Open();
        var piece = new char[16_384];
        // The first half of a pair whose other half is in the next piece.
        var half = '\0';
        while (reader.Read(piece, 0, piece.Length) is > 0 and var count)
        {
            for (var at = 0; at < count; at++)
            {
                var unit = piece[at];
                if (half != '\0')
                {
                    yield return new Rune(half, unit);
                    half = '\0';
                }
                else if (char.IsHighSurrogate(unit))
                {
                    half = unit;
                }
                else
                {
                    yield return new Rune(unit);
                }
            }
        }
    }

    public override string ToString() => encoding?.GetString(bytes.Span) ?? text;

    private sealed class Pieces(ReadOnlyMemory<byte> bytes, Decoder decoder) : TextReader
    {
        private int at;

        public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

        public override int Read(Span<char> buffer)
        {
            if (at >= bytes.Length || buffer.IsEmpty) return 0;
            decoder.Convert(bytes.Span[at..], buffer, flush: true, out var used, out var written, out _);
            at += used;
            return written;
        }
    }
}
