using System.Globalization;
using System.Text.Json;
using Harness.Workers.Trainer;

namespace Harness.Tests.EndToEnd;

/// <summary>A server and workers in processes of their own, and what happens when they fall.</summary>
[Collection("kills")]
public sealed class ClusterTests
{
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private static readonly int kills = Campaign.Kills;

    private const string Halfway = "SELECT count(*) FROM attempt WHERE state = 'running' AND checkpoint_step > 0";

    public ClusterTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");

    [SlowFact(Category.Kills)]
    public async Task Whoever_is_killed_the_experiment_ends_bit_for_bit_the_same_and_nothing_is_lost_or_doubled()
    {
        // Enough that the other worker still trains when the silence of the first is noticed.
        using var tiny = new TinyExperiment(steps: 1500, seeds: 6, cells: "rnn, lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);

        var servers = new List<HarnessProcess> { await Serve(tiny) };
        await using var all = new ProcessGroup(servers);
        await using var first = Worker(tiny);
        await using var second = Worker(tiny);
        await using var run = Run(tiny);
        await tiny.Until("SELECT count(*) = 2 FROM attempt WHERE state = 'running' AND checkpoint_step > 0");
        await using var watch = HarnessProcess.Start("watch", "1", "--data", tiny.Data(), "-o", "ndjson");
        first.Signal(SigKill);
        await tiny.Until("SELECT count(*) FROM attempt WHERE ending = 'lease_lost'");

        // The server falls while the other worker trains; that worker goes on and delivers to the next one, and whoever watches finds that, too.
        await tiny.Until(Halfway);
        servers[0].Signal(SigKill);
        await Until(() => watch.Errors.Contains("does not answer", StringComparison.Ordinal));
        await servers[0].Exit();
        servers.Add(await Serve(tiny));
        (await run.Exit()).ShouldBe(0, run.Errors);
        run.Output.ShouldContain("12 of 12 trials have a result");
        (await watch.Exit()).ShouldBe(0, watch.Errors);
        var told = watch.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("type").GetString() == "event")
            .Select(line => line.GetProperty("event").GetProperty("seq").GetInt64()).ToArray();
        told.ShouldBe(tiny.Rows("SELECT seq FROM event WHERE experiment_id = 1 OR trial IS NOT NULL ORDER BY 1").Select(seq => long.Parse(seq, CultureInfo.InvariantCulture)));
        second.Signal(SigTerm);
        (await second.Exit()).ShouldBe(0, second.Errors);
        servers[1].Signal(SigInt);
        (await servers[1].Exit()).ShouldBe(0, servers[1].Errors);

        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
        tiny.Rows("SELECT ending, count(*) FROM attempt GROUP BY 1 ORDER BY 1").ShouldBe(["completed|12", "lease_lost|1"]);
        // Two workers of one machine compute the same.
        tiny.Rows("SELECT count(*), count(DISTINCT canary_digest), min(canary_ms_per_step) > 0 FROM worker").ShouldBe(["2|1|1"]);
        tiny.Count("SELECT count(*) FROM attempt WHERE resumed_from_step > 0").ShouldBe(1);
    }

    [SlowFact(Category.Kills)]
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
        (await HarnessProcess.Run("resume", "tiny", "--data", tiny.Data())).Output.ShouldContain("is resumed");

