using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Diagnostics;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Diagnostics as text: for people, for programs, and for annotations on a pull request.</summary>
public static class DiagnosticText
{
    /// <summary>Version of the JSON form.</summary>
    private const int JsonVersion = 1;

    private const int WidestLine = 160;

    /// <summary>Each diagnostic with its line and a marker under the place, then a count; empty when there is nothing to say.</summary>
    public static string Human(SpecReading reading)
    {
        if (reading.Diagnostics.Count == 0) return "";
        var text = new StringBuilder();
        foreach (var diagnostic in reading.Diagnostics) AppendHuman(text, diagnostic);
        text.Append(Summary(reading)).Append('\n');
        return text.ToString();
    }

    /// <summary>A diagnostic that is about the file as a whole, in one line; null when it is about a place in it.</summary>
    public static string? Line(SpecDiagnostic diagnostic) => diagnostic.Code is not (DiagnosticCodes.UnreadableFile or DiagnosticCodes.FileTooLong or DiagnosticCodes.NotText)
        ? null
        : string.Join("; ", new[] { $"{Word(diagnostic.Severity)}[{diagnostic.Code}]: {Printable(diagnostic.File)}: {Printable(diagnostic.Message)}", Expectation(diagnostic), diagnostic.Suggestion }.OfType<string>());

    /// <summary>One JSON object: <c>version</c>, <c>diagnostics</c> and <c>omitted</c>. Later versions may add members.</summary>
    public static string Json(SpecReading reading)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", JsonVersion);
            json.WriteStartArray("diagnostics");
            foreach (var diagnostic in reading.Diagnostics) WriteJson(json, diagnostic);
            json.WriteEndArray();
            json.WriteNumber("omitted", reading.Omitted);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>GitHub's workflow commands, one per line.</summary>
    public static string GitHub(SpecReading reading)
    {
        var text = new StringBuilder();
        foreach (var diagnostic in reading.Diagnostics)
        {
            var message = string.Join(". ", new[] { diagnostic.Message, Expectation(diagnostic), diagnostic.Suggestion }.OfType<string>());
            text.Append(CultureInfo.InvariantCulture,
                $"::{Word(diagnostic.Severity)} file={EscapeProperty(diagnostic.File)},line={diagnostic.Line},col={diagnostic.Column},endLine={diagnostic.EndLine},endColumn={diagnostic.EndColumn},title={diagnostic.Code}::{EscapeMessage(message)}\n");
        }

        return text.ToString();
    }

    private static void AppendHuman(StringBuilder text, SpecDiagnostic diagnostic)
    {
        text.Append(CultureInfo.InvariantCulture, $"{Word(diagnostic.Severity)}[{diagnostic.Code}]: {Printable(diagnostic.Message)}\n");
        text.Append(CultureInfo.InvariantCulture, $"  --> {Printable(diagnostic.File)}:{diagnostic.Line}:{diagnostic.Column}\n");
        var expectation = Expectation(diagnostic);
        var hasLine = !string.IsNullOrWhiteSpace(diagnostic.SourceLine) && diagnostic.SourceLine.Length <= WidestLine;
        if (hasLine)
        {
            var number = diagnostic.Line.ToString(CultureInfo.InvariantCulture);
            var gutter = new string(' ', number.Length);
            text.Append(CultureInfo.InvariantCulture, $"{gutter} |\n{number} | {Printable(diagnostic.SourceLine!)}\n");
            text.Append(CultureInfo.InvariantCulture, $"{gutter} | {Marker(diagnostic)}{(expectation is null ? "" : " " + Printable(expectation))}\n");
            if (diagnostic.Suggestion is { } help) text.Append(CultureInfo.InvariantCulture, $"{gutter} = help: {Printable(help)}\n");
        }
        else
        {
            if (expectation is not null) text.Append(CultureInfo.InvariantCulture, $"  = {Printable(expectation)}\n");
            if (diagnostic.Suggestion is { } help) text.Append(CultureInfo.InvariantCulture, $"  = help: {Printable(help)}\n");
        }
    }

    private static string Marker(SpecDiagnostic diagnostic)
    {
        var line = diagnostic.SourceLine!;
        var start = Math.Min(diagnostic.Column - 1, line.Length);
        var end = diagnostic.EndLine == diagnostic.Line ? Math.Min(diagnostic.EndColumn - 1, line.Length) : line.TrimEnd().Length;
        return new string(' ', Columns(line[..start])) + new string('^', Math.Max(1, Columns(line[start..Math.Max(start, end)])));
    }

    /// <summary>Columns of a terminal: East Asian wide and full-width characters take two, combining marks none.</summary>
    private static int Columns(string text) => Printable(text).EnumerateRunes().Sum(rune => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => IsWide(rune.Value) ? 2 : 1,
    });

    /// <summary>The wide blocks of Unicode's EastAsianWidth.txt (W and F), and emoji.</summary>
    private static bool IsWide(int rune) =>
        rune is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE4F)
            or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD);

    private static string? Expectation(SpecDiagnostic diagnostic) => diagnostic.Expected is null ? null : $"expected {diagnostic.Expected}";

    private static string Summary(SpecReading reading)
    {
        var errors = reading.Diagnostics.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        var warnings = reading.Diagnostics.Count - errors;
        var counts = string.Join(" and ", new[] { Count(errors, "error"), Count(warnings, "warning") }.OfType<string>());
        var omitted = reading.Omitted > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {reading.Omitted} more are not shown") : "";
        return $"{counts}{omitted}.";
    }

    private static string? Count(int count, string noun) => count switch
    {
        0 => null,
        1 => $"1 {noun}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}s"),
    };

    private static string Word(DiagnosticSeverity severity) => severity == DiagnosticSeverity.Error ? "error" : "warning";

    /// <summary>One column per UTF-16 unit and nothing that moves a terminal's cursor, so that the marker stays under its place.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => c == '\t' ? ' ' : MovesCursor(c) ? '\uFFFD' : c));

    /// <summary>Control characters, and format characters that reorder or hide text; joiners are part of words and emoji.</summary>
    private static bool MovesCursor(char c) => char.IsControl(c) || (char.GetUnicodeCategory(c) == UnicodeCategory.Format && c is not ('\u200C' or '\u200D'));

    private static void WriteJson(Utf8JsonWriter json, SpecDiagnostic diagnostic)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Code);
        json.WriteString("severity", Word(diagnostic.Severity));
        json.WriteString("message", diagnostic.Message);
        json.WriteString("file", diagnostic.File);
        json.WriteNumber("line", diagnostic.Line);
        json.WriteNumber("column", diagnostic.Column);
        json.WriteNumber("endLine", diagnostic.EndLine);
        json.WriteNumber("endColumn", diagnostic.EndColumn);
        json.WriteString("path", diagnostic.Path);
        if (diagnostic.Expected is { } expected) json.WriteString("expected", expected);
        if (diagnostic.Suggestion is { } suggestion) json.WriteString("suggestion", suggestion);
        json.WriteEndObject();
    }

    private static string EscapeMessage(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string EscapeProperty(string text) => EscapeMessage(text)
        .Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
