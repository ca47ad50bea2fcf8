namespace Harness.Tests.EndToEnd;

/// <summary>Processes that share no folder, find each other over Redis and know each other by certificates: what several machines are to each other.</summary>
[Collection("several machines")]
public sealed class SeveralMachinesTests
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    public SeveralMachinesTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");

    [SlowFact(Category.Machines)]
    public async Task A_trial_goes_on_on_another_machine_where_one_was_lost_and_ends_bit_for_bit_the_same()
    {
        await using var redis = await RedisServer.Start();
        using var tiny = new TinyExperiment(steps: 1500, seeds: 1, cells: "lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("cluster", "init", "--data", tiny.Data())).ExitCode.ShouldBe(0);
        await using var server = await Serve(tiny, redis);
        await using var first = await Worker(tiny, redis, "first");
        await using var run = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--set", "run.checkpoint_every=0.1s");
        await Until(() => Directory.Exists(Path.Combine(tiny.Data(), "checkpoints")) && Directory.GetFiles(Path.Combine(tiny.Data(), "checkpoints"), "*.ckpt").Length > 0, first);
        first.Signal(SigKill);

        await using var second = await Worker(tiny, redis, "second");
        (await run.Exit()).ShouldBe(0, run.Errors);
        second.Signal(SigTerm);
        (await second.Exit()).ShouldBe(0, second.Errors);
        tiny.Rows("SELECT ending, resumed_from_step > 0 FROM attempt ORDER BY number").ShouldBe(["lease_lost|", "completed|1"]);
        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));

        // The weights came along, and nothing else was left.
        Directory.GetFiles(Path.Combine(tiny.Data(), "weights")).ShouldHaveSingleItem();
        Directory.GetFiles(Path.Combine(tiny.Data(), "checkpoints")).ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(tiny.Data("second"), "checkpoints")).ShouldBeEmpty();

        // The lost machine comes back, with a trial's checkpoints that ended elsewhere, and tidies up with its next trial.
        var left = Path.Combine(tiny.Data("first"), "checkpoints");
        Directory.GetFiles(left).ShouldNotBeEmpty();
        await using var again = await Worker(tiny, redis, "first", isNew: false);
        (await HarnessProcess.Run("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--set", "seeds.base=7", "--set", "train.steps=20")).ExitCode.ShouldBe(0, again.Errors);
        Directory.GetFiles(left).ShouldBeEmpty();
    }

    [SlowFact(Category.Machines)]
    public async Task The_users_own_data_and_weights_travel_to_the_worker()
    {
        await using var redis = await RedisServer.Start();
        using var tiny = new TinyExperiment();
        var csv = Path.Combine(Path.GetDirectoryName(tiny.File)!, "wave.csv");
        await File.WriteAllLinesAsync(csv, ["t,y", .. Enumerable.Range(0, 400).Select(i => FormattableString.Invariant($"{i},{Math.Sin(i / 5.0):0.0000}"))], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(tiny.File, (await File.ReadAllTextAsync(tiny.File, TestContext.Current.CancellationToken))
            .Replace("{ kind: temporal-order, length: 12 }", "{ kind: csv, file: wave.csv, target: y, columns: [y], length: 12 }", StringComparison.Ordinal)
            .Replace("hidden: 8,", "hidden: 8, weights: { rnn: trained.safetensors, lstm: none, gru: none },", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var weights = Training.SafetensorsBytes.Of(new (string, long[])[] { ("weight_ih_l0", [8, 1]), ("weight_hh_l0", [8, 8]), ("bias_ih_l0", [8]), ("bias_hh_l0", [8]) }
            .Select(tensor => (tensor.Item1, "F32", tensor.Item2, Enumerable.Range(0, (int)tensor.Item2.Aggregate(1L, (product, size) => product * size)).Select(place => place % 5 / 10.0 - 0.2).ToArray())));
        await File.WriteAllBytesAsync(Path.Combine(Path.GetDirectoryName(tiny.File)!, "trained.safetensors"), weights, TestContext.Current.CancellationToken);
        (await HarnessProcess.Run("cluster", "init", "--data", tiny.Data())).ExitCode.ShouldBe(0);
        await using var server = await Serve(tiny, redis);
        await using var worker = await Worker(tiny, redis, "worker");
        var (code, _, errors) = await HarnessProcess.Run("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report);
        code.ShouldBe(0, errors + worker.Errors);
        // Both came over the wire, byte for byte.
        var arrived = Directory.GetFiles(Path.Combine(tiny.Data("worker"), "files"));
        arrived.Length.ShouldBe(2);
        (await File.ReadAllBytesAsync(arrived.Single(file => Path.GetFileName(file) == Abstractions.Specs.DataFile.HashOf(weights)), TestContext.Current.CancellationToken)).ShouldBe(weights);
    }

    [SlowFact(Category.Machines)]
    public async Task A_process_of_another_cluster_does_not_get_in()
    {
        await using var redis = await RedisServer.Start();
        using var tiny = new TinyExperiment();
        foreach (var cluster in (string[])["data", "foreign"]) (await HarnessProcess.Run("cluster", "init", "--data", tiny.Data(cluster))).ExitCode.ShouldBe(0);
        await using var server = await Serve(tiny, redis);
        var (code, _, errors) = await HarnessProcess.Run(
            "worker", "--once", "--slots", "1", "--data", tiny.Data("foreign"), "--cluster", redis.Url, "--certificate", Path.Combine(tiny.Data("foreign"), "cluster", "node.pem"));
        code.ShouldBe(4, errors);
        errors.ShouldContain("does not come from the authority of this cluster");
        errors.ShouldContain("harness cluster join NAME");
        server.Errors.ShouldContain("Refused a connection from 127.0.0.1");
        server.HasExited.ShouldBeFalse(server.Errors);
    }

    private static async Task<HarnessProcess> Serve(TinyExperiment tiny, RedisServer redis)
    {
        var server = HarnessProcess.Start("serve", "--data", tiny.Data(), "--cluster", redis.Url, "--listen", "127.0.0.1");
        await Until(() => server.Errors.Contains("Serving ", StringComparison.Ordinal), server);
        return server;
    }

    private static async Task<HarnessProcess> Worker(TinyExperiment tiny, RedisServer redis, string name, bool isNew = true)
    {
        var certificate = tiny.Data(name + ".pem");
        if (isNew) (await HarnessProcess.Run("cluster", "join", name, "--data", tiny.Data(), "--out", certificate)).ExitCode.ShouldBe(0);
        return HarnessProcess.Start("worker", "--once", "--slots", "1", "--data", tiny.Data(name), "--cluster", redis.Url, "--certificate", certificate);
    }

    private static async Task Until(Func<bool> condition, HarnessProcess process)
    {
        while (!condition())
        {
            process.HasExited.ShouldBeFalse(process.Errors);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
