using System.Globalization;

namespace Harness.Benchmarks;

/// <summary>What the harness costs beside the training itself: against a bare loop over the same trials, from one trial to the next, at its start, and with two slots.</summary>
internal static class OverheadBenchmark
{
    private const string SeedClaims = "Experiments/catalog/seed-claims.yaml";

    /// <summary>Two trials of about ten seconds.</summary>
    private const string Long = """
        version: 1
        name: ten-seconds
        task: { kind: temporal-order, length: 100 }
        model: { hidden: 64 }
        matrix: { cell: [lstm] }
        seeds: { count: 2, base: 1 }
        train: { steps: 4000, batch: 32, optimizer: { kind: adam, lr: 1e-3 }, clip_norm: 1.0 }
        evaluation: { every: 400, sequences: 300 }
        probe: { gradients: [init, end], sequences: 32 }
        """;

    /// <summary>Sixty trials in which next to nothing is done: what there is before the first step and after the last.</summary>
    private const string Short = """
        version: 1
        name: next-to-nothing
        task: { kind: temporal-order, length: 20 }
        model: { hidden: 32 }
        matrix: { cell: [lstm] }
        seeds: { count: 60, base: 1 }
        train: { steps: 20, batch: 32, optimizer: { kind: adam, lr: 1e-3 }, clip_norm: 1.0 }
        evaluation: { every: 20, sequences: 32 }
        probe: { gradients: none }
        """;

    /// <summary>Equal trials of about a second, as many for one slot as for two.</summary>
    private const string Equal = """
        version: 1
        name: equal-trials
        task: { kind: temporal-order, length: 50 }
        model: { hidden: 32 }
        matrix: { cell: [lstm] }
        seeds: { count: 72, base: 1 }
        train: { steps: 2000, batch: 32, optimizer: { kind: adam, lr: 1e-3 }, clip_norm: 1.0 }
        evaluation: { every: 200, sequences: 300 }
        probe: { gradients: [init, end], sequences: 32 }
        """;

    /// <summary>Against a bare loop over the same trials.</summary>
    public static async Task Run()
    {
        await AgainstBareLoop("seed-claims, one seed", Root(SeedClaims), "seeds.count=1");
        await With(Long, file => AgainstBareLoop("trials of about 10 s", file));
    }

    /// <summary>From one trial to the next on a warm trainer, and from nothing to the first.</summary>
    public static Task Start() => With(Short, async file =>
    {
        await WarmStart(file);
        await ColdStart(file);
    });

    /// <summary>Two slots on two cores against one.</summary>
    public static Task Slots() => With(Equal, TwoSlots);

