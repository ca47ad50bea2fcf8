using System.Text;
using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Reports.Wording;
using SkiaSharp;

namespace Harness.Reports.Exports;

/// <summary>Figures of a report as files of their own: the same descriptions that the page draws, on white paper.</summary>
public static class FigureFiles
{
    /// <summary>Smallest and largest width in millimetres: narrower has no room for the axes, wider is no longer 8 pt type of anything.</summary>
    public const double Narrowest = 60, Widest = 600;

    private const double PointsPerMillimetre = 72 / 25.4, PointsPerUnit = 8 / FigureSheet.FontSize;

    private const double DotsPerInch = 300;

    /// <summary>The figures of an experiment's report, in its order and with its numbers.</summary>
    /// <param name="all">Whether combinations of factors are included for which the page has no room.</param>
    public static IReadOnlyList<FigureModel> Of(ExperimentResults results, ReportOptions options, bool all = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        var model = ReportModelBuilder.Build(results, all ? options with { MaximumPanels = int.MaxValue / 4 } : options);
        return [.. model.OwnData?.Figures ?? [], .. model.Sections.SelectMany(section => section.Figures)];
    }

    /// <summary>A word for it: <c>loss</c>.</summary>
    public static string ShortName(FigureModel figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        return figure.Id["fig-".Length..];
    }

    /// <summary>The name of its file, without a suffix: <c>figure-2-loss</c>.</summary>
    public static string NameOf(FigureModel figure) => FormattableString.Invariant($"figure-{figure.Number}-{ShortName(figure)}");

    /// <param name="millimetres">The width, between <see cref="Narrowest"/> and <see cref="Widest"/>. Letters are 8 pt at every width.</param>
    /// <param name="isBare">Whether title and caption are left out, for a document that has its own.</param>
    /// <param name="language">A word of the report languages; null means the first of them.</param>
    /// <exception cref="FigureFontException">A PDF or PNG needs a character that no font has.</exception>
    public static byte[] Write(FigureModel figure, FigureFormat format, double millimetres, bool isBare = false, string? language = null)
    {
        ArgumentNullException.ThrowIfNull(figure);
        if (format == FigureFormat.Csv) return Encoding.UTF8.GetBytes(FigureCsv.Write(figure));
        ArgumentOutOfRangeException.ThrowIfLessThan(millimetres, Narrowest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(millimetres, Widest);
        var sheet = FigureSheet.Of(figure, millimetres * PointsPerMillimetre / PointsPerUnit, isBare, Texts.In(language));
        return format switch
        {
            FigureFormat.Svg => Encoding.UTF8.GetBytes(SheetSvg.Write(sheet, millimetres)),
            FigureFormat.Png => Png(sheet, millimetres),
            _ => Pdf(sheet),
        };
    }

    private static byte[] Png(FigureSheet sheet, double millimetres)
    {
        var scale = millimetres / 25.4 * DotsPerInch / sheet.Width;
        using var bitmap = new SKBitmap((int)Math.Round(sheet.Width * scale), (int)Math.Round(sheet.Height * scale));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(PaperColours.Of("var(--surface)"));
            canvas.Scale((float)scale);
            new SheetCanvas(canvas).Paint(sheet);
        }

        using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return encoded.ToArray();
    }

    private static byte[] Pdf(FigureSheet sheet)
    {
        using var bytes = new MemoryStream();
        // Without dates: the same figure gives the same file.
        using (var document = SKDocument.CreatePdf(bytes, new SKDocumentPdfMetadata { Title = sheet.Title, Subject = sheet.Caption, Creator = "harness", RasterDpi = (float)DotsPerInch, EncodingQuality = 101 }))
        {
            var canvas = document.BeginPage((float)(sheet.Width * PointsPerUnit), (float)(sheet.Height * PointsPerUnit));
            canvas.Scale((float)PointsPerUnit);
            new SheetCanvas(canvas).Paint(sheet);
            document.EndPage();
            document.Close();
        }

        return bytes.ToArray();
    }
}

public enum FigureFormat
{
    Svg,
    Pdf,
    Png,

    /// <summary>The numbers, one per line.</summary>
    Csv,
}
