using Harness.Experiments.Specs;
using Harness.Training.Cells;
using Harness.Training.Engine;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>The parts of a training step, in their order.</summary>
internal enum StepPhase
{
    /// <summary>Making the batch and moving it to the device.</summary>
    Data,

    /// <summary>Prediction and loss.</summary>
    Forward,

    /// <summary>The gradients of all weights.</summary>
    Backward,

    /// <summary>Norm and clipping, reading the loss, and the optimizer; on the engine the optimizer alone.</summary>
    Update,
}

/// <param name="Norm">Global gradient norm before clipping.</param>
internal readonly record struct StepFindings(double Loss, double Norm, bool Clipped)
{
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(Norm);
}

/// <summary>A model, its training data and its optimizer: what takes training steps, for trials that learn and for trials that time it.</summary>
internal sealed class Learner : IDisposable
{
    private readonly TrialSpec spec;
    private readonly DataStream stream;
    private readonly SequenceModel model;
    private readonly Parameter[] parameters;
    private readonly EngineTraining? engine;
    private readonly EngineOptimizer? engineOptimizer;

    /// <param name="data">Where the file is that the trial names by its hash; null for generated tasks.</param>
    /// <param name="pack">What it shares with those that take alternate steps with it; null for one that is alone.</param>
    /// <exception cref="TrialRejectedException">The data are not what the trial names.</exception>
    public Learner(TrialSpec spec, string? data, SideBySide? pack = null)
    {
        this.spec = spec;
        Device = spec.Device == DeviceKind.Cuda ? CUDA : CPU;
        Dtype = spec.Dtype == Precision.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        stream = pack?.Stream(spec, data) ?? DataStream.Of(spec, data, isShared: false);
        Cell = RecurrentCell.Find(spec.Model.Cell)!;
        var shape = new StackShape(Task.Shape.InputSize, spec.Model.Hidden, spec.Model.Layers, spec.Model.Bidirectional, spec.Model.Activation, Dtype, Device);
        model = new(RecurrentNetwork.Create(Cell, spec.Model.Kernel, shape, layerByLayer: spec.Model.Dropout > 0, pack?.Stacks), Task.Shape);
        WeightDraw.Apply(model, spec.Model, Task.Shape.Steps, spec.Seed);
        parameters = [.. model.Parameters];
        Optimizer = Optimizers.Create(spec.Train.Optimizer, parameters);
        engine = EngineTraining.Of(model, spec.Train);
        if (engine is not null) engineOptimizer = new(Optimizer, spec.Train.Optimizer, parameters);
    }

    public Device Device { get; }

    public ScalarType Dtype { get; }

    public SequenceTask Task => stream.Task;

    public TrainingSet Training => stream.Training;

    public RecurrentCell Cell { get; }

    public TrialSpec Spec => spec;

    /// <summary>The model and its optimizer; of one that is trained with others as one program, as it was when last settled.</summary>
    public SequenceModel Model => model;

    /// <inheritdoc cref="Model"/>
    public optim.Optimizer Optimizer { get; }

    /// <summary>The program that trains it with others; null while it takes its steps itself.</summary>
    public BatchedLearners? Together { get; set; }

    /// <summary>What takes its steps without the library; null where the library takes part.</summary>
    public EngineTraining? Engine => engine;

    /// <summary>Whether what the library leaves behind has to be collected now and then.</summary>
    /// <remarks>
    /// The library's LSTM (<see cref="RecurrentCell.FragmentsMemory"/>) on the CPU allocates megabytes per step; the small native objects that wait for .NET's finalizer keep that
    /// memory from being reused, until a process has grown to gigabytes and a step takes ten times as long. Nothing else needs this.
    /// </remarks>
    public bool LeavesGarbage => Cell.FragmentsMemory && spec is { Device: DeviceKind.Cpu, Model.Kernel: KernelPath.Library };

    /// <summary>The batch of training step <paramref name="step"/>, counted from 1.</summary>
    public SequenceBatch Batch(int step) => stream.Batch(step);

    /// <summary>What is dropped between layers in that step; null where nothing is.</summary>
    public DropoutMasks? Dropout(int step) => spec.Model.Dropout is > 0 and { } share ? new(share, spec.Seed, step) : null;

    /// <summary>Brings model and optimizer up to date for probes, checkpoints and evaluation.</summary>
    public void Settle() => Together?.Settle(this);

    /// <summary>Takes training step <paramref name="step"/>, counted from 1; where loss or gradient is not finite, the weights stay as they are.</summary>
    /// <param name="rate">The learning rate, schedule included.</param>
    /// <param name="ended">Told when each phase has ended; on a device that works on its own, that is when its work has been handed over.</param>
    public StepFindings Take(int step, double rate, Action<StepPhase>? ended = null)
    {
        using var scope = NewDisposeScope();
        var (sequences, dropout) = (Batch(step), Dropout(step));
        var found = engine is null ? OfLibrary(sequences, dropout, ended) : OfEngine(engine, sequences, dropout, ended);
        if (found.IsFinite) Update(rate);
        ended?.Invoke(StepPhase.Update);
        return found;
    }

    private StepFindings OfLibrary(SequenceBatch sequences, DropoutMasks? dropout, Action<StepPhase>? ended)
    {
        var batch = BatchTensors.Of(sequences, Dtype, Device);
        ended?.Invoke(StepPhase.Data);
        var error = batch.Loss(model.Predict(batch, dropout));
        ended?.Invoke(StepPhase.Forward);
        Optimizer.zero_grad();
        model.Backward(error);
        ended?.Invoke(StepPhase.Backward);
        return GradientClip.Apply(error, parameters, spec.Train);      // after backward, on this step's gradients
    }

    /// <summary>Where the engine trains without the library, its norm and clipping are part of its way back.</summary>
    private static StepFindings OfEngine(EngineTraining engine, SequenceBatch sequences, DropoutMasks? dropout, Action<StepPhase>? ended)
    {
        ended?.Invoke(StepPhase.Data);
        var loss = engine.Forward(sequences, dropout);
        ended?.Invoke(StepPhase.Forward);
        var (norm, clipped) = engine.Backward();
        ended?.Invoke(StepPhase.Backward);
        return new(loss, norm, clipped);
    }

    private void Update(double rate)
    {
        if (engineOptimizer is not null)
        {
            engineOptimizer.Step(rate);
            return;
        }

        Optimizers.SetLearningRate(Optimizer, rate);
        Optimizer.step();
    }

    public void Dispose()
    {
        Together = null;
        engine?.Dispose();
        Optimizer.Dispose();
        model.Dispose();
    }
}
