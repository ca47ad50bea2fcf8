using Harness.Reports.Figures;
using Harness.Reports.Model;
using Harness.Reports.Sections;

namespace Harness.Tests.Reports;

public sealed class SvgNormalizerTests
{
    private static readonly Panel Small = new(
        "fig-x-1", "Loss <of> two cells", "RNN stays; LSTM falls & rests.", 300, 200,
        AxisScale.Linear("step", 0, 100), AxisScale.Logarithmic("loss", -3, 0),
        [
            new("rnn", Palette.For(["rnn"])[0],
                [
                    new(StrokeRole.Seed, [new(0, -0.1), new(50, -0.2), new(100, -0.3)]),
                    new(StrokeRole.Centre, [new(0, -0.1), new(50, double.NaN), new(60, -0.2), new(100, -0.3)]),
                ],
                new([0, 50, 100], [-0.2, -0.3, -0.4], [0, -0.1, -0.2]),
                [new(MarkerKind.Circle, 100, -0.3), new(MarkerKind.Cross, 50, -0.2)], "RNN"),
            new("lstm|c", Palette.For(["lstm"])[0], [new(StrokeRole.Centre, [new(0, -0.1), new(100, -2.9)])], null, [new(MarkerKind.Square, 100, -2.9)], "LSTM c"),
        ],
        [new(-0.78, "baseline 0.167")], [new(20, -2, "note")]);

    [Fact]
    public void Normalised_drawing_is_as_it_was_looked_at() => GoldenFile.Match("panel.svg", PanelRenderer.Render(Small));

    [Fact]
    public void Two_renders_of_the_same_panel_are_identical_whatever_was_drawn_between()
    {
        var first = PanelRenderer.Render(Small);
        PanelRenderer.Render(Small with { Id = "other", Width = 400 });
        PanelRenderer.Render(Small).ShouldBe(first);
    }

    [Fact]
    public void Drawing_names_itself_and_scales_with_the_page()
    {
        var svg = PanelRenderer.Render(Small);
        svg.ShouldStartWith("<svg viewBox=\"0 0 300 200\" role=\"img\" aria-labelledby=\"fig-x-1-title fig-x-1-desc\"><title id=\"fig-x-1-title\">Loss &lt;of&gt; two cells</title>");
        svg.ShouldContain("<desc id=\"fig-x-1-desc\">RNN stays; LSTM falls &amp; rests.</desc>");
        svg.ShouldNotContain("http");
        svg.ShouldNotContain("font-family");
    }

    [Fact]
    public void Every_series_is_a_group_with_its_key_and_dash()
    {
        var svg = PanelRenderer.Render(Small);
        svg.ShouldContain("data-series=\"lstm|c\"><path fill=\"none\" stroke=\"var(--series-2)\" stroke-width=\"2.4\" stroke-dasharray=\"8 3\"");
        svg.ShouldContain("data-series=\"rnn\"><path fill=\"var(--series-1)\" fill-opacity=\"0.16\"");
    }

    [Fact]
    public void A_gap_in_the_data_is_a_gap_in_the_line()
    {
        // The centre line has two finite points after the gap and a single one before it, which is no line.
        var svg = PanelRenderer.Render(Small);
        var centre = svg[..svg.IndexOf("<text", StringComparison.Ordinal)].Split("stroke=\"var(--series-1)\" stroke-width=\"2.4\" d=\"");
        centre.Length.ShouldBe(2);
        centre[1][..centre[1].IndexOf('"', StringComparison.Ordinal)].Count(c => c == 'L').ShouldBe(1);
    }

    [Fact]
    public void Text_drawn_by_the_library_is_refused_because_a_host_without_fonts_drops_it()
    {
        var exception = Should.Throw<InvalidOperationException>(() => SvgNormalizer.Normalize("<svg><text x=\"1\">label</text></svg>", Small, [], []));
        exception.Message.ShouldContain("label");
    }

    [Theory]
    [InlineData("#FF0000")]
    [InlineData("black")]
    public void A_colour_that_stands_for_nothing_is_refused_because_it_breaks_dark_mode(string colour) =>
        Should.Throw<InvalidOperationException>(() => SvgNormalizer.Normalize($"<svg><path stroke=\"{colour}\" d=\"M0 0\"/></svg>", Small, [], []))
            .Message.ShouldContain(colour);

    /// <summary>Seeds are thin lines, so they need the contrast of text: 4.5 : 1, also on the raised surface of cards.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_line_colour_can_be_read_on_the_surfaces_of_its_theme(int theme)
    {
        foreach (var style in Palette.All)
        {
            var variable = style.Colour["var(".Length..^1];
            var colour = Values(variable)[theme];
            foreach (var surface in new[] { Values("--surface")[theme], Values("--raised")[theme] }) Contrast(colour, surface).ShouldBeGreaterThan(4.5, $"{variable} {colour} on {surface}");
        }

        // Light, dark by the system, dark by choice; print comes fourth.
        static List<string> Values(string variable) =>
            [.. System.Text.RegularExpressions.Regex.Matches(PageAssets.Style, $@"(?<![\w-]){variable}: (#[0-9A-Fa-f]{{6}});", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Groups[1].Value)];
    }

    /// <summary>WCAG 2.2, relative luminance and contrast ratio.</summary>
    private static double Contrast(string a, string b)
    {
        var (x, y) = (Luminance(a), Luminance(b));
        return (Math.Max(x, y) + 0.05) / (Math.Min(x, y) + 0.05);
    }

    private static double Luminance(string colour)
    {
        var parts = Convert.FromHexString(colour[1..]).Select(v => v / 255.0).Select(v => v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4)).ToArray();
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }
}
