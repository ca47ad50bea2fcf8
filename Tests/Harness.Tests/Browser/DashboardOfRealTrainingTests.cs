using System.Text.RegularExpressions;
using Harness.Tests.EndToEnd;
using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>Server, worker and browser, each in a process of its own.</summary>
[Collection(BrowserTests.Name)]
public sealed partial class DashboardOfRealTrainingTests(BrowserFixture browser)
{
    private const int SigKill = 9;

    [SlowFact(Category.Browser)]
    public async Task A_worker_is_killed_while_one_watches_and_another_ends_its_trial()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        using var tiny = new TinyExperiment(steps: 1500, seeds: 1, cells: "lstm");
        await using var server = HarnessProcess.Start("serve", "--port", "0", "--data", tiny.Data());
        while (!Link().IsMatch(server.Errors))
        {
            server.HasExited.ShouldBeFalse(server.Errors);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await using var first = Worker(tiny);
        await using var view = await browser.Open();
        var page = view.Page;
        page.SetDefaultTimeout(120_000);
        await page.GotoAsync(Link().Match(server.Errors).Value);
        await page.GetByRole(AriaRole.Link, new() { Name = "Submit" }).ClickAsync();
        await page.GetByLabel("A file (YAML)").SetInputFilesAsync(tiny.File);
        await page.GetByRole(AriaRole.Button, new() { Name = "Start 1 trial" }).ClickAsync();
        await page.Locator("main progress").First.WaitForAsync();
        first.Signal(SigKill);
        await page.GetByRole(AriaRole.Link, new() { Name = "Workers" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Gone" }).WaitForAsync();

        await using var second = Worker(tiny);
        await page.GotoAsync(new Uri(new Uri(page.Url), "/experiments/1").AbsoluteUri);
        await page.GetByText("finished").First.WaitForAsync();
        await page.Locator(".t.s-completed").ClickAsync();
        await page.GetByText("lease lost").First.WaitForAsync();
        (await HarnessProcess.Run("dashboard", "--data", tiny.Data())).Output.ShouldContain("/login?token=");
        view.Complaints.Where(complaint => !complaint.Contains("ERR_ABORTED", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static HarnessProcess Worker(TinyExperiment tiny) => HarnessProcess.Start("worker", "--once", "--slots", "1", "--data", tiny.Data());

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/login\?token=[0-9a-f]{64}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
