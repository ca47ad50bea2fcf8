using System.Globalization;
using Harness.Reports.Exports;

namespace Harness.Orchestrator.Cli;

/// <summary>A width on paper as people write it: <c>84mm</c>, <c>8.4cm</c>, <c>3.3in</c>, <c>240pt</c>.</summary>
internal static class PaperWidth
{
    private static readonly (string Unit, double Millimetres)[] Units = [("mm", 1), ("cm", 10), ("in", 25.4), ("pt", 25.4 / 72)];

    /// <summary>Null when it is no width.</summary>
    public static double? Millimetres(string text)
    {
        foreach (var (unit, size) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase) && double.TryParse(text[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return number * size;
        }

        return null;
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static string? Refusal(string text) => Millimetres(text) switch
    {
        null => $"--width: '{text}' is not a width. Write a number with its unit: 84mm, 8.4cm, 3.3in or 240pt.",
        < FigureFiles.Narrowest or > FigureFiles.Widest => FormattableString.Invariant($"--width: '{text}' is out of bounds. Take {FigureFiles.Narrowest}mm to {FigureFiles.Widest}mm; a column of a paper is about 84mm, a page 174mm."),
        _ => null,
    };
}
