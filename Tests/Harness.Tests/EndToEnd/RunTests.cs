using System.Globalization;
using Harness.Reports.Model;

namespace Harness.Tests.EndToEnd;

/// <summary>The whole chain with real training, as processes.</summary>
[Collection("end to end")]
public sealed class RunTests
{
    private const int SigInt = 2;
    private const int SigKill = 9;

    private const string Losses =
        "SELECT t.hash, m.name, k.first_step, k.stride, k.points FROM metric_chunk k JOIN trial t ON t.id = k.trial_id JOIN metric m ON m.id = k.metric_id ORDER BY 1, 2, 3";

    [Fact]
    public async Task One_yaml_in_one_report_out()
    {
        using var tiny = new TinyExperiment();
        var (code, output, errors) = await tiny.Run();

        code.ShouldBe(0, errors);
        output.ShouldContain(tiny.Report);
        tiny.Count("SELECT count(*) FROM trial_result WHERE final_loss IS NOT NULL AND ms_per_step > 0 AND sequences_per_second > 0 AND parameters > 0 AND device = 'cpu'").ShouldBe(6);
        tiny.Rows("SELECT DISTINCT cell, parameters FROM trial_result ORDER BY 1").ShouldBe(["gru|384", "lstm|512", "rnn|128"]);
        tiny.Count("SELECT count(DISTINCT trial_id) FROM gradient_profile WHERE moment = 'end' AND state = 'c'").ShouldBe(2);
        tiny.Count("SELECT count(*) FROM attempt").ShouldBe(6);
        var report = await File.ReadAllTextAsync(tiny.Report, TestContext.Current.CancellationToken);
        report.ShouldContain("Does the whole chain hold together?");
        report.ShouldNotContain("src=\"http");
    }

    [SlowFact(Category.Runs)]
    public async Task Speed_is_measured_when_the_trials_are_done_and_never_twice()
    {
        using var tiny = new TinyExperiment(steps: 2, seeds: 1, cells: "rnn, lstm");
        for (var run = 0; run < 2; run++)
        {
            var (code, output, errors) = await tiny.Run("data", "--slots", "2", "--set", "speed={ measure: true, rounds: 30 }");
            code.ShouldBe(0, errors);
            output.ShouldContain("measured alone on ");
            output.ShouldContain("2 of 2 trials have a result");
        }

        tiny.Rows("SELECT cell, kernel, rounds FROM timing WHERE ms_per_step > 0 AND forward_ms > 0 AND backward_ms > 0 ORDER BY cell DESC, kernel").ShouldBe(
            ["rnn|cell|30", "rnn|engine|30", "rnn|library|30", "lstm|cell|30", "lstm|engine|30", "lstm|library|30"], ignoreOrder: true);
        tiny.Rows("SELECT kind, count(*) FROM attempt JOIN trial ON trial.id = trial_id GROUP BY kind ORDER BY kind").ShouldBe(["learning|2", "timing|1"]);
        tiny.Count("SELECT count(*) FROM attempt a JOIN trial t ON t.id = a.trial_id WHERE t.kind = 'learning' AND a.ended_at > (SELECT b.started_at FROM attempt b JOIN trial u ON u.id = b.trial_id WHERE u.kind = 'timing')").ShouldBe(0);
        (await File.ReadAllTextAsync(tiny.Report, TestContext.Current.CancellationToken)).ShouldContain("Time per step, measured alone");
    }

