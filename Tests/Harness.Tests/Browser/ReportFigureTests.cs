using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Exports;
using Harness.Reports.Model;
using Harness.Reports.Sections;
using Harness.Tests.Reports;
using Microsoft.Playwright;
using SkiaSharp;

namespace Harness.Tests.Browser;

/// <summary>What readers do with a figure: read its values, hide a series, take it away.</summary>
[Collection(BrowserTests.Name)]
public sealed class ReportFigureTests(BrowserFixture browser) : IDisposable
{
    private static readonly ExperimentResults Results = GateFixture.With(ResultsFixture.Make(["rnn", "lstm", "gru"], [50], 5));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_scripts_together_are_at_most_12_kilobytes() => Encoding.UTF8.GetByteCount(PageAssets.Script).ShouldBeLessThanOrEqualTo(12 * 1024);

    [SlowFact(Category.Browser)]
    public async Task A_figure_is_taken_out_as_picture_numbers_table_and_caption()
    {
        await using var view = await Show();
        var svg = XDocument.Parse(Encoding.UTF8.GetString(await Take(view.Page, "#fig-loss", "svg")));
        var words = svg.Descendants().Where(part => part.Name.LocalName == "text").Select(part => part.Value.Trim()).ToList();
        foreach (var word in new[] { "RNN", "LSTM", "GRU", "optimizer step", "by seconds" }) words.ShouldContain(word, StringComparer.Ordinal);
        svg.ToString().ShouldNotContain("var(");

        using var picture = SKBitmap.Decode(await Take(view.Page, "#fig-loss", "png"));
        picture.Width.ShouldBeGreaterThan(2000);
        picture.Pixels.Distinct().Count().ShouldBeGreaterThan(20);

        var csv = Encoding.UTF8.GetString(await Take(view.Page, "#fig-loss", "csv")).Split("\r\n");
        csv[0].ShouldBe("panel,kind,series,seed,x,y,low,high");
        var trial = Results.Conditions.First(condition => condition.Trial.Model.Cell == "lstm").Trials[0];
        var (step, value) = (trial.Metrics["eval.loss"].Steps[^1], trial.Metrics["eval.loss"].Values[^1]);
        var line = csv.First(row => row.StartsWith(FormattableString.Invariant($"by steps,seed,LSTM,{trial.Seed},{step},"), StringComparison.Ordinal));
        double.Parse(line.Split(',')[5], CultureInfo.InvariantCulture).ShouldBe(value, value * 1e-5);

        var tex = Encoding.UTF8.GetString(await Take(view.Page, "#fig-loss", "tex"));
        tex.ShouldContain("\\begin{tabular}{lrrrrrr}\n\\toprule\n");
        tex.Count(c => c == '&').ShouldBe(6 * (1 + await view.Page.Locator("#fig-loss tbody tr").CountAsync()));
        tex.ShouldNotContain("\u202f");
        view.Complaints.ShouldBeEmpty();
        view.Requests.ShouldAllBe(address => address.StartsWith("file:", StringComparison.Ordinal) || address.StartsWith("data:", StringComparison.Ordinal) || address.StartsWith("blob:", StringComparison.Ordinal));
    }

