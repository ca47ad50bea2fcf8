using System.Globalization;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Backends;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using TorchSharp;
using TorchSharp.Modules;

namespace Harness.Tests.Training;

/// <summary>A step's loss and gradients without the library, against those with it.</summary>
public sealed class NativeModelTests
{
    private static readonly TrainSpec Plain = new(1, 7, new(OptimizerKind.Adam, 0.01), null);

    public static TheoryData<string, string, int?, bool> Tasks => new()
    {
        { "lstm", "adding", null, false }, { "gru", "temporal-order", 11, true }, { "rnn", "copy-memory", null, false },
        { "lstm", "mackey-glass", null, false }, { "gru", "markov", 10, false }, { "rnn", "anbn", null, false },
    };

    [Theory, MemberData(nameof(Tasks))]
    public void Loss_and_gradients_are_the_librarys(string cell, string kind, int? shortest, bool bidirectional)
    {
        foreach (var (dtype, tolerance) in new[] { (torch.ScalarType.Float64, 1e-12), (torch.ScalarType.Float32, 1e-5) })
        {
            var task = SequenceTask.Create(Trials.Task(kind, 14) with { Shortest = shortest })!;
            using var model = Build(task.Shape, cell, bidirectional, dtype);
            var batch = task.TrainingBatch(5, 1, 7);
            var masks = new DropoutMasks(0.3, 9, 1);

            var tensors = BatchTensors.Of(batch, dtype, torch.CPU);
            using var loss = tensors.Loss(model.Predict(tensors, masks));
            var wanted = model.Gradients(loss);

            using var native = NativeModel.Of(model).ShouldNotBeNull();
            native.Forward(batch, masks).ShouldBe(loss.to(torch.ScalarType.Float64).item<double>(), tolerance);
            native.Backward();
            var (norm, clipped) = native.Clip(Plain);
            clipped.ShouldBeFalse();
            var scale = wanted.Max(gradient => gradient.abs().max().to(torch.ScalarType.Float64).item<double>());
            foreach (var ((name, weight), gradient) in model.Weights.Zip(wanted))
                (weight.grad! - gradient).abs().max().to(torch.ScalarType.Float64).item<double>().ShouldBeLessThan(tolerance * scale, name);
            norm.ShouldBe(Math.Sqrt(wanted.Sum(gradient => gradient.to(torch.ScalarType.Float64).square().sum().item<double>())), 10 * tolerance * norm);
        }
    }

    [Theory]
    [InlineData("0.05", null)]
    [InlineData(null, "0.01")]
    [InlineData("0.05", "0.01")]
    [InlineData("1000", "1000")]
    public void Gradients_are_clipped_as_on_the_batched_path(string? byNorm, string? byValue)
    {
        var spec = Plain with { ClipNorm = Number(byNorm), ClipValue = Number(byValue) };
        var task = SequenceTask.Create(Trials.Task("adding", 9))!;
        using var model = Build(task.Shape, "lstm", bidirectional: false, torch.ScalarType.Float64);
        var batch = task.TrainingBatch(5, 1, 7);
        var tensors = BatchTensors.Of(batch, torch.ScalarType.Float64, torch.CPU);
        using var loss = tensors.Loss(model.Predict(tensors));
        Parameter[] parameters = [.. model.Parameters];
        foreach (var (parameter, gradient) in parameters.Zip(model.Gradients(loss))) parameter.grad = gradient;
        var (norms, peaks) = GradientClip.ByModel([.. parameters.Select(parameter => parameter.grad!.unsqueeze(0))], spec);
        var (norm, peak) = (norms.item<double>(), peaks.item<double>());
        double[][] wanted = [.. parameters.Select(parameter => parameter.grad!.data<double>().ToArray())];

        using var native = NativeModel.Of(model)!;
        native.Forward(batch, null);
        native.Backward();
        var (ownNorm, ownClipped) = native.Clip(spec);
        ownClipped.ShouldBe(GradientClip.Result(0, norm, peak, spec).Clipped);
        ownNorm.ShouldBe(norm, 1e-12);
        foreach (var (parameter, values) in parameters.Zip(wanted))
            foreach (var (a, b) in values.Zip(parameter.grad!.data<double>().ToArray())) b.ShouldBe(a, 1e-12);

        static double? Number(string? text) => text is null ? null : double.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_step_has_the_same_bits_again_whatever_came_between()
    {
        var task = SequenceTask.Create(Trials.Task("copy-memory", 6))!;
        using var model = Build(task.Shape, "gru", bidirectional: false, torch.ScalarType.Float32);
        using var native = NativeModel.Of(model)!;
        var first = Gradients(task.TrainingBatch(1, 1, 5));
        _ = Gradients(task.TrainingBatch(1, 2, 33));
        using (torch.no_grad()) _ = model.Predict(BatchTensors.Of(task.Evaluation(1, 0, 70), torch.ScalarType.Float32, torch.CPU));
        Gradients(task.TrainingBatch(1, 1, 5)).ShouldBe(first);

        byte[] Gradients(SequenceBatch batch)
        {
            native.Forward(batch, null);
            native.Backward();
            return [.. model.Weights.SelectMany(weight => weight.Tensor.grad!.bytes.ToArray())];
        }
    }

    [Fact]
    public void What_overflows_is_no_number_and_nothing_asked_for_neither()
    {
        var task = SequenceTask.Create(Trials.Task("latch", 8))!;
        using var model = Build(task.Shape, "rnn", bidirectional: false, torch.ScalarType.Float32);
        using var native = NativeModel.Of(model)!;
        var batch = task.TrainingBatch(1, 1, 4);
        Array.Fill(batch.Classes, SequenceBatch.Ignored);
        native.Forward(batch, null).ShouldBe(double.NaN);
        using (torch.no_grad()) Trials.Weight(model, "readout.weight").fill_(float.PositiveInfinity);
        double.IsFinite(native.Forward(task.TrainingBatch(1, 1, 4), null)).ShouldBeFalse();
        native.Backward();
        double.IsFinite(native.Clip(Plain).Norm).ShouldBeFalse();
    }

    private static SequenceModel Build(TaskShape shape, string cell, bool bidirectional, torch.ScalarType dtype) =>
        Trials.Build(Trials.Model(cell, KernelPath.Engine, hidden: 9, layers: 2, bidirectional: bidirectional, activation: cell == "rnn" ? "tanh" : null), shape, seed: 3, dtype);
}