    [SlowFact(Category.Kills)]
    public async Task A_timing_trial_whose_trainer_is_killed_measures_everything_again_and_keeps_nothing_of_the_first_time()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        using var tiny = new TinyExperiment(steps: 2, seeds: 1, cells: "rnn");
        await using (var harness = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--slots", "1", "--set", "speed={ measure: true, rounds: 80 }"))
        {
            await tiny.Until("SELECT count(*) FROM attempt a JOIN trial t ON t.id = a.trial_id WHERE t.kind = 'timing' AND a.state = 'running' AND a.device IS NOT NULL");
            harness.SignalTrainers(SigKill).ShouldBe(1);
            (await harness.Exit()).ShouldBe(0, harness.Errors);
        }

        tiny.Rows("SELECT t.kind, a.number, a.ending, a.exit_code, a.resumed_from_step, a.checkpoint_step FROM attempt a JOIN trial t ON t.id = a.trial_id ORDER BY t.kind, a.number").ShouldBe(
            ["learning|1|completed|||2", "timing|1|killed|137||", "timing|2|completed|||"]);
        tiny.Rows("SELECT state, infrastructure_failures + trial_failures FROM trial WHERE kind = 'timing'").ShouldBe(["completed|1"]);
        tiny.Rows("SELECT count(*), sum(rounds) FROM timing_run").ShouldBe(["1|80"]);
        tiny.Rows("SELECT count(*), count(DISTINCT round), min(round), max(round) FROM timing_machine_round").ShouldBe(["80|80|1|80"]);
        tiny.Rows("SELECT kernel FROM timing_arm ORDER BY kernel").ShouldBe(["cell", "engine", "library"]);
        tiny.Rows("SELECT arm, count(*), count(DISTINCT round), min(round), max(round) FROM timing_round WHERE ms > 0 GROUP BY arm ORDER BY arm").ShouldBe(["0|80|80|1|80", "1|80|80|1|80", "2|80|80|1|80"]);
        RunHistory.Check(tiny);
        (await File.ReadAllTextAsync(tiny.Report, TestContext.Current.CancellationToken)).ShouldContain("Time per step, measured alone");
    }

    [SlowFact(Category.Runs)]
    public async Task Slots_change_nothing_in_what_is_recorded_and_two_runs_are_equal_to_the_bit()
    {
        using var tiny = new TinyExperiment();
        (await tiny.Run("one", "--slots", "1")).ExitCode.ShouldBe(0);
        (await tiny.Run("two", "--slots", "2")).ExitCode.ShouldBe(0);

        var one = tiny.Rows(Losses, "one");
        one.Count.ShouldBeGreaterThan(6);
        tiny.Rows(Losses, "two").ShouldBe(one);
    }

    [SlowFact(Category.Runs)]
    public async Task Finished_trials_are_not_trained_again()
    {
        using var tiny = new TinyExperiment();
        await tiny.Run();
        var (code, output, _) = await tiny.Run();
        code.ShouldBe(0);
        output.ShouldContain("6 of 6 trials have a result");
        tiny.Count("SELECT count(*) FROM attempt").ShouldBe(6);
        tiny.Count("SELECT count(*) FROM experiment").ShouldBe(1);
    }

    [SlowFact(Category.Kills)]
    public async Task A_killed_trainer_costs_one_attempt_and_changes_no_result()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        using var tiny = new TinyExperiment(steps: 1500, cells: "rnn");
        await using var harness = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--slots", "2");
        await tiny.Until("SELECT count(*) FROM metric_chunk");
        harness.SignalTrainers(SigKill).ShouldBe(2);
        (await harness.Exit()).ShouldBe(0, harness.Errors);

