using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>A model, its training data and its optimizer, for trials that train it and for trials that time its steps.</summary>
internal sealed class Learner : IDisposable
{
    private readonly TrialSpec spec;
    private readonly DataStream stream;
    private readonly SequenceModel model;

    /// <param name="data">Where the file is that the trial names by its hash; null for generated tasks.</param>
    /// <param name="shared">What it shares with the other models of its group; null for a model that is trained alone.</param>
    /// <param name="weights">Where the file is that the initial weights come from; null where all are drawn.</param>
    /// <exception cref="Shared.TrialRejectedException">The files are not what the trial names.</exception>
    public Learner(TrialSpec spec, string? data, GroupMemory? shared = null, string? weights = null)
    {
        this.spec = spec;
        Device = spec.Device == DeviceKind.Cuda ? CUDA : CPU;
        Dtype = spec.Dtype == Precision.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        stream = shared?.Stream(spec, data) ?? DataStream.Of(spec, data, isShared: false);
        Cell = RecurrentCell.Find(spec.Model.Cell)!;
        var shape = new StackShape(Task.Shape.InputSize, spec.Model.Hidden, spec.Model.Layers, spec.Model.Bidirectional, spec.Model.Activation, Dtype, Device);
        model = new(NetworkFactory.Create(Cell, spec.Model.Kernel, shape, layerByLayer: spec.Model.Dropout > 0, shared?.Stacks), Task.Shape);
        WeightDraw.Apply(model, spec.Model, Task.Shape.Steps, spec.Seed);
        WeightsFromFile.Apply(model, spec, weights);
        Optimizer = Optimizers.Create(spec.Train.Optimizer, [.. model.Parameters]);
        Native = NativeModel.Of(model);
    }

    public Device Device { get; }

    public ScalarType Dtype { get; }

    public SequenceTask Task => stream.Task;

    public TrainingSet Training => stream.Training;

    public RecurrentCell Cell { get; }

    public TrialSpec Spec => spec;

    /// <summary>The model and its optimizer. While a batched step holds the weights, they are as of the last <see cref="SyncFromBatch"/>.</summary>
    public SequenceModel Model => model;

    /// <inheritdoc cref="Model"/>
    public optim.Optimizer Optimizer { get; }

    /// <summary>The step that holds weights and optimizer state while several models are trained as one program; else null.</summary>
    public BatchedStep? BatchedStep { get; set; }

    /// <summary>The model's passes by the native kernels; null on another backend.</summary>
    public NativeModel? Native { get; }

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

    /// <summary>Brings model and optimizer up to date for probes, checkpoints and evaluations.</summary>
    public void SyncFromBatch() => BatchedStep?.CopyTo(this);

    /// <summary>After the last step: model and optimizer are the learner's own from now on.</summary>
    public void LeaveBatch() => BatchedStep?.Release(this);

    public void Dispose()
    {
        BatchedStep = null;
        Native?.Dispose();
        Optimizer.Dispose();
        model.Dispose();
    }
}
