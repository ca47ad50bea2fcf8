using System.Globalization;
using System.Text.RegularExpressions;
using SkiaSharp;

namespace Harness.Reports.Exports;

/// <summary>The variables of the style sheet as colours on white paper.</summary>
internal static partial class PaperColours
{
    /// <summary>Those of the light theme; a test compares them with the style sheet.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["--surface"] = "#ffffff", ["--ink"] = "#1b1f23", ["--muted"] = "#57606a", ["--axis"] = "#6e7781", ["--grid"] = "#e4e7ea",
        ["--series-1"] = "#B84700", ["--series-2"] = "#0069A6", ["--series-3"] = "#007A59", ["--series-4"] = "#A8477E",
        ["--series-5"] = "#636363", ["--series-6"] = "#7046BE", ["--series-7"] = "#85590C", ["--series-8"] = "#3C7070",
    };

    /// <summary>A text in which every variable is replaced by its colour.</summary>
    /// <exception cref="KeyNotFoundException">It uses a variable without a colour on paper.</exception>
    public static string Resolve(string text) => Variable().Replace(text, match => All[match.Groups["name"].Value]);

    public static SKColor Of(string colour) => SKColor.Parse(Resolve(colour));

    public static ScottPlot.Color Plotted(string colour, double? opacity)
    {
        var bytes = Convert.FromHexString(Resolve(colour)[1..]);
        return new(bytes[0], bytes[1], bytes[2], (byte)Math.Round(255 * (opacity ?? 1)));
    }

    /// <summary>As SVG has it.</summary>
    public static string Pixel(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"var\((?<name>--[a-z0-9-]+)\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Variable();
}
