using System.Globalization;
using Harness.Training.Cells;
using Harness.Training.Native;
using Harness.Training.Networks;
using Harness.Training.Timing;

namespace Harness.Benchmarks;

/// <summary>
/// A whole training step (forward, loss, backward, Adam): the engine, TorchSharp's nn.* as it comes and at its best, and, where Debian's python3-torch is
/// installed, PyTorch, in turns, with the core's multiply-add peak between them. With one thread, by its processor time; with the machine's two cores by wall time,
/// two engines side by side against libraries with two threads, each core's peak taken on both at once. Medians over rounds.
/// </summary>
internal static class EngineBenchmark
{
    private static readonly (int Batch, int Steps, int Input, int Hidden)[] Sizes = [(32, 100, 2, 64), (64, 200, 32, 128), (32, 500, 16, 256), (16, 50, 2, 16), (128, 784, 1, 128)];

    /// <summary>Milliseconds for which each shape and cell is measured at least, about.</summary>
    private const double Budget = 4000;

    /// <summary>Milliseconds of a visit. With two threads a library's helpers go on spinning for a while after a step, and disturb who comes next.</summary>
    private const double ShortVisit = 4, LongVisit = 50;

    private const int WarmUp = 2, Rounds = 7;

    public static Task OneThread() => Run("engine", 1, Alone);

    public static Task TwoCores() => Run("cores", 2, BothCores);

    private static Task Run(string benchmark, int threads, Action<StepShape, Rival[]> compare)
    {
        Console.WriteLine($"| {benchmark} | processor | {TorchEnvironment.Start().Processor} |");
        using var preload = IntelPreload.Build();
        Console.WriteLine($"| {benchmark} | MKL takes this processor for an Intel one | {(preload is null ? "no: there is no C compiler" : "in 'libtorch tuned'")} |");
        Rival?[] all = [Rival.TorchSharp(threads), Rival.Tuned(threads, preload?.Path), Rival.PyTorch(threads)];
        Rival[] rivals = [.. all.OfType<Rival>()];
        if (rivals.Length < all.Length) Console.WriteLine($"| {benchmark} | PyTorch | not installed for this Python: apt-get install python3-torch libopenblas0-pthread |");
        foreach (var rival in rivals) Console.WriteLine($"| {benchmark} | {rival.Name} | {rival.Version} |");
        foreach (var (batch, steps, input, hidden) in Sizes)
        {
            foreach (var cell in (string[])["rnn", "lstm", "gru"])
            {
                var shape = new StepShape(cell, batch, steps, input, hidden);
                foreach (var rival in rivals) rival.Build(shape);
                compare(shape, rivals);
            }
        }

        foreach (var rival in rivals) rival.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>One thread against one thread.</summary>
    private static void Alone(StepShape shape, Rival[] rivals)
    {
        using var engine = Engine(shape);
        using var probing = Engine(shape, norms: true);
        var (ours, probed) = (new Visitor(ShortVisit, engine.Run), new Visitor(ShortVisit, probing.Run));
        Visitor[] theirs = [.. rivals.Select(rival => new Visitor(ShortVisit, rival.Take))];
        Visitor[] all = [ours, probed, .. theirs];
        var peak = new List<double>();
        InTurns((round, counts) =>
        {
            for (var turn = 0; turn < all.Length; turn++)
            {
                var visitor = all[(round + turn) % all.Length];
                var took = visitor.Visit(counts);
                if (visitor != ours) continue;
                // Right after it and as long as its visit, so that other work on the machine disturbs both alike.
                var core = Peak.MultiplyAdd(took * ours.StepsPerVisit, ThreadClock.Milliseconds);
                if (counts) peak.Add(core);
            }
        });
        var rate = shape.Operations / ours.Processor / 1e6;
        Measure.Row("engine", shape.ToString(),
            $"{Ratios(rivals, theirs.Select(rival => rival.Processor / ours.Processor))}{rate:0} GFLOP/s, {100 * rate / Measure.Median(peak):0} % of peak, probing {100 * (probed.Processor / ours.Processor - 1):+0;-0;0} %");
    }

    /// <summary>The whole machine: two trainings on the engine at once against one by a library with two threads.</summary>
    private static void BothCores(StepShape shape, Rival[] rivals)
    {
        using var first = Engine(shape);
        using var second = Engine(shape);
        var pair = new Pair(first, second, shape.Operations);
        // A step of the pair is one of both: two trainings go on by one.
        var (alone, both) = (new Visitor(LongVisit, first.Run), new Visitor(LongVisit, pair.Take));
        Visitor[] theirs = [.. rivals.Select(rival => new Visitor(LongVisit, rival.Take))];
        Visitor[] all = [alone, both, .. theirs];
        InTurns((round, counts) =>
        {
            pair.Counts = counts;
            for (var turn = 0; turn < all.Length; turn++) all[(round + turn) % all.Length].Visit(counts);
        });
        Measure.Row("cores", shape.ToString(),
            $"{Ratios(rivals, theirs.Select(rival => 2 * rival.Wall / both.Wall))}{2000 / both.Wall:0} steps/s, {2 * alone.Wall / both.Wall:0.00}× one engine alone, {100 * pair.Share(0):0} and {100 * pair.Share(1):0} % of each core's peak");
    }

    private static void InTurns(Action<int, bool> round)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var number = 0; number < WarmUp + Rounds || TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < Budget; number++) round(number, number >= WarmUp);
    }

    private static string Ratios(Rival[] rivals, IEnumerable<double> ratios) => string.Concat(rivals.Zip(ratios, (rival, ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.0}× {rival.Name}, ")));

    private static Stepper Engine(StepShape shape, bool norms = false) => new(new EngineNetwork<float>(RecurrentCell.Find(shape.Cell)!, shape.Stack) { TakesNorms = norms }, shape);

    /// <summary>Two trainings that share nothing, each on a thread of its own, and what share of its core each gets to.</summary>
    private sealed class Pair(Stepper first, Stepper second, double operations)
    {
        private readonly List<double>[] shares = [[], []];

        public bool Counts { get; set; }

        public double Share(int core) => Measure.Median(shares[core]);

        /// <summary>Both take so many steps at once; then both take their core's peak at once, as long.</summary>
        public StepTime Take(int steps)
        {
            using var together = new Barrier(2);
            var times = new StepTime[2];
            var peaks = new double[2];
            Thread[] threads = [Start(first, 0), Start(second, 1)];
            foreach (var thread in threads) thread.Join();
            for (var core = 0; core < 2; core++)
                if (Counts) shares[core].Add(operations * steps / times[core].Processor / 1e6 / peaks[core]);
            return new(times.Max(time => time.Processor), times.Max(time => time.Wall));

            Thread Start(Stepper stepper, int core)
            {
                var thread = new Thread(() =>
                {
                    SubnormalFlush.Enable();
                    together.SignalAndWait();
                    times[core] = stepper.Run(steps);
                    together.SignalAndWait();
                    peaks[core] = Peak.MultiplyAdd(times[core].Processor, ThreadClock.Milliseconds);
                });
                thread.Start();
                return thread;
            }
        }
    }
}
