using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Tests.Reports;
using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>The report as its readers meet it: a file in a browser.</summary>
[Collection(BrowserTests.Name)]
public sealed class ReportPageTests(BrowserFixture browser) : IDisposable
{
    private static readonly ExperimentResults Asked = GateFixture.With(ResultsFixture.Typical) with
    {
        Claims =
        [
            new ComparisonClaim("keeps-gradients", "lstm", "rnn", "gradient.slope", null, 0.02) { Article = 6, At = ProbeMoment.Init },
            new ComparisonClaim("solves-more", "lstm", "rnn", "solved", null, null) { Article = 7 },
            new ComparisonClaim("learns", "gru", "rnn", "eval.loss", null, null),
            new EquivalenceClaim("on-par", "gru", "lstm", "eval.loss", 1.1) { Article = 13 },
            new ComparisonClaim("smaller", "gru", "lstm", "parameters", null, null) { Article = 11 },
            new ComparisonClaim("faster", "rnn", "lstm", "speed.ms_per_step", null, null) { Article = 12 },
            new TrendClaim("longer-is-slower", "rnn", "speed.ms_per_step", "length", Falls: false) { Article = 4 },
            new ThresholdClaim("solved-at-all", "lstm", "eval.loss", 0.01, null),
            new ThresholdClaim("open", "lstm", "gates.kept", null, 0.5) { Article = 15 },
        ],
    };

