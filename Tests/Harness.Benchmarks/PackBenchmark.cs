using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;
using Harness.Training.Native;
using Harness.Training.Training;

namespace Harness.Benchmarks;

/// <summary>
/// K trials trained side by side by one thread, against the same K one after the other: once K step sizes that share every batch, once K
/// seeds that share none. Model building included, evaluation and probes as little as can be; in turns, by the thread's own processor time.
/// </summary>
internal static class PackBenchmark
{
    private const int Rounds = 3;

    public static Task Run()
    {
        TorchEnvironment.Start();
        foreach (var (batch, length, hidden, steps) in ((int, int, int, int)[])[(16, 50, 16, 100), (32, 100, 64, 10)])
            foreach (var cell in (string[])["rnn", "lstm", "gru"])
                foreach (var count in (int[])[1, 4, 16, 64])
                {
                    var spec = Spec(cell, batch, length, hidden, steps);
                    var sharing = Compare([.. Enumerable.Range(0, count).Select(place => spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 1e-3 * (1 + place)) } })]);
                    var apart = Compare([.. Enumerable.Range(0, count).Select(place => spec with { Seed = place })]);
                    Measure.Row("packs", $"K = {count}, {cell} (B={batch}, T={length}, I=2, H={hidden})",
                        $"{sharing:0.00}x as fast as one by one where batches are shared, {apart:0.00}x where seeds differ");
                }

        return Task.CompletedTask;
    }

    /// <summary>How many times as fast the pack is: medians over rounds.</summary>
    private static double Compare(IReadOnlyList<TrialSpec> specs)
    {
        List<double> packed = [], alone = [];
        // Small packs are short; the same number of trials is trained for each.
        var repetitions = Math.Max(1, 16 / specs.Count);
        for (var round = -1; round < Rounds; round++)
        {
            double together = 0, apart = 0;
            for (var repetition = 0; repetition < repetitions; repetition++)
            {
                together += Timed(() => Train(specs));
                apart += Timed(() => specs.ToList().ForEach(spec => Train([spec])));
            }

            if (round < 0) continue;
            packed.Add(together);
            alone.Add(apart);
        }

        return Median(alone) / Median(packed);
    }

    private static void Train(IReadOnlyList<TrialSpec> specs)
    {
        using var pack = specs.Count > 1 ? new SideBySide() : null;
        var open = specs.Select(spec => new Trial("t", spec, TimeProvider.System, _ => { }, pack: pack)).ToList();
        while (open.Count > 0)
        {
            foreach (var trial in open.ToArray())
            {
                if (trial.Advance(CancellationToken.None)) continue;
                open.Remove(trial);
                trial.Dispose();
            }
        }
    }

    private static double Timed(Action work)
    {
        var began = ThreadClock.Milliseconds();
        work();
        return ThreadClock.Milliseconds() - began;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static TrialSpec Spec(string cell, int batch, int length, int hidden, int steps) => new(
        TrialSpec.RevisionOf(KernelPath.Engine), new TaskSpec("adding", length, new ParameterSet([new("markers", "anywhere")])),
        new ModelSpec(cell, KernelPath.Engine, hidden, 1, false, cell == "rnn" ? "tanh" : null, InitKind.Default),
        new TrainSpec(steps, batch, new OptimizerSpec(OptimizerKind.Adam, 1e-3), 1.0), new EvaluationSpec(steps, 16), new ProbeSpec([], 8),
        null, Precision.Float32, DeviceKind.Cpu, 1);
}
