using System.Globalization;

namespace Harness.Tests.EndToEnd;

/// <summary>Machines that lose each other while they train. HARNESS_PARTITION says for how many seconds; the longer job tries 30 and 120.</summary>
[Collection("several machines")]
public sealed class PartitionTests
{
    private const int SigTerm = 15;

    private static readonly int? wanted = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_PARTITION"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    private static readonly TimeSpan partition = TimeSpan.FromSeconds(wanted ?? 5);

    /// <summary>Some of it is trained while the machines are parted, and some after.</summary>
    private static readonly int steps = (int)Math.Max(4000, 60 * partition.TotalSeconds);

    private static readonly Lazy<Task<IReadOnlyList<string>>> undisturbed = new(async () =>
    {
        using var tiny = new TinyExperiment(steps, seeds: 2, cells: "lstm");
        (await tiny.Run()).ExitCode.ShouldBe(0);
        return RunHistory.Findings(tiny);
    });

    /// <summary>Who loses whom. The last ones are left to the longer job: in five seconds nobody asks.</summary>
    private static readonly (string Who, Action<Machines, bool> Cut)[] cuts =
    [
        ("a worker and everybody", (machines, off) => machines.Cut("gpu", off)),
        ("a worker and the server, who both reach the members list", (machines, off) => machines.Part("gpu", "head", off)),
        ("the server, what a worker says", (machines, off) => machines.Mute("gpu", "head", off)),
        ("a worker, what the server says", (machines, off) => machines.Mute("head", "gpu", off)),
        ("the members list and everybody", (machines, off) => machines.Cut("store", off)),
        ("the members list and a worker", (machines, off) => machines.Part("gpu", "store", off)),
        ("the members list and the server", (machines, off) => machines.Part("head", "store", off)),
        ("the server and everybody", (machines, off) => machines.Cut("head", off)),
    ];

    public static TheoryData<string> Who => [.. cuts.Take(wanted is null ? 5 : cuts.Length).Select(cut => cut.Who)];

    [SlowTheory(Category.Machines)]
    [MemberData(nameof(Who))]
    public Task Machines_that_lose_each_other_and_find_each_other_again_change_nothing(string who) => Survives(async (machines, tiny) =>
    {
        var cut = cuts.Single(cut => cut.Who == who).Cut;
        cut(machines, true);
        await Pass(partition);
        var lost = RunHistory.Lost(tiny);
        cut(machines, false);
        return lost;
    }, "gpu");

    [SlowFact(Category.Machines)]
    public Task A_link_that_comes_and_goes_changes_nothing() => Survives(async (machines, tiny) =>
    {
        var silence = TimeSpan.FromSeconds(wanted is null ? 1 : 3);
        var lost = RunHistory.Lost(tiny);
        for (var waited = TimeSpan.Zero; waited < partition; waited += 2 * silence)
        {
            machines.Cut("gpu", off: true);
            await Pass(silence);
            lost = RunHistory.Lost(tiny);
            machines.Cut("gpu", off: false);
            await Pass(silence);
        }

        return lost;
    }, "gpu");

    [SlowFact(Category.Machines)]
    public Task A_trial_goes_on_elsewhere_while_its_worker_is_cut_off_and_nothing_counts_that_that_one_says_later() => Survives(async (machines, tiny) =>
    {
        machines.Cut("gpu", off: true);
        await Task.WhenAll(tiny.Until("SELECT count(*) FROM attempt WHERE number = 2"), Pass(partition));
        var lost = RunHistory.Lost(tiny);
        lost.ShouldNotBeEmpty();
        machines.Cut("gpu", off: false);
        return lost;
    }, "gpu", "cpu");

