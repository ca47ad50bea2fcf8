using System.Globalization;
using System.Text;
using Harness.Reports.Figures;
using ScottPlot;
using SkiaSharp;

namespace Harness.Reports.Exports;

/// <summary>Paints a sheet on a canvas: ScottPlot draws the plots, the words are placed where the page has them.</summary>
internal sealed class SheetCanvas(SKCanvas canvas)
{
    /// <summary>The canvas is in the sheet's units.</summary>
    /// <exception cref="FigureFontException">A word has a character that no font of this machine has.</exception>
    public void Paint(FigureSheet sheet)
    {
        foreach (var panel in sheet.Panels)
        {
            canvas.Save();
            canvas.Translate((float)panel.X, (float)panel.Y);
            Paint(panel.Panel);
            canvas.Restore();
        }

        foreach (var line in sheet.Lines) Line(line);
        foreach (var word in sheet.Words) Text(word.Text, word.X, word.Y, TextAnchor.Start, PaperColours.Of(word.Colour), word.IsBold, hasHalo: false);
    }

    private void Paint(Panel panel)
    {
        var frame = new PanelFrame(panel);
        if (panel.Image is { } image)
        {
            using var bitmap = image.Bitmap();
            using var picture = SKImage.FromBitmap(bitmap);
            canvas.DrawImage(picture, new SKRect((float)frame.Left, (float)frame.Top, (float)frame.Right, (float)frame.Bottom), new SKSamplingOptions(SKFilterMode.Nearest));
        }

        using (var plot = new PanelPlot(panel, frame, Ink(panel)).Draw())
        {
            // The first rendering of a plot is done twice, to settle its layout: what is half transparent would be painted double.
            plot.RenderInMemory(panel.Width, panel.Height);
            plot.RenderManager.ClearCanvasBeforeEachRender = false;
            plot.Render(canvas, new PixelRect(0, panel.Width, panel.Height, 0));
        }

        foreach (var placed in PanelText.For(panel, frame))
        {
            if (placed is PlacedLine line) Line(line);
            if (placed is PlacedText text) Text(text.Text, text.X, text.Y, text.Anchor, PaperColours.Of(text.IsMuted ? "var(--muted)" : "var(--ink)"), text.IsBold, text.HasHalo);
        }
    }

    private static PlotInk Ink(Panel panel)
    {
        return new((role, series) => role == DrawnRole.Surface ? Colors.Transparent : PaperColours.Plotted(Look(role, series).Colour, Look(role, series).Opacity), Look);

        DrawnLook Look(DrawnRole role, int series) => DrawnLook.Of(role, series < 0 ? null : panel.Series[series].Style);
    }

    private void Line(PlacedLine line)
    {
        using var paint = new SKPaint { Color = PaperColours.Of(line.Colour), StrokeWidth = (float)line.Width, IsStroke = true, IsAntialias = true };
        if (line.Dash is { } dash) paint.PathEffect = SKPathEffect.CreateDash([.. dash.Split(' ').Select(length => float.Parse(length, CultureInfo.InvariantCulture))], 0);
        canvas.DrawLine((float)line.X1, (float)line.Y1, (float)line.X2, (float)line.Y2, paint);
    }

    private void Text(string text, double x, double y, TextAnchor anchor, SKColor colour, bool isBold, bool hasHalo)
    {
        using var paint = new SKPaint { Color = colour, IsAntialias = true };
        using var halo = new SKPaint { Color = PaperColours.Of("var(--surface)"), IsAntialias = true, IsStroke = true, StrokeWidth = 3 };
        var runs = Runs(text, isBold);
        try
        {
            var width = runs.Sum(run => run.Font.MeasureText(run.Text));
            var at = (float)x - anchor switch { TextAnchor.Start => 0, TextAnchor.Middle => width / 2, _ => width };
            foreach (var (run, font) in runs)
            {
                if (hasHalo) canvas.DrawText(run, at, (float)y, SKTextAlign.Left, font, halo);
                canvas.DrawText(run, at, (float)y, SKTextAlign.Left, font, paint);
                at += font.MeasureText(run);
            }
        }
        finally
        {
            foreach (var (_, font) in runs) font.Dispose();
        }
    }

    /// <summary>Stretches of one font each: the embedded one as far as it goes, else one of the machine that has the character.</summary>
    private static List<(string Text, SKFont Font)> Runs(string text, bool isBold)
    {
        var runs = new List<(string, SKFont)>();
        var (run, face) = (new StringBuilder(), InkFonts.Of(isBold));
        foreach (var rune in text.EnumerateRunes())
        {
            var own = InkFonts.Of(isBold);
            var needed = own.ContainsGlyph(rune.Value) ? own
                : face != own && face.ContainsGlyph(rune.Value) ? face
                : SKFontManager.Default.MatchCharacter(rune.Value) ?? throw new FigureFontException(rune.ToString());
            if (needed != face && run.Length > 0)
            {
                runs.Add((run.ToString(), InkFonts.Font(face, FigureSheet.FontSize)));
                run.Clear();
            }

            face = needed;
            run.Append(rune.ToString());
        }

        if (run.Length > 0) runs.Add((run.ToString(), InkFonts.Font(face, FigureSheet.FontSize)));
        return runs;
    }
}
