using System.Globalization;
using System.Security;
using System.Text;
using Harness.Reports.Figures;

namespace Harness.Reports.Exports;

/// <summary>A sheet as one SVG that needs nothing else: colours resolved, the typeface inside, every word a word.</summary>
internal static class SheetSvg
{
    /// <param name="millimetres">The width on paper.</param>
    public static string Write(FigureSheet sheet, double millimetres)
    {
        var svg = new StringBuilder();
        var height = millimetres * sheet.Height / sheet.Width;
        svg.Append(CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{P(millimetres)}mm" height="{P(height)}mm" viewBox="0 0 {P(sheet.Width)} {P(sheet.Height)}" role="img" aria-labelledby="sheet-title sheet-desc" font-family="{InkFonts.Family}, Helvetica, Arial, sans-serif">""");
        svg.Append(CultureInfo.InvariantCulture, $"<title id=\"sheet-title\">{Escaped(sheet.Title)}</title><desc id=\"sheet-desc\">{Escaped(sheet.Caption)}</desc>");
        svg.Append(CultureInfo.InvariantCulture, $"<style>{Face(isBold: false)}{Face(isBold: true)}</style>");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        foreach (var panel in sheet.Panels)
        {
            // The drawing is that of the page: an svg element of its own, placed on the sheet.
            var drawing = PanelRenderer.Render(panel.Panel);
            svg.Append(CultureInfo.InvariantCulture, $"<svg x=\"{P(panel.X)}\" y=\"{P(panel.Y)}\" width=\"{panel.Panel.Width}\" height=\"{panel.Panel.Height}\" overflow=\"visible\"");
            svg.Append(PaperColours.Resolve(drawing["<svg".Length..]));
        }

        foreach (var line in sheet.Lines) svg.Append(PaperColours.Resolve(PlacedSvg.Element(line).ToString(System.Xml.Linq.SaveOptions.DisableFormatting)));
        foreach (var word in sheet.Words)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{P(word.X)}\" y=\"{P(word.Y)}\" font-size=\"{P(FigureSheet.FontSize)}\" fill=\"{PaperColours.Resolve(word.Colour)}\"{(word.IsBold ? " font-weight=\"600\"" : "")}>{Escaped(word.Text)}</text>");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Face(bool isBold) => $"@font-face{{font-family:{InkFonts.Family};font-weight:{(isBold ? "600" : "400")};src:url({InkFonts.DataUri(isBold)}) format(\"woff2\")}}";

    private static string Escaped(string text) => SecurityElement.Escape(text);

    private static string P(double value) => PaperColours.Pixel(value);
}
