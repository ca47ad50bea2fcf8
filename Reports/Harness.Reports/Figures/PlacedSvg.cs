using System.Globalization;
using System.Xml.Linq;

namespace Harness.Reports.Figures;

/// <summary>Placed words and lines as SVG elements.</summary>
internal static class PlacedSvg
{
    public static XElement Element(Placed placed) => placed switch
    {
        PlacedText text => Text(text),
        PlacedLine line => Line(line),
        _ => throw new ArgumentOutOfRangeException(nameof(placed), placed, "There is no other kind."),
    };

    private static XElement Line(PlacedLine placed)
    {
        var line = new XElement("path",
            new XAttribute("fill", "none"), new XAttribute("stroke", placed.Colour), new XAttribute("stroke-width", Pixel(placed.Width)),
            new XAttribute("d", $"M{Pixel(placed.X1)} {Pixel(placed.Y1)}L{Pixel(placed.X2)} {Pixel(placed.Y2)}"));
        line.SetAttributeValue("stroke-dasharray", placed.Dash);
        line.SetAttributeValue("data-series", placed.SeriesKey);
        return line;
    }

    private static XElement Text(PlacedText placed)
    {
        var text = new XElement("text",
            new XAttribute("x", Pixel(placed.X)), new XAttribute("y", Pixel(placed.Y)),
            new XAttribute("text-anchor", placed.Anchor switch { TextAnchor.Start => "start", TextAnchor.Middle => "middle", _ => "end" }),
            new XAttribute("font-size", PanelFrame.FontSize.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("fill", placed.IsMuted ? "var(--muted)" : "var(--ink)"),
            placed.Text);
        if (placed.IsBold) text.SetAttributeValue("font-weight", "600");
        if (placed.HasHalo)
        {
            text.SetAttributeValue("stroke", "var(--surface)");
            text.SetAttributeValue("stroke-width", "3");
            text.SetAttributeValue("paint-order", "stroke");
        }

        text.SetAttributeValue("data-series", placed.SeriesKey);
        return text;
    }

    public static string Pixel(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);
}
