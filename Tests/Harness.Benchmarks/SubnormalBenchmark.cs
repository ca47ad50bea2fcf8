using Harness.Abstractions.Specs;
using Harness.Training;
using Harness.Training.Backends;
using Harness.Training.Native;

namespace Harness.Benchmarks;

/// <summary>
/// What subnormal numbers cost: training steps on the adding problem at initialisation, once with gradients that vanish and once with gradients that last, with subnormal numbers
/// kept and flushed. Interleaved; medians of the thread's processor time. The library's rows are TorchSharp, which as installed keeps them.
/// </summary>
internal static class SubnormalBenchmark
{
    private const int Batch = 64, Hidden = 128, WarmUp = 1, Rounds = 5;

    private static readonly KernelPath[] Kernels = [KernelPath.Engine, KernelPath.Library, KernelPath.Cell, KernelPath.Batched];

    public static Task Run()
    {
        Console.WriteLine($"| subnormals | processor | {TorchEnvironment.Start().Processor} |");
        using var installed = Rival.PyTorch(1);
        using var flushing = Rival.PyTorch(1);
        flushing?.Flush();
        if (installed is null) Console.WriteLine("| subnormals | PyTorch | not installed for this Python: apt-get install python3-torch libopenblas0-pthread |");
        else Console.WriteLine($"| subnormals | PyTorch | {installed.Version} |");
        foreach (var length in (int[])[200, 500])
            foreach (var cell in (string[])["rnn", "lstm", "gru"])
                foreach (var lasting in (bool[])[false, true]) Compare(cell, length, lasting, installed, flushing);
        return Task.CompletedTask;
    }

    private static void Compare(string cell, int length, bool lasting, Rival? installed, Rival? flushing)
    {
        Learner[] learners = [.. Kernels.Select(kernel => new Learner(Spec(cell, kernel, length, lasting), null))];
        ITrainStep[] steps = [.. learners.Select(learner => TrainSteps.Create(learner))];
        var shape = new StepShape(cell, Batch, length, 2, Hidden);
        installed?.Build(shape, lasting);
        flushing?.Build(shape, lasting);
        var sides = new List<(string Backend, Side Kept, Side Flushed)>();
        sides.AddRange(Kernels.Zip(learners, steps).Select(each => (each.First.ToString().ToLowerInvariant(), new Side(() => Step(each.Third, each.Second, flush: false)), new Side(() => Step(each.Third, each.Second, flush: true)))));
        if (installed is not null && flushing is not null) sides.Add(("PyTorch", new(() => installed.Take(1)), new(() => flushing.Take(1))));
        for (var round = 0; round < WarmUp + Rounds; round++)
        {
            // ABBA: what drifts within a round weighs on both modes alike.
            foreach (var (_, kept, flushed) in sides)
                foreach (var side in round % 2 == 0 ? (Side[])[kept, flushed] : [flushed, kept]) side.Visit(round >= WarmUp);
        }

        SubnormalFlush.Enable();
        foreach (var (backend, kept, flushed) in sides)
        {
            Measure.Row("subnormals", $"adding T={length}, {cell}, gradients {(lasting ? "last" : "vanish")}, {backend}",
                $"forward/backward {kept.Forward:0.0}/{kept.Backward:0.0} ms kept, {flushed.Forward:0.0}/{flushed.Backward:0.0} ms flushed, backward {kept.Backward / flushed.Backward:0.00}x as fast");
        }

        foreach (var step in steps) step.Dispose();
        foreach (var learner in learners) learner.Dispose();
    }

    /// <summary>One training step; its data are not timed.</summary>
    private static StepTime Step(ITrainStep step, Learner learner, bool flush)
    {
        GC.Collect(0);
        SubnormalFlush.Set(flush);
        var ended = new double[4];
        TrainingLoop.TrainStep(step, [new(learner, 1, learner.Spec.Train.Optimizer.LearningRate)], phase => ended[(int)phase] = ThreadClock.Milliseconds());
        var (forward, backward) = (ended[(int)StepPhase.Forward] - ended[(int)StepPhase.Data], ended[(int)StepPhase.Backward] - ended[(int)StepPhase.Forward]);
        return new(ended[(int)StepPhase.Update] - ended[(int)StepPhase.Data], double.NaN, forward, backward);
    }

    /// <param name="lasting">Whether recurrent weights or gate biases let gradients reach the first step: orthogonal weights, forget and update biases of 5.</param>
    private static TrialSpec Spec(string cell, KernelPath kernel, int length, bool lasting) => new(
        TrialSpec.RevisionOf(kernel), new TaskSpec("adding", length, new ParameterSet([new("markers", "anywhere")])),
        new ModelSpec(cell, kernel, Hidden, 1, false, cell == "rnn" ? "tanh" : null, lasting && cell == "rnn" ? InitKind.Orthogonal : InitKind.Default)
        {
            ForgetBias = lasting && cell == "lstm" ? 5 : null,
            UpdateBias = lasting && cell == "gru" ? 5 : null,
        },
        new TrainSpec(1, Batch, new OptimizerSpec(OptimizerKind.Adam, 1e-6), 1.0), new EvaluationSpec(1, 1), new ProbeSpec([], 1), null, Precision.Float32, DeviceKind.Cpu, 1);

    /// <summary>One backend in one mode.</summary>
    private sealed class Side(Func<StepTime> step)
    {
        private readonly List<StepTime> times = [];

        public double Forward => Measure.Median(times.Select(time => time.Forward));

        public double Backward => Measure.Median(times.Select(time => time.Backward));

        public void Visit(bool counts)
        {
            var time = step();
            if (counts) times.Add(time);
        }
    }
}
