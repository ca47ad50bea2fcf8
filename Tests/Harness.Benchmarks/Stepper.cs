using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;
using Harness.Training.Cells;
using Harness.Training.Engine;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using Harness.Training.Training;
using TorchSharp.Modules;
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

/// <summary>A model with its optimizer and a batch, which takes whole training steps: forward, read-out, loss, backward, Adam.</summary>
internal sealed class Stepper : IDisposable
{
    private readonly SequenceModel model;
    private readonly optim.Optimizer optimizer;
    private readonly EngineTraining? engine;
    private readonly EngineOptimizer? own;
    private readonly BatchTensors tensors;
    private readonly SequenceBatch plain;

    public Stepper(RecurrentNetwork network, StepShape shape)
    {
        var task = shape.Task;
        model = new(network, task);
        WeightDraw.Apply(model, new("rnn", KernelPath.Cell, shape.Hidden, 1, Bidirectional: false, null, InitKind.Default), task.Steps, seed: 1);
        var spec = new OptimizerSpec(OptimizerKind.Adam, 1e-3);
        Parameter[] parameters = [.. model.Parameters];
        optimizer = Optimizers.Create(spec, parameters);
        engine = EngineTraining.Of(model, new(1, 1, spec, null));
        if (engine is not null) own = new(optimizer, spec, parameters);
        var generator = new Generator(1);
        tensors = new(task, randn(shape.Steps, shape.Batch, shape.Input, generator: generator), randn(1, shape.Batch, 1, generator: generator));
        plain = new(task, shape.Batch);
        tensors.Input.data<float>().CopyTo(plain.Inputs, 0);
        tensors.Target.data<float>().CopyTo(plain.Values, 0);
    }

    /// <summary>Takes so many steps.</summary>
    /// <returns>Milliseconds of the calling thread's processor time, and of wall time.</returns>
    public StepTime Take(int steps)
    {
        var (processor, wall) = (ThreadClock.Milliseconds(), TimeProvider.System.GetTimestamp());
        for (var step = 0; step < steps; step++) Take();
        return new(ThreadClock.Milliseconds() - processor, TimeProvider.System.GetElapsedTime(wall).TotalMilliseconds);
    }

    private void Take()
    {
        if (engine is not null)
        {
            engine.Forward(plain, null);
            engine.Backward();
            own!.Step(1e-3);
            return;
        }

        using var scope = NewDisposeScope();
        var loss = tensors.Loss(model.Predict(tensors));
        optimizer.zero_grad();
        model.Backward(loss);
        optimizer.step();
        loss.item<float>();
    }

    public void Dispose()
    {
        tensors.Dispose();
        engine?.Dispose();
        optimizer.Dispose();
        model.Dispose();
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
