
namespace Harness.Reports.Figures;

/// <summary>What a drawn element is; the drawing library is told by colour, the only thing that it passes on.</summary>
internal enum DrawnRole
{
    Surface = 1,
    Frame,
    Grid,
    Reference,
    Centre,
    Seed,
    Interval,
    Bar,
    Band,
    Mark,
}

/// <summary>
/// Colours that stand for a role and a series while ScottPlot draws. <see cref="SvgNormalizer"/> replaces every one of them
/// and refuses a colour that it does not know, so no colour of a default theme slips into a report.
/// </summary>
internal static class SentinelColours
{
    private const byte Signature = 0xE7;

    /// <param name="series">Index of the series, 0 … 254; chrome has none.</param>
    public static ScottPlot.Color Of(DrawnRole role, int series = -1) => new((byte)(series + 1), (byte)role, Signature);

    /// <summary>Reads <c>#RRGGBB</c> back; null when the colour is not one of ours.</summary>
    public static (DrawnRole Role, int Series)? Read(string colour)
    {
        if (colour.Length != 7 || colour[0] != '#') return null;
        var bytes = Convert.FromHexString(colour[1..]);
        if (bytes[2] != Signature || !Enum.IsDefined((DrawnRole)bytes[1])) return null;
        return ((DrawnRole)bytes[1], bytes[0] - 1);
    }
}
