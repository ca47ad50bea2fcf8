using System.Text;
using System.Xml.Linq;
using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Tests.Reports;
using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>How a report explains its words, shows its figures on another axis, and is projected.</summary>
[Collection(BrowserTests.Name)]
public sealed class ReportReadingTests(BrowserFixture browser) : IDisposable
{
    private static readonly ExperimentResults Results = GateFixture.With(ResultsFixture.Typical);

    private static readonly Lazy<Task<string>> page = new(() => ReportWriter.Write(Results, ReportOptions.Default));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SlowTheory(Category.Browser)]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Term_shows_its_meaning_on_hover_focus_and_tap_and_moves_nothing(int width)
    {
        await using var view = await Show(new() { ViewportSize = new() { Width = width, Height = 844 }, HasTouch = true });
        // Parts out of sight are laid out when they come into view, which is no doing of a definition.
        await view.Page.AddStyleTagAsync(new() { Content = "details { content-visibility: visible !important; }" });
        var terms = view.Page.Locator("dfn.term:visible");
        for (var i = 0; i < await terms.CountAsync(); i++)
        {
            await terms.Nth(i).ScrollIntoViewIfNeededAsync();
            await view.Page.Mouse.MoveAsync(0, 0);
            var shape = await Shape();
            await terms.Nth(i).HoverAsync();
            (await Meaning(terms.Nth(i))).ShouldBe(await terms.Nth(i).GetAttributeAsync("data-meaning"));
            (await Shape()).ShouldBe(shape);
            // The definition is no element: what leaves the page would make it wider.
            (await view.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        }

        var term = terms.First;
        await view.Page.Keyboard.PressAsync("Escape");
        await view.Page.Mouse.MoveAsync(0, 0);
        await term.FocusAsync();
        (await Meaning(term)).ShouldNotBeNull();
        await view.Page.Keyboard.PressAsync("Escape");
        (await Meaning(term)).ShouldBeNull();
        await term.EvaluateAsync("term => term.blur()");
        await term.TapAsync();
        (await Meaning(term)).ShouldNotBeNull();

        async Task<string> Shape() => await view.Page.EvaluateAsync<string>("JSON.stringify([...document.querySelectorAll('h2')].map(part => Math.round(part.getBoundingClientRect().top + scrollY)))");
        static async Task<string?> Meaning(ILocator term) => await term.EvaluateAsync<string?>("term => { const style = getComputedStyle(term, '::after'); return style.content === 'none' || style.display === 'none' ? null : term.dataset.meaning; }");
    }

    [SlowFact(Category.Browser)]
    public async Task Glossary_is_printed_as_a_list()
    {
        await using var view = await Show();
        (await view.Page.Locator("#glossary dd").First.IsVisibleAsync()).ShouldBeFalse();
        await view.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await view.Page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");
        (await view.Page.EvaluateAsync<bool>("[...document.querySelectorAll('#glossary dd')].every(meaning => meaning.checkVisibility() && meaning.getBoundingClientRect().height > 0)")).ShouldBeTrue();
    }

    [SlowFact(Category.Browser)]
    public async Task Figure_of_several_decades_has_a_linear_axis_by_menu_and_keyboard()
    {
        await using var view = await Show();
        var (logarithmic, linear) = (view.Page.Locator("#fig-loss .drawing:not(.linear) svg").First, view.Page.Locator("#fig-loss .drawing.linear svg").First);
        await view.Page.EvaluateAsync("location.hash = 'fig-loss'");
        await Assertions.Expect(logarithmic).ToBeVisibleAsync();
        (await linear.IsVisibleAsync()).ShouldBeFalse();
        var before = await ValueAtEnd(logarithmic);
        before.ShouldNotBeEmpty();
        await view.Page.Locator("#fig-loss input[value=log]").FocusAsync();
        await view.Page.Keyboard.PressAsync("ArrowRight");
        (await logarithmic.IsVisibleAsync()).ShouldBeFalse();
        (await ValueAtEnd(linear)).ShouldBe(before);

        var download = await view.Page.RunAndWaitForDownloadAsync(() => view.Page.Locator("#fig-loss .take button[data-take=svg]").EvaluateAsync("button => button.click()"));
        var words = XDocument.Parse(await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken)).Descendants().Where(part => part.Name.LocalName == "text").Select(part => part.Value).ToList();
        words.ShouldContain("0", StringComparer.Ordinal);
        words.ShouldNotContain(word => word.Contains("10⁻", StringComparison.Ordinal));
        view.Complaints.ShouldBeEmpty();

        static async Task<string> ValueAtEnd(ILocator drawing)
        {
            await drawing.FocusAsync();
            await drawing.Page.Keyboard.PressAsync("ArrowRight");
            return await drawing.Locator("xpath=../p[@class='tip']").InnerTextAsync();
        }
    }

    [SlowFact(Category.Browser)]
    public async Task Presented_figures_fill_the_screen_in_large_type_one_by_one()
    {
        await using var view = await Show(new() { ViewportSize = new() { Width = 1920, Height = 1080 } }, "#present");
        var seen = new List<string>();
        string shown;
        do
        {
            shown = await view.Page.Locator(".slides span").InnerTextAsync();
            var figure = view.Page.Locator("figure.shown");
            seen.Add((await figure.GetAttributeAsync("id"))!);
            (await view.Page.Locator("h1").IsVisibleAsync()).ShouldBeFalse();
            (await figure.Locator("figcaption").IsVisibleAsync()).ShouldBeTrue();
            (await figure.EvaluateAsync<bool>("figure => figure.scrollHeight <= innerHeight && figure.scrollWidth <= innerWidth")).ShouldBeTrue(shown);
            var small = await figure.EvaluateAsync<string[]>(
                """
                figure => [...figure.querySelectorAll("figcaption, .key, .panel-title, svg text")].filter(part => part.checkVisibility({ visibilityProperty: true }))
                  .filter(part => parseFloat(getComputedStyle(part).fontSize) * (part.ownerSVGElement ? part.getScreenCTM().a : 1) < 23.9).map(part => part.textContent)
                """);
            // A column of strips has no room for such letters.
            if (await figure.Locator(".column").CountAsync() == 0) small.ShouldBeEmpty(seen[^1]);
            (await figure.Locator("svg:visible").CountAsync()).ShouldBeGreaterThan(0);
            await view.Page.Keyboard.PressAsync("ArrowRight");
        }
        while (await view.Page.Locator(".slides span").InnerTextAsync() != shown);

        seen.Distinct(StringComparer.Ordinal).ShouldBe(await view.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('figure.figure')].map(figure => figure.id)"));
        await view.Page.Keyboard.PressAsync("ArrowLeft");
        (await view.Page.Locator(".slides span").InnerTextAsync()).ShouldBe($"{seen.Count - 1} / {seen.Count}");
        await view.Page.Keyboard.PressAsync("Escape");
        (await view.Page.EvaluateAsync<string>("location.hash")).ShouldStartWith("#fig-");
        await Assertions.Expect(view.Page.Locator(".slides")).ToBeHiddenAsync();
        (await view.Page.Locator("h1").IsVisibleAsync()).ShouldBeTrue();

        await view.Page.EvaluateAsync("scrollTo(0, 0)");
        await view.Page.Locator("button[data-action=present]").ClickAsync();
        await Assertions.Expect(view.Page.Locator("figure.shown")).ToHaveCountAsync(1);
        await view.Page.Locator(".slides button").Last.ClickAsync();
        (await view.Page.Locator("figure.shown").CountAsync()).ShouldBe(0);
        view.Complaints.ShouldBeEmpty();
    }

    private async Task<WatchedPage> Show(BrowserNewContextOptions? settings = null, string address = "")
    {
        var view = await browser.Open(settings);
        var file = folder.File("report.html");
        await File.WriteAllTextAsync(file, await page.Value, Encoding.UTF8, TestContext.Current.CancellationToken);
        await view.Page.GotoAsync(new Uri(file).AbsoluteUri + address);
        return view;
    }
}
