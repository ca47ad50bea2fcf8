using System.Globalization;

namespace Harness.Tests.EndToEnd;

/// <summary>A server and workers in processes of their own, and what happens when they fall.</summary>
[Collection("end to end")]
public sealed class ClusterTests
{
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private static readonly int kills = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_CAMPAIGN"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    private const string Halfway = "SELECT count(*) FROM attempt WHERE state = 'running' AND checkpoint_step > 0";

    public ClusterTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");

    [Fact]
    public async Task Whoever_is_killed_the_experiment_ends_bit_for_bit_the_same_and_nothing_is_lost_or_doubled()
    {
        using var tiny = new TinyExperiment(steps: 1500, cells: "rnn, lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);

        var server = await Serve(tiny);
        await using var first = Worker(tiny);
        await using var second = Worker(tiny);
        await using (var run = Run(tiny))
        {
            await tiny.Until("SELECT count(*) = 2 FROM attempt WHERE state = 'running' AND checkpoint_step > 0");
            first.Signal(SigKill);
            await tiny.Until("SELECT count(*) FROM attempt WHERE ending = 'lease_lost'");

            // The server falls while the other worker trains; that worker goes on and delivers to the next one.
            await tiny.Until(Halfway);
            server.Signal(SigKill);
            (await run.Exit()).ShouldBe(5, run.Errors);
            run.Errors.ShouldContain("does not answer");
            await server.DisposeAsync();
        }

        server = await Serve(tiny);
        await using (var run = Run(tiny)) (await run.Exit()).ShouldBe(0, run.Errors);
        second.Signal(SigTerm);
        (await second.Exit()).ShouldBe(0, second.Errors);
        server.Signal(SigInt);
        (await server.Exit()).ShouldBe(0, server.Errors);
        await server.DisposeAsync();

        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
        tiny.Rows("SELECT ending, count(*) FROM attempt GROUP BY 1 ORDER BY 1").ShouldBe(["completed|4", "lease_lost|1"]);
        // Two workers of one machine compute the same.
        tiny.Rows("SELECT count(*), count(DISTINCT canary_digest), min(canary_ms_per_step) > 0 FROM worker").ShouldBe(["2|1|1"]);
        tiny.Count("SELECT count(*) FROM attempt WHERE resumed_from_step > 0").ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_that_is_asked_to_end_gives_its_trials_back_with_a_checkpoint()
    {
        using var tiny = new TinyExperiment(steps: 1500, seeds: 1, cells: "lstm");
        await using var server = await Serve(tiny);
        await using var first = Worker(tiny);
        await using var run = Run(tiny);
        await tiny.Until(Halfway);

        first.Signal(SigTerm);
        (await first.Exit()).ShouldBe(0, first.Errors);
        tiny.Rows("SELECT ending, infrastructure_failures FROM attempt JOIN trial ON trial.id = trial_id").ShouldBe(["drained|0"]);
        (await HarnessProcess.Run("pause", "tiny", "--data", tiny.Data())).Output.ShouldContain("is paused");
        (await HarnessProcess.Run("resume", "tiny", "--data", tiny.Data())).Output.ShouldContain("goes on");

        await using var second = Worker(tiny);
        (await run.Exit()).ShouldBe(0, run.Errors);
        tiny.Count("SELECT count(*) FROM attempt WHERE resumed_from_step > 0 AND ending = 'completed'").ShouldBe(1);
        RunHistory.Check(tiny);
    }

    [Fact]
    public async Task A_worker_that_hangs_past_its_lease_and_comes_back_changes_nothing_and_starts_again()
    {
        Assert.SkipUnless(kills > 0, "SKIPPED: takes a minute; the longer job sets HARNESS_CAMPAIGN.");
        using var tiny = new TinyExperiment(steps: 3000, seeds: 1, cells: "lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);
        await using var server = await Serve(tiny);
        await using var supervised = HarnessProcess.Start("worker", "--slots", "1", "--data", tiny.Data());
        await using var run = Run(tiny);
        await tiny.Until(Halfway);

        var hanging = HarnessProcess.ChildrenOf(supervised.Id).ShouldHaveSingleItem();
        HarnessProcess.Signal(hanging, SigStop);
        await tiny.Until("SELECT count(*) FROM attempt WHERE ending = 'lease_lost'");
        await using var other = Worker(tiny);
        await tiny.Until("SELECT count(*) FROM attempt WHERE number = 2 AND resumed_from_step > 0");
        HarnessProcess.Signal(hanging, SigCont);

        (await run.Exit()).ShouldBe(0, run.Errors);
        while (HarnessProcess.ChildrenOf(supervised.Id) is not [var again] || again == hanging)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        supervised.Signal(SigTerm);
        await supervised.Exit();
        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
        tiny.Rows("SELECT ending FROM attempt ORDER BY number").ShouldBe(["lease_lost", "completed"]);
    }

    /// <summary>Trainers, workers and the server are killed at random moments; HARNESS_CAMPAIGN says how often.</summary>
    [Fact]
    public async Task A_campaign_of_kills_loses_nothing_doubles_nothing_and_changes_nothing()
    {
        Assert.SkipUnless(kills > 0, "SKIPPED: takes minutes; the longer job sets HARNESS_CAMPAIGN to the number of kills.");
        using var tiny = new TinyExperiment(steps: 1500, seeds: 2 + kills / 3, cells: "rnn, lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);
#pragma warning disable CA5394 // moments, not secrets
        var random = new Random(kills);
        var server = await Serve(tiny);
        HarnessProcess[] workers = [HarnessProcess.Start("worker", "--slots", "1", "--data", tiny.Data()), HarnessProcess.Start("worker", "--slots", "1", "--data", tiny.Data())];
        var watching = Run(tiny);
        await tiny.Until(Halfway);
        for (var kill = 0; kill < kills; kill++)
        {
            var children = workers.SelectMany(worker => HarnessProcess.ChildrenOf(worker.Id)).ToArray();
            var trainers = children.SelectMany(HarnessProcess.ChildrenOf).ToArray();
            switch (random.Next(4))
            {
                case 0:
                    server.Signal(SigKill);
                    await server.DisposeAsync();
                    server = await Serve(tiny);
                    break;
                case 1 when children.Length > 0:
                    HarnessProcess.Signal(children[random.Next(children.Length)], SigKill);
                    break;
                default:
                    if (trainers.Length > 0) HarnessProcess.Signal(trainers[random.Next(trainers.Length)], SigKill);
                    break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 4000)), TimeProvider.System, TestContext.Current.CancellationToken);
        }
#pragma warning restore CA5394

        await watching.DisposeAsync();
        await using (var run = Run(tiny)) (await run.Exit()).ShouldBe(0, run.Errors);
        int[] all = [.. workers.SelectMany(worker => HarnessProcess.ChildrenOf(worker.Id)), .. workers.SelectMany(worker => HarnessProcess.ChildrenOf(worker.Id)).SelectMany(HarnessProcess.ChildrenOf)];
        foreach (var worker in workers)
        {
            worker.Signal(SigTerm);
            await worker.Exit();
            await worker.DisposeAsync();
        }

        server.Signal(SigInt);
        (await server.Exit()).ShouldBe(0, server.Errors);
        await server.DisposeAsync();
        all.ShouldAllBe(process => !Directory.Exists($"/proc/{process}"));
        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
        Directory.GetFiles(Path.Combine(tiny.Data(), "checkpoints")).ShouldBeEmpty();
    }

    private static async Task<HarnessProcess> Serve(TinyExperiment tiny)
    {
        var server = HarnessProcess.Start("serve", "--data", tiny.Data());
        while (!server.Errors.Contains("Serving ", StringComparison.Ordinal))
        {
            server.HasExited.ShouldBeFalse(server.Errors);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return server;
    }

    private static HarnessProcess Worker(TinyExperiment tiny) => HarnessProcess.Start("worker", "--once", "--slots", "1", "--data", tiny.Data());

    private static HarnessProcess Run(TinyExperiment tiny) =>
        HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--set", "run.checkpoint_every=0.1s");
}
