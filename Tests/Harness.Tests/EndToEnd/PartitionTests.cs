using System.Globalization;

namespace Harness.Tests.EndToEnd;

/// <summary>Machines that lose each other while they train. HARNESS_PARTITION says for how many seconds; the longer job tries 5, 30 and 120.</summary>
[Collection("end to end")]
public sealed class PartitionTests
{
    private const int SigTerm = 15;

    private static readonly TimeSpan partition = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("HARNESS_PARTITION"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 5);

    [Fact]
    public Task A_worker_that_is_cut_off_and_comes_back_changes_nothing() => Survives(async machines =>
    {
        machines.Cut("gpu", off: true);
        await Pass(partition);
        machines.Cut("gpu", off: false);
    });

    [Fact]
    public Task A_link_that_comes_and_goes_changes_nothing() => Survives(async machines =>
    {
        for (var waited = TimeSpan.Zero; waited < partition; waited += TimeSpan.FromSeconds(2))
        {
            machines.Cut("gpu", off: true);
            await Pass(TimeSpan.FromSeconds(1));
            machines.Cut("gpu", off: false);
            await Pass(TimeSpan.FromSeconds(1));
        }
    });

    [Fact]
    public Task A_worker_that_hears_and_is_not_heard_changes_nothing() => Survives(async machines =>
    {
        machines.Mute("gpu", "head", off: true);
        await Pass(partition);
        machines.Mute("gpu", "head", off: false);
    });

    [Fact]
    public Task The_members_list_being_out_of_reach_changes_nothing() => Survives(async machines =>
    {
        machines.Cut("store", off: true);
        await Pass(partition);
        machines.Cut("store", off: false);
    });

    private static async Task Survives(Func<Machines, Task> trouble)
    {
        using var machines = new Machines("store", "head", "gpu");
        await using var redis = await RedisServer.Start(["ip", "netns", "exec", machines.Name("store")], machines.Address("store"));
        using var tiny = new TinyExperiment(steps: 3000, seeds: 2, cells: "lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("cluster", "init", "--data", tiny.Data())).ExitCode.ShouldBe(0);
        var certificate = tiny.Data("gpu.pem");
        (await HarnessProcess.Run("cluster", "join", "gpu", "--data", tiny.Data(), "--out", certificate)).ExitCode.ShouldBe(0);

        await using var server = HarnessProcess.StartOn(machines.Name("head"), "serve", "--data", tiny.Data(), "--cluster", redis.Url, "--listen", machines.Address("head"));
        while (!server.Errors.Contains("Serving ", StringComparison.Ordinal))
        {
            server.HasExited.ShouldBeFalse(server.Errors);
            await Pass(TimeSpan.FromMilliseconds(50));
        }

        await using var worker = HarnessProcess.StartOn(machines.Name("gpu"), "worker", "--slots", "1", "--data", tiny.Data("gpu"), "--cluster", redis.Url, "--listen", machines.Address("gpu"), "--certificate", certificate);
        await using var run = HarnessProcess.StartOn(machines.Name("head"), "run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--set", "run.checkpoint_every=0.2s");
        await tiny.Until("SELECT count(*) FROM attempt WHERE state = 'running' AND checkpoint_step > 0");

        await trouble(machines);

        (await run.Exit()).ShouldBe(0, run.Errors + server.Errors + worker.Errors);
        worker.Signal(SigTerm);
        (await worker.Exit()).ShouldBe(0, worker.Errors);
        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
    }

    private static Task Pass(TimeSpan time) => Task.Delay(time, TimeProvider.System, TestContext.Current.CancellationToken);
}
