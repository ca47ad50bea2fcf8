using System.Text;
using Harness.Abstractions.Specs;
using Harness.Tests.Experiments;
using Harness.Training.Backends;
using Harness.Training.Models;
using Harness.Training.Tasks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Harness.Tests.Training;

/// <summary>Exported graphs in an independent runtime (ONNX Runtime) answer as the product does.</summary>
public sealed class OnnxModelTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, string?, KernelPath, int, bool, string> Networks()
    {
        var all = new TheoryData<string, string?, KernelPath, int, bool, string>();
        (string Cell, string? Activation, KernelPath Kernel)[] cells =
            [("rnn", "tanh", KernelPath.Engine), ("rnn", "relu", KernelPath.Library), ("lstm", null, KernelPath.Engine), ("gru", null, KernelPath.Library), ("gru", null, KernelPath.Engine), ("transformer", null, KernelPath.Library)];
        foreach (var (cell, activation, kernel) in cells)
            foreach (var layers in new[] { 1, 3 })
                foreach (var bidirectional in cell == "transformer" ? new[] { false } : [false, true])
                    foreach (var task in bidirectional ? new[] { "adding", "temporal-order" } : ["adding", "temporal-order", "copy-memory", "mackey-glass"])
                        all.Add(cell, activation, kernel, layers, bidirectional, task);
        return all;
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_graph_answers_as_the_network_does(string cell, string? activation, KernelPath kernel, int layers, bool bidirectional, string task)
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec(cell, kernel, steps: 2, task: task, length: 15);
        spec = spec with { Model = spec.Model with { Activation = activation, Layers = layers, Bidirectional = bidirectional, Hidden = 10 } };
        var (_, _, model) = Models.Export(folder, spec);
        using var trained = Trained(model);
        var batch = SequenceTask.Create(spec.Task)!.Evaluation(spec.Seed, 0, 7);
        ShouldAgree(model, trained, batch, Input(batch));
    }

    [Fact]
    public void Batch_and_length_are_free()
    {
        using var folder = new TemporaryFolder();
        var (_, _, model) = Models.Export(folder, Trials.Spec("lstm", KernelPath.Engine, steps: 2));
        using var trained = Trained(model);
        foreach (var (count, length) in new[] { (1, 3), (4, 40) })
        {
            var batch = SequenceTask.Create(Trials.Task("adding", length))!.Evaluation(1, 0, count);
            ShouldAgree(model, trained, batch, Input(batch));
        }
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Float64)]
    public void A_graph_reads_the_files_units_and_answers_in_the_targets(Precision precision)
    {
        using var folder = new TemporaryFolder();
        var spec = Models.OverFile(SpecText.OverSeries("target: level, columns: [wind, level], horizon: 2"), Models.Series) with { Dtype = precision };
        var (_, _, model) = Models.Export(folder, spec, Models.Series);
        using var trained = Trained(model);
        var (task, rows) = ((WindowTask)SequenceTask.Create(spec.Task, Encoding.UTF8.GetBytes(Models.Series))!, Rows());
        var batch = task.InOrder(0, 5);
        var input = new DenseTensor<double>([5, spec.Task.Length, 2]);
        for (var b = 0; b < 5; b++)
            for (var t = 0; t < spec.Task.Length; t++)
                for (var c = 0; c < 2; c++) input[b, t, c] = double.Parse(rows[task.PlaceOf(b).LastRow - spec.Task.Length + 1 + t][1 - c], System.Globalization.CultureInfo.InvariantCulture);
        using var session = new InferenceSession(Path.Combine(model, "model.onnx"));
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", input)]);
        var target = trained.Description.Answer.Target!;
        target.Mean.ShouldBe(Enumerable.Range(0, 84).Average(row => double.Parse(rows[row][0], System.Globalization.CultureInfo.InvariantCulture)), 1e-9);
        var answers = results.Single(result => result.Name == "prediction").AsTensor<double>().ToArray();
        answers.Select(answer => (answer - target.Mean) / target.Deviation).ShouldBe(trained.Predict(batch), Tolerance);
        answers.ShouldAllBe(answer => answer > 800 && answer < 1200);
    }

    [Fact]
    public void A_graph_gives_the_probabilities_of_named_classes()
    {
        using var folder = new TemporaryFolder();
        var spec = Models.OverFile(SpecText.OverSeries("target: kind, columns: [wind, level], problem: classify, horizon: 0"), Models.Series);
        var (_, _, model) = Models.Export(folder, spec, Models.Series);
        using var trained = Trained(model);
        trained.Description.Answer.Classes.ShouldBe(["low", "mid", "high, odd"], ignoreOrder: true);
        var task = (WindowTask)SequenceTask.Create(spec.Task, Encoding.UTF8.GetBytes(Models.Series))!;
        var (batch, rows) = (task.InOrder(0, 6), Rows());
        var input = new DenseTensor<double>([6, spec.Task.Length, 2]);
        for (var b = 0; b < 6; b++)
            for (var t = 0; t < spec.Task.Length; t++)
                for (var c = 0; c < 2; c++) input[b, t, c] = double.Parse(rows[task.PlaceOf(b).LastRow - spec.Task.Length + 1 + t][1 - c], System.Globalization.CultureInfo.InvariantCulture);
        ShouldAgree(model, trained, batch, NamedOnnxValue.CreateFromTensor("x", input));
    }

    [Fact]
    public void A_graph_reads_symbols_and_gives_the_next_after_every_step()
    {
        using var folder = new TemporaryFolder();
        var spec = Models.OverFile(SpecText.OverSeries("vocabulary: 40").Replace("kind: csv", "kind: text", StringComparison.Ordinal), Models.Text);
        var (_, _, model) = Models.Export(folder, spec, Models.Text);
        using var trained = Trained(model);
        trained.Description.Inputs.Vocabulary!.ShouldContain(symbol => symbol == "𝄞");
        var batch = ((WindowTask)SequenceTask.Create(spec.Task, Encoding.UTF8.GetBytes(Models.Text))!).InOrder(0, 4);
        var symbols = new DenseTensor<long>([4, batch.Shape.Steps]);
        for (var b = 0; b < 4; b++)
            for (var t = 0; t < batch.Shape.Steps; t++) symbols[b, t] = Array.IndexOf(batch.Inputs, 1f, (t * 4 + b) * batch.Shape.InputSize) - (t * 4 + b) * batch.Shape.InputSize;
        ShouldAgree(model, trained, batch, NamedOnnxValue.CreateFromTensor("symbols", symbols));
    }

    private static string[][] Rows() => [.. Models.Series.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];

    private static TrainedModel Trained(string folder)
    {
        var (description, weights) = ModelFolder.Read(folder);
        return new(description, weights);
    }

    private static NamedOnnxValue Input(SequenceBatch batch)
    {
        var shape = batch.Shape;
        var input = new DenseTensor<float>([batch.Count, shape.Steps, shape.InputSize]);
        for (var t = 0; t < shape.Steps; t++)
            for (var b = 0; b < batch.Count; b++)
                for (var i = 0; i < shape.InputSize; i++) input[b, t, i] = batch.Inputs[(t * batch.Count + b) * shape.InputSize + i];
        return NamedOnnxValue.CreateFromTensor("x", input);
    }

    private static void ShouldAgree(string folder, TrainedModel trained, SequenceBatch batch, NamedOnnxValue input)
    {
        using var session = new InferenceSession(Path.Combine(folder, "model.onnx"));
        using var results = session.Run([input]);
        var answers = results.Single().AsTensor<float>();
        var (shape, expected) = (batch.Shape, trained.Predict(batch));
        var hasOne = shape.LossSteps == 1 && answers.Dimensions.Length == 2;
        for (var p = 0; p < shape.LossSteps; p++)
        {
            for (var b = 0; b < batch.Count; b++)
            {
                var product = expected.AsSpan((p * batch.Count + b) * shape.OutputSize, shape.OutputSize).ToArray();
                if (trained.Description.Answer.IsClass) product = ModelAnswers.Probabilities(product);
                double[] graph = [.. Enumerable.Range(0, shape.OutputSize).Select(o => (double)(hasOne ? answers[b, o] : answers[b, shape.FirstLossStep + p, o]))];
                graph.ShouldBe(product, Tolerance);
            }
        }
    }
}
