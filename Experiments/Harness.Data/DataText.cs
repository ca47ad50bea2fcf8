using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>The text of a data file.</summary>
internal static class DataText
{
    /// <summary>The text, without a byte order mark at its start; null, and a problem, when the bytes are no UTF-8 text.</summary>
    /// <param name="name">What messages call the file.</param>
    public static string? Decode(ReadOnlySpan<byte> bytes, string name, IList<DataProblem> problems)
    {
        if (bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF])) bytes = bytes[3..];
        if (bytes.IsEmpty)
        {
            problems.Add(new(DiagnosticCodes.TooLittleData, "file", $"{name} is empty"));
            return null;
        }

        var fault = bytes.IndexOf((byte)0);
        if (!Utf8.IsValid(bytes))
        {
            var invalid = Utf8Text.FirstInvalid(bytes);
            fault = fault < 0 ? invalid : Math.Min(fault, invalid);
        }

        if (fault < 0) return Encoding.UTF8.GetString(bytes);
        var lineStart = bytes[..fault].LastIndexOf((byte)'\n') + 1;
        var line = bytes[..fault].Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(bytes[lineStart..fault]) + 1;
        problems.Add(new(DiagnosticCodes.DataNotText, "file", string.Create(CultureInfo.InvariantCulture, $"{name}:{line}:{column}: byte 0x{bytes[fault]:X2} is not UTF-8 text"),
            "a text file in UTF-8", bytes[fault] == 0 ? "this looks like a binary file, or UTF-16" : "save it as UTF-8"));
        return null;
    }
}
