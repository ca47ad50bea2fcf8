using System.Globalization;
using System.Text;

namespace Harness.Reports.Figures;

/// <summary>
/// About how wide a text will be. A figure is laid out where no font may be installed and is shown in whatever font the
/// reader's page uses, so widths come from this table (those of a wide sans, DejaVu) and never from the machine.
/// </summary>
internal static class TextMetrics
{
    private const string Narrow = "ijl.,:;'|!()[]{}It f r/\\";
    private const string Wide = "mwMW%@";

    /// <summary>How much wider the labels at the ends of lines are than plain text.</summary>
    public const double Bold = 1.12;

    public static double Width(string text, double size)
    {
        double em = 0;
        foreach (var rune in text.EnumerateRunes()) em += Em(rune);
        return em * size;
    }

    /// <summary>The text, or its beginning and an ellipsis when it would be wider than <paramref name="width"/>.</summary>
    public static string Fit(string text, double size, double width)
    {
        if (Width(text, size) <= width) return text;
        var kept = new StringBuilder();
        var room = width / size - 0.7;
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            room -= Width(element, 1);
            if (room < 0) break;
            kept.Append(element);
        }

        return kept.ToString().TrimEnd() + "…";
    }

    private static double Em(Rune rune)
    {
        if (rune.Value >= 0x1100) return 1.05;
        if (rune.Value > 0x2000) return 0.7;
        var c = (char)rune.Value;
        if (Narrow.Contains(c, StringComparison.Ordinal)) return 0.34;
        if (Wide.Contains(c, StringComparison.Ordinal)) return 0.9;
        return char.IsUpper(c) ? 0.7 : 0.63;
    }
}
