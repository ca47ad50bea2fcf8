using System.Text.Json;
using Deque.AxeCore.Commons;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Tests.Reports;
using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>One file in two languages: a reader sees one of them and changes to the other.</summary>
[Collection(BrowserTests.Name)]
public sealed class BothLanguagesTests(BrowserFixture browser) : IDisposable
{
    private static readonly Lazy<Task<string>> page = new(() => ReportWriter.Write(GateFixture.With(ResultsFixture.Typical), ReportOptions.Default with { Language = ReportLanguages.Both }));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SlowTheory(Category.Browser)]
    [InlineData("", "en-US", "en")]
    [InlineData("", "zh-CN", "zh")]
    [InlineData("", "pt-BR", "en")]
    [InlineData("#zh", "en-US", "zh")]
    [InlineData("#lang=zh", "en-US", "zh")]
    [InlineData("#lang=en", "zh-CN", "en")]
    [InlineData("#zh-fig-loss", "en-US", "zh")]
    [InlineData("#fig-loss", "zh-CN", "en")]
    public async Task A_reader_gets_the_language_of_the_address_or_else_of_the_browser(string hash, string locale, string expected)
    {
        await using var view = await Show(hash, new() { Locale = locale });
        await IsShown(view.Page, expected);
        (await view.Page.EvaluateAsync<string>("document.documentElement.lang")).ShouldStartWith(expected);
        (await view.Page.TitleAsync()).ShouldBe(await view.Page.Locator($"#{expected}").GetAttributeAsync("data-title"));
        view.Complaints.ShouldBeEmpty();
    }

    [SlowTheory(Category.Browser)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_switch_works_with_and_without_scripts(bool scripts)
    {
        await using var view = await Show("", new() { JavaScriptEnabled = scripts });
        var page = view.Page;
        await IsShown(page, "en");
        await page.Locator("label[for=in-zh]").ClickAsync();
        await IsShown(page, "zh");
        await page.Locator("#in-zh").FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await IsShown(page, "en");

        // What is printed is what is seen.
        await page.Locator("label[for=in-zh]").ClickAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await IsShown(page, "zh");
        (await page.Locator(".languages").IsVisibleAsync()).ShouldBeFalse();
        view.Complaints.ShouldBeEmpty();
    }

    [SlowTheory(Category.Browser)]
    [InlineData("en", ColorScheme.Light)]
    [InlineData("zh", ColorScheme.Light)]
    [InlineData("zh", ColorScheme.Dark)]
    public async Task Axe_finds_nothing_in_either_language(string language, ColorScheme scheme)
    {
        await using var view = await Show($"#{language}", new() { ColorScheme = scheme });
        await view.Page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
        var violations = await view.Page.EvaluateAsync<string>(
            "async () => JSON.stringify((await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + ' ' + n.failureSummary).join(' | ')))");
        JsonSerializer.Deserialize<string[]>(violations).ShouldBeEmpty();
    }

    /// <summary>Everything that a script does to a page, on the second one.</summary>
    [SlowFact(Category.Browser)]
    public async Task The_second_language_has_all_that_a_page_can_do()
    {
        await using var view = await Show("#zh");
        var page = view.Page;
        await page.EvaluateAsync("() => { for (const closed of document.querySelectorAll('.figure-body')) closed.open = true; }");
        var figure = page.Locator("#zh-fig-loss");
        await figure.Locator(".drawing svg").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        (await figure.Locator(".tip").First.InnerTextAsync()).ShouldMatch("[\u4e00-\u9fff]");
        var name = figure.Locator(".legend [role=button]").First;
        await name.ClickAsync();
        (await name.GetAttributeAsync("aria-pressed")).ShouldBe("false");
        (await page.Locator("#fig-loss [data-series].off").CountAsync()).ShouldBe(0, "the other language keeps its lines");
        await figure.Locator("label").Nth(1).ClickAsync();
        await Assertions.Expect(figure.Locator("table")).ToBeVisibleAsync();
        (await page.Locator("#fig-loss .pane.table").EvaluateAsync<string>("pane => getComputedStyle(pane).display")).ShouldBe("none", "a switch is of one figure");

        await page.Locator("#zh [data-action=present]").ClickAsync();
        await Assertions.Expect(page.Locator("#zh .slides")).ToBeVisibleAsync();
        (await page.Locator("figure.shown").GetAttributeAsync("id"))!.ShouldStartWith("zh-");
        await page.Keyboard.PressAsync("ArrowRight");
        (await page.Locator("#zh .slides [role=status]").InnerTextAsync()).ShouldStartWith("2 / ");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#zh .slides")).ToBeHiddenAsync();
        await IsShown(page, "zh");

        await page.Locator("#zh-all-trials summary").ClickAsync();
        await page.Locator("#zh-all-trials input[type=search]").FillAsync("lstm");
        (await page.Locator("#zh-trials tbody tr:not([hidden])").CountAsync()).ShouldBeInRange(1, 15);
        (await page.Locator("#trials tbody tr[hidden]").CountAsync()).ShouldBe(0);
        (await page.Locator("#zh-trials thead th").First.EvaluateAsync<string>("head => getComputedStyle(head).position")).ShouldBe("sticky");
        view.Complaints.ShouldBeEmpty();
    }

    [SlowTheory(Category.Browser)]
    [InlineData(1280)]
    [InlineData(390)]
    [InlineData(320)]
    public async Task The_switch_covers_nothing(int width)
    {
        await using var view = await Show("", new() { ViewportSize = new() { Width = width, Height = 800 } });
        (await view.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        var covered = await view.Page.EvaluateAsync<string[]>(
            """
            () => {
              const own = document.querySelector(".languages").getBoundingClientRect();
              const range = document.createRange();
              return [...document.querySelectorAll("#en .masthead :is(button, a, h1, .question, li)")].filter(part => {
                range.selectNodeContents(part);
                return [...range.getClientRects()].some(box => box.width > 0 && box.left < own.right - 1 && own.left < box.right - 1 && box.top < own.bottom - 1 && own.top < box.bottom - 1);
              }).map(part => part.textContent.slice(0, 40));
            }
            """);
        covered.ShouldBeEmpty();
    }

    private static async Task IsShown(IPage page, string language)
    {
        foreach (var known in ReportLanguages.All) (await page.Locator($"#{known}").IsVisibleAsync()).ShouldBe(known == language, known);
    }

    private async Task<WatchedPage> Show(string hash, BrowserNewContextOptions? settings = null)
    {
        var view = await browser.Open(settings);
        var file = folder.File("both.html");
        await File.WriteAllTextAsync(file, await page.Value, TestContext.Current.CancellationToken);
        await view.Page.GotoAsync(new Uri(file).AbsoluteUri + hash);
        return view;
    }
}
