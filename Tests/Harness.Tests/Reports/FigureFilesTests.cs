using System.Globalization;
using System.Text;
using Harness.Reports.Exports;
using Harness.Reports.Figures;
using Harness.Reports.Model;
using Harness.Reports.Sections;
using SkiaSharp;

namespace Harness.Tests.Reports;

/// <summary>Figures as files of their own: what a paper or a slide gets.</summary>
public sealed class FigureFilesTests
{
    private static readonly Lazy<IReadOnlyList<FigureModel>> Typical = new(() => FigureFiles.Of(GateFixture.With(ResultsFixture.Typical), ReportOptions.Default));

    public static TheoryData<string> Names => [.. Typical.Value.Select(FigureFiles.NameOf)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_figure_fits_its_sheet_at_one_column_and_at_a_page(string name)
    {
        foreach (var width in new double[] { 357, 740 })
        {
            var sheet = FigureSheet.Of(Figure(name), width, isBare: false, new());
            sheet.Panels.Count.ShouldBe(Figure(name).Panels.Count);
            foreach (var word in sheet.Words)
            {
                (word.X + InkFonts.Width(word.Text, FigureSheet.FontSize, word.IsBold)).ShouldBeLessThanOrEqualTo(width + 1, word.Text);
                word.Y.ShouldBeInRange(FigureSheet.FontSize - 1, sheet.Height);
            }

            foreach (var panel in sheet.Panels) (panel.X + panel.Panel.Width, panel.Y + panel.Panel.Height).ShouldSatisfyAllConditions(
                at => at.Item1.ShouldBeLessThanOrEqualTo(width + 1), at => at.Item2.ShouldBeLessThanOrEqualTo(sheet.Height));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Svg_of_every_figure_has_no_variable_no_address_and_its_typeface(string name)
    {
        var svg = Encoding.UTF8.GetString(FigureFiles.Write(Figure(name), FigureFormat.Svg, 84));
        svg.ShouldNotContain("var(");
        svg.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).ShouldNotContain("http");
        svg.ShouldContain("@font-face{font-family:Inter;font-weight:600;src:url(data:font/woff2;base64,");
        System.Xml.Linq.XDocument.Parse(svg).Root!.Attribute("width")!.Value.ShouldBe("84mm");
        svg.Length.ShouldBeLessThan(400_000);
    }

    [Fact]
    public void Png_has_300_dots_per_inch_and_the_colours_of_the_series_on_white()
    {
        using var picture = SKBitmap.Decode(FigureFiles.Write(Figure("loss"), FigureFormat.Png, 84));
        picture.Width.ShouldBe((int)Math.Round(84 / 25.4 * 300));
        picture.GetPixel(picture.Width - 1, picture.Height - 1).ShouldBe(SKColors.White);
        var pixels = picture.Pixels.ToHashSet();
        foreach (var series in new[] { "--series-1", "--series-2", "--series-3" }) pixels.ShouldContain(SKColor.Parse(PaperColours.All[series]), series);
    }

    [Fact]
    public void Bands_are_as_pale_in_a_picture_as_in_the_page()
    {
        var line = new PanelSeries("a", Palette.For(["lstm"])[0], [], new([0, 10], [0, 0], [10, 10]), [], null);
        var axis = new PanelAxis("", 0, 10, []);
        FigureModel figure = new("fig-x", 1, "x", "", [new("", new("fig-x-1", "t", "d", 300, 300, axis, axis, [line], [], []), [])], new("t", "", [], []), [], []);
        using var picture = SKBitmap.Decode(FigureFiles.Write(figure, FigureFormat.Png, 84, isBare: true));
        // 16 % of #0069A6 on white.
        picture.GetPixel(picture.Width / 2, picture.Height / 2).Red.ShouldBeInRange((byte)210, (byte)218);
    }

    [Fact]
    public void The_same_figure_gives_the_same_file()
    {
        foreach (var format in Enum.GetValues<FigureFormat>())
            FigureFiles.Write(Figure("gradient"), format, 84).ShouldBe(FigureFiles.Write(Figure("gradient"), format, 84), format.ToString());
    }

    [Fact]
    public void Colours_on_paper_are_those_of_the_light_page()
    {
        foreach (var (name, colour) in PaperColours.All)
            PageAssets.Style[..PageAssets.Style.IndexOf('}', StringComparison.Ordinal)].ShouldContain($"{name}: {colour};", Case.Sensitive);
    }

    [Fact]
    public void Csv_has_every_point_of_every_seed_as_it_was_recorded()
    {
        var results = ResultsFixture.Typical;
        var rows = Rows(FigureFiles.Of(results, ReportOptions.Default, all: true).Single(figure => figure.Id == LossFigure.Id));
        foreach (var condition in results.Conditions.Where(condition => condition.Trial.Task.Length == 50))
        {
            foreach (var trial in condition.Trials.Where(trial => trial.Metrics.ContainsKey("eval.loss")))
            {
                var series = trial.Metrics["eval.loss"];
                var stored = series.Steps.Zip(series.Values, (step, value) => ((double)step, value)).ToList();
                var label = Abstractions.Catalog.CellCatalog.Get(condition.Trial.Model.Cell).DisplayName;
                var written = rows.Where(row => row[1] == "seed" && row[2] == label && row[3] == trial.Seed.ToString(CultureInfo.InvariantCulture) && row[0].StartsWith("length 50", StringComparison.Ordinal) && row[0].EndsWith("by steps", StringComparison.Ordinal))
                    .Select(row => (double.Parse(row[4], CultureInfo.InvariantCulture), float.Parse(row[5], CultureInfo.InvariantCulture))).ToList();
                written.ShouldBe(stored, $"{label} {trial.Seed}");
            }
        }

        rows.Count(row => row[1] == "median" && row[6].Length > 0).ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Csv_of_rows_names_them_and_gives_bounds_to_intervals_alone()
    {
        var rows = Rows(Figure("cost"));
        rows.Where(row => row[0] == "Trainable parameters").ShouldAllBe(row => row[6].Length == 0 && row[2] == row[5]);
        rows.Count(row => row[0] == "Time per training step" && row[6].Length > 0 && double.Parse(row[6], CultureInfo.InvariantCulture) <= double.Parse(row[4], CultureInfo.InvariantCulture)).ShouldBeGreaterThan(2);
    }

    [Fact]
    public void Names_that_a_spreadsheet_would_compute_are_text()
    {
        PanelAxis axis = new("", 0, 1, []);
        FigureModel figure = new("fig-x", 1, "x", "", [new("=1+1, \"x\"", new("fig-x-1", "t", "d", 300, 300, axis, axis, [], [new(0.5, "-b")], []), [])], new("t", "", [], []), [], []);
        FigureCsv.Write(figure).ShouldBe("panel,kind,series,seed,x,y,low,high,value\r\n\"'=1+1, \"\"x\"\"\",reference,'-b,,,0.5,,,\r\n");
    }

    private static FigureModel Figure(string name) => Typical.Value.First(figure => FigureFiles.NameOf(figure) == name || FigureFiles.ShortName(figure) == name);

    /// <summary>The lines after the header; no cell of these holds a comma.</summary>
    private static List<string[]> Rows(FigureModel figure) =>
        [.. Encoding.UTF8.GetString(FigureFiles.Write(figure, FigureFormat.Csv, 84)).Split("\r\n").Skip(1).Where(line => line.Length > 0).Select(line => line.Split(','))];
}