    /// <summary>Written once per language: the tests only read it.</summary>
    private static readonly ConcurrentDictionary<string, Task<string>> pages = new(StringComparer.Ordinal);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SlowTheory(Category.Browser)]
    [InlineData("en")]
    [InlineData("zh")]
    public async Task It_opens_from_a_file_without_a_complaint_or_a_request(string language)
    {
        await using var view = await Show(language: language);
        await view.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await view.Page.Locator("button[data-action=theme]").ClickAsync();
        await view.Page.Locator("#conditions thead button").First.ClickAsync();
        await view.Page.Locator("figure label").Nth(1).ClickAsync();

        view.Complaints.ShouldBeEmpty();
        view.Requests.ShouldAllBe(address => address.StartsWith("file:", StringComparison.Ordinal) || address.StartsWith("data:", StringComparison.Ordinal));
        view.Requests.Count(address => address.StartsWith("file:", StringComparison.Ordinal)).ShouldBe(1);
    }

    [SlowFact(Category.Browser)]
    public async Task Every_claim_leads_to_its_figure_and_table_and_from_there_back()
    {
        await using var view = await Show();
        var walk = await view.Page.EvaluateAsync<string>(
            """
            () => JSON.stringify([...document.querySelectorAll("article.card")].flatMap(card => [...card.querySelectorAll("a")].map(link => {
              link.click();
              const target = document.querySelector(location.hash);
              const place = target?.closest("figure") ?? target?.closest("section");
              const back = [...place?.querySelectorAll("a") ?? []].find(link => link.hash === "#" + card.id);
              // A table inside a figure is shown when a link leads to it.
              const seen = target?.checkVisibility() ?? false;
              back?.click();
              return { card: card.id, target: target?.id ?? null, seen, back: back !== undefined && back.checkVisibility() && location.hash === "#" + card.id };
            })))
            """);
        var steps = JsonDocument.Parse(walk).RootElement.EnumerateArray().ToList();
        steps.Select(step => step.GetProperty("card").GetString()).Distinct(StringComparer.Ordinal).Count().ShouldBe(Asked.Claims.Count);
        steps.Select(step => step.GetProperty("target").GetString()).Distinct(StringComparer.Ordinal).Count().ShouldBeGreaterThan(8);
        foreach (var step in steps) (step.GetProperty("seen").GetBoolean(), step.GetProperty("back").GetBoolean()).ShouldBe((true, true), step.GetRawText());
        view.Complaints.ShouldBeEmpty();
    }

    [SlowFact(Category.Browser)]
    public async Task Without_scripts_verdicts_figures_and_tables_are_there()
    {
        await using var view = await Show(new() { JavaScriptEnabled = false });
        var page = view.Page;
        (await page.Locator("article.card").CountAsync()).ShouldBe(Asked.Claims.Count);
        (await page.Locator("figure").CountAsync()).ShouldBeGreaterThan(4);
        foreach (var figure in await page.Locator("figure").AllAsync())
        {
            if (!await figure.Locator("svg").First.IsVisibleAsync()) await figure.Locator("summary").First.ClickAsync();
            (await figure.Locator("svg").First.IsVisibleAsync()).ShouldBeTrue();
            await figure.Locator("label").Nth(1).ClickAsync();
            (await figure.Locator("table").IsVisibleAsync()).ShouldBeTrue();
            (await figure.Locator("svg").First.IsVisibleAsync()).ShouldBeFalse();
        }

        // Buttons that need scripts are not offered.
        (await page.Locator("button:visible").CountAsync()).ShouldBe(0);
    }

    [SlowTheory(Category.Browser)]
    [InlineData("en", ColorScheme.Light)]
    [InlineData("en", ColorScheme.Dark)]
    [InlineData("zh", ColorScheme.Light)]
    public async Task Axe_finds_nothing(string language, ColorScheme scheme)
    {
        await using var view = await Show(new() { ColorScheme = scheme }, language);
        await view.Page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
        foreach (var table in new[] { false, true })
        {
            if (table) await view.Page.EvaluateAsync("() => { for (const tab of document.querySelectorAll('input[value=table]')) tab.checked = true; }");
            var violations = await view.Page.EvaluateAsync<string>(
                "async () => JSON.stringify((await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + ' ' + n.failureSummary).join(' | ')))");
            JsonSerializer.Deserialize<string[]>(violations).ShouldBeEmpty();
        }
    }

    [SlowFact(Category.Browser)]
    public async Task In_the_dark_the_page_is_dark_and_the_drawings_follow()
    {
        await using var view = await Show(new() { ColorScheme = ColorScheme.Dark });
        (await Colour("body", "backgroundColor")).ShouldBeLessThan(64);
        (await Colour("body", "color")).ShouldBeGreaterThan(192);
        (await Colour("figure svg text", "fill")).ShouldBeGreaterThan(128);

        async Task<double> Colour(string selector, string property)
        {
            var text = await view.Page.EvaluateAsync<string>("([selector, property]) => getComputedStyle(document.querySelector(selector))[property]", new[] { selector, property });
            return Regex.Matches(text, @"\d+", RegexOptions.None, TimeSpan.FromSeconds(1)).Take(3).Average(part => int.Parse(part.Value, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>400 % zoom of a 1280-pixel window leaves 320 pixels (WCAG 1.4.10); a telephone has about 390.</summary>
    [SlowTheory(Category.Browser)]
    [InlineData(320, "en")]
    [InlineData(390, "en")]
    [InlineData(320, "zh")]
    public async Task On_a_narrow_page_nothing_but_tables_drawings_and_files_scrolls_sideways(int width, string language)
    {
        await using var view = await Show(new() { ViewportSize = new() { Width = width, Height = 700 } }, language);
        (await view.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        var wide = await view.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll("h1, h2, h3, p, li, figcaption, dd, summary, caption span")]
              .filter(e => !e.closest("table:not(:has(caption span)), nav") && e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().right > innerWidth + 1)
              .map(e => e.textContent.trim().slice(0, 60))
            """);
        wide.ShouldBeEmpty();
    }

    [SlowFact(Category.Browser)]
    public async Task Printed_the_verdicts_are_on_the_first_page_and_every_table_is_there()
    {
        await using var view = await Show();
        await view.Page.EmulateMediaAsync(new() { Media = Media.Print });
        foreach (var table in await view.Page.Locator("figure table").AllAsync()) (await table.IsVisibleAsync()).ShouldBeTrue();
        (await view.Page.Locator("button[data-action]:visible").CountAsync()).ShouldBe(0);

        // The height of a page of A4 less the margins, at 96 pixels per inch.
        await view.Page.SetViewportSizeAsync((int)((210 - 32) / 25.4 * 96), (int)((297 - 32) / 25.4 * 96));
        (await view.Page.Locator("article.card").First.EvaluateAsync<double>("card => card.getBoundingClientRect().bottom + scrollY")).ShouldBeLessThan((297 - 32) / 25.4 * 96);

        var paper = await view.Page.PdfAsync(new() { Format = "A4", PreferCSSPageSize = false });
        var pages = Regex.Count(System.Text.Encoding.Latin1.GetString(paper), @"/Type\s*/Page\b(?!s)", RegexOptions.None, TimeSpan.FromSeconds(10));
        pages.ShouldBeInRange(2, 60);
    }

    private async Task<WatchedPage> Show(BrowserNewContextOptions? settings = null, string language = "en")
    {
        var view = await browser.Open(settings);
        var file = folder.File("report & more.html");
        await File.WriteAllTextAsync(file, await pages.GetOrAdd(language, word => ReportWriter.Write(Asked, ReportOptions.Default with { Language = word })), TestContext.Current.CancellationToken);
        await view.ShowFile(file);
        return view;
    }
}
