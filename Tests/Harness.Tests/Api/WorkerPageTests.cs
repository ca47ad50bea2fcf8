using System.Net;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Harness.Reports.Model;
using Harness.Server.Api;

namespace Harness.Tests.Api;

/// <summary>Many workers are told a page at a time, and every one of them is told.</summary>
public sealed class WorkerPageTests : IAsyncLifetime
{
    private const int Workers = 130;

    private RunningServer server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.Start();
        await server.Submit();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(number => server.Acquire(Name(number), count: number < 3 ? 1 : 0)));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Pages_follow_on_one_another_though_workers_leave_meanwhile()
    {
        await server.Harness.Scheduler.Leave(Name(7), inOrder: true, "The worker left.");
        var (seen, gone, running, address) = (new List<string>(), new List<string>(), 0, "api/workers?limit=9");
        while (true)
        {
            var page = await server.Get(address);
            var workers = page.GetProperty("workers").EnumerateArray().ToArray();
            workers.Length.ShouldBeLessThanOrEqualTo(10);
            foreach (var worker in workers) (worker.GetProperty("left_at").ValueKind == JsonValueKind.Null ? seen : gone).Add(worker.GetProperty("worker").GetString()!);
            running += workers.Sum(worker => worker.GetProperty("running").GetArrayLength());
            if (page.GetProperty("cursor").GetString() is not { } cursor) break;
            gone.ShouldBeEmpty();
            cursor.ShouldBe(seen[^1]);
            // The one that the next page begins after has gone when it is asked for.
            if (seen.Count == 18) await server.Harness.Scheduler.Leave(cursor, inOrder: true, "The worker left.");
            address = $"api/workers?limit=9&after={Uri.EscapeDataString(cursor)}";
        }

        seen.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, Workers).Where(number => number != 7).Select(Name).Order(StringComparer.Ordinal));
        gone.Count.ShouldBe(2);
        running.ShouldBe(3);
        (await server.Operator.GetAsync("api/workers?after=nobody", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_command_line_and_the_pages_reach_every_worker()
    {
        using (var client = ServerClient.Find(server.Harness.Folder).ShouldNotBeNull())
            (await client.Workers(TestContext.Current.CancellationToken)).Workers.Select(worker => worker.Worker).Distinct(StringComparer.Ordinal).Count().ShouldBe(Workers);

        var (seen, address) = (new HashSet<string>(StringComparer.Ordinal), "/workers");
        while (true)
        {
            var page = await new HtmlParser().ParseDocumentAsync(await server.Operator.GetStringAsync(address, TestContext.Current.CancellationToken));
            seen.UnionWith(page.QuerySelectorAll("button[formaction$='/drain']").Select(button => button.GetAttribute("formaction")!));
            if (page.QuerySelector(".pages a[rel=next]") is not { } further) break;
            page.QuerySelector(".pages span")!.TextContent.ShouldContain("of 130");
            address = further.GetAttribute("href")!;
        }

        seen.Count.ShouldBe(Workers);
        address.ShouldStartWith("/workers?page=");
        (await server.Operator.GetStringAsync("/workers?page=nobody", TestContext.Current.CancellationToken)).ShouldContain(WebUtility.HtmlEncode(Uri.EscapeDataString(Name(0))));
    }

    [Fact]
    public async Task Of_many_running_trials_the_first_hundred_are_named_and_all_are_counted()
    {
        var id = await server.Submit(RunningServer.Spec.Replace("count: 2", "count: 75", StringComparison.Ordinal));
        foreach (var lease in await server.Acquire("large", count: 150, slots: 150)) await server.Report(lease, 20);
        var progress = (await server.Get($"api/experiments/{id}/progress")).GetProperty("progress");
        progress.GetProperty("running").GetArrayLength().ShouldBe(100);
        progress.GetProperty("counts").GetProperty("running").GetInt32().ShouldBeGreaterThan(140);
    }

    private static string Name(int number) => FormattableString.Invariant($"10.0.0.{number % 10}:4000{number}@{number} &é");
}
