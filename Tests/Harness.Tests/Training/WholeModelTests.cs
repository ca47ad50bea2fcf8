using System.Globalization;
using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Experiments.Starting;
using Harness.Tests.Experiments;
using Harness.Training.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Harness.Tests.Training;

/// <summary>Exported models of whole series, each with one label: of one dimension, of several, and of unequal lengths.</summary>
public sealed class WholeModelTests
{
    /// <summary>A trial over series as `harness new` writes them, and the table.</summary>
    private static (TrialSpec Spec, string Csv) Of(int dimensions, string cell = "gru")
    {
        var started = ExperimentStart.Of([new("made.ts", StartSamples.Utf8(StartSamples.Ts(30, dimensions, 0)))], null);
        var csv = Encoding.UTF8.GetString(started.Data!);
        var spec = SpecText.SpecWith(new MemoryFiles((started.DataName, csv)), started.Yaml).Conditions.Single(condition => condition.Trial.Model.Cell == cell).Trial;
        return (spec with { Seed = 3, Train = spec.Train with { Steps = 30, Batch = 8 }, Model = spec.Model with { Hidden = 6 }, Evaluation = spec.Evaluation with { Every = 10 }, Probe = new([], 1) }, csv);
    }

    private static string[][] Rows(string csv) => [.. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split(','))];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_series_gets_one_prediction_that_the_graph_gives_too(int dimensions)
    {
        using var folder = new TemporaryFolder();
        var (spec, csv) = Of(dimensions);
        var (_, _, model) = Models.Export(folder, spec, csv);
        var rows = Rows(csv);
        var (group, answer, inputs) = (Array.IndexOf(rows[0], "series"), Array.IndexOf(rows[0], spec.Task.Parameters.Text("target")), ModelFolder.Read(model).Description.Inputs.Columns!);
        inputs.Count.ShouldBe(dimensions);

        // New rows have neither label nor part.
        int[] kept = [.. Enumerable.Range(0, rows[0].Length).Where(column => column == group || inputs.Any(input => input.Name == rows[0][column]))];
        File.WriteAllText(folder.File("new.csv"), string.Concat(rows.Select(row => string.Join(',', kept.Select(column => row[column])) + "\n")));
        var predicted = ModelUse.Predict(new(model, folder.File("new.csv"), folder.File("out.csv")));
        predicted.Rows.ShouldBe(30);
        var lines = Rows(File.ReadAllText(folder.File("out.csv")));
        lines[0][..5].ShouldBe(["series", "last_row", "answer_row", $"predicted.{spec.Task.Parameters.Text("target")}", "probability"]);

        using var session = new InferenceSession(Path.Combine(model, "model.onnx"));
        foreach (var line in lines.Skip(1))
        {
            var own = rows.Skip(1).Where(row => row[group] == line[0]).ToArray();
            int.Parse(line[1], CultureInfo.InvariantCulture).ShouldBe(Array.IndexOf(rows, own[^1]));
            line[2].ShouldBeEmpty();
            var x = new DenseTensor<double>([1, own.Length, dimensions]);
            for (var step = 0; step < own.Length; step++)
                for (var input = 0; input < dimensions; input++) x[0, step, input] = double.Parse(own[step][Array.IndexOf(rows[0], inputs[input].Name)], CultureInfo.InvariantCulture);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", x)]);
            var shares = results.Single().AsTensor<float>().ToArray();
            for (var place = 0; place < shares.Length; place++) ((double)shares[place]).ShouldBe(double.Parse(line[5 + place], CultureInfo.InvariantCulture), 1e-5);
        }
    }

    [Theory]
    [InlineData(1, "lstm")]
    [InlineData(3, "gru")]
    public void Evaluation_is_that_of_training_on_the_parts_and_on_another_file(int dimensions, string cell)
    {
        using var folder = new TemporaryFolder();
        var (spec, csv) = Of(dimensions, cell);
        var (_, frames, model) = Models.Export(folder, spec, csv, "safetensors");
        File.WriteAllText(folder.File("whole.csv"), csv);
        var test = ModelUse.Evaluate(new(model, folder.File("whole.csv"), "test")).Scores!;
        ((float)test.Loss).ShouldBe(Trials.Curve(frames, MetricCatalog.TestLoss).Values.Single());
        ((float)test.Accuracy!.Value).ShouldBe(Trials.Curve(frames, MetricCatalog.TestAccuracy).Values.Single());
        var baseline = test.Baselines.ShouldHaveSingleItem();
        baseline.Name.ShouldBe(BaselineCatalog.Frequencies);
        ((float)baseline.Loss).ShouldBe(Trials.Curve(frames, MetricCatalog.BaselineOnTest(BaselineCatalog.Frequencies)).Values.Single());

        // The test series alone, as a file of its own.
        var rows = Rows(csv);
        var part = Array.IndexOf(rows[0], "part");
        File.WriteAllText(folder.File("test.csv"), string.Concat(rows.Where((row, index) => index == 0 || row[part] == "test").Select(row => string.Join(',', row) + "\n")));
        var alone = ModelUse.Evaluate(new(model, folder.File("test.csv"))).Scores!;
        (alone.Windows, alone.Accuracy, alone.IsTrainingData).ShouldBe((test.Windows, test.Accuracy, false));
        alone.Loss.ShouldBe(test.Loss, 1e-9);
        alone.Baselines.ShouldHaveSingleItem().Loss.ShouldBe(baseline.Loss, 1e-9);
    }

    [Fact]
    public void A_series_with_a_number_as_its_answer_is_predicted_in_its_unit()
    {
        using var folder = new TemporaryFolder();
        var csv = "id,x,y\n" + string.Concat(Enumerable.Range(0, 40).SelectMany(number => Enumerable.Range(0, 6 + number % 3).Select(step => FormattableString.Invariant($"s{number},{Math.Sin(number + step):0.000},{100 + number % 7}\n"))));
        var spec = Models.OverFile(SpecText.OverSeries("target: y, columns: [x], group: id, sequence: whole"), csv);
        spec = spec with { Task = spec.Task with { Length = 8 } };
        var (_, frames, model) = Models.Export(folder, spec, csv);
        File.WriteAllText(folder.File("whole.csv"), csv);
        ModelUse.Predict(new(model, folder.File("whole.csv"), folder.File("out.csv"))).Rows.ShouldBe(40);
        var lines = Rows(File.ReadAllText(folder.File("out.csv")));
        lines[0].ShouldBe(["series", "last_row", "answer_row", "predicted.y"]);
        lines.Skip(1).ShouldAllBe(line => double.Parse(line[3], CultureInfo.InvariantCulture) > 90 && double.Parse(line[3], CultureInfo.InvariantCulture) < 120);
        var scores = ModelUse.Evaluate(new(model, folder.File("whole.csv"), "test")).Scores!;
        ((float)scores.Loss).ShouldBe(Trials.Curve(frames, MetricCatalog.TestLoss).Values.Single());
        scores.Baselines.ShouldHaveSingleItem().Name.ShouldBe(BaselineCatalog.Mean);
        scores.MeanAbsolute!.Value.ShouldBeInRange(0, 10);
    }
}
