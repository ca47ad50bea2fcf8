using System.Net;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Files;
using Harness.Workers.Checkpoints;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Api;

/// <summary>What people change over API and pages besides the course of a training: workers, priorities, what is kept.</summary>
public sealed class ConsoleTests : IAsyncLifetime
{
    private static readonly string Other = RunningServer.Spec.Replace("name: small", "name: other", StringComparison.Ordinal).Replace("[rnn, lstm]", "[lstm, gru]", StringComparison.Ordinal);

    private RunningServer server = null!;

    public async ValueTask InitializeAsync() => server = await RunningServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_drained_worker_gets_nothing_until_it_is_put_to_work_again_and_stays_drained_over_a_restart()
    {
        await server.Submit();
        (await server.Acquire()).ShouldHaveSingleItem();
        (await Post("api/workers/worker-1/drain")).ShouldBe("""{"changed":1}""");
        (await Post("api/workers/worker-1/drain")).ShouldBe("""{"changed":0}""");
        (await server.Acquire()).ShouldBeEmpty();
        (await server.Get("api/workers")).GetProperty("workers")[0].GetProperty("draining").GetBoolean().ShouldBeTrue();
        (await server.Harness.Store.Draining()).ShouldBe(["worker-1"]);
        (await server.Operator.GetStringAsync("workers", TestContext.Current.CancellationToken)).ShouldContain("draining");
        (await Post("api/workers/worker-1/undrain")).ShouldBe("""{"changed":1}""");
        (await server.Acquire()).Count.ShouldBe(1);
        (await server.Operator.PostAsync("api/workers/nobody/drain", null, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Kinds(await server.Get("api/events")).ShouldContain(kind => kind == "worker_undrained");
    }

    [Fact]
    public async Task A_priority_decides_what_is_started_first()
    {
        await server.Submit();
        var second = await server.Submit(Other.Replace("base: 1", "base: 100", StringComparison.Ordinal));
        (await Post($"api/experiments/{second}/priority", """{"priority": 7}""")).ShouldBe("""{"changed":1}""");
        (await server.Get("api/queue")).GetProperty("queue")[0].GetProperty("experiment").GetInt64().ShouldBe(second);
        (await server.Acquire(count: 4, slots: 4)).ShouldAllBe(lease => lease.Spec.Contains("\"seed\":10", StringComparison.Ordinal));
        foreach (var wrong in new[] { """{"priority": 1001}""", """{"priority": "high"}""", "{}", "" })
        {
            using var content = new StringContent(wrong, Encoding.UTF8, "application/json");
            (await server.Operator.PostAsync($"api/experiments/{second}/priority", content, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, wrong);
        }
    }

    [Fact]
    public async Task What_is_handed_in_paused_waits_until_it_is_resumed()
    {
        using var content = RunningServer.Yaml(RunningServer.Spec);
        using var response = await server.Operator.PostAsync("api/experiments?paused=true", content, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.Acquire()).ShouldBeEmpty();
        (await server.Get("api/experiments/1")).GetProperty("experiment").GetProperty("state").GetString().ShouldBe("paused");
        await Post("api/experiments/1/resume");
        (await server.Acquire()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_experiment_is_deleted_with_what_is_only_its_own()
    {
        var first = await server.Submit();
        var second = await server.Submit(Other);
        (await Delete(first)).ShouldBe(HttpStatusCode.Conflict);
        await server.TrainAll();
        var folder = server.Harness.Folder;
        var own = (await server.Get($"api/experiments/{first}/trials?condition=0")).GetProperty("trials")[0].GetProperty("trial").GetString()!;
        var shared = (await server.Get($"api/experiments/{first}/trials?condition=1")).GetProperty("trials")[0].GetProperty("trial").GetString()!;
        foreach (var trial in new[] { own, shared }) Touch(CheckpointFiles.WeightsOf(folder, trial));
        Touch(FileNames.ReportIn(folder, "small"));
        Touch(FileNames.ReportIn(folder, "other"));

        (await Delete(first)).ShouldBe(HttpStatusCode.OK);
        (await Delete(first)).ShouldBe(HttpStatusCode.NotFound);
        (await server.Get("api/experiments")).GetProperty("experiments").GetArrayLength().ShouldBe(1);
        (await server.Operator.GetAsync($"api/trials/{own}", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await server.Get($"api/trials/{shared}/metrics")).GetProperty("metrics").GetArrayLength().ShouldBe(2);
        (await server.Get($"api/experiments/{second}")).GetProperty("experiment").GetProperty("trials").ToString().ShouldBe("""{"completed":4}""");
        File.Exists(CheckpointFiles.WeightsOf(folder, own)).ShouldBeFalse();
        File.Exists(CheckpointFiles.WeightsOf(folder, shared)).ShouldBeTrue();
        File.Exists(FileNames.ReportIn(folder, "small")).ShouldBeFalse();
        File.Exists(FileNames.ReportIn(folder, "other")).ShouldBeTrue();
        await using (var connection = server.Harness.Database.Connect())
        {
            connection.Query("PRAGMA foreign_key_check", row => row.GetString(0)).ShouldBeEmpty();
            connection.Scalar<long>("SELECT count(*) FROM event WHERE experiment_id = $id OR trial = $trial", ("$id", first), ("$trial", own)).ShouldBe(0);
            connection.Scalar<long>("SELECT count(*) FROM metric_chunk WHERE trial_id NOT IN (SELECT trial_id FROM experiment_trial)").ShouldBe(0);
        }

        // The same file again is trained again.
        await server.Submit();
        (await server.Acquire()).ShouldHaveSingleItem();

        static void Touch(string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "x");
        }
    }

    [Fact]
    public async Task An_experiment_that_ended_before_the_server_began_is_deleted_too()
    {
        var id = await server.Submit();
        await server.TrainAll();
        var folder = server.Harness.Folder;
        await server.Server.DisposeAsync();
        await server.Harness.DisposeAsync();
        await using var again = await EmbeddedHarness.Open(folder, NullLoggerFactory.Instance);
        await again.Scheduler.Recover();
        (await again.Delete(id)).ShouldBe(4);
        await using var connection = again.Database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM trial").ShouldBe(0);
    }

    [Fact]
    public async Task What_a_trainer_wrote_last_is_told_of_attempts_that_came_to_no_result()
    {
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        var log = new string('a', AttemptCompletion.LongestLog) + "\0<b>the end</b>";
        await server.Harness.Scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.NativeCrash, null, "It crashed.", 139, null, log));
        var told = await server.Get($"api/trials/{lease.Attempt.Trial}/attempts/1/log");
        told.GetProperty("message").GetString().ShouldBe("It crashed.");
        told.GetProperty("log").GetString()!.Length.ShouldBe(AttemptCompletion.LongestLog);
        told.GetProperty("log").GetString()!.ShouldEndWith("a\uFFFD<b>the end</b>");
        var page = await new HtmlParser().ParseDocumentAsync(await server.Operator.GetStringAsync("trials/1", TestContext.Current.CancellationToken));
        page.QuerySelector("pre.log")!.TextContent.ShouldEndWith("<b>the end</b>");
        page.QuerySelector("pre.log b").ShouldBeNull();
        (await server.Operator.GetAsync("api/trials/1/attempts/2/log", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task How_busy_a_machine_is_is_shown_as_far_as_it_tells()
    {
        await server.Submit();
        (await server.Acquire()).ShouldHaveSingleItem();
        (await server.Get("api/workers")).GetProperty("workers")[0].GetProperty("load").ValueKind.ShouldBe(JsonValueKind.Null);
        server.Harness.Scheduler.Heartbeat("worker-1", [], new WorkerLoad(0.42, null, 16_000_000_000, null, null));
        (await server.Get("api/workers")).GetProperty("workers")[0].GetProperty("load").GetProperty("processor").GetDouble().ShouldBe(0.42);
        var page = await server.Operator.GetStringAsync("workers", TestContext.Current.CancellationToken);
        page.ShouldContain("processor 42 %");
        page.ShouldNotContain("memory");
        page.ShouldNotContain("GPU");

        server.Harness.Scheduler.Heartbeat("worker-1", [], new WorkerLoad(0.42, null, null, null, null, 61.4,
            [new DeviceLoad(0, "NVIDIA H200", 0.93, 5_368_709_120, 150_754_820_096, 45, 412.4), new DeviceLoad(1, null, null, null, null, 38, null)]));
        var devices = (await server.Get("api/workers")).GetProperty("workers")[0].GetProperty("load").GetProperty("devices");
        devices[0].GetProperty("power").GetDouble().ShouldBe(412.4);
        devices[1].GetProperty("power").ValueKind.ShouldBe(JsonValueKind.Null);
        // A change has the page made anew at once.
        await Post("api/workers/worker-1/drain");
        var lines = (await new HtmlParser().ParseDocumentAsync(await server.Operator.GetStringAsync("workers", TestContext.Current.CancellationToken))).QuerySelectorAll(".load").Select(line => line.TextContent).ToArray();
        lines.ShouldBe(["processor 42 % · 61 °C", "GPU 0 NVIDIA H200 · 93 % · memory 5.4 of 150.8 GB · 45 °C · 412 W", "GPU 1 · 38 °C"]);
    }

    [Fact]
    public async Task A_copy_begins_with_the_file_of_the_experiment()
    {
        var id = await server.Submit();
        var page = await new HtmlParser().ParseDocumentAsync(await server.Operator.GetStringAsync($"submit?copy={id}", TestContext.Current.CancellationToken));
        page.QuerySelector("textarea")!.TextContent.ReplaceLineEndings("\n").Trim().ShouldBe(RunningServer.Spec.ReplaceLineEndings("\n").Trim());
        page.QuerySelector(".note")!.TextContent.ShouldContain($"small #{id}");
        (await server.Operator.GetAsync("submit?copy=99", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<HttpStatusCode> Delete(long id)
    {
        using var response = await server.Operator.DeleteAsync($"api/experiments/{id}", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private async Task<string> Post(string path, string? json = null)
    {
        using var content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await server.Operator.PostAsync(path, content, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string?> Kinds(JsonElement events) => events.GetProperty("events").EnumerateArray().Select(happened => happened.GetProperty("kind").GetString());
}