        tiny.Count("SELECT count(*) FROM attempt WHERE ending = 'killed' AND exit_code = 137").ShouldBeGreaterThan(0);
        tiny.Count("SELECT count(*) FROM trial_result").ShouldBe(2);
        tiny.Count("SELECT count(*) FROM trial_result WHERE state = 'completed'").ShouldBe(2);
        tiny.Count("SELECT count(*) FROM event WHERE kind = 'nondeterminism'").ShouldBe(0);

        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);
        tiny.Rows(Losses).ShouldBe(tiny.Rows(Losses, "undisturbed"));
    }

    [SlowFact(Category.Kills)]
    public async Task Ctrl_C_drains_and_the_same_command_finishes_the_rest()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        using var tiny = new TinyExperiment(steps: 1500, cells: "rnn");
        await using (var harness = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--slots", "1"))
        {
            // One has ended, and the next is really training: a trainer that is killed between two trials costs nothing.
            await tiny.Until("SELECT (SELECT count(*) FROM attempt WHERE state = 'ended') * (SELECT count(*) FROM attempt WHERE state = 'running' AND device IS NOT NULL)");
            // A terminal sends it to every process of the group.
            harness.SignalTrainers(SigInt).ShouldBe(1);
            harness.Signal(SigInt);
            (await harness.Exit()).ShouldBe(130, harness.Errors);
            harness.Errors.ShouldContain("run the same command again");
        }

        tiny.Count("SELECT count(*) FROM attempt WHERE state = 'running'").ShouldBe(0);
        tiny.Count("SELECT count(*) FROM attempt WHERE exit_code IS NOT NULL").ShouldBe(0);
        var done = tiny.Count("SELECT count(*) FROM trial_result");
        done.ShouldBe(1);

        (await tiny.Run()).ExitCode.ShouldBe(0);
        tiny.Count("SELECT count(*) FROM trial_result").ShouldBe(2);
        tiny.Count("SELECT count(*) FROM attempt WHERE ending = 'completed'").ShouldBe(2);
    }

    [SlowFact(Category.Kills)]
    public async Task A_killed_program_leaves_no_trainer_and_is_taken_up_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        using var tiny = new TinyExperiment(steps: 1500, cells: "rnn");
        IReadOnlyList<int> trainers;
        await using (var harness = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--slots", "2"))
        {
            await tiny.Until("SELECT count(*) FROM metric_chunk");
            trainers = harness.Children();
            harness.Signal(SigKill);
            await harness.Exit();
        }

        trainers.Count.ShouldBe(2);
        (await HarnessProcess.Run("list", "--data", tiny.Data())).Output.ShouldContain("interrupted");
        (await HarnessProcess.Run("show", "tiny", "--data", tiny.Data())).Output.ShouldContain("interrupted");
        (await tiny.Run()).ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("list", "--data", tiny.Data())).Output.ShouldContain("finished");
        trainers.ShouldAllBe(trainer => !Directory.Exists($"/proc/{trainer}"));
        tiny.Count("SELECT count(*) FROM trial_result WHERE state = 'completed'").ShouldBe(2);
        tiny.Count("SELECT count(*) FROM event WHERE kind = 'nondeterminism'").ShouldBe(0);
    }

    [SlowFact(Category.Runs)]
    public async Task Trained_side_by_side_trials_find_what_they_find_alone()
    {
        const string Results = "SELECT cell, seed, steps, final_loss, best_loss, attempts FROM trial_result ORDER BY cell, seed";
        using var tiny = new TinyExperiment(seeds: 4);
        (await tiny.Run("alone", "--slots", "1", "--set", "model.kernel=auto")).ExitCode.ShouldBe(0);
        var (code, _, errors) = await tiny.Run("packed", "--slots", "1", "--set", "model.kernel=auto", "--set", "run.pack=3");
        code.ShouldBe(0, errors);

        tiny.Rows(Results, "packed").ShouldBe(tiny.Rows(Results, "alone"));
        foreach (var table in (string[])["SELECT m.name, c.first_step, hex(c.points) FROM metric_chunk c JOIN metric m ON m.id = c.metric_id ORDER BY 1, 2, 3", "SELECT hex(norms) FROM gradient_profile ORDER BY 1"])
            tiny.Rows(table, "packed").ShouldBe(tiny.Rows(table, "alone"));
        // Four seeds of one cell in one slot: three begin together.
        tiny.Count("SELECT max(n) FROM (SELECT count(*) n FROM attempt GROUP BY started_at)", "packed").ShouldBe(3);
        tiny.Count("SELECT max(n) FROM (SELECT count(*) n FROM attempt GROUP BY started_at)", "alone").ShouldBe(1);
    }

    [SlowFact(Category.Kills)]
    public async Task Trained_as_one_program_trials_go_on_one_by_one_when_their_trainer_is_killed()
    {
        const string Losses = "SELECT final_loss FROM trial_result ORDER BY seed";
        using var tiny = new TinyExperiment(steps: 600, seeds: 4, cells: "gru");
        (await tiny.Run("alone", "--slots", "1", "--set", "model.kernel=batched", "--set", "run.pack=off")).ExitCode.ShouldBe(0);
        await using var run = HarnessProcess.Start(
            "run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--slots", "1", "--set", "model.kernel=batched", "--set", "run.checkpoint_every=0.1s");
        await tiny.Until("SELECT count(*) = 4 FROM attempt WHERE state = 'running' AND checkpoint_step > 0");
        run.SignalTrainers(SigKill).ShouldBe(1);
        (await run.Exit()).ShouldBe(0, run.Errors);

        RunHistory.Check(tiny);
        tiny.Rows("SELECT number, ending, count(*), count(DISTINCT started_at) FROM attempt GROUP BY 1, 2").ShouldBe(["1|killed|4|1", "2|completed|4|4"], string.Join('\n', tiny.Rows("SELECT trial_id, number, ending, exit_code, message FROM attempt")));
        // Rounding follows the size of a pack, and no more than rounding.
        foreach (var (together, alone) in tiny.Rows(Losses).Zip(tiny.Rows(Losses, "alone")))
            double.Parse(together, CultureInfo.InvariantCulture).ShouldBe(double.Parse(alone, CultureInfo.InvariantCulture), 1e-3);
    }

    [Fact]
    public async Task What_no_worker_can_train_is_named_with_the_reason()
    {
        using var tiny = new TinyExperiment(seeds: 1);
        var (code, _, errors) = await tiny.Run("data", "--slots", "1", "--set", "run.label=elsewhere");
        code.ShouldBe(1, errors);
        errors.ShouldContain("3 trials: needs the label 'elsewhere'; 0 of 1 workers has that");
    }

    [Fact]
    public async Task A_trainer_that_does_not_start_is_said_plainly()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: the trainer is replaced by a system command.");
        using var tiny = new TinyExperiment();
        await using var harness = HarnessProcess.StartWith("HARNESS_TRAINER", "/bin/false", "run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report);
        (await harness.Exit()).ShouldBe(5, harness.Errors);
        harness.Errors.ShouldContain("harness doctor");
        harness.Errors.ShouldNotContain("bug in the program");
    }

    [SlowFact(Category.Kills)]
    public async Task A_database_that_stops_taking_writes_ends_the_run_and_the_next_one_recovers()
    {
        using var tiny = new TinyExperiment(steps: 1500, cells: "rnn");
        await using (var harness = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--slots", "1"))
        {
            await tiny.Until("SELECT count(*) FROM metric_chunk");
            tiny.Execute("CREATE TRIGGER broken BEFORE UPDATE ON attempt WHEN new.state = 'ended' BEGIN SELECT RAISE(ABORT, 'no more'); END");
            (await harness.Exit()).ShouldBe(5, harness.Errors);
            harness.Errors.ShouldContain("no more");
        }

        tiny.Execute("DROP TRIGGER broken");
        (await tiny.Run()).ExitCode.ShouldBe(0);
        tiny.Count("SELECT count(*) FROM trial_result").ShouldBe(2);
    }

    [SlowFact(Category.Runs)]
    public async Task A_second_harness_on_the_same_database_is_refused_by_name()
    {
        using var tiny = new TinyExperiment(steps: 1500, cells: "rnn");
        await using var harness = HarnessProcess.Start("run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report);
        await tiny.Until("SELECT count(*) FROM attempt");
        var (code, _, errors) = await tiny.Run();
        code.ShouldBe(5);
        errors.ShouldContain("is in use by process");
        (await harness.Exit()).ShouldBe(0, harness.Errors);
    }

    [Fact]
    public async Task A_report_can_be_written_again_from_the_database()
    {
        using var tiny = new TinyExperiment();
        await tiny.Run();
        var first = await File.ReadAllTextAsync(tiny.Report, TestContext.Current.CancellationToken);
        (await HarnessProcess.Run("report", "tiny", "--data", tiny.Data(), "--out", tiny.Report)).ExitCode.ShouldBe(0);
        (await File.ReadAllTextAsync(tiny.Report, TestContext.Current.CancellationToken)).ShouldBe(first);

        var (code, _, errors) = await HarnessProcess.Run("report", "nothing", "--data", tiny.Data());
        code.ShouldBe(3);
        errors.ShouldContain("Known: 1 tiny");
    }

    [SlowFact(Category.Runs)]
    public async Task A_report_is_shown_in_the_browser()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: the browser is replaced by a script.");
        using var tiny = new TinyExperiment(steps: 5, seeds: 1, cells: "rnn");
        (await tiny.Run()).ExitCode.ShouldBe(0);
        var (opener, shown, report) = (Path.Combine(tiny.Data("programs"), "xdg-open"), tiny.Data("shown"), tiny.Data("of two words.html"));
        Directory.CreateDirectory(tiny.Data("programs"));
        await File.WriteAllTextAsync(opener, $"#!/bin/sh\nprintf %s \"$1\" > '{shown}.part' && mv '{shown}.part' '{shown}'\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(opener, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var programs = Environment.GetEnvironmentVariable("PATH");
        await using var there = HarnessProcess.StartWith("PATH", $"{tiny.Data("programs")}:{programs}", "report", "tiny", "--data", tiny.Data(), "--out", report, "--open");
        (await there.Exit()).ShouldBe(0, there.Errors);
        while (!File.Exists(shown)) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        (await File.ReadAllTextAsync(shown, TestContext.Current.CancellationToken)).ShouldBe(report);
    }
}
