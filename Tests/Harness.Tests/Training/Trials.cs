using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using TorchSharp;

namespace Harness.Tests.Training;

/// <summary>Small trials and models for tests.</summary>
internal static class Trials
{
    public static TaskSpec Task(string kind, int length, params (string Name, string Value)[] parameters)
    {
        var set = TaskCatalog.Get(kind).Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Default!, StringComparer.Ordinal);
        foreach (var (name, value) in parameters) set[name] = value;
        return new(kind, length, new(set));
    }

    public static ModelSpec Model(string cell, KernelPath kernel = KernelPath.Cell, int hidden = 6, int layers = 1, bool bidirectional = false, string? activation = null) =>
        new(cell, kernel, hidden, layers, bidirectional, activation, InitKind.Default);

    /// <summary>A trial of a second or less.</summary>
    public static TrialSpec Spec(string cell = "rnn", KernelPath kernel = KernelPath.Library, int steps = 12, string task = "adding", int length = 12) => new(
        TrialSpec.RevisionOf(kernel), Task(task, length), Model(cell, kernel), new(steps, 4, new(OptimizerKind.Adam, 0.01), 1.0),
        new(5, 20), new([], 4), null, Precision.Float32, DeviceKind.Cpu, 1);

    /// <summary>The same on another kernel path.</summary>
    public static TrialSpec On(TrialSpec spec, KernelPath kernel) => spec with { Revision = TrialSpec.RevisionOf(kernel), Model = spec.Model with { Kernel = kernel } };

    /// <summary>Trains and returns every frame, the outcome last.</summary>
    public static (TrialOutcome? Outcome, List<TrainerFrame> Frames) Run(TrialSpec spec)
    {
        var frames = new List<TrainerFrame>();
        using var trial = new Trial("a", spec, TimeProvider.System, frames.Add);
        return (TrainingLoop.Run(trial, TestContext.Current.CancellationToken), frames);
    }

    /// <summary>A metric as the receiver puts it together: later frames replace earlier ones of the same first step.</summary>
    public static SortedDictionary<int, float> Curve(IEnumerable<TrainerFrame> frames, string metric)
    {
        var curve = new SortedDictionary<int, float>();
        foreach (var frame in frames.OfType<MetricFrame>().Where(frame => frame.Metric == metric))
            for (var i = 0; i < frame.Values.Length; i++) curve[frame.FirstStep + i * frame.Stride] = frame.Values[i];
        return curve;
    }

    public static StackShape Shape(ModelSpec model, int input, torch.ScalarType dtype = torch.ScalarType.Float64) =>
        new(input, model.Hidden, model.Layers, model.Bidirectional, model.Activation, dtype, torch.CPU);

    /// <summary>A network with the weights that the spec and the seed say.</summary>
    public static SequenceModel Build(ModelSpec model, TaskShape task, long seed = 1, torch.ScalarType dtype = torch.ScalarType.Float64)
    {
        var built = new SequenceModel(NetworkFactory.Create(RecurrentCell.Find(model.Cell)!, model.Kernel, Shape(model, task.InputSize, dtype)), task);
        WeightDraw.Apply(built, model, task.Steps, seed);
        return built;
    }

    public static torch.Tensor Weight(SequenceModel model, string name) => model.Weights.Single(weight => weight.Name == name).Tensor;
}
