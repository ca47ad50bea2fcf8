using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Tests.Experiments;
using Harness.Training.Models;
using Harness.Training.Shared;

namespace Harness.Tests.Training;

/// <summary>Exported models on new rows.</summary>
public sealed class ModelUseTests
{
    private const string Forecast = "target: level, columns: [wind, level], horizon: 2", Classify = "target: kind, columns: [wind, level], problem: classify, horizon: 0";

    private static string[] Lines(string series) => series.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The header and the rows of the series from one on.</summary>
    private static string From(int row) => string.Concat(Lines(Models.Series).Where((_, index) => index == 0 || index > row).Select(line => $"{line}\n"));

    [Theory]
    [InlineData(KernelPath.Engine, Forecast)]
    [InlineData(KernelPath.Library, Forecast)]
    [InlineData(KernelPath.Cell, Classify)]
    [InlineData(KernelPath.Engine, Classify)]
    public void Evaluation_is_that_of_training_bit_for_bit(KernelPath kernel, string settings)
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.On(Models.OverFile(SpecText.OverSeries(settings), Models.Series), kernel);
        spec = spec with { Model = spec.Model with { KernelAuto = null } };
        var (outcome, frames, model) = Models.Export(folder, spec, Models.Series, "safetensors");
        var test = Trials.Curve(frames, MetricCatalog.TestLoss).Values.Single();

        // The rows of a part alone, with those that its first window shows, and the whole file cut as in training: 120 rows, 84 and 18 before the test part.
        var shown = spec.Task.Parameters.Values.GetValueOrDefault("context") == "before" ? spec.Task.Length - 1 + spec.Task.Parameters.Integer("horizon") : 0;
        File.WriteAllText(folder.File("test.csv"), From(102 - shown));
        File.WriteAllText(folder.File("validation.csv"), string.Concat(Lines(From(84 - shown)).Take(1 + shown + 18).Select(line => $"{line}\n")));
        File.WriteAllText(folder.File("whole.csv"), Models.Series);
        Score("validation.csv").Loss.ShouldBe(outcome.FinalLoss!.Value);
        Score("validation.csv").Accuracy.ShouldBe(outcome.FinalAccuracy);
        Score("whole.csv", "validation").Loss.ShouldBe(outcome.FinalLoss.Value);
        Score("whole.csv", "validation").Baseline.ShouldBe(outcome.BaselineLoss);
        ((float)Score("test.csv").Loss).ShouldBe(test);
        ((float)Score("whole.csv", "test").Loss).ShouldBe(test);
        Score("whole.csv").IsTrainingData.ShouldBeTrue();
        Score("test.csv").IsTrainingData.ShouldBeFalse();
        Should.Throw<TrialRejectedException>(() => Score("test.csv", "test")).Message.ShouldContain("is another");