    /// <param name="trouble">Parts machines and joins them again; returns which attempts had been lost before they were joined.</param>
    /// <param name="workers">Their machines; the trouble begins when each trains.</param>
    private static async Task Survives(Func<Machines, TinyExperiment, Task<IReadOnlyDictionary<string, long>>> trouble, params string[] workers)
    {
        using var machines = new Machines(["store", "head", .. workers]);
        await using var redis = await RedisServer.Start(["ip", "netns", "exec", machines.Name("store")], machines.Address("store"));
        var expected = await undisturbed.Value;
        using var tiny = new TinyExperiment(steps, seeds: 2, cells: "lstm");
        (await HarnessProcess.Run("cluster", "init", "--data", tiny.Data())).ExitCode.ShouldBe(0);
        await using var server = HarnessProcess.StartOn(machines.Name("head"), "serve", "--data", tiny.Data(), "--cluster", redis.Url, "--listen", machines.Address("head"));
        await Serves(server, 1);
        var started = new List<HarnessProcess>();
        await using var trainings = new ProcessGroup(started);
        foreach (var worker in workers)
        {
            var certificate = tiny.Data(worker + ".pem");
            (await HarnessProcess.Run("cluster", "join", worker, "--data", tiny.Data(), "--out", certificate)).ExitCode.ShouldBe(0);
            started.Add(HarnessProcess.StartOn(machines.Name(worker), "worker", "--slots", "1", "--data", tiny.Data(worker), "--cluster", redis.Url, "--listen", machines.Address(worker), "--certificate", certificate));
        }

        // One that came late would find the other's trials done.
        await tiny.Until($"SELECT count(*) = {workers.Length} FROM worker");
        await using var run = HarnessProcess.StartOn(machines.Name("head"), "run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--set", "run.checkpoint_every=0.2s");
        await tiny.Until($"SELECT count(DISTINCT worker) = {workers.Length} FROM attempt WHERE state = 'running' AND checkpoint_step > 0");
        var began = TimeProvider.System.GetUtcNow();
        var lost = await trouble(machines, tiny);
        var ended = TimeProvider.System.GetUtcNow();

        // A server that was declared dead starts again, and whoever watches finds it.
        (await run.Exit()).ShouldBe(0, run.Errors + server.Errors);
        foreach (var training in trainings) training.Signal(SigTerm);
        // 75: it was about to start again.
        foreach (var training in trainings) (await training.Exit()).ShouldBeOneOf([0, 75], training.Errors);

        server.Signal(SigTerm);
        (await server.Exit()).ShouldBe(0, server.Errors);
        Tell(tiny, began, ended, [server, .. trainings]);
        RunHistory.Check(tiny);
        RunHistory.CheckLost(tiny, lost);
        RunHistory.Findings(tiny).ShouldBe(expected);
    }

    private static async Task Serves(HarnessProcess server, int lives)
    {
        while (server.Errors.Split("Serving ").Length <= lives)
        {
            server.HasExited.ShouldBeFalse(server.Errors);
            await Pass(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>What became of whom when; for people, nothing is decided by it.</summary>
    private static void Tell(TinyExperiment tiny, DateTimeOffset began, DateTimeOffset ended, IReadOnlyList<HarnessProcess> processes)
    {
        var attempts = tiny.Rows("SELECT trial_id, number, worker, started_at, ended_at, ending, resumed_from_step FROM attempt ORDER BY started_at").Select(row => row.Split('|')).Select(row =>
            $"  trial {row[0]} attempt {row[1]} on {row[2]}: {After(row[3])} to {After(row[4])} s, {row[5]}{(row[6].Length == 0 ? "" : $", from step {row[6]}")}");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n',
        [
            string.Create(CultureInfo.InvariantCulture, $"Parted for {(ended - began).TotalSeconds:0.0} s. Lives of server and workers: {string.Join(", ", processes.Select(process => process.Errors.Split("; restarting in").Length))}."), .. attempts,
        ]));

        string After(string text) => (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) - began).TotalSeconds.ToString("+0.0;-0.0", CultureInfo.InvariantCulture);
    }

    private static Task Pass(TimeSpan time) => Task.Delay(time, TimeProvider.System, TestContext.Current.CancellationToken);
}
