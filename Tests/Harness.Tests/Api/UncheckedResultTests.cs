using AngleSharp.Html.Parser;
using Harness.Abstractions.Contracts;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Store;
using Harness.Store.Exports;

namespace Harness.Tests.Api;

/// <summary>Results of a worker that sent no self-check trial: stored, and marked wherever they are shown.</summary>
public sealed class UncheckedResultTests
{
    private static readonly CanaryResult check = new("aa", 1);

    [Fact]
    public async Task A_result_without_a_self_check_is_marked_everywhere()
    {
        await using var server = await RunningServer.Start();
        var experiment = await server.Submit();
        await server.TrainAll();
        var detail = await server.Get("api/trials/1");
        detail.GetProperty("unchecked").GetBoolean().ShouldBeTrue();
        (await server.Operator.GetStringAsync("trials/1", TestContext.Current.CancellationToken)).ShouldContain("sent no self-check trial");
        var events = await server.Get("api/events");
        events.GetProperty("events").EnumerateArray().Count(happened => happened.GetProperty("kind").GetString() == "worker_unchecked").ShouldBe(1);

        using var connection = server.Harness.Database.Connect();
        var results = new ResultsReader(connection).Read(experiment);
        results.Conditions.SelectMany(condition => condition.Trials).ShouldAllBe(trial => trial.IsUnchecked);
        // Terms are marked in the text, so tags stand in it.
        async Task<string> TextIn(string language) => (await new HtmlParser().ParseDocumentAsync(await ReportWriter.Write(results, ReportOptions.Default with { Language = language }))).Body!.TextContent;
        (await TextIn("en")).ShouldContain("4 results come from a worker without a self-check trial (on machine).");
        (await TextIn("zh")).ShouldContain("有 4 个结果来自没有自检试验的工作进程");
        using var folder = new TemporaryFolder();
        CsvExport.Write(results, [], folder.File("a.csv"));
        var lines = await File.ReadAllLinesAsync(folder.File("a.csv"), TestContext.Current.CancellationToken);
        lines[0].ShouldEndWith(",self_check");
        lines.Skip(1).ShouldAllBe(line => line.EndsWith(",missing", StringComparison.Ordinal));
        JsonExport.Write(results, folder.File("a.json"));
        (await File.ReadAllTextAsync(folder.File("a.json"), TestContext.Current.CancellationToken)).Split("\"self_check\"").Length.ShouldBe(1 + 4);
        // The mark is the worker's row, so it goes along into a database of one experiment.
        DatabaseExport.Write(connection, experiment, folder.File("a.db"));
        using var copy = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder.File("a.db")};Pooling=False");
        copy.Open();
        new ResultsReader(copy).Read(1).Conditions[0].Trials[0].IsUnchecked.ShouldBeTrue();
    }

    [Fact]
    public async Task A_self_check_or_the_servers_own_process_leaves_no_mark()
    {
        await using var server = await RunningServer.Start();
        var experiment = await server.Submit();
        await Train(server, new WorkerHello("checked", "machine", 4711, 2, RunningServer.Machine, Canary: check));
        await Train(server, new WorkerHello("own", Environment.MachineName, Environment.ProcessId, 2, RunningServer.Machine));
        using var connection = server.Harness.Database.Connect();
        new ResultsReader(connection).Read(experiment).Conditions.SelectMany(condition => condition.Trials).ShouldAllBe(trial => !trial.IsUnchecked);
        connection.Scalar<long>("SELECT count(*) FROM event WHERE kind = 'worker_unchecked'").ShouldBe(0);
    }

    private static async Task Train(RunningServer server, WorkerHello worker)
    {
        foreach (var lease in await server.Harness.Scheduler.Acquire(worker, 2, TimeSpan.Zero, TestContext.Current.CancellationToken)) await server.Complete(lease);
    }
}