    [SlowFact(Category.Browser)]
    public async Task The_menu_works_by_keyboard_and_copies_the_caption()
    {
        await using var view = await Show(new() { Permissions = ["clipboard-read", "clipboard-write"] });
        var page = view.Page;
        await page.Locator("#fig-loss .take summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#fig-loss .take button").Last.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#fig-loss .take [role=status]")).ToHaveTextAsync("Done");
        (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldContain((await page.Locator("#fig-loss figcaption").InnerTextAsync())[..40]);
        await page.Keyboard.PressAsync("Escape");
        (await page.Locator("#fig-loss .take button").Last.IsVisibleAsync()).ShouldBeFalse();
    }

    [SlowFact(Category.Browser)]
    public async Task The_nearest_value_is_shown_under_the_pointer_and_by_arrow_keys()
    {
        await using var view = await Show();
        var drawing = view.Page.Locator("#fig-loss .drawing").First;
        await drawing.ScrollIntoViewIfNeededAsync();
        // The end of LSTM's line, to which the leader of its label is tied.
        var leader = await drawing.Locator("svg > path[data-series=lstm]").BoundingBoxAsync();
        var axis = await drawing.Locator("svg").EvaluateAsync<double>("svg => { const path = svg.querySelector(':scope > path[data-series=lstm]'); return new DOMPoint(...path.getAttribute('d').match(/[\\d.]+/g).slice(0, 2)).matrixTransform(path.getScreenCTM()).y; }");
        await view.Page.Mouse.MoveAsync(leader!.X - 4, (float)axis);
        var tip = drawing.Locator(".tip");
        var shown = await tip.InnerTextAsync();
        shown.ShouldStartWith("LSTM · optimizer step ");
        var curve = Results.Conditions.First(condition => condition.Trial.Model.Cell == "lstm").Trials.Select(trial => trial.Metrics["eval.loss"]).ToList();
        var step = int.Parse(shown.Split(' ')[4].Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var median = curve.Select(series => series.Values[Array.IndexOf(series.Steps, step)]).Order().ElementAt(2);
        double.Parse(shown.Split(" loss ")[1].Split(' ')[0], CultureInfo.InvariantCulture).ShouldBe(median, median * 0.006);

        await view.Page.Mouse.MoveAsync(0, 0);
        (await tip.IsVisibleAsync()).ShouldBeFalse();
        await drawing.Locator("svg").FocusAsync();
        await view.Page.Keyboard.PressAsync("ArrowLeft");
        var first = await tip.InnerTextAsync();
        first.ShouldStartWith("RNN");
        await view.Page.Keyboard.PressAsync("ArrowLeft");
        (await tip.InnerTextAsync()).ShouldNotBe(first, StringComparer.Ordinal);
        var lines = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 18; i++)
        {
            await view.Page.Keyboard.PressAsync("ArrowDown");
            lines.Add(string.Join(" · ", (await tip.InnerTextAsync()).Split(" · ").Take(2).Where(part => !part.StartsWith("optimizer", StringComparison.Ordinal))));
        }

        lines.Count.ShouldBe(18, "three medians and five seeds of each");
        lines.ShouldContain("GRU · seed 1", StringComparer.Ordinal);
        await view.Page.Keyboard.PressAsync("Escape");
        (await tip.IsVisibleAsync()).ShouldBeFalse();
    }

    [SlowFact(Category.Browser)]
    public async Task A_name_in_the_legend_hides_its_series_and_shows_it_again()
    {
        await using var view = await Show();
        var entry = view.Page.Locator("#fig-loss .annotations [data-series=lstm] .key").First;
        await entry.FocusAsync();
        await view.Page.Keyboard.PressAsync("Enter");
        (await entry.GetAttributeAsync("aria-pressed")).ShouldBe("false");
        (await view.Page.Locator("#fig-loss svg [data-series=lstm]").First.IsVisibleAsync()).ShouldBeFalse();
        (await view.Page.Locator("#fig-loss svg [data-series=rnn]").First.IsVisibleAsync()).ShouldBeTrue();
        var taken = XDocument.Parse(Encoding.UTF8.GetString(await Take(view.Page, "#fig-loss", "svg")));
        taken.Descendants().ShouldNotContain(part => part.Attribute("data-series") != null && part.Attribute("data-series")!.Value == "lstm");
        await entry.ClickAsync();
        (await view.Page.Locator("#fig-loss svg [data-series=lstm]").First.IsVisibleAsync()).ShouldBeTrue();
    }

    [SlowFact(Category.Browser)]
    public async Task Single_seeds_are_hidden_and_shown_again()
    {
        await using var view = await Show();
        var (box, seeds) = (view.Page.Locator("#fig-loss").GetByLabel("Single seeds"), view.Page.Locator("#fig-loss svg [stroke-opacity]"));
        (await seeds.CountAsync()).ShouldBeGreaterThan(0);
        (await seeds.First.IsVisibleAsync()).ShouldBeTrue();
        await box.FocusAsync();
        await view.Page.Keyboard.PressAsync("Space");
        (await seeds.First.IsVisibleAsync()).ShouldBeFalse();
        var taken = XDocument.Parse(Encoding.UTF8.GetString(await Take(view.Page, "#fig-loss", "svg")));
        taken.Descendants().ShouldNotContain(part => part.Attribute("stroke-opacity") != null);
        taken.Descendants().ShouldContain(part => part.Attribute("data-series") != null);
        await box.ClickAsync();
        (await seeds.First.IsVisibleAsync()).ShouldBeTrue();
    }

    [SlowTheory(Category.Browser)]
    [InlineData(84)]
    [InlineData(174)]
    public async Task A_figure_of_its_own_shows_every_word_in_its_own_typeface(int millimetres)
    {
        await using var view = await browser.Open(new() { ViewportSize = new() { Width = 1200, Height = 2400 } });
        foreach (var figure in FigureFiles.Of(Results, ReportOptions.Default))
        {
            var file = folder.File("figure.svg");
            await File.WriteAllBytesAsync(file, FigureFiles.Write(figure, FigureFormat.Svg, millimetres), TestContext.Current.CancellationToken);
            await view.ShowFile(file);
            var faults = await view.Page.EvaluateAsync<string[]>(
                """
                async () => {
                  await document.fonts.ready;
                  const faults = [...document.fonts].filter(face => face.status !== "loaded" && face.weight === "400").map(face => face.family);
                  if (!document.fonts.check("12px Inter")) faults.push("no Inter");
                  const frame = document.documentElement.getBoundingClientRect(), texts = [...document.querySelectorAll("text")];
                  const boxes = texts.map(text => text.getBoundingClientRect());
                  boxes.forEach((a, i) => {
                    if (a.width === 0 || a.left < frame.left - 1 || a.right > frame.right + 1 || a.bottom > frame.bottom + 1) faults.push("outside " + texts[i].textContent);
                    boxes.slice(i + 1).forEach((b, j) => {
                      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) faults.push(`${texts[i].textContent} over ${texts[i + 1 + j].textContent}`);
                    });
                  });
                  return texts.length > 5 ? faults : [...faults, "no words"];
                }
                """);
            faults.ShouldBeEmpty(FigureFiles.NameOf(figure));
        }

        view.Complaints.ShouldBeEmpty();
    }

    private static async Task<byte[]> Take(IPage page, string figure, string what)
    {
        await page.Locator($"{figure} .take").EvaluateAsync("menu => { menu.open = true; }");
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator($"{figure} .take button[data-take={what}]").ClickAsync());
        download.SuggestedFilename.ShouldBe($"figure-{(await page.Locator($"{figure} h3").InnerTextAsync()).Split(' ')[1]}-{figure["#fig-".Length..]}.{what}");
        using var bytes = new MemoryStream();
        await using var stream = await download.CreateReadStreamAsync();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task<WatchedPage> Show(BrowserNewContextOptions? settings = null)
    {
        var view = await browser.Open(settings);
        var file = folder.File("report.html");
        await File.WriteAllTextAsync(file, await ReportWriter.Write(Results, ReportOptions.Default), TestContext.Current.CancellationToken);
        await view.ShowFile(file);
        return view;
    }
}
