namespace Harness.Tests.EndToEnd;

/// <summary>A server and workers in processes of their own, and what happens when they fall.</summary>
[Collection("end to end")]
public sealed class ClusterTests
{
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigTerm = 15;

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
