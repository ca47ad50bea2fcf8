using System.Xml.Linq;
using ScottPlot;
using SkiaSharp;

namespace Harness.Reports.Figures;

/// <summary>A field of values as a picture that fills a panel: thousands of cells weigh what a photograph of them weighs.</summary>
/// <param name="Columns">Cells from left to right.</param>
/// <param name="Rows">Cells from bottom to top.</param>
/// <param name="Shades">0 … 1 per cell, row by row from the bottom; NaN leaves the cell empty.</param>
internal sealed record PanelImage(int Columns, int Rows, double[] Shades)
{
    /// <summary>What the darkest shade stands for, log10 of it where <see cref="IsLogarithmic"/>.</summary>
    public double Darkest { get; init; }

    /// <summary>What the brightest shade stands for, log10 of it where <see cref="IsLogarithmic"/>.</summary>
    public double Brightest { get; init; } = 1;

    public bool IsLogarithmic { get; init; }

    /// <summary>The value of a cell; NaN for an empty one.</summary>
    public double ValueAt(int column, int row)
    {
        var value = Darkest + Shades[row * Columns + column] * (Brightest - Darkest);
        return IsLogarithmic ? Math.Pow(10, value) : value;
    }

    /// <summary>Perceptually even, and the same for readers who do not tell red from green (Smith and van der Walt 2015).</summary>
    private static readonly Color[] Map = [.. Enumerable.Range(0, 256).Select(i => new ScottPlot.Colormaps.Viridis().GetColor(i / 255.0))];

    /// <summary>The scale itself, dark to bright.</summary>
    public static PanelImage Scale { get; } = new(256, 1, [.. Enumerable.Range(0, 256).Select(i => i / 255.0)]);

    /// <summary>An SVG element that covers the panel's plot area.</summary>
    public XElement Element(PanelFrame frame) => new("image",
        new XAttribute("x", PlacedSvg.Pixel(frame.Left)), new XAttribute("y", PlacedSvg.Pixel(frame.Top)),
        new XAttribute("width", PlacedSvg.Pixel(frame.Right - frame.Left)), new XAttribute("height", PlacedSvg.Pixel(frame.Bottom - frame.Top)),
        new XAttribute("preserveAspectRatio", "none"), new XAttribute("style", "image-rendering:pixelated"),
        new XAttribute("href", "data:image/png;base64," + System.Convert.ToBase64String(Png())));

    private byte[] Png()
    {
        using var bitmap = Bitmap();
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return encoded.ToArray();
    }

    /// <summary>A pixel per cell, the last row on top. The caller disposes it.</summary>
    public SKBitmap Bitmap()
    {
        var bitmap = new SKBitmap(new SKImageInfo(Columns, Rows, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var shade = Shades[row * Columns + column];
                var colour = double.IsNaN(shade) ? SKColors.Transparent : Of(Map[(int)Math.Round(255 * Math.Clamp(shade, 0, 1))]);
                bitmap.SetPixel(column, Rows - 1 - row, colour);
            }
        }

        return bitmap;
    }

    private static SKColor Of(Color colour) => new(colour.Red, colour.Green, colour.Blue);
}
