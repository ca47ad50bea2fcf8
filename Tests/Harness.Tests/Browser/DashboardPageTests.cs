using Harness.Abstractions.Contracts;
using Harness.Tests.Api;
using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>The dashboard as people use it, with workers that the test plays.</summary>
[Collection(BrowserTests.Name)]
public sealed class DashboardPageTests(BrowserFixture browser) : IAsyncLifetime
{
    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [SlowFact(Category.Browser)]
    public async Task An_experiment_is_written_corrected_started_and_watched_to_its_end()
    {
        await using var view = await Enter();
        var page = view.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Submit" }).ClickAsync();
        var text = page.GetByLabel("or its text");
        await text.FillAsync(RunningServer.Spec.Replace("lstm", "lstn", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("This cannot be run");
        await Assertions.Expect(page.Locator(".source .marked")).ToContainTextAsync("lstn");
        await Assertions.Expect(page.Locator(".diagnostics")).ToContainTextAsync("did you mean");
        await text.FillAsync(RunningServer.Spec);
        await page.GetByRole(AriaRole.Button, new() { Name = "Start 4 trials" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("small");
        await page.EvaluateAsync("() => { window.sameDocument = true; }");

        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(lease, 20);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("20 / 40");
        await server.Complete(lease);
        await server.TrainAll();
        await Assertions.Expect(page.Locator(".chip[class*=' s-']")).ToContainTextAsync("finished");
        await Assertions.Expect(page.Locator(".t.s-completed")).ToHaveCountAsync(4);
        await Assertions.Expect(page.Locator("#fig-loss svg[role=img]").First).ToBeVisibleAsync();
        (await page.EvaluateAsync<bool>("() => window.sameDocument === true")).ShouldBeTrue();

        await page.Locator(".t").First.ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Attempts");
        await Assertions.Expect(page.Locator("main svg[role=img]").First).ToBeVisibleAsync();
        await page.GotoAsync($"{server.Server.Url}/experiments/1/report");
        await Assertions.Expect(page.Locator(".name")).ToHaveTextAsync("small");
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task An_experiment_is_paused_resumed_and_cancelled_with_the_keyboard_or_the_mouse()
    {
        await server.Submit();
        await using var view = await Enter("/experiments/1");
        var (page, chip) = (view.Page, view.Page.Locator(".chip[class*=' s-']"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(chip).ToContainTextAsync("paused");
        (await server.Acquire()).ShouldBeEmpty();
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(chip).ToContainTextAsync("running");
        await page.Locator("#cancel").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(chip).ToContainTextAsync("cancelled");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try 4 trials again" }).ClickAsync();
        await Assertions.Expect(chip).ToContainTextAsync("running");
        Clean(view);
    }

    [SlowTheory(Category.Browser)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_is_drained_a_priority_changed_and_an_experiment_copied_and_deleted_with_and_without_scripts(bool scripts)
    {
        await server.Submit();
        (await server.Acquire()).ShouldHaveSingleItem();
        await using var view = await Enter("/workers", new() { JavaScriptEnabled = scripts });
        var page = view.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Drain machine" }).ClickAsync();
        await Assertions.Expect(page.Locator(".worker")).ToContainTextAsync("draining");
        (await server.Acquire()).ShouldBeEmpty();
        await page.GetByRole(AriaRole.Button, new() { Name = "Put to work again" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Drain machine" })).ToBeVisibleAsync();

        await page.GotoAsync(server.Server.Url + "/queue");
        await page.GetByRole(AriaRole.Button, new() { Name = "Raise the priority of small" }).ClickAsync();
        await Assertions.Expect(page.Locator("td.numeric").First).ToContainTextAsync("1");
        await page.GotoAsync(server.Server.Url + "/experiments/1");
        await page.Locator("#priority-summary").ClickAsync();
        await page.Locator("#priority").FillAsync("7");
        await page.Locator("#prioritise").ClickAsync();
        await Assertions.Expect(page.Locator("#priority-summary")).ToContainTextAsync("7");

        await page.Locator("#copy").ClickAsync();
        (await page.GetByLabel("or its text").InputValueAsync()).ShouldContain("name: small");
        await page.GotoAsync(server.Server.Url + "/experiments/1");
        await page.Locator("#cancel").ClickAsync();
        await page.Locator("#cancel-for-good").ClickAsync();
        await Assertions.Expect(page.Locator(".chip[class*=' s-']")).ToContainTextAsync("cancelled");
        await page.Locator("#delete").ClickAsync();
        await page.Locator("#name").FillAsync("another");
        await page.Locator("#delete-for-good").ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Nothing was deleted");
        await page.GoBackAsync();
        if (!await page.Locator("#name").IsVisibleAsync()) await page.Locator("#delete").ClickAsync();
        await page.Locator("#name").FillAsync("small");
        await page.Locator("#delete-for-good").ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("There is no experiment here");
    }

    [SlowFact(Category.Browser)]
    public async Task What_a_broken_trainer_and_a_strange_worker_say_runs_no_script()
    {
        var payloads = System.Text.Json.JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(Corpora.Require("xss-payloads.json"), TestContext.Current.CancellationToken))!;
        var texts = payloads.Where((_, i) => i % (payloads.Length / 60) == 0).Take(60).ToArray();
        await server.Submit(RunningServer.Spec.Replace("count: 2", "count: 15", StringComparison.Ordinal));
        for (var i = 0; i < texts.Length; i++)
        {
            if (await server.Acquire(texts[i]) is not [var lease]) break;
            await server.Harness.Scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.UserError, null, texts[i], 1, null, string.Join('\n', texts)));
        }

        await using var view = await Enter();
        var dialogs = 0;
        view.Page.Dialog += (_, dialog) =>
        {
            dialogs++;
            _ = dialog.DismissAsync();
        };
        foreach (var path in new[] { "/", "/experiments/1", "/experiments/1/trials?state=failed", "/experiments/1/events", "/trials/1", "/trials/30", "/workers", "/events", "/experiments/1/report" })
        {
            await view.Page.GotoAsync(server.Server.Url + path);
            (await view.Page.Locator("main img, main iframe, main object, main embed, main video, main audio").CountAsync()).ShouldBe(0, path);
        }

        dialogs.ShouldBe(0);
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task A_worker_that_is_lost_is_seen_to_be_gone_and_its_trial_to_go_on_elsewhere()
    {
        await server.Submit();
        (await server.Acquire()).ShouldHaveSingleItem();
        await using var view = await Enter("/workers");
        await Assertions.Expect(view.Page.Locator(".slot.busy")).ToHaveCountAsync(1);
        await server.Harness.Scheduler.LoseWorker("worker-1", "Its process is gone.");
        await Assertions.Expect(view.Page.Locator(".slot")).ToHaveCountAsync(0);
        await Assertions.Expect(view.Page.Locator("main")).ToContainTextAsync("Gone");
        await view.Page.GotoAsync(server.Server.Url);
        await Assertions.Expect(view.Page.Locator(".notices")).ToContainTextAsync("Its process is gone.");
        var lease = (await server.Acquire("worker-2")).ShouldHaveSingleItem();
        lease.Attempt.Number.ShouldBe(2);
        await Assertions.Expect(view.Page.Locator(".slot.busy")).ToHaveCountAsync(1);
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task Without_scripts_every_page_is_whole_and_every_form_works()
    {
        await using var view = await Enter("/submit", new() { JavaScriptEnabled = false });
        var page = view.Page;
        await page.GetByLabel("or its text").FillAsync("version: 1\nname: X Y\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check" }).ClickAsync();
        (await page.Locator(".diagnostics li").CountAsync()).ShouldBeGreaterThan(1);
        await page.GetByLabel("or its text").FillAsync(RunningServer.Spec);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Start 4 trials" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        (await page.Locator(".chip[class*=' s-']").InnerTextAsync()).ShouldContain("paused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await server.TrainAll();
        // Figures serve for as long as ten times what drawing them took, and half a minute at most: those of before the training, too.
        for (var reloads = 0; reloads < 80 && await page.Locator("#fig-loss svg[role=img]").CountAsync() == 0; reloads++)
        {
            await page.WaitForTimeoutAsync(500);
            await page.ReloadAsync();
        }

        (await page.Locator("#fig-loss svg[role=img]").CountAsync()).ShouldBeGreaterThan(0);
        (await page.Locator("#fig-gradient svg[role=img]").CountAsync()).ShouldBeGreaterThan(0);
    }

    [SlowFact(Category.Browser)]
    public async Task The_keyboard_alone_hands_an_experiment_in()
    {
        await using var view = await Enter("/submit");
        var (page, keys) = (view.Page, view.Page.Keyboard);
        await keys.PressAsync("Tab");
        (await page.EvaluateAsync<string>("() => document.activeElement.textContent")).ShouldBe("Skip to content");
        await keys.PressAsync("Enter");
        await keys.PressAsync("Tab");
        await keys.PressAsync("Tab");
        (await page.EvaluateAsync<string>("() => document.activeElement.id")).ShouldBe("text");
        await keys.InsertTextAsync(RunningServer.Spec);
        await Assertions.Expect(page.Locator("#start")).ToBeVisibleAsync();
        await keys.PressAsync("Tab");
        await keys.PressAsync("Tab");
        await keys.PressAsync("Tab");
        (await page.EvaluateAsync<string>("() => document.activeElement.id")).ShouldBe("start");
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("small");
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task What_the_reader_has_opened_stays_open_while_the_page_changes()
    {
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(lease, 20);
        await using var view = await Enter("/experiments/1");
        await view.Page.Locator("#cancel").ClickAsync();
        await server.Report(lease, 40);
        await Assertions.Expect(view.Page.Locator("main")).ToContainTextAsync("40 / 40");
        await Assertions.Expect(view.Page.Locator("#cancel-for-good")).ToBeVisibleAsync();
        (await view.Page.EvaluateAsync<string>("() => document.activeElement.id")).ShouldBe("cancel");
        Clean(view);
    }

    [SlowFact(Category.Browser)]
    public async Task A_press_that_the_page_changes_under_is_not_lost()
    {
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(lease, 20);
        await using var view = await Enter("/experiments/1");
        var page = view.Page;
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("20 / 40");
        await page.Locator("#copy").HoverAsync();
        await page.Mouse.DownAsync();
        // The answer is there, but is not put in place under the pointer.
        var told = page.WaitForResponseAsync(response => response.Url.Contains("part=summary", StringComparison.Ordinal));
        await server.Report(lease, 40);
        await told;
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.GetByLabel("or its text")).ToBeVisibleAsync();
    }

    [SlowTheory(Category.Browser)]
    [InlineData(390, ColorScheme.Light, "rgb(255, 255, 255)")]
    [InlineData(390, ColorScheme.Dark, "rgb(20, 23, 26)")]
    [InlineData(1440, ColorScheme.Light, "rgb(255, 255, 255)")]
    [InlineData(1440, ColorScheme.Dark, "rgb(20, 23, 26)")]
    public async Task Every_page_fits_and_follows_the_readers_colours(int width, ColorScheme scheme, string surface)
    {
        await server.Submit();
        await server.TrainAll();
        await server.Submit(RunningServer.Spec.Replace("name: small", "name: an-experiment-with-a-rather-long-name-that-has-to-break", StringComparison.Ordinal).Replace("base: 1", "base: 7", StringComparison.Ordinal));
        await server.Report((await server.Acquire()).ShouldHaveSingleItem(), 20);
        var broken = (await server.Acquire("10.0.0.12:40123@123456789")).ShouldHaveSingleItem();
        await server.Harness.Scheduler.Complete(new AttemptCompletion(broken.Attempt, AttemptEnd.NativeCrash, null, "The trainer process crashed in native code (signal 11).", 139, null, "terminate called after throwing an instance of 'c10::Error'\nframe #0: at::native::lstm"));
        server.Harness.Scheduler.Heartbeat("worker-1", [], new WorkerLoad(0.42, 9_100_000_000, 16_000_000_000, 1.3, 2_400_000_000, 61, [new DeviceLoad(0, "NVIDIA H200", 0.87, 12_300_000_000, 150_754_820_096, 58, 412)]));
        await server.Harness.Scheduler.Drain("10.0.0.12:40123@123456789", true);
        await using var view = await Enter(settings: new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 844 } });
        foreach (var path in new[] { "/", "/experiments", "/experiments/1", "/experiments/2", "/experiments/1/trials", "/experiments/1/events", "/experiments/1/spec", "/trials/1", "/trials/6", "/queue", "/workers", "/events", "/submit", "/submit?copy=1", "/about" })
        {
            await view.Page.GotoAsync(server.Server.Url + path);
            (await view.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width, path);
            (await view.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor")).ShouldBe(surface, path);
            (await view.Page.Locator("h1").CountAsync()).ShouldBe(1, path);
            if (Environment.GetEnvironmentVariable("HARNESS_SCREENSHOTS") is { Length: > 0 } folder)
                await view.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{path.Trim('/').Replace('/', '-').Replace('?', '-').Replace('=', '-')}-{width}-{scheme}.png"), FullPage = true });
        }

        Clean(view);
    }

    /// <summary>A browser that came by a link.</summary>
    private async Task<WatchedPage> Enter(string path = "/", BrowserNewContextOptions? settings = null)
    {
        var view = await browser.Open(settings);
        await view.Page.GotoAsync(server.Server.NewLink());
        if (path != "/") await view.Page.GotoAsync(server.Server.Url + path);
        return view;
    }

    /// <summary>Nothing went wrong, and nothing was asked for elsewhere. A stream that ends because the reader leaves the page is no fault.</summary>
    private void Clean(WatchedPage view)
    {
        view.Complaints.Where(complaint => !complaint.Contains("ERR_ABORTED", StringComparison.Ordinal)).ShouldBeEmpty();
        view.Requests.ShouldAllBe(address => address.StartsWith(server.Server.Url, StringComparison.Ordinal) || address.StartsWith("data:", StringComparison.Ordinal));
    }
}
