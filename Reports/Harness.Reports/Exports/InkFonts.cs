using System.Text;
using SkiaSharp;

namespace Harness.Reports.Exports;

/// <summary>The typeface of figures that stand alone, from this assembly: the same words are as wide on every machine.</summary>
internal static class InkFonts
{
    public const string Family = "Inter";

    /// <summary>Width of a character that the typeface lacks, in ems: most of them are Chinese and fill a square.</summary>
    private const float Square = 1.02f;

    private static readonly SKTypeface Regular = Read("Inter-Regular.ttf"), SemiBold = Read("Inter-SemiBold.ttf");

    public static SKTypeface Of(bool isBold) => isBold ? SemiBold : Regular;

    /// <summary>Letters as wide as in every other program: not fitted to pixels. The caller disposes it.</summary>
    public static SKFont Font(SKTypeface face, double size) => new(face, (float)size) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };

    /// <summary>As a data URI in WOFF2, for an SVG.</summary>
    public static string DataUri(bool isBold) => "data:font/woff2;base64," + Convert.ToBase64String(Bytes(isBold ? "Inter-SemiBold.woff2" : "Inter-Regular.woff2"));

    public static double Width(string text, double size, bool isBold = false)
    {
        using var font = Font(Of(isBold), size);
        var known = string.Concat(text.EnumerateRunes().Where(rune => font.ContainsGlyph(rune.Value)));
        return font.MeasureText(known) + Square * size * text.EnumerateRunes().Count(rune => !font.ContainsGlyph(rune.Value));
    }

    /// <summary>Breaks a text into lines of at most <paramref name="width"/>, between words, or between characters where words have no blanks between them.</summary>
    public static IReadOnlyList<string> Wrap(string text, double size, double width, bool isBold = false)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        foreach (var piece in Pieces(text))
        {
            if (line.Length > 0 && Width(line + piece.TrimEnd(), size, isBold) > width)
            {
                lines.Add(line.ToString().TrimEnd());
                line.Clear();
            }

            line.Append(line.Length == 0 ? piece.TrimStart() : piece);
        }

        if (line.Length > 0) lines.Add(line.ToString().TrimEnd());
        return lines;
    }

    /// <summary>Words with the blank after them; a Chinese character is a piece of its own.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        var piece = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            piece.Append(rune.ToString());
            if (rune.Value != ' ' && rune.Value < 0x2E80) continue;
            yield return piece.ToString();
            piece.Clear();
        }

        if (piece.Length > 0) yield return piece.ToString();
    }

    private static SKTypeface Read(string name)
    {
        using var data = SKData.CreateCopy(Bytes(name));
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException($"The embedded font '{name}' cannot be read.");
    }

    private static byte[] Bytes(string name)
    {
        using var stream = typeof(InkFonts).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly lacks the embedded resource '{name}'.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
