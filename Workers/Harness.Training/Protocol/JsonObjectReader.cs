using System.Buffers;

namespace Harness.Training.Protocol;

/// <summary>Cuts a byte stream into JSON objects, however they are laid out: one per line from a worker, indented over many lines by hand.</summary>
/// <remarks>It only counts braces outside strings; whether an object is valid is for the parser to say.</remarks>
internal sealed class JsonObjectReader(Stream stream)
{
    /// <summary>Longest request: a spec has a few hundred bytes.</summary>
    public const int Limit = 1 << 20;

    private readonly byte[] buffer = new byte[16 * 1024];
    private int position, filled;

    /// <summary>The next object's bytes, or null at the end of the stream.</summary>
    /// <exception cref="FormatException">What came is not an object, is longer than <see cref="Limit"/>, or stops in the middle. Reading can go on with the next line.</exception>
    public byte[]? Next()
    {
        var text = new ArrayBufferWriter<byte>(1024);
        int depth = 0;
        bool inString = false, escaped = false;
        while (Read() is { } octet)
        {
            if (depth == 0)
            {
                if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') continue;
                if (octet is 0xEF or 0xBB or 0xBF) continue;                                  // a byte-order mark, as some editors write
                if (octet != '{') throw Malformed($"A request is a JSON object, but this starts with {Show(octet)}. Send one object per line, or a trial's JSON.");
            }

            text.Write([octet]);
            if (text.WrittenCount > Limit) throw Malformed($"A request may have at most {Limit / 1024} KiB.");
            if (inString)
            {
                if (escaped) escaped = false;
                else if (octet == '\\') escaped = true;
                else if (octet == '"') inString = false;
            }
            else if (octet == '"')
            {
                inString = true;
            }
            else if (octet == '{')
            {
                depth++;
            }
            else if (octet == '}' && --depth == 0)
            {
                return text.WrittenSpan.ToArray();
            }
        }

        return depth == 0 ? null : throw new FormatException("The input ends in the middle of a request: a closing brace or quotation mark is missing.");
    }

    private FormatException Malformed(string message)
    {
        while (Read() is { } octet && octet != '\n') { }
        return new(message);
    }

    private static string Show(byte octet) => octet is > 32 and < 127 ? $"'{(char)octet}'" : $"byte 0x{octet:x2}";

    private byte? Read()
    {
        if (position == filled)
        {
            filled = stream.Read(buffer, 0, buffer.Length);
            position = 0;
            if (filled == 0) return null;
        }

        return buffer[position++];
    }
}
