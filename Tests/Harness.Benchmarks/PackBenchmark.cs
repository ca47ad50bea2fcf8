using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Training.Native;
using Harness.Training.Protocol;

namespace Harness.Benchmarks;

/// <summary>
/// K trials trained side by side by one thread, against the same K one after the other: once K step sizes that share every batch, once K
/// seeds that share none. On the engine, where they take turns, and on the batched path, where they are one program. Model building included, evaluation and
/// probes as little as can be; in turns, by the thread's own processor time.
/// </summary>
internal static class PackBenchmark
{
    private const int Rounds = 3;

    private static readonly (int Batch, int Length, int Hidden, int Steps)[] shapes = [(16, 50, 16, 100), (32, 100, 64, 10)];
    private static readonly string[] cells = ["rnn", "lstm", "gru"];

    public static Task Run()
    {
        TorchEnvironment.Start();
        foreach (var shape in shapes)
            foreach (var cell in cells)
                foreach (var count in (int[])[1, 4, 16, 64])
                {
                    var spec = Spec(cell, KernelPath.Engine, shape);
                    var sharing = Compare([.. Enumerable.Range(0, count).Select(place => spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 1e-3 * (1 + place)) } })]);
                    var apart = Compare(Seeds(spec, count));
                    Measure.Row("packs", Name(cell, count, shape), $"{sharing:0.00}x as fast as one by one where batches are shared, {apart:0.00}x where seeds differ");
                }

        return Task.CompletedTask;
    }

    /// <summary>On the CPU, for what it says of calls: a GPU has more of them to save.</summary>
    public static Task Batched()
    {
        TorchEnvironment.Start();
        foreach (var shape in shapes)
            foreach (var cell in cells)
                foreach (var count in (int[])[1, 4, 16, 64])
                {
                    var pack = Seeds(Spec(cell, KernelPath.Batched, shape), count);
                    // One by one, each takes as long as the next: a few stand for all.
                    var few = Math.Min(count, 4);
                    var times = new List<double>[4].Select(_ => new List<double>()).ToArray();
                    for (var round = -1; round < Rounds; round++)
                    {
                        double[] found =
                        [
                            Timed(() => Train(pack)) / count, OneByOne(Seeds(Spec(cell, KernelPath.Cell, shape), few)) / few,
                            OneByOne(Seeds(Spec(cell, KernelPath.Library, shape), few)) / few, OneByOne(Seeds(Spec(cell, KernelPath.Engine, shape), few)) / few,
                        ];
                        if (round < 0) continue;
                        foreach (var (path, time) in found.Index()) times[path].Add(time);
                    }

                    var own = Median(times[0]);
                    Measure.Row("batched", Name(cell, count, shape),
                        $"{Median(times[1]) / own:0.00}x as fast as hand-written loops one by one, {Median(times[2]) / own:0.00}x the library's, {Median(times[3]) / own:0.00}x the engine's; {own / shape.Steps:0.000} ms a step and model");
                }

        return Task.CompletedTask;
    }

    private static string Name(string cell, int count, (int Batch, int Length, int Hidden, int Steps) shape) => $"K = {count}, {cell} (B={shape.Batch}, T={shape.Length}, I=2, H={shape.Hidden})";

    private static TrialSpec[] Seeds(TrialSpec spec, int count) => [.. Enumerable.Range(0, count).Select(place => spec with { Seed = place })];

    /// <summary>How many times as fast the pack is: medians over rounds.</summary>
    private static double Compare(TrialSpec[] specs)
    {
        List<double> packed = [], alone = [];
        // Small packs are short; the same number of trials is trained for each.
        var repetitions = Math.Max(1, 16 / specs.Length);
        for (var round = -1; round < Rounds; round++)
        {
            double together = 0, apart = 0;
            for (var repetition = 0; repetition < repetitions; repetition++)
            {
                together += Timed(() => Train(specs));
                apart += OneByOne(specs);
            }

            if (round < 0) continue;
            packed.Add(together);
            alone.Add(apart);
        }

        return Median(alone) / Median(packed);
    }

    private static double OneByOne(IEnumerable<TrialSpec> specs) => specs.Sum(spec => Timed(() => Train([spec])));

    private static void Train(IReadOnlyList<TrialSpec> specs)
    {
        var output = new FrameWriter(Stream.Null);
        var requests = specs.Select((spec, place) => new TrainRequest(place.ToString(System.Globalization.CultureInfo.InvariantCulture), spec));
        using var pack = new RequestedPack([.. requests.Select(request => new RequestedTrial(request, output, TimeProvider.System))], TimeProvider.System, _ => { });
        pack.Train();
    }

    private static double Timed(Action work)
    {
        var began = ThreadClock.Milliseconds();
        work();
        return ThreadClock.Milliseconds() - began;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static TrialSpec Spec(string cell, KernelPath kernel, (int Batch, int Length, int Hidden, int Steps) shape) => new(
        TrialSpec.RevisionOf(kernel), new TaskSpec("adding", shape.Length, new ParameterSet([new("markers", "anywhere")])),
        new ModelSpec(cell, kernel, shape.Hidden, 1, false, cell == "rnn" ? "tanh" : null, InitKind.Default),
        new TrainSpec(shape.Steps, shape.Batch, new OptimizerSpec(OptimizerKind.Adam, 1e-3), 1.0), new EvaluationSpec(shape.Steps, 16), new ProbeSpec([], 8),
        null, Precision.Float32, DeviceKind.Cpu, 1);
}
