using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Cells;
using Harness.Training.Checkpoints;
using Harness.Training.Native;
using Harness.Training.Networks;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Models;

/// <summary>An exported model on the backend that trained it: its answers are those of training, bit for bit.</summary>
internal sealed class TrainedModel : IDisposable
{
    private readonly SequenceModel model;
    private readonly NativeModel? native;
    private readonly ScalarType dtype;
    private readonly Device device;

    /// <exception cref="TrialRejectedException">The weights do not fit the description.</exception>
    public TrainedModel(ModelDescription description, IReadOnlyList<CheckpointTensor> weights)
    {
        SubnormalFlush.Enable();
        var (spec, inputs, answer) = (description.Spec, description.Inputs, description.Answer);
        Description = description;
        (dtype, device) = (spec.Dtype == Precision.Float64 ? ScalarType.Float64 : ScalarType.Float32, spec.Device == DeviceKind.Cuda && cuda.is_available() ? CUDA : CPU);
        var shape = new StackShape(inputs.Size, spec.Model.Hidden, spec.Model.Layers, spec.Model.Bidirectional, spec.Model.Activation, dtype, device);
        var loss = answer.IsClass ? LossKind.CrossEntropy : LossKind.MeanSquaredError;
        var task = new TaskShape(inputs.Window, inputs.Size, answer.Size, loss, answer.FirstStep, TaskCatalog.Get(spec.Task.Kind).IsGraded(spec.Task.Parameters));
        model = new(NetworkFactory.Create(RecurrentCell.Find(spec.Model.Cell)!, spec.Model.Kernel, shape, layerByLayer: spec.Model.Dropout > 0), task);
        var stored = weights.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var (name, tensor) in model.Weights)
        {
            var wanted = CheckpointTensor.Describe(TensorBytes.TypeOf(dtype), tensor.shape);
            if (!stored.TryGetValue(name, out var found) || found.Layout != wanted)
                throw new TrialRejectedException($"The weight {name} is {(found is null ? "missing" : found.Layout)}; the model's configuration needs {wanted}. Export the model again.");
            TensorBytes.CopyTo(found, tensor);
        }

        native = NativeModel.Of(model);
    }

    public ModelDescription Description { get; }

    /// <summary>Loss and accuracy on sequences of a task, as training computes them.</summary>
    /// <param name="read">Returns the given number of sequences from a first one on.</param>
    public Evaluation Evaluate(TaskShape shape, int sequences, Func<int, int, SequenceBatch> read) => EvaluationSet.Once(model, shape, sequences, read, dtype, device, native);

    /// <summary>What the model answers: [P, B, O], P the steps that carry loss.</summary>
    public double[] Predict(SequenceBatch batch) => new ModelAnswers(model, native, dtype, device).Of(batch);

    public void Dispose()
    {
        native?.Dispose();
        model.Dispose();
    }
}
