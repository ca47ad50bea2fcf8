using Deque.AxeCore.Commons;
using Harness.Abstractions.Contracts;
using Harness.Tests.Api;
using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>Lists that are searched, sorted and shared, experiments that are compared, and what stands beside a trial.</summary>
[Collection(BrowserTests.Name)]
public sealed class DashboardListTests(BrowserFixture browser) : IAsyncLifetime
{
    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [SlowFact(Category.Browser)]
    public async Task A_list_follows_the_search_and_its_address_shows_the_same_to_others()
    {
        await server.Submit();
        await server.Submit(Named("another-one"));
        await using var view = await Enter("/experiments");
        var page = view.Page;
        await Assertions.Expect(page.Locator("article.row")).ToHaveCountAsync(2);
        await page.EvaluateAsync("() => { window.sameDocument = true; }");
        await page.GetByLabel("Search experiments").PressSequentiallyAsync("anoth");
        await Assertions.Expect(page.Locator("article.row")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("article.row")).ToContainTextAsync("another-one");
        (await page.EvaluateAsync<bool>("() => window.sameDocument === true && document.activeElement.id === 'list-search'")).ShouldBeTrue();
        page.Url.ShouldContain("q=anoth");
        await page.GetByLabel("State").SelectOptionAsync("finished");
        await Assertions.Expect(page.Locator(".empty")).ToContainTextAsync("No experiment fits");

        // Passed on, with scripts and without.
        foreach (var scripts in new[] { true, false })
        {
            await using var other = await Enter("/experiments?q=anoth&sort=name&order=asc", new() { JavaScriptEnabled = scripts });
            await Assertions.Expect(other.Page.Locator("article.row")).ToHaveCountAsync(1);
            await other.Page.GetByLabel("Search experiments").FillAsync("small");
            await other.Page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
            await Assertions.Expect(other.Page.Locator("article.row")).ToContainTextAsync("small");
            other.Page.Url.ShouldContain("sort=name");
        }

        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task Trials_are_sorted_by_a_press_on_a_heading_and_filtered_by_state_at_once()
    {
        await server.Submit();
        await server.TrainAll();
        await using var view = await Enter("/experiments/1/trials?q=lstm");
        var page = view.Page;
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Link, new() { Name = "Seed" }).ClickAsync();
        (await page.Locator("tbody td:nth-child(3)").AllInnerTextsAsync()).ShouldBe(["1", "2"]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Seed" }).ClickAsync();
        (await page.Locator("tbody td:nth-child(3)").AllInnerTextsAsync()).ShouldBe(["2", "1"]);
        (await page.Locator("th[aria-sort=descending]").InnerTextAsync()).ShouldContain("Seed");
        await page.Locator(".filters").GetByRole(AriaRole.Link, new() { Name = "completed" }).ClickAsync();
        page.Url.ShouldContain("q=lstm");
        page.Url.ShouldContain("sort=seed");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task Events_are_sorted_by_a_press_on_a_heading_and_keep_their_filter()
    {
        await server.Submit();
        await server.TrainAll();
        await using var view = await Enter("/events?q=lstm");
        var page = view.Page;
        var all = await page.Locator("table.events tbody tr").CountAsync();
        all.ShouldBeGreaterThan(3);
        await page.GetByRole(AriaRole.Link, new() { Name = "What" }).ClickAsync();
        var kinds = await page.Locator("table.events td:nth-child(2)").AllInnerTextsAsync();
        kinds.Count.ShouldBe(all);
        kinds.Distinct(StringComparer.Ordinal).Count().ShouldBe(kinds.Zip(kinds.Skip(1)).Count(pair => pair.First != pair.Second) + 1, "each kind is one block");
        page.Url.ShouldContain("q=lstm");
        await Assertions.Expect(page.Locator("th[aria-sort=ascending]")).ToContainTextAsync("What");
        // The newest are first without a choice; a press turns the list round.
        await page.GetByRole(AriaRole.Link, new() { Name = "When" }).ClickAsync();
        var newest = await page.Locator("table.events tbody tr").First.GetAttributeAsync("data-key");
        await page.GetByRole(AriaRole.Link, new() { Name = "When" }).ClickAsync();
        await Assertions.Expect(page.Locator("th[aria-sort=ascending]")).ToContainTextAsync("When");
        (await page.Locator("table.events tbody tr").Last.GetAttributeAsync("data-key")).ShouldBe(newest);
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task Selected_text_stays_selected_while_the_page_changes()
    {
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(lease, 10);
        await using var view = await Enter("/experiments/1");
        var page = view.Page;
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("10 / 40");
        await page.EvaluateAsync(
            """
            () => {
              const cell = [...document.querySelectorAll("main td")].find(cell => cell.textContent.includes("10 / 40"));
              getSelection().selectAllChildren(cell);
            }
            """);
        await server.Report(lease, 20, 0.125);
        // What is not selected changes; what is selected stays.
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("0.125");
        (await page.EvaluateAsync<string>("() => getSelection().toString()")).ShouldContain("10 / 40");
        await page.EvaluateAsync("() => getSelection().removeAllRanges()");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("20 / 40");
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task Experiments_are_chosen_and_compared()
    {
        await server.Submit();
        await server.Submit(Named("larger").Replace("hidden: 8", "hidden: 16", StringComparison.Ordinal));
        await server.TrainAll();
        await using var view = await Enter("/experiments");
        var page = view.Page;
        await page.GetByLabel("Choose small #1 for comparing").CheckAsync();
        await page.GetByLabel("Choose larger #2 for comparing").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare the chosen experiments" }).ClickAsync();
        await Assertions.Expect(page.Locator(".compared li")).ToHaveCountAsync(2);
        (await page.Locator("svg.parallel polyline").CountAsync()).ShouldBe(4);
        (await page.Locator(".side-by-side th[scope=col]").AllInnerTextsAsync()).ShouldBe(["Claim", "larger", "small"], ignoreOrder: true);
        await Assertions.Expect(page.Locator("#fig-loss svg[role=img]").First).ToBeVisibleAsync();
        await page.GotoAsync(server.Server.Url + "/compare?e=1&e=77");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("There is no experiment #77");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Choose two or more");
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task A_heat_map_over_two_factors_leads_to_the_trials_of_a_cell()
    {
        await server.Submit(RunningServer.Spec.Replace("model: { hidden: 8 }\n", "", StringComparison.Ordinal).Replace("cell: [rnn, lstm]", "cell: [rnn, lstm], hidden: [4, 8, 16]", StringComparison.Ordinal));
        await server.TrainAll();
        await using var view = await Enter("/experiments/1?view=map");
        var page = view.Page;
        await Assertions.Expect(page.Locator("table.heat td a")).ToHaveCountAsync(6);
        var rows = await page.Locator("table.heat tbody tr").CountAsync();
        await page.GetByLabel("Value").SelectOptionAsync("solved");
        await Assertions.Expect(page.Locator("table.heat td a").First).ToContainTextAsync("100");
        page.Url.ShouldContain("value=solved");
        rows.ShouldBeOneOf(2, 3);
        await page.Locator("table.heat td a").First.ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".levels li")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Link, new() { Name = "Without the filter" }).First.ClickAsync();
        (await page.Locator("tbody tr").CountAsync()).ShouldBeOneOf(4, 6);
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task A_trial_is_drawn_over_its_other_seeds_and_leads_to_the_next()
    {
        await server.Submit();
        await server.TrainAll();
        await using var view = await Enter("/trials/1");
        var page = view.Page;
        await Assertions.Expect(page.Locator("svg.seeds path")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("svg.seeds path.own")).ToHaveCountAsync(1);
        (await page.Locator("#previous-trial").CountAsync()).ShouldBe(0);
        await page.Locator("#next-trial").ClickAsync();
        await Assertions.Expect(page.Locator("#previous-trial")).ToBeVisibleAsync();
        page.Url.ShouldNotEndWith("/trials/1");
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task The_fleet_shows_half_an_hour_of_every_worker_and_slots_say_what_they_train()
    {
        await server.Submit();
        var done = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(done, 40);
        await server.Complete(done);
        await server.Report((await server.Acquire()).ShouldHaveSingleItem(), 10, 0.25);
        await server.Acquire("idle-worker", 0);
        server.Harness.Scheduler.Heartbeat("worker-1", [], new WorkerLoad(0.42, null, null, null, null, null, [new DeviceLoad(0, "NVIDIA H200", 0.87, null, null, null, null)]));
        await using var view = await Enter("/workers?sort=load&order=desc");
        var page = view.Page;
        await Assertions.Expect(page.Locator("table.fleet tbody tr").First).ToContainTextAsync("42");
        await Assertions.Expect(page.Locator("table.fleet tbody tr").First.Locator("svg.spark")).ToHaveCountAsync(3);
        (await page.Locator("table.fleet tbody tr").CountAsync()).ShouldBe(2);
        await Assertions.Expect(page.Locator(".slot.busy")).ToContainTextAsync("small · ");
        await Assertions.Expect(page.Locator(".slot.busy")).ToContainTextAsync("25");
        await page.GetByLabel("Show", new() { Exact = true }).SelectOptionAsync("idle");
        await Assertions.Expect(page.Locator("table.fleet tbody tr")).ToHaveCountAsync(1);
        Clean(view);
    }

    [SlowTheory(Category.Browser)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_on_any_page(ColorScheme scheme)
    {
        await server.Submit();
        await server.Submit(Named("larger").Replace("hidden: 8", "hidden: 16", StringComparison.Ordinal));
        for (var i = 0; i < 6; i++)
        {
            var lease = (await server.Acquire()).ShouldHaveSingleItem();
            await server.Report(lease, 40);
            await server.Complete(lease, i == 4 ? AttemptEnd.UserError : AttemptEnd.Completed, i == 4 ? "It broke." : null);
        }

        await server.Report((await server.Acquire()).ShouldHaveSingleItem(), 10);
        server.Harness.Scheduler.Heartbeat("worker-1", [], new WorkerLoad(0.42, null, null, null, null, null, [new DeviceLoad(0, "NVIDIA H200", 0.87, null, null, null, null)]));
        await server.Harness.Scheduler.Pause(2, "anna (dashboard)");
        await using var view = await Enter(settings: new() { ColorScheme = scheme });
        var found = new List<string>();
        foreach (var path in new[]
        {
            "/", "/experiments", "/experiments?q=nothing", "/experiments/1", "/experiments/1?view=map", "/experiments/1/trials?sort=loss&where=cell%3Dlstm", "/experiments/2/events", "/trials/1", "/trials/5",
            "/queue", "/workers", "/events?who=people", "/compare?e=1&e=2", "/compare", "/submit", "/about",
        })
        {
            await view.Page.GotoAsync(server.Server.Url + path);
            await view.Page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
            found.AddRange((await view.Page.EvaluateAsync<string[]>(
                "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + ' ' + n.failureSummary).join(' | '))"))
                .Select(violation => $"{path}: {violation}"));
            (await view.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(1280, path);
            if (Environment.GetEnvironmentVariable("HARNESS_SCREENSHOTS") is { Length: > 0 } folder)
                await view.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"list{path.Replace('/', '-').Replace('?', '-').Replace('=', '-').Replace('&', '-')}-{scheme}.png"), FullPage = true });
        }

        found.ShouldBeEmpty();
        Clean(view);
    }

    private static string Named(string name) => RunningServer.Spec.Replace("name: small", $"name: {name}", StringComparison.Ordinal);

    private async Task<WatchedPage> Enter(string path = "/", BrowserNewContextOptions? settings = null)
    {
        var view = await browser.Open(settings);
        await view.Page.GotoAsync(server.Server.NewLink());
        if (path != "/") await view.Page.GotoAsync(server.Server.Url + path);
        return view;
    }

    /// <summary>Nothing went wrong. A stream that ends because the reader leaves the page is no fault.</summary>
    private static void Clean(WatchedPage view) => view.Complaints.Where(complaint => !complaint.Contains("ERR_ABORTED", StringComparison.Ordinal)).ShouldBeEmpty();
}
