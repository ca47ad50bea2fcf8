using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Training;
using Harness.Training.Backends;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Benchmarks;

/// <param name="Cell">rnn (tanh), lstm or gru.</param>
internal sealed record StepShape(string Cell, int Batch, int Steps, int Input, int Hidden)
{
    /// <summary>Answered once, after the last step, by one number.</summary>
    public TaskShape Task => new(Steps, Input, 1, LossKind.MeanSquaredError, Steps - 1, Graded: false);

    public StackShape Stack => new(Input, Hidden, 1, Bidirectional: false, Cell == "rnn" ? "tanh" : null, ScalarType.Float32, CPU);

    /// <summary>Two per multiply-add of forward, ∂L/∂h and ∂L/∂W; the input has no gradient.</summary>
    public double Operations => 2.0 * Batch * Steps * CellCatalog.Get(Cell).GateCount * Hidden * (2.0 * (Input + Hidden) + Hidden);

    public override string ToString() => FormattableString.Invariant($"({Batch},{Steps},{Input},{Hidden}) {Cell}");
}

/// <summary>A model with its optimizer and one batch, which runs whole optimizer steps by the training loop: forward, loss, backward, Adam.</summary>
internal sealed class Stepper : IDisposable
{
    private const double LearningRate = 1e-3;

    private readonly SequenceModel model;
    private readonly optim.Optimizer optimizer;
    private readonly NativeModel? native;
    private readonly BatchTensors tensors;
    private readonly FixedBatch step;

    public Stepper(RecurrentNetwork network, StepShape shape)
    {
        var task = shape.Task;
        model = new(network, task);
        WeightDraw.Apply(model, new("rnn", KernelPath.Cell, shape.Hidden, 1, Bidirectional: false, null, InitKind.Default), task.Steps, seed: 1);
        var spec = new TrainSpec(1, 1, new OptimizerSpec(OptimizerKind.Adam, LearningRate), null);
        optimizer = Optimizers.Create(spec.Optimizer, [.. model.Parameters]);
        var generator = new Generator(1);
        tensors = new(task, randn(shape.Steps, shape.Batch, shape.Input, generator: generator), randn(1, shape.Batch, 1, generator: generator));
        native = NativeModel.Of(model);
        step = native is null ? Torch(spec) : Native(native, spec, InMemory(tensors, shape));
    }

    /// <summary>Without a norm, which nobody asks for: a rival does no work that its user would not do.</summary>
    private FixedBatch Torch(TrainSpec spec)
    {
        var torchStep = new TorchStep(model, optimizer, spec);
        return new(torchStep, () => torchStep.Load(tensors, null, LearningRate), () => new(torchStep.Loss.item<float>(), 0, Clipped: false));
    }

    private FixedBatch Native(NativeModel nativeModel, TrainSpec spec, SequenceBatch batch)
    {
        var nativeStep = new NativeStep(nativeModel, optimizer, spec);
        return new(nativeStep, () => nativeStep.Load(batch, null, LearningRate), clip: null);
    }

    /// <summary>Runs so many steps.</summary>
    /// <returns>Milliseconds of the calling thread's processor time, and of wall time.</returns>
    public StepTime Run(int steps)
    {
        var (processor, wall) = (ThreadClock.Milliseconds(), TimeProvider.System.GetTimestamp());
        for (var count = 0; count < steps; count++) TrainingLoop.TrainStep(step, []);
        return new(ThreadClock.Milliseconds() - processor, TimeProvider.System.GetElapsedTime(wall).TotalMilliseconds);
    }

    private static SequenceBatch InMemory(BatchTensors tensors, StepShape shape)
    {
        var batch = new SequenceBatch(shape.Task, shape.Batch);
        tensors.Input.data<float>().CopyTo(batch.Inputs, 0);
        tensors.Target.data<float>().CopyTo(batch.Values, 0);
        return batch;
    }

    public void Dispose()
    {
        step.Dispose();
        tensors.Dispose();
        native?.Dispose();
        optimizer.Dispose();
        model.Dispose();
    }

    /// <summary>A backend's step on the same batch again and again, so that making batches is not timed.</summary>
    /// <param name="clip">In place of the step's own norm and clipping; null for these.</param>
    private sealed class FixedBatch(ITrainStep step, Action load, Func<StepResult>? clip) : ITrainStep
    {
        public void LoadBatches(IReadOnlyList<ModelTurn> turns) => load();

        public void Forward() => step.Forward();

        public void Backward() => step.Backward();

        public IReadOnlyList<StepResult> Clip() => clip is null ? step.Clip() : [clip()];

        public void Update(IReadOnlyList<StepResult> results) => step.Update(results);

        public IReadOnlyList<Evaluation> EvaluateBatch(IReadOnlyList<(Learner Learner, EvaluationSet Set)> due) => step.EvaluateBatch(due);

        public void Dispose() => step.Dispose();
    }
}

/// <summary>Milliseconds of processor time of one thread, and of wall time.</summary>
/// <param name="Forward">Processor time of prediction and loss; NaN where phases are not told apart.</param>
/// <param name="Backward">Processor time of the gradients.</param>
internal readonly record struct StepTime(double Processor, double Wall, double Forward = double.NaN, double Backward = double.NaN);

/// <summary>Somebody who takes steps, a visit at a time, in turns with others.</summary>
/// <remarks>As in timing trials: a visit lasts some milliseconds, and where steps are short one that is not timed comes first, because the others have emptied the caches.</remarks>
internal sealed class Visitor(double visitMilliseconds, Func<int, StepTime> take)
{
    private const double SettlesBelowMilliseconds = 20;
    private const int MostSteps = 64;

    private readonly List<double> processor = [], wall = [];
    private double usual = double.PositiveInfinity;

    /// <summary>Milliseconds per step, median over the counted visits.</summary>
    public double Processor => Measure.Median(processor);

    /// <summary>The same by wall time.</summary>
    public double Wall => Measure.Median(wall);

    public int StepsPerVisit => (int)Math.Clamp(Math.Ceiling(visitMilliseconds / usual), 1, MostSteps);

    /// <returns>Milliseconds of processor time per step.</returns>
    public double Visit(bool counts)
    {
        if (usual < SettlesBelowMilliseconds) take(1);
        var steps = StepsPerVisit;
        var took = take(steps);
        usual = Math.Min(usual, took.Wall / steps);
        if (!counts) return took.Processor / steps;
        processor.Add(took.Processor / steps);
        wall.Add(took.Wall / steps);
        return processor[^1];
    }
}
