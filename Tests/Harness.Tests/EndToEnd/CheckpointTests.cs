namespace Harness.Tests.EndToEnd;

/// <summary>Disturbed runs go on from checkpoints and end like undisturbed ones, bit for bit.</summary>
[Collection("kills")]
public sealed class CheckpointTests
{
    private const int SigInt = 2;
    private const int SigKill = 9;

    private const string Halfway = "SELECT count(*) FROM attempt WHERE state = 'running' AND checkpoint_step > 0";
    private const string Resumed = "SELECT count(*) FROM attempt WHERE resumed_from_step > 0 AND ending = 'completed'";

    private static readonly string[] often = ["--slots", "1", "--set", "run.checkpoint_every=0.1s"];

    [SlowFact(Category.Kills)]
    public async Task Whatever_is_killed_or_stopped_goes_on_from_a_checkpoint_and_ends_bit_for_bit_the_same()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        // Long enough for a signal to arrive on the fastest machine.
        using var tiny = new TinyExperiment(steps: 5000, seeds: 1, cells: "lstm");
        (await tiny.Run("undisturbed", "--slots", "1")).ExitCode.ShouldBe(0);
        var undisturbed = RunHistory.Findings(tiny, "undisturbed");
        undisturbed.Count.ShouldBeGreaterThan(15);

        await using (var harness = Start(tiny, "trainer killed"))
        {
            await tiny.Until(Halfway, "trainer killed");
            harness.SignalTrainers(SigKill).ShouldBe(1);
            (await harness.Exit()).ShouldBe(0, harness.Errors);
        }

        await using (var harness = Start(tiny, "program killed"))
        {
            await tiny.Until(Halfway, "program killed");
            harness.Signal(SigKill);
            await harness.Exit();
        }

        (await tiny.Run("program killed", often)).ExitCode.ShouldBe(0);

        // No interval has passed yet: the checkpoint is the one that the stop leaves.
        await using (var harness = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data("interrupted"), "--out", tiny.Report, "--slots", "1", "--set", "run.checkpoint_every=1h"))
        {
            await tiny.Until("SELECT count(*) FROM attempt a JOIN metric_chunk k ON k.trial_id = a.trial_id AND k.count >= 100 WHERE a.state = 'running'", "interrupted");
            harness.Signal(SigInt);
            (await harness.Exit()).ShouldBe(130, harness.Errors);
        }

        tiny.Count("SELECT count(*) FROM attempt WHERE ending = 'drained' AND checkpoint_step > 0", "interrupted").ShouldBe(1);
        (await tiny.Run("interrupted", often)).ExitCode.ShouldBe(0);

        foreach (var disturbed in new[] { "trainer killed", "program killed", "interrupted" })
        {
            tiny.Count(Resumed, disturbed).ShouldBe(1, disturbed);
            RunHistory.Findings(tiny, disturbed).ShouldBe(undisturbed, disturbed);
            RunHistory.Check(tiny, disturbed);
            Directory.GetFiles(Path.Combine(tiny.Data(disturbed), "checkpoints")).ShouldBeEmpty();
            Directory.GetFiles(Path.Combine(tiny.Data(disturbed), "weights")).ShouldHaveSingleItem();
        }
    }

    [SlowFact(Category.Kills)]
    public async Task Damaged_checkpoints_are_refused_with_the_reason_and_training_begins_anew()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        using var tiny = new TinyExperiment(steps: 1500, seeds: 1, cells: "lstm");
        await using (var harness = Start(tiny, "data"))
        {
            await tiny.Until(Halfway);
            harness.Signal(SigKill);
            await harness.Exit();
        }

        var folder = Path.Combine(tiny.Data(), "checkpoints");
        // A trainer whose parent was killed leaves a last checkpoint before it ends.
        foreach (var file in await Settled(folder)) await File.WriteAllTextAsync(file, "not a checkpoint", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "0123456789abcdef0123456789abcdef-0000000007.ckpt"), "of a trial that nobody knows", TestContext.Current.CancellationToken);

        var (code, _, errors) = await tiny.Run("data", "--slots", "1", "--set", "run.keep_weights=false");
        code.ShouldBe(0, errors);
        errors.ShouldContain("was refused: ");
        tiny.Count("SELECT count(*) FROM attempt WHERE resumed_from_step = 0 AND ending = 'completed'").ShouldBe(1);
        tiny.Count("SELECT count(*) FROM event WHERE kind = 'checkpoint_trouble' AND detail LIKE '%was refused: %'").ShouldBeGreaterThan(0);
        tiny.Count("SELECT count(*) FROM event WHERE kind = 'nondeterminism'").ShouldBe(0);
        Directory.GetFiles(folder).ShouldBeEmpty();
        Directory.Exists(Path.Combine(tiny.Data(), "weights")).ShouldBeFalse();
    }

    private static HarnessProcess Start(TinyExperiment tiny, string data) =>
        HarnessProcess.Start(["run", tiny.File, "--data", tiny.Data(data), "--out", tiny.Report, .. often]);

    /// <summary>The checkpoints, once nobody writes any more.</summary>
    private static async Task<string[]> Settled(string folder)
    {
        string[] before = [];
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
            var now = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray();
            if (now.Length > 0 && now.SequenceEqual(before, StringComparer.Ordinal)) return now;
            before = now;
        }
    }
}