        ModelScores Score(string file, string part = "all") => ModelUse.Evaluate(new(model, folder.File(file), part)).Scores!;
    }

    [Theory]
    [InlineData(Forecast + ", context: before")]
    [InlineData("target: level, columns: [wind, level], horizon: 1..3, context: before")]
    [InlineData(Classify + ", context: before")]
    [InlineData("target: kind, columns: [wind, level], problem: classify, horizon: 1, context: before")]
    public void Baselines_are_those_of_the_report_on_the_same_rows_of_another_file(string settings)
    {
        using var folder = new TemporaryFolder();
        var spec = Models.OverFile(SpecText.OverSeries(settings), Models.Series);
        var (_, frames, model) = Models.Export(folder, spec, Models.Series, "safetensors");
        File.WriteAllText(folder.File("whole.csv"), Models.Series);
        var whole = Score("whole.csv", "test");
        whole.ShouldNotBeEmpty();
        foreach (var score in whole)
        {
            ((float)score.Loss).ShouldBe(Recorded(MetricCatalog.BaselineOnTest(score.Name))!.Value, score.Name);
            if (score.Accuracy is { } accuracy) ((float)accuracy).ShouldBe(Recorded(MetricCatalog.BaselineTestAccuracy(score.Name))!.Value);
            if (score.RootMeanSquare is { } square) square.ShouldBe(Recorded(MetricCatalog.BaselineMeasure(score.Name, MetricCatalog.TestRootMeanSquare))!.Value, 1e-4 * square);
            if (score.MeanAbsolute is { } absolute) absolute.ShouldBe(Recorded(MetricCatalog.BaselineMeasure(score.Name, MetricCatalog.TestMeanAbsolute))!.Value, 1e-4 * absolute);
        }

        // Another file that ends alike: all rows before it as context, and none of training's own fitting.
        File.WriteAllText(folder.File("other.csv"), Models.Series.Replace("kind\n", "kind\n1000,0,mid\n", StringComparison.Ordinal));
        var windows = ModelUse.Evaluate(new(model, folder.File("whole.csv"), "test")).Scores!.Windows;
        File.WriteAllText(folder.File("test.csv"), From(120 - windows - spec.Task.Length + 1 - HorizonRange.Of(spec.Task.Parameters).Last));
        var scores = ModelUse.Evaluate(new(model, folder.File("test.csv"))).Scores!;
        (scores.Windows, scores.IsTrainingData).ShouldBe((windows, false));
        scores.Baselines.Select(score => score.Name).ShouldBe(whole.Select(score => score.Name));
        // A season may begin before the first row of the shorter file.
        foreach (var (score, wanted) in scores.Baselines.Zip(whole).Where(pair => pair.First.Name != "seasonal"))
        {
            score.Loss.ShouldBe(wanted.Loss, 1e-9 * wanted.Loss, score.Name);
            score.Accuracy.ShouldBe(wanted.Accuracy);
            if (score.MeanAbsolute is { } absolute) absolute.ShouldBe(wanted.MeanAbsolute!.Value, 1e-9 * absolute);
        }

        ModelUse.Evaluate(new(model, folder.File("other.csv"))).Scores!.Baselines.Count.ShouldBe(whole.Count);

        IReadOnlyList<PredictorScore> Score(string file, string part) => ModelUse.Evaluate(new(model, folder.File(file), part)).Scores!.Baselines;

        float? Recorded(string metric) => Trials.Curve(frames, metric) is { Count: > 0 } curve ? curve.Values.Single() : null;
    }

    [Fact]
    public void Baselines_of_a_text_count_the_training_part_of_the_file_it_was_trained_on()
    {
        using var folder = new TemporaryFolder();
        var spec = Models.OverFile(SpecText.OverSeries("vocabulary: 40").Replace("kind: csv", "kind: text", StringComparison.Ordinal), Models.Text);
        var (_, frames, model) = Models.Export(folder, spec, Models.Text, "safetensors");
        File.WriteAllText(folder.File("whole.txt"), Models.Text);
        var whole = ModelUse.Evaluate(new(model, folder.File("whole.txt"), "test")).Scores!.Baselines;
        whole.Select(score => score.Name).ShouldBe(["frequencies", "ngram"]);
        foreach (var score in whole) ((float)score.Loss).ShouldBe(Trials.Curve(frames, MetricCatalog.BaselineOnTest(score.Name)).Values.Single());
        // The test part alone: its last symbols, from the first passage on.
        var runes = Models.Text.EnumerateRunes().ToArray();
        var test = DataSplit.Parse(spec.Task.Parameters.Text("split"))!.Of(runes.Length).Test;
        File.WriteAllText(folder.File("test.txt"), string.Concat(runes[test.Start..test.End]));
        foreach (var (score, wanted) in ModelUse.Evaluate(new(model, folder.File("test.txt"))).Scores!.Baselines.Zip(whole)) score.Loss.ShouldBe(wanted.Loss, 1e-9 * wanted.Loss, score.Name);
    }

    [Fact]
    public void Baselines_that_do_not_fit_the_model_are_refused()
    {
        using var folder = new TemporaryFolder();
        var (_, _, model) = Models.Export(folder, Models.OverFile(SpecText.OverSeries(Forecast), Models.Series), Models.Series, "safetensors");
        File.WriteAllText(folder.File("new.csv"), Models.Series);
        var path = Path.Combine(model, "model.json");
        var node = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        ((System.Text.Json.Nodes.JsonArray)node["baselines"]!["linear"]!["means"]!).RemoveAt(0);
        File.WriteAllText(path, node.ToJsonString());
        Should.Throw<TrialRejectedException>(() => ModelUse.Evaluate(new(model, folder.File("new.csv")))).Message.ShouldContain("its baselines do not fit");
        node.AsObject().Remove("baselines");
        File.WriteAllText(path, node.ToJsonString());
        ModelUse.Evaluate(new(model, folder.File("new.csv"))).Scores!.Baselines.ShouldBeEmpty();
    }

    [Fact]
    public void Errors_are_in_the_columns_unit()
    {
        using var folder = new TemporaryFolder();
        var (_, _, model) = Models.Export(folder, Models.OverFile(SpecText.OverSeries(Forecast), Models.Series), Models.Series, "safetensors");
        File.WriteAllText(folder.File("new.csv"), From(90));
        var scores = ModelUse.Evaluate(new(model, folder.File("new.csv"))).Scores!;
        ModelUse.Predict(new(model, folder.File("new.csv"), folder.File("predictions.csv"))).Rows.ShouldBe(30 - 4 + 1);
        var levels = Lines(From(90)).Skip(1).Select(line => double.Parse(line.Split(',')[0], CultureInfo.InvariantCulture)).ToArray();
        var known = Lines(File.ReadAllText(folder.File("predictions.csv"))).Skip(1).Select(line => line.Split(','))
            .Select(fields => (Row: int.Parse(fields[1], CultureInfo.InvariantCulture), Value: double.Parse(fields[2], CultureInfo.InvariantCulture))).Where(answer => answer.Row <= levels.Length).ToArray();
        known.Length.ShouldBe(scores.Windows);
        scores.MeanAbsolute!.Value.ShouldBe(known.Average(answer => Math.Abs(answer.Value - levels[answer.Row - 1])), 1e-4);
        scores.RootMeanSquare!.Value.ShouldBe(Math.Sqrt(known.Average(answer => Math.Pow(answer.Value - levels[answer.Row - 1], 2))), 1e-4);
    }

    [Fact]
    public void A_forecast_needs_neither_the_target_nor_the_order_of_columns()
    {
        using var folder = new TemporaryFolder();
        var (_, _, model) = Models.Export(folder, Models.OverFile(SpecText.OverSeries("target: level, columns: [wind]"), Models.Series), Models.Series, "safetensors");
        File.WriteAllText(folder.File("full.csv"), From(100));
        File.WriteAllText(folder.File("bare.csv"), string.Concat(Lines(From(100)).Select(line => $"note;{line.Split(',')[1]}\n")));
        ModelUse.Predict(new(model, folder.File("full.csv"), folder.File("a.csv")));
        ModelUse.Predict(new(model, folder.File("bare.csv"), folder.File("b.csv")));
        var lines = File.ReadAllLines(folder.File("b.csv"));
        lines.ShouldBe(File.ReadAllLines(folder.File("a.csv")));
        lines[0].ShouldBe("last_row,answer_row,predicted.level");
        lines[1].ShouldStartWith("4,5,");
        lines[^1].ShouldStartWith("20,21,");
    }

    [Fact]
    public void Classes_have_names_and_probabilities_that_add_up_to_one()
    {
        using var folder = new TemporaryFolder();
        var (_, _, model) = Models.Export(folder, Models.OverFile(SpecText.OverSeries(Classify), Models.Series), Models.Series, "safetensors");
        File.WriteAllText(folder.File("new.csv"), From(100));
        ModelUse.Predict(new(model, folder.File("new.csv"), folder.File("out.csv")));
        var lines = File.ReadAllLines(folder.File("out.csv"));
        lines[0].ShouldStartWith("last_row,answer_row,predicted.kind,probability,p.");
        lines[0].ShouldContain("\"p.high, odd\"");
        foreach (var line in lines.Skip(1))
        {
            var shares = line.Split(',')[^3..].Select(share => double.Parse(share, CultureInfo.InvariantCulture)).ToArray();
            shares.Sum().ShouldBe(1, 1e-12);
            line.ShouldContain($",{shares.Max().ToString("R", CultureInfo.InvariantCulture)},");
        }
    }

    [Fact]
    public void A_text_is_answered_with_the_next_character()
    {
        using var folder = new TemporaryFolder();
        var spec = Models.OverFile(SpecText.OverSeries("vocabulary: 40").Replace("kind: csv", "kind: text", StringComparison.Ordinal), Models.Text);
        var (_, _, model) = Models.Export(folder, spec, Models.Text, "safetensors");
        File.WriteAllText(folder.File("new.txt"), "line é!");
        ModelUse.Predict(new(model, folder.File("new.txt"), folder.File("out.csv"))).Rows.ShouldBe(4);
        File.ReadAllLines(folder.File("out.csv"))[0].ShouldBe("last_character,next,probability");
    }

    [Fact]
    public void Words_gaps_and_several_series_are_read_as_in_training()
    {
        using var folder = new TemporaryFolder();
        const string header = "shop,day,level,colour\n";
        string Row(int shop, int day, bool gap) => FormattableString.Invariant($"s{shop},{day},{(gap ? "" : $"{shop * 10 + day % 7}")},{(day % 3 == 0 ? "red" : "blue")}\n");
        var content = header + string.Concat(Enumerable.Range(0, 180).Select(row => Row(row % 3, row / 3, row % 17 == 5)));
        var spec = Models.OverFile(SpecText.OverSeries("target: level, columns: [level, colour], categorical: [colour], group: shop, time: day, missing: mask"), content);
        var (_, frames, model) = Models.Export(folder, spec, content, "safetensors");
        var inputs = ModelFolder.Read(model).Description.Inputs;
        inputs.Columns!.Select(column => (column.Name, column.Word, column.IsFlag)).ShouldBe([("level", null, false), ("colour", "blue", true), ("colour", "red", true), ("level", null, true)]);

        // Two shops, newest first, in other words and without a gap: one of them is new.
        File.WriteAllText(folder.File("new.csv"), header + string.Concat(Enumerable.Range(0, 12).Select(row => Row(2 + row % 2, 70 - row / 2, gap: false).Replace("red", "green", StringComparison.Ordinal))));
        ModelUse.Predict(new(model, folder.File("new.csv"), folder.File("out.csv"))).Rows.ShouldBe(2 * (6 - 4 + 1));
        var lines = File.ReadAllLines(folder.File("out.csv"));
        lines[0].ShouldBe("series,last_row,answer_row,predicted.level");
        // Shop 2 has rows 1, 3 … 11 of the file, the last day first.
        lines[1].ShouldStartWith("s2,5,3,");
        lines[3].ShouldStartWith("s2,1,,");
        lines[4].ShouldStartWith("s3,6,4,");

        File.WriteAllText(folder.File("whole.csv"), content);
        ((float)ModelUse.Evaluate(new(model, folder.File("whole.csv"), "test")).Scores!.Loss).ShouldBe(Trials.Curve(frames, MetricCatalog.TestLoss).Values.Single());
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        var (_, _, model) = Models.Export(folder, Models.OverFile(SpecText.OverSeries(Classify), Models.Series), Models.Series, "safetensors");
        Refused("level,wnd\n1,2\n").ShouldContain("there is no column \"wind\"");
        Refused("level,wnd\n1,2\n").ShouldContain("did you mean \"wnd\"?");
        Refused("level,wind\n1,2\n1,x\n").ShouldContain("new.csv:3:3: column \"wind\" holds \"x\"");
        Refused("level,wind\n1,2\n1,2\n").ShouldContain("too few");
        File.WriteAllText(folder.File("new.csv"), From(100).Replace("mid", "purple", StringComparison.Ordinal));
        Should.Throw<TrialRejectedException>(() => ModelUse.Evaluate(new(model, folder.File("new.csv")))).Message.ShouldContain("the class \"purple\", which the model does not know");
        Should.Throw<TrialRejectedException>(() => ModelUse.Predict(new(model, folder.File("none.csv"), folder.File("out")))).Message.ShouldContain("none.csv");

        string Refused(string content)
        {
            File.WriteAllText(folder.File("new.csv"), content);
            return Should.Throw<TrialRejectedException>(() => ModelUse.Predict(new(model, folder.File("new.csv"), folder.File("out")))).Message;
        }
    }

    [Fact]
    public void A_damaged_or_foreign_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        var (_, _, model) = Models.Export(folder, Models.OverFile(SpecText.OverSeries(Forecast), Models.Series), Models.Series);
        var (description, weights) = (File.ReadAllText(Path.Combine(model, "model.json")), File.ReadAllBytes(Path.Combine(model, "weights.safetensors")));
        File.WriteAllText(folder.File("new.csv"), Models.Series);

        File.WriteAllBytes(Path.Combine(model, "weights.safetensors"), weights[..^1]);
        Refusal(model).ShouldContain("Export the model again");
        File.WriteAllBytes(Path.Combine(model, "weights.safetensors"), weights);
        File.WriteAllText(Path.Combine(model, "model.json"), description.Replace("\"hidden\": 8", "\"hidden\": 9", StringComparison.Ordinal));
        Refusal(model).ShouldContain("its configuration is not that of trial");
        File.WriteAllText(Path.Combine(model, "model.json"), description.Replace("\"version\": 1", "\"version\": 9", StringComparison.Ordinal));
        Refusal(model).ShouldContain("layout 9");
        Refusal(folder.File("nowhere")).ShouldContain("A model is the folder that 'harness export-model' writes");

        var generated = new TemporaryFolder();
        Refusal(Models.Export(generated, Trials.Spec("gru", steps: 1)).Folder).ShouldContain("reads no file");
        generated.Dispose();

        string Refusal(string path) => Should.Throw<TrialRejectedException>(() => ModelUse.Predict(new(path, folder.File("new.csv"), folder.File("out")))).Message;
    }

    [Fact]
    public void A_folder_says_what_is_in_it_and_no_other_folder_is_overwritten()
    {
        using var folder = new TemporaryFolder();
        var spec = Models.OverFile(SpecText.OverSeries(Forecast), Models.Series);
        var (_, _, model) = Models.Export(folder, spec, Models.Series);
        Directory.GetFiles(model).Select(Path.GetFileName).ShouldBe(["model.json", "weights.safetensors", "README.md", "model.onnx"], ignoreOrder: true);
        var card = File.ReadAllText(Path.Combine(model, "README.md"));
        foreach (var part in new[] { "RNN for level", spec.Task.Data!, "70/15/15", "| wind |", "2 rows beyond", "`test.loss` | 0.5", "The licence of the data is not recorded", "experiment own, condition lstm" }) card.ShouldContain(part);

        var checkpoint = Directory.GetFiles(folder.File("checkpoints")).Order(StringComparer.Ordinal).Last();
        ModelFolder.Write(new(spec, checkpoint, folder.File("data"), "state-dict", model, new Dictionary<string, double>(StringComparer.Ordinal), "harness test") { DataLicence = "CC BY 4.0" });
        File.ReadAllText(Path.Combine(model, "README.md")).ShouldContain("Licence of the data: CC BY 4.0.");
        ModelFolder.Read(model).Description.DataLicence.ShouldBe("CC BY 4.0");
        Directory.GetFiles(model).Select(Path.GetFileName).ShouldBe(["model.json", "weights.safetensors", "README.md", "weights.pt"], ignoreOrder: true);

        Directory.CreateDirectory(folder.File("mine"));
        File.WriteAllText(folder.File("mine/notes.txt"), "keep");
        Should.Throw<TrialRejectedException>(() => ModelFolder.Write(new(spec, checkpoint, folder.File("data"), "onnx", folder.File("mine"), new Dictionary<string, double>(StringComparer.Ordinal), "harness test"))).Message.ShouldContain("notes.txt");
        File.WriteAllText(folder.File("data"), "level,wind\n");
        Should.Throw<TrialRejectedException>(() => ModelFolder.Write(new(spec, checkpoint, folder.File("data"), "onnx", model, new Dictionary<string, double>(StringComparer.Ordinal), "harness test"))).Message.ShouldContain("SHA-256");
    }
}
