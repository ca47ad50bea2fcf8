using System.Globalization;
using System.Text;
using Harness.Abstractions.Diagnostics;

namespace Harness.Experiments.Yaml;

/// <summary>Decides in one pass over the bytes whether they may be given to a YAML parser at all.</summary>
internal static class SourceScan
{
    public const int LargestFile = 256 * 1024;
    public const int DeepestNesting = 32;

    private const char ByteOrderMark = '\uFEFF';

    /// <summary>The text of the file, or null when it was refused.</summary>
    public static SourceText? Read(ReadOnlySpan<byte> bytes, string file, DiagnosticList diagnostics)
    {
        var nowhere = new SourceText(file, "").At(0, 0);
        if (bytes.Length > LargestFile)
        {
            diagnostics.Error(DiagnosticCodes.FileTooLong, nowhere, "",
                $"the file has more than {LargestFile / 1024} KiB", "an experiment file, which is a page or two of YAML");
            return null;
        }

        if (bytes.StartsWith<byte>([0xFF, 0xFE]) || bytes.StartsWith<byte>([0xFE, 0xFF]))
        {
            diagnostics.Error(DiagnosticCodes.NotText, nowhere, "", "the file is encoded as UTF-16", "UTF-8", "save it as UTF-8 in your editor");
            return null;
        }

        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            RefuseInvalidUtf8(bytes, file, diagnostics);
            return null;
        }

        // One byte order mark at the very start is what some editors write; anywhere else it is refused below.
        if (text.StartsWith(ByteOrderMark)) text = text[1..];
        var source = new SourceText(file, text);
        if (!HasOnlyText(source, diagnostics) || !IsShallow(source, diagnostics)) return null;
        WarnOfTabs(source, diagnostics);
        return source;
    }

    private static void WarnOfTabs(SourceText source, DiagnosticList diagnostics)
    {
        var isIndent = true;
        for (var i = 0; i < source.Text.Length; i++)
        {
            var c = source.Text[i];
            if (c == '\t' && isIndent)
            {
                diagnostics.Warning(DiagnosticCodes.TabIndent, source.At(i), "", "the line is indented with a tab", "indent with blanks");
                return;
            }

            isIndent = c is '\n' or '\r' || (isIndent && c == ' ');
        }
    }

    private static void RefuseInvalidUtf8(ReadOnlySpan<byte> bytes, string file, DiagnosticList diagnostics)
    {
        var at = System.Text.Unicode.Utf8.IsValid(bytes) ? 0 : Utf8Text.FirstInvalid(bytes);
        var valid = Encoding.UTF8.GetString(bytes[..at]);
        var source = new SourceText(file, valid);
        diagnostics.Error(DiagnosticCodes.NotText, source.At(valid.Length), "",
            $"byte 0x{bytes[at]:X2} at offset {at} is not UTF-8", "a text file in UTF-8",
            valid.Contains('\0', StringComparison.Ordinal) ? "this looks like a binary file" : "save it as UTF-8 in your editor");
    }

    private static bool HasOnlyText(SourceText source, DiagnosticList diagnostics)
    {
        for (var i = 0; i < source.Text.Length; i++)
        {
            var c = source.Text[i];
            var isText = c is '\t' or '\n' or '\r' or (>= ' ' and not '\u007F' and not (>= '\u0080' and <= '\u009F')
                and not '\u2028' and not '\u2029' and not ByteOrderMark and not '\uFFFE' and not '\uFFFF');
            if (isText) continue;
            diagnostics.Error(DiagnosticCodes.NotText, source.At(i), "",
                $"the file contains the control character U+{(int)c:X4}", "a text file in UTF-8",
                c == '\0' ? "this looks like a binary file" : "remove the character");
            return false;
        }

        return true;
    }

    /// <summary>A cheap refusal of absurd bracket nesting before the parser's own work; the exact limit is kept by the tree reader.</summary>
    private static bool IsShallow(SourceText source, DiagnosticList diagnostics)
    {
        var depth = 0;
        for (var i = 0; i < source.Text.Length; i++)
        {
            if (source.Text[i] is '[' or '{') depth++;
            else if (source.Text[i] is ']' or '}') depth = Math.Max(0, depth - 1);
            if (depth <= DeepestNesting) continue;
            diagnostics.Error(DiagnosticCodes.OverBudget, source.At(i), "", $"brackets are nested more than {DeepestNesting} deep",
                string.Create(CultureInfo.InvariantCulture, $"at most {DeepestNesting} levels, of which an experiment needs four"));
            return false;
        }

        return true;
    }
}
