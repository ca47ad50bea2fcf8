namespace Harness.Reports.Figures;

/// <summary>A panel for a page: drawn with ScottPlot in colours that stand for roles, which <see cref="SvgNormalizer"/> turns into the page's own.</summary>
internal static class PanelRenderer
{
    private static readonly PlotInk Sentinels = new(SentinelColours.Of);

    /// <summary>The panel as an <c>svg</c> element to be put into a page.</summary>
    public static string Render(Panel panel)
    {
        var frame = new PanelFrame(panel);
        using var plot = new PanelPlot(panel, frame, Sentinels).Draw();
        return SvgNormalizer.Normalize(
            plot.GetSvgXml(panel.Width, panel.Height), panel, panel.Image is { } image ? [image.Element(frame)] : [], PanelText.For(panel, frame));
    }
}
