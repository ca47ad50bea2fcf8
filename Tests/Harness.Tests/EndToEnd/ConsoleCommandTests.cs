using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Server.Api;
using Harness.Tests.Api;

namespace Harness.Tests.EndToEnd;

/// <summary>The command line as the console of a server.</summary>
public sealed class ConsoleCommandTests : IAsyncLifetime
{
    private const int Interrupt = 2;

    private RunningServer server = null!;
    private TemporaryFolder files = null!;

    private string Data => server.Harness.Folder;

    private string Spec => files.File("small.yaml");

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.Start();
        files = new TemporaryFolder();
        await File.WriteAllTextAsync(Spec, RunningServer.Spec);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        files.Dispose();
    }

    [Fact]
    public async Task An_experiment_is_handed_in_paused_looked_at_resumed_and_followed_to_its_end()
    {
        var (code, output, _) = await HarnessProcess.Run("submit", Spec, "--data", Data, "--paused", "-o", "json");
        code.ShouldBe(0);
        output.Trim().ShouldBe("""{"experiment":1}""");
        (await server.Acquire()).ShouldBeEmpty();
        (await HarnessProcess.Run("show", "small", "--data", Data)).Output.ShouldContain("small #1: paused");
        (await HarnessProcess.Run("resume", "small", "--data", Data)).ExitCode.ShouldBe(0);

        await using var watch = HarnessProcess.Start("watch", "1", "--data", Data, "-o", "ndjson");
        await server.TrainAll();
        (await watch.Exit()).ShouldBe(0);
        var lines = watch.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        lines.ShouldAllBe(line => line.GetProperty("version").GetInt32() == 1);
        lines[^1].GetProperty("type").GetString().ShouldBe("progress");
        lines[^1].GetProperty("trials").ToString().ShouldBe("""{"completed":4}""");
        lines.Where(line => line.GetProperty("type").GetString() == "event").Select(line => line.GetProperty("event").GetProperty("kind").GetString()).ShouldContain(kind => kind == "experiment_finished");
        var list = (await HarnessProcess.Run("list", "--data", Data, "-o", "ndjson")).Output;
        JsonDocument.Parse(list).RootElement.GetProperty("state").GetString().ShouldBe("finished");
    }

    [Fact]
    public async Task Whoever_stops_watching_stops_nothing_else()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SKIPPED: there are no signals to send.");
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await using var watch = HarnessProcess.Start("watch", "small", "--data", Data);
        while (!watch.Errors.Contains("1 running", StringComparison.Ordinal)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        watch.Signal(Interrupt);
        (await watch.Exit()).ShouldBe(6);
        watch.Errors.ShouldContain("harness watch 1");
        (await server.Complete(lease)).ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_waits_for_a_server_that_says_nothing_can_leave()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SKIPPED: there are no signals to send.");
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var address = new ServerAddress($"http://{mute.LocalEndpoint}", server.Token, server.Token, Environment.ProcessId);
        await File.WriteAllTextAsync(files.File("server.json"), JsonSerializer.Serialize(address, ApiJson.Default.ServerAddress), TestContext.Current.CancellationToken);
        await using var run = HarnessProcess.Start("run", Spec, "--data", Path.GetDirectoryName(Spec)!);
        using var waiting = await mute.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        run.Signal(Interrupt);
        (await run.Exit()).ShouldBe(130, run.Errors);
        run.Errors.ShouldContain("Interrupted before the server");
    }

    [Fact]
    public async Task A_named_server_is_asked_with_a_token()
    {
        var address = JsonSerializer.Deserialize(await File.ReadAllTextAsync(AddressFile.In(Data), TestContext.Current.CancellationToken), ApiJson.Default.ServerAddress)!;
        await File.WriteAllTextAsync(files.File("token"), address.Token + "\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(files.File("viewer"), address.ViewerToken, TestContext.Current.CancellationToken);
        (await Named("submit", Spec, "--token-file", files.File("token"))).ExitCode.ShouldBe(0);
        (await Named("show", "small", "--token-file", files.File("viewer"))).Output.ShouldContain("small #1: running");
        var refused = await Named("priority", "1", "5", "--token-file", files.File("viewer"));
        refused.ExitCode.ShouldBe(4);
        refused.Errors.ShouldContain("may read, but not change");
        (await Named("list", "--token-file", files.File("nothing"))).ExitCode.ShouldBe(2);
        (await Named("show", "99", "--token-file", files.File("token"))).ExitCode.ShouldBe(3);
        await File.WriteAllTextAsync(Spec, RunningServer.Spec.Replace("lstm", "lstn", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var wrong = await Named("submit", Spec, "--token-file", files.File("token"));
        wrong.ExitCode.ShouldBe(2);
        wrong.Errors.ShouldContain("did you mean");
        (await HarnessProcess.Run("list", "--server", "http://192.0.2.1:80", "--token-file", files.File("token"))).ExitCode.ShouldBe(2);
        (await HarnessProcess.Run("list", "--server", "http://127.0.0.1:1", "--token-file", files.File("token"))).ExitCode.ShouldBe(5);

        Task<(int ExitCode, string Output, string Errors)> Named(params string[] arguments) => HarnessProcess.Run([.. arguments, "--server", server.Server.Url]);
    }

    [SlowFact(Category.Runs)]
    public async Task Workers_are_drained_queues_shown_logs_read_and_experiments_deleted()
    {
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        var drained = await HarnessProcess.Run("workers", "drain", "machine", "--data", Data);
        drained.ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("workers", "--data", Data)).Output.ShouldContain("draining");
        (await HarnessProcess.Run("workers", "drain", "nobody", "--data", Data)).ExitCode.ShouldBe(3);
        (await HarnessProcess.Run("queue", "--data", Data)).Output.ShouldContain("drained");
        await server.Harness.Scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.UserError, null, "It broke.", 1, null, "line one\n\u001b[31mline two"));
        var log = await HarnessProcess.Run("log", lease.Attempt.Trial[..12], "--data", Data);
        log.ExitCode.ShouldBe(0);
        log.Output.ShouldContain("line two");
        log.Output.ShouldContain("attempt 1 user error");
        log.Output.ShouldNotContain('\u001b');
        (await HarnessProcess.Run("delete", "small", "--yes", "--data", Data)).ExitCode.ShouldBe(1);
        (await HarnessProcess.Run("cancel", "small", "--data", Data)).ExitCode.ShouldBe(0);

        // Without a server, too.
        await server.Server.DisposeAsync();
        await server.Harness.DisposeAsync();
        (await HarnessProcess.Run("list", "--data", Data)).Output.ShouldContain("cancelled");
        (await HarnessProcess.Run("log", lease.Attempt.Trial[..12], "--data", Data)).Output.ShouldContain("It broke.");
        (await HarnessProcess.Run("delete", "small", "--yes", "--data", Data)).Output.ShouldContain("with 4 trials");
        (await HarnessProcess.Run("show", "small", "--data", Data)).ExitCode.ShouldBe(3);
    }

    [SlowFact(Category.Runs)]
    public async Task The_log_of_a_trial_shows_its_losses_and_follows_it_to_its_end()
    {
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        await server.Report(lease, 20, 0.75);
        await using var following = HarnessProcess.Start("log", lease.Attempt.Trial[..12], "--follow", "--data", Data);
        for (var looks = 0; looks < 600 && !following.Output.Contains("eval.loss 0.75", StringComparison.Ordinal); looks++) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        await server.Complete(lease);
        (await following.Exit()).ShouldBe(0);
        following.Output.ShouldContain("completed: 40 steps, final loss 0.25");
        following.Output.Split("eval.loss 0.75").Length.ShouldBe(2, "each point is printed once");
        var whole = await HarnessProcess.Run("log", lease.Attempt.Trial[..12], "--data", Data);
        (whole.ExitCode, whole.Output).ShouldBe((0, following.Output));
        whole.Output.Split('\n').ShouldAllBe(line => line.Length <= 80);

        var waiting = await HarnessProcess.Run("log", "4", "--data", Data);
        waiting.Output.ShouldContain("no attempt has begun");
        (await HarnessProcess.Run("log", "4444", "--data", Data)).ExitCode.ShouldBe(3);
        var wrong = await HarnessProcess.Run("log", lease.Attempt.Trial[..12], "--attempt", "7", "--data", Data);
        (wrong.ExitCode, wrong.Errors).ShouldBe((3, $"error: trial '{lease.Attempt.Trial[..12]}' has no attempt 7; it has 1.{Environment.NewLine}"));
    }

    [Fact]
    public async Task Help_begins_with_examples()
    {
        (await HarnessProcess.Run("--help")).Output.ShouldStartWith("Examples:");
        (await HarnessProcess.Run("workers", "drain", "--help")).Output.ShouldStartWith("Examples:\n  harness workers drain");
    }
}