        await using var second = Worker(tiny);
        (await run.Exit()).ShouldBe(0, run.Errors);
        tiny.Count("SELECT count(*) FROM attempt WHERE resumed_from_step > 0 AND ending = 'completed'").ShouldBe(1);
        RunHistory.Check(tiny);
    }

    [SlowFact(Category.Kills)]
    public async Task A_server_that_hangs_until_the_others_declare_it_dead_starts_again_and_loses_nothing()
    {
        using var tiny = new TinyExperiment(steps: 3000, seeds: 1, cells: "lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);
        await using var supervised = HarnessProcess.Start("serve", "--data", tiny.Data());
        await Serves(supervised, 1);
        await using var worker = Worker(tiny);
        await using var run = Run(tiny);
        await tiny.Until(Halfway);

        var hanging = HarnessProcess.ChildrenOf(supervised.Id).ShouldHaveSingleItem();
        HarnessProcess.Signal(hanging, SigStop);
        await tiny.Until($"SELECT count(*) FROM member WHERE status = {(int)SiloStatus.Dead}", file: "cluster.db");
        HarnessProcess.Signal(hanging, SigCont);
        await Serves(supervised, 2);
        supervised.Errors.ShouldContain("The server ended with exit code 75; restarting in ");
        HarnessProcess.ChildrenOf(supervised.Id).ShouldNotContain(hanging);

        (await run.Exit()).ShouldBe(0, run.Errors);
        worker.Signal(SigTerm);
        (await worker.Exit()).ShouldBe(0, worker.Errors);
        supervised.Signal(SigTerm);
        (await supervised.Exit()).ShouldBe(0, supervised.Errors);
        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
    }

    /// <summary>Ctrl-C of a terminal reaches both; a signal to the supervisor alone, or its death, must not leave a server that nobody knows of.</summary>
    [SlowTheory(Category.Kills)]
    [InlineData(SigInt)]
    [InlineData(SigKill)]
    public async Task A_server_ends_with_its_supervisor(int signal)
    {
        using var tiny = new TinyExperiment();
        await using var supervised = HarnessProcess.Start("serve", "--data", tiny.Data());
        await Serves(supervised, 1);
        var server = HarnessProcess.ChildrenOf(supervised.Id).ShouldHaveSingleItem();
        supervised.Signal(signal);
        await supervised.Exit();
        await Until(() => !Directory.Exists($"/proc/{server}"));
        // In order: its address is taken away.
        File.Exists(Path.Combine(tiny.Data(), "server.json")).ShouldBeFalse();
    }

    /// <summary>A trainer can be killed so often while it starts that it looks as if it could not.</summary>
    [SlowFact(Category.Kills)]
    public async Task A_worker_whose_trainer_does_not_start_ends_only_if_it_never_did()
    {
        using var tiny = new TinyExperiment();
        var trainer = tiny.Data("trainer");
        await using var server = await Serve(tiny);
        Write($"exec '{TrainerExecutable.Locate()}'");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(trainer, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var worker = Start();
        await Until(() => Lives("Training for ") == 1);

        Write("exit 1");
        HarnessProcess.Signal(HarnessProcess.ChildrenOf(worker.Id).ShouldHaveSingleItem(), SigKill);
        await Until(() => Lives("ended with exit code 5; restarting") > 0);
        await using (var another = Start()) (await another.Exit()).ShouldBe(5, another.Errors);

        Write($"exec '{TrainerExecutable.Locate()}'");
        await Until(() => Lives("Training for ") == 2);
        worker.Signal(SigTerm);
        (await worker.Exit()).ShouldBe(0, worker.Errors);

        void Write(string command) => File.WriteAllText(trainer, $"#!/bin/sh\n{command}\n");
        HarnessProcess Start() => HarnessProcess.StartWith(TrainerExecutable.PathVariable, trainer, "worker", "--slots", "1", "--data", tiny.Data());
        int Lives(string sign) => worker.Errors.Split(sign).Length - 1;
    }

    /// <summary>Five workers at a time stand still until their leases are lost, while their trainers go on; HARNESS_CAMPAIGN=120 makes it fifty.</summary>
    [SlowFact(Category.Kills)]
    public async Task Workers_that_hang_past_their_leases_and_come_back_change_nothing_and_start_again()
    {
        Assert.SkipUnless(kills > 0, "SKIPPED: takes a minute; the longer job sets HARNESS_CAMPAIGN.");
        // Every worker is three processes: a short campaign keeps to what two cores start quickly.
        var (together, trials, rounds) = kills >= 120 ? (5, 10, kills / 12) : (2, 4, 2);
        using var tiny = new TinyExperiment(steps: 1500, seeds: trials * rounds, cells: "lstm");
        (await tiny.Run("undisturbed")).ExitCode.ShouldBe(0);
        await using var server = await Serve(tiny);
        await using var workers = new ProcessGroup([.. Enumerable.Repeat(("--slots", "1"), together).Append(("--slots", "2")).Select(slots => HarnessProcess.Start("worker", slots.Item1, slots.Item2, "--data", tiny.Data()))]);
        var hanging = workers.Take(together).ToArray();
        var hangs = 0;
        for (var round = 0; round < rounds; round++)
        {
            await Until(() => hanging.All(worker => HarnessProcess.ChildrenOf(worker.Id) is [var child] && tiny.Count(FormattableString.Invariant($"SELECT count(*) FROM worker WHERE process_id = {child} AND left_at IS NULL")) > 0));
            await using var run = Run(tiny, "--set", FormattableString.Invariant($"seeds.count={trials}"), "--set", FormattableString.Invariant($"seeds.base={1 + trials * round}"));
            var stopped = await Stop(tiny, hanging, run);
            var attempts = string.Join(',', stopped.Values);
            await tiny.Until($"SELECT count(*) = {stopped.Count} FROM attempt WHERE (trial_id, number) IN (VALUES {attempts}) AND state = 'ended'");
            // Half the times somebody else is at it when they come back.
            if (round % 2 == 1) await tiny.Until($"SELECT count(*) FROM attempt WHERE (trial_id, number - 1) IN (VALUES {attempts})");
            var lost = RunHistory.Lost(tiny);
            hangs += (int)tiny.Count($"SELECT count(*) FROM attempt WHERE (trial_id, number) IN (VALUES {attempts}) AND ending = 'lease_lost'");
            foreach (var child in stopped.Keys) HarnessProcess.Signal(child, SigCont);
            (await run.Exit()).ShouldBe(0, run.Errors);
            RunHistory.CheckLost(tiny, lost);
        }

        var again = hanging.Sum(worker => worker.Errors.Split("; restarting in").Length - 1);
        await End(server, workers);
        // One may have ended its trial just before it stood still.
        hangs.ShouldBeGreaterThanOrEqualTo(together * rounds / 2);
        TestContext.Current.TestOutputHelper?.WriteLine($"{hangs} of {together * rounds} hung past their lease, {again} had to start again, the others came back.");
        RunHistory.Check(tiny);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
    }

    /// <summary>
    /// Lets each supervised worker stand still as soon as it trains with a checkpoint; returns what each was at, as (trial, number), by its process. One that
    /// ended its trial too soon, with nothing left to train, is none of them.
    /// </summary>
    private static async Task<IReadOnlyDictionary<int, string>> Stop(TinyExperiment tiny, HarnessProcess[] workers, HarnessProcess run)
    {
        var stopped = new Dictionary<int, string>();
        await Until(() =>
        {
            run.HasExited.ShouldBeFalse(run.Errors);
            var idle = 0;
            foreach (var child in workers.SelectMany(worker => HarnessProcess.ChildrenOf(worker.Id)).Where(child => !stopped.ContainsKey(child)))
            {
                var own = tiny.Rows(FormattableString.Invariant(
                    $"SELECT a.trial_id, a.number FROM attempt a JOIN worker w ON w.id = a.worker WHERE a.state = 'running' AND w.process_id = {child}"));
                if (own.Count == 0 && tiny.Count("SELECT count(*) FROM trial WHERE state = 'pending'") == 0) idle++;
                if (own is not [var attempt] || tiny.Count(FormattableString.Invariant($"SELECT count(*) FROM attempt WHERE (trial_id, number) = ({attempt.Replace('|', ',')}) AND checkpoint_step > 0")) == 0) continue;
                HarnessProcess.Signal(child, SigStop);
                stopped.Add(child, $"({attempt.Replace('|', ',')})");
            }

            return stopped.Count > 0 && stopped.Count + idle == workers.Length;
        });
        return stopped;
    }

    /// <summary>
    /// Trainers, workers and the server are killed while something trains, there if it is no server: as often as HARNESS_CAMPAIGN says, half of them trainers,
    /// a quarter each the others.
    /// </summary>
    [SlowFact(Category.Kills)]
    public async Task A_campaign_of_kills_loses_nothing_doubles_nothing_and_changes_nothing()
    {
        Assert.SkipUnless(kills > 0, "SKIPPED: takes minutes; the longer job sets HARNESS_CAMPAIGN to the number of kills.");
        const int seeds = 12;
        using var tiny = new TinyExperiment(steps: 1500, seeds: seeds, cells: "rnn, lstm");
        // Results that are no numbers are lost as little as others, and harm nobody.
        using var poisoned = new TinyExperiment();
        PoisonedRunTests.Write(poisoned, "learning rates", PoisonedRunTests.LearningRates);
        using var growing = new TinyExperiment(steps: 160, cells: "rnn, lstm");
        Grow(growing);
#pragma warning disable CA5394 // moments, not secrets
        var random = new Random(kills);
        var victims = Enumerable.Range(0, kills).Select(kill => kill % 4).ToArray();
        random.Shuffle(victims);
        var (servers, runs, workerKills) = (new List<HarnessProcess> { await Serve(tiny) }, new List<HarnessProcess>(), new Dictionary<int, DateTimeOffset>());
        var serverKills = new List<DateTimeOffset>();
        await using var allServers = new ProcessGroup(servers);
        await using var allRuns = new ProcessGroup(runs);
        var workers = new List<HarnessProcess> { Worker(tiny), Worker(tiny) };
        await using var allWorkers = new ProcessGroup(workers);
        foreach (var victim in victims)
        {
            int[] processes = [];
            while (processes.Length == 0)
            {
                // When nothing is left but what waits after its loss, there is more.
                while (tiny.Count("SELECT count(*) FROM trial WHERE state IN ('pending', 'running')") == 0)
                {
                    var run = Run(tiny, "--set", FormattableString.Invariant($"seeds.base={1 + seeds * runs.Count}"));
                    runs.Add(run);
                    (await HarnessProcess.Run("submit", poisoned.File, "--data", tiny.Data(), "--set", "seeds.count=4", "--set", FormattableString.Invariant($"seeds.base={1 + 4 * (runs.Count - 1)}"))).ExitCode.ShouldBe(0);
                    if (runs.Count == 1) (await HarnessProcess.Run("submit", growing.File, "--data", tiny.Data())).ExitCode.ShouldBe(0);
                    await Until(() => run.HasExited || tiny.Count("SELECT count(*) FROM attempt WHERE state = 'running'") > 0);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 1000)), TimeProvider.System, TestContext.Current.CancellationToken);
                // Those that were killed, and those that fell because a server did when they came: as a supervisor does, but at once.
                foreach (var gone in workers.Where(worker => worker.HasExited).ToArray())
                {
                    workers.Remove(gone);
                    await gone.DisposeAsync();
                    workers.Add(Worker(tiny));
                }

                // A trial that is lost again and again before it makes progress fails, and so does one that is lost more than ten times: on a slow machine, all kills could hit the same.
                var training = workers.Select(worker => worker.Id).Intersect(tiny.Rows(
                    """
                    SELECT DISTINCT w.process_id FROM attempt a JOIN worker w ON w.id = a.worker
                    WHERE a.state = 'running' AND a.number < 8 AND (a.number = 1 OR a.checkpoint_step > ifnull(a.resumed_from_step, 0))
                    """).Select(id => int.Parse(id, CultureInfo.InvariantCulture))).ToArray();
                processes = victim > 1 ? [.. training.SelectMany(HarnessProcess.ChildrenOf)] : victim > 0 || training.Length == 0 ? training : [servers[^1].Id];
            }

            var killed = processes[random.Next(processes.Length)];
            if (victim == 1) workerKills[killed] = TimeProvider.System.GetUtcNow();
            HarnessProcess.Signal(killed, SigKill);
            if (victim != 0) continue;
            serverKills.Add(TimeProvider.System.GetUtcNow());
            await servers[^1].Exit();
            servers.Add(await Serve(tiny));
        }
#pragma warning restore CA5394

        // The last two may be among the dead.
        workers.Add(Worker(tiny));
        // Whoever watched found every server that came.
        foreach (var run in runs) await run.Exit();
        tiny.Rows("SELECT a.trial_id, a.number, a.ending, a.message FROM attempt a JOIN trial t ON t.id = a.trial_id WHERE t.state = 'failed'").ShouldBe([]);
        foreach (var run in runs) (await run.Exit()).ShouldBe(0, run.Errors);
        var all = FormattableString.Invariant($"seeds.count={seeds * runs.Count}");
        await using (var rest = Run(tiny, "--set", all)) (await rest.Exit()).ShouldBe(0, rest.Errors);
        await tiny.Until("SELECT count(*) = 0 FROM experiment WHERE state <> 'finished'");
        await End(servers[^1], [.. workers.Where(worker => !worker.HasExited)]);
        RunHistory.Check(tiny);
        tiny.Count("SELECT count(*) FROM trial WHERE outcome ->> '$.final_loss' = 'NaN'").ShouldBeGreaterThan(0);
        (await tiny.Run("undisturbed", "--set", all)).ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("run", poisoned.File, "--data", tiny.Data("undisturbed"), "--set", FormattableString.Invariant($"seeds.count={4 * runs.Count}"))).ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("run", growing.File, "--data", tiny.Data("undisturbed"))).ExitCode.ShouldBe(0);
        RunHistory.Findings(tiny).ShouldBe(RunHistory.Findings(tiny, "undisturbed"));
        // Rungs, the choice of settings, looks at the claims: the same decisions on the same results.
        tiny.Count("SELECT count(*) FROM decision").ShouldBeGreaterThanOrEqualTo(3);
        RunHistory.Decisions(tiny).ShouldBe(RunHistory.Decisions(tiny, "undisturbed"));
        Directory.GetFiles(Path.Combine(tiny.Data(), "checkpoints")).ShouldBeEmpty();
        Tell(tiny, workerKills, serverKills);
    }

    /// <summary>Makes it an experiment in stages: a search that prunes, and seeds until its claim is decided.</summary>
    private static void Grow(TinyExperiment experiment) => File.WriteAllText(experiment.File, File.ReadAllText(experiment.File)
        .Replace("name: tiny", "name: growing", StringComparison.Ordinal)
        .Replace("seeds: { count: 2, base: 1 }", "seeds: { until: decided, looks: [8, 9] }\ntune: { over: { lr: { log: [1e-4, 1e-1] } }, trials: 4, seeds: 1, prune: halving }", StringComparison.Ordinal)
        .Replace("optimizer: { kind: adam, lr: 1e-3 }", "optimizer: { kind: adam }", StringComparison.Ordinal)
        + "\nclaims:\n  - { id: same, that: lstm, equals: rnn, on: eval.loss, within: 10% }\n");

    /// <summary>How long it took until somebody went on with a trial that was lost for the first time (later losses wait on purpose); for people, nothing is decided by it.</summary>
    private static void Tell(TinyExperiment tiny, Dictionary<int, DateTimeOffset> workerKills, List<DateTimeOffset> serverKills)
    {
        var pairs = tiny.Rows(
            """
            SELECT a.ending, a.ended_at, b.started_at, a.number, w.process_id
            FROM attempt a JOIN attempt b ON b.trial_id = a.trial_id AND b.number = a.number + 1 JOIN worker w ON w.id = a.worker
            WHERE a.ending IN ('lease_lost', 'killed', 'native_crash') ORDER BY a.ended_at
            """).Select(row => row.Split('|')).Select(row => (Ending: row[0], Ended: Time(row[1]), Next: Time(row[2]), IsFirst: row[3] == "1", Worker: int.Parse(row[4], CultureInfo.InvariantCulture))).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kills} kills; {pairs.Length} attempts were lost and taken up again, {pairs.Count(pair => pair.IsFirst)} of them a trial's first."));
        var first = pairs.Where(pair => pair.IsFirst).ToArray();
        Say("trainer", [.. first.Where(pair => pair.Ending != "lease_lost").Select(pair => (pair.Next - pair.Ended).TotalSeconds)]);
        // A server that falls meanwhile gives everybody another lease's time.
        Say("worker", [.. first.Where(pair => pair.Ending == "lease_lost" && workerKills.TryGetValue(pair.Worker, out var kill) && !serverKills.Exists(other => other > kill && other < pair.Next))
            .Select(pair => (pair.Next - workerKills[pair.Worker]).TotalSeconds)]);

        static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

        static void Say(string what, double[] seconds)
        {
            if (seconds.Length == 0) return;
            Array.Sort(seconds);
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Taken up again after the first loss to a killed {what}: median {seconds[seconds.Length / 2]:0.00} s, p95 {seconds[(int)Math.Ceiling(0.95 * seconds.Length) - 1]:0.00} s, n = {seconds.Length}."));
        }
    }

    /// <summary>Asks all to end, and looks whether anything of theirs is left.</summary>
    private static async Task End(HarnessProcess server, IReadOnlyList<HarnessProcess> workers)
    {
        int[] children = [.. workers.SelectMany(worker => HarnessProcess.ChildrenOf(worker.Id))];
        int[] all = [.. children, .. children.SelectMany(HarnessProcess.ChildrenOf)];
        foreach (var worker in workers) worker.Signal(SigTerm);
        foreach (var worker in workers) await worker.Exit();
        server.Signal(SigInt);
        (await server.Exit()).ShouldBe(0, server.Errors);
        all.ShouldAllBe(process => !Directory.Exists($"/proc/{process}"));
    }

    /// <summary>A server in one process, which a signal hits.</summary>
    private static async Task<HarnessProcess> Serve(TinyExperiment tiny)
    {
        var server = HarnessProcess.Start("serve", "--once", "--data", tiny.Data());
        await Serves(server, 1);
        return server;
    }

    /// <summary>Waits until a server has come up so many times.</summary>
    private static Task Serves(HarnessProcess server, int lives) => Until(() =>
    {
        server.HasExited.ShouldBeFalse(server.Errors);
        return server.Errors.Split("Serving ").Length > lives;
    });

    private static async Task Until(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static HarnessProcess Worker(TinyExperiment tiny) => HarnessProcess.Start("worker", "--once", "--slots", "1", "--data", tiny.Data());

    private static HarnessProcess Run(TinyExperiment tiny, params string[] more) =>
        HarnessProcess.Start(["run", tiny.File, "--data", tiny.Data(), "--out", tiny.Report, "--set", "run.checkpoint_every=0.1s", .. more]);
}