    private static async Task With(string experiment, Func<string, Task> action)
    {
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        try
        {
            var file = Path.Combine(folder.FullName, "experiment.yaml");
            await File.WriteAllTextAsync(file, experiment);
            await action(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Harness, loop, loop, harness: what drifts meanwhile weighs on both alike.</summary>
    private static async Task AgainstBareLoop(string name, string file, params string[] settings)
    {
        var first = await HarnessRun.Of(file, 1, settings);
        string[] specs = [.. first.Attempts.Select(attempt => attempt.Spec)];
        var (one, two) = (await BareLoop.Train(specs), await BareLoop.Train(specs));
        var second = await HarnessRun.Of(file, 1, settings);
        var own = first.Own.Concat(second.Own).ToArray();
        var outcomes = first.Attempts.Concat(second.Attempts).Select(attempt => attempt.Outcome!).ToArray();
        var (training, evaluation, probes) = (outcomes.Sum(outcome => outcome.TrainSeconds), outcomes.Sum(outcome => outcome.EvaluationSeconds), outcomes.Sum(outcome => outcome.ProbeSeconds));
        var length = (one.Trials.Sum() + two.Trials.Sum()) / 2 / specs.Length;
        Compare($"{name}: {specs.Length} trials of {Text(length)} s, start to end of the process (harness: with report)", specs.Length, [first.Seconds, second.Seconds], [one.Process, two.Process]);
        Compare($"{name}: first lease to last end", specs.Length, [first.TrainingSeconds, second.TrainingSeconds], [one.Trials.Sum(), two.Trials.Sum()]);
        Measure.Row("overhead", $"{name}: where the time goes", $"{Share(training)} training, {Share(evaluation)} evaluation, {Share(probes)} probes, {Share(own.Sum())} the harness's own");
        Measure.Row("overhead", $"{name}: per trial neither training nor evaluation nor probe", $"mean {1e3 * own.Average():0.0} ms, {100 * own.Average() / (length + own.Average()):0.00} % of a trial, median {1e3 * Measure.Quantile(own, 0.5):0.0} ms, p95 {1e3 * Measure.Quantile(own, 0.95):0.0} ms");

        string Share(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{100 * seconds / (training + evaluation + probes + own.Sum()):0.0} %");
    }

    private static void Compare(string what, int trials, double[] harness, double[] bare)
    {
        var (with, without) = (harness.Average(), bare.Average());
        Measure.Row("overhead", what, $"{3600 * trials / with:0} trials/h, bare loop {3600 * trials / without:0}: {100 * (with / without - 1):+0.0;-0.0;0.0} % ({harness[0]:0.0} and {harness[1]:0.0} s, {bare[0]:0.0} and {bare[1]:0.0} s)");
    }

    /// <summary>Trials in which nothing but their frame takes time: an upper bound of what passes from the end of one to the first step of the next.</summary>
    private static async Task WarmStart(string file)
    {
        var run = await HarnessRun.Of(file, 1);
        var attempts = run.Attempts.Zip(run.Attempts.Skip(1)).ToArray();
        Say("end of a trial to the next lease", [.. attempts.Select(pair => (pair.Second.Started - pair.First.Ended).TotalSeconds)]);
        Say("lease to end, without training", [.. attempts.Select(pair => (pair.Second.Ended - pair.Second.Started).TotalSeconds - pair.Second.Outcome!.TrainSeconds)]);
        Say("end of a trial to the end of the next, without its training: more than warm start", [.. attempts.Select(pair => (pair.Second.Ended - pair.First.Ended).TotalSeconds - pair.Second.Outcome!.TrainSeconds)]);

        static void Say(string what, double[] seconds) =>
            Measure.Row("start", $"warm trainer, {what}", $"median {1e3 * Measure.Quantile(seconds, 0.5):0.0} ms, p95 {1e3 * Measure.Quantile(seconds, 0.95):0.0} ms, n = {seconds.Length}");
    }

    private static async Task ColdStart(string file)
    {
        List<double> alone = [], worker = [];
        for (var round = 0; round < 5; round++)
        {
            alone.Add((await HarnessRun.Of(file, 1, "seeds.count=1")).UntilFirstLease);
            worker.Add(await HarnessRun.WorkerUntilFirstLease(file));
        }

        Measure.Row("start", "harness run, process start to first lease", $"median {Measure.Quantile(alone, 0.5):0.00} s, at most {alone.Max():0.00} s");
        Measure.Row("start", "harness worker for a server with work, process start to first lease (canary included)", $"median {Measure.Quantile(worker, 0.5):0.00} s, at most {worker.Max():0.00} s");
    }

    private static async Task TwoSlots(string file)
    {
        var (one, two) = (new List<HarnessRun>(), new List<HarnessRun>());
        foreach (var slots in (int[])[1, 2, 2, 1]) (slots == 1 ? one : two).Add(await HarnessRun.Of(file, slots));
        double[] alone = [.. one.Select(run => Rate(run, 1))], both = [.. two.Select(run => Rate(run, 2))];
        var (slow, fast) = (StepMs(two), StepMs(one));
        Measure.Row("slots", "two slots against one, trials/h from the first lease to the last", $"{both.Average() / alone.Average():0.00}× ({both[0]:0} and {both[1]:0} against {alone[0]:0} and {alone[1]:0}); a training step takes {slow / fast:0.00}× as long beside another");
        string[] specs = [.. one[0].Attempts.Take(one[0].Attempts.Count / 3).Select(attempt => attempt.Spec)];
        var bare = await BareLoop.Train(specs);
        var pair = await Task.WhenAll(BareLoop.Train(specs), BareLoop.Train(specs));
        var again = await BareLoop.Train(specs);
        Measure.Row("slots", "what the machine has to give: two bare loops at once against one", $"{(bare.Trials.Sum() + again.Trials.Sum()) / pair.Average(loop => loop.Trials.Sum()):0.00}×");

        // Until all have begun every slot is busy; how long the last one is at it alone is chance.
        static double Rate(HarnessRun run, int slots) => 3600 * (run.Attempts.Count - slots) / (run.Attempts.Max(attempt => attempt.Started) - run.Attempts.Min(attempt => attempt.Started)).TotalSeconds;

        static double StepMs(List<HarnessRun> runs) => Measure.Quantile([.. runs.SelectMany(run => run.Attempts).Select(attempt => attempt.Outcome!.MillisecondsPerStep!.Value)], 0.5);
    }

    private static string Text(double number) => number.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A file of the checkout that this was built from.</summary>
    private static string Root(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Harness.sln"))) return Path.Combine(folder.FullName, path);
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Harness.sln: run the benchmark from a checkout.");
    }
}
