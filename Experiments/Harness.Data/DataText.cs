using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>The text of a data file.</summary>
public static class DataText
{
    /// <summary>UTF-8, or what a byte order mark says.</summary>
    public const string Detect = "detect";

    /// <summary>The text, without a byte order mark at its start; null, and a problem, when the bytes are not that text.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="encoding"><see cref="Detect"/>, <c>utf-16</c>, or <c>latin-1</c> (read as Windows-1252, its superset, as browsers do).</param>
    public static string? Decode(ReadOnlyMemory<byte> bytes, string name, IList<DataProblem> problems, string encoding = Detect) =>
        Open(bytes, name, problems, encoding)?.ToString();

    /// <summary>As <see cref="Decode"/>, without the whole text in memory. All bytes are checked before.</summary>
    public static DecodedText? Open(ReadOnlyMemory<byte> bytes, string name, IList<DataProblem> problems, string encoding = Detect)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (bytes.Span.StartsWith<byte>([0xEF, 0xBB, 0xBF])) bytes = bytes[3..];
        if (bytes.IsEmpty)
        {
            problems.Add(new(DiagnosticCodes.TooLittleData, "file", $"{name} is empty"));
            return null;
        }

        var span = bytes.Span;
        var isBigEndian = span.StartsWith<byte>([0xFE, 0xFF]);
        if (isBigEndian || span.StartsWith<byte>([0xFF, 0xFE])) return Utf16(bytes[2..], isBigEndian, name, problems);
        if (encoding == "utf-16") return Utf16(bytes, IsBigEndian(span), name, problems);

        var fault = span.IndexOf((byte)0);
        if (encoding == "latin-1" && fault < 0) return new(bytes, CodePagesEncodingProvider.Instance.GetEncoding(1252)!);
        if (!Utf8.IsValid(span) && encoding != "latin-1")
        {
            var invalid = Utf8Text.FirstInvalid(span);
            fault = fault < 0 ? invalid : Math.Min(fault, invalid);
        }

        if (fault < 0) return new(bytes, Encoding.UTF8);
        var lineStart = span[..fault].LastIndexOf((byte)'\n') + 1;
        var line = span[..fault].Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(span[lineStart..fault]) + 1;
        problems.Add(new(DiagnosticCodes.DataNotText, "file", string.Create(CultureInfo.InvariantCulture, $"{name}:{line}:{column}: byte 0x{span[fault]:X2} is not UTF-8 text"), "a text file in UTF-8", Cure(span, name, span[fault])));
        return null;
    }

    private static string Cure(ReadOnlySpan<byte> bytes, string name, byte wrong) =>
        IsParquet(bytes) ? $"this is a Parquet file; `harness new {name}` turns it into a CSV file and an experiment"
        : wrong != 0 ? "save it as UTF-8, or name its encoding: latin-1"
        : LooksLikeUtf16(bytes) ? "this looks like UTF-16: encoding: utf-16"
        : "this looks like a binary file; `harness new FILE` says which formats can be read";

    /// <summary>Whether a file begins and ends as Parquet files do.</summary>
    public static bool IsParquet(ReadOnlySpan<byte> bytes) => bytes.Length > 8 && bytes.StartsWith("PAR1"u8) && bytes.EndsWith("PAR1"u8);

    /// <summary>Whether every other byte of the start is 0, as in Latin letters written in UTF-16.</summary>
    public static bool LooksLikeUtf16(ReadOnlySpan<byte> bytes)
    {
        var start = bytes[..(Math.Min(bytes.Length, 512) & ~1)];
        int even = 0, odd = 0;
        for (var i = 0; i < start.Length; i += 2)
        {
            if (start[i] == 0) even++;
            if (start[i + 1] == 0) odd++;
        }

        return start.Length >= 8 && Math.Max(even, odd) > start.Length * 2 / 5 && Math.Min(even, odd) < start.Length / 20 + 1;
    }

    private static bool IsBigEndian(ReadOnlySpan<byte> bytes) => bytes.Length >= 2 && bytes[0] == 0 && bytes[1] != 0;

    private static DecodedText? Utf16(ReadOnlyMemory<byte> bytes, bool isBigEndian, string name, IList<DataProblem> problems)
    {
        var encoding = new UnicodeEncoding(isBigEndian, byteOrderMark: false, throwOnInvalidBytes: true);
        var text = new DecodedText(bytes, encoding);
        if (!bytes.IsEmpty && IsWhole(text)) return text;
        problems.Add(new(DiagnosticCodes.DataNotText, "file", $"{name} is not UTF-16 text", "a text file in UTF-8 or UTF-16", "save it as UTF-8"));
        return null;
    }

    /// <summary>Whether all of it can be decoded and no character is 0.</summary>
    private static bool IsWhole(DecodedText text)
    {
        try
        {
            using var reader = text.Open();
            var buffer = new char[16_384];
            while (reader.Read(buffer.AsSpan()) is > 0 and var count)
                if (buffer.AsSpan(0, count).Contains('\0')) return false;
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
