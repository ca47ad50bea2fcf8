using System.Globalization;
using System.Text;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Tests.Experiments;
using Harness.Training;
using Harness.Training.Models;
using Harness.Training.Tasks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Harness.Tests.Training;

/// <summary>Forecasts of a range of rows: every row of it is asked for, answered at once, scored and stored. Expected values are computed here, from the file.</summary>
public sealed class HorizonTests
{
    private static readonly double[] values = [.. Enumerable.Range(0, 300).Select(row => 200 + 0.3 * row + 50 * Math.Sin(row * Math.PI / 6) + row * 7919 % 13)];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Csv(IEnumerable<double> rows) => $"v\n{string.Concat(rows.Select(value => Number(value) + "\n"))}";

    private static TrialSpec Spec(string content, string settings, int length = 12, KernelPath kernel = KernelPath.Engine)
    {
        var yaml = SpecText.OverSeries(settings).Replace("length: 4", FormattableString.Invariant($"length: {length}"), StringComparison.Ordinal);
        var trial = SpecText.SpecWith(new MemoryFiles(("series.csv", content)), yaml).Conditions.Single(condition => condition.Arm == "gru").Trial;
        return Trials.On(trial with { Model = trial.Model with { KernelAuto = null }, Train = trial.Train with { Steps = 6, Batch = 16, Optimizer = new(OptimizerKind.Adam, 0.01) }, Evaluation = new(3, 1_000), Probe = new([ProbeMoment.End], 4) }, kernel);
    }

    private static WindowTask Task(string content, string settings, int length = 12) => (WindowTask)SequenceTask.Create(Spec(content, settings, length).Task, Encoding.UTF8.GetBytes(content))!;

    private static BaselineScore Score(SequenceTask task, string name) => task.Baselines(1_000).Single(score => score.Name == name);

    [Theory]
    [InlineData("12", 12, 12)]
    [InlineData("1..12", 1, 12)]
    [InlineData("7 .. 30", 7, 30)]
    public void A_horizon_is_a_number_of_rows_or_a_range(string text, int first, int last)
    {
        HorizonRange.Parse(text).ShouldBe(new HorizonRange(first, last));
        HorizonRange.Parse(HorizonRange.Parse(text).ToString()).ShouldBe(new HorizonRange(first, last));
    }

    [Theory]
    [InlineData("0..3")]
    [InlineData("3..3")]
    [InlineData("5..2")]
    [InlineData("1..1001")]
    [InlineData("1..2..3")]
    [InlineData("1..")]
    [InlineData("-1")]
    [InlineData("")]
    public void What_is_no_range_is_refused(string text) => HorizonRange.Parse(text).ShouldBeNull();

    [Fact]
    public void One_row_ahead_is_the_same_trial_as_before_there_were_ranges()
    {
        var plain = Spec(Csv(values), "target: v, columns: [v], horizon: 12").Task;
        plain.Parameters.Text("horizon").ShouldBe("12");
        Task(Csv(values), "target: v, columns: [v], horizon: 12").Shape.OutputSize.ShouldBe(1);
        Spec(Csv(values), "target: v, columns: [v], horizon: 1 .. 12").Task.Parameters.Text("horizon").ShouldBe("1..12", "however it was written");
    }

    [Fact]
    public void A_window_asks_for_every_row_of_the_range_within_its_part()
    {
        var task = Task(Csv(values), "target: v, columns: [v], horizon: 2..5, context: before");
        task.Shape.OutputSize.ShouldBe(4);
        var unit = task.Describe().Answer.Target!;
        var batch = task.InOrder(0, 1_000);
        // 300 rows at 70/15/15: validation is rows 210 to 254, and all four answers lie in it.
        batch.Count.ShouldBe(45 - 3);
        for (var index = 0; index < batch.Count; index++)
            for (var answer = 0; answer < 4; answer++)
            {
                task.PlaceOf(index, answer).AnswerRow.ShouldBe(210 + index + answer);
                unit.Restore(batch.Values[index * 4 + answer]).ShouldBe(values[210 + index + answer], 1e-3);
            }

        task.PlaceOf(0).LastRow.ShouldBe(208);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(24)]
    public void Test_rows_are_the_same_for_every_length(int length)
    {
        var task = Task(Csv(values), "target: v, columns: [v], horizon: 1..6, context: before", length);
        task.TestSequences.ShouldBe(45 - 5);
        task.KeyOf(task.TestStretch(1), 100)!.Order.ShouldBe([255, 256, 257, 258, 259, 260]);
    }

    [Fact]
    public void Windows_with_an_answer_missing_in_the_range_are_left_out()
    {
        string[] rows = [.. values.Select(Number)];
        rows[230] = "";
        var task = Task($"v,w\n{string.Concat(rows.Select((cell, row) => $"{cell},{row % 5}\n"))}", "target: v, columns: [w], horizon: 1..3, context: before, missing: forward");
        var asked = Enumerable.Range(0, task.EvaluationSequences).SelectMany(index => Enumerable.Range(0, 3).Select(answer => task.PlaceOf(index, answer).AnswerRow!.Value)).ToHashSet();
        asked.ShouldNotContain(230);
        asked.ShouldContain(229);
        asked.ShouldContain(231);
        task.EvaluationSequences.ShouldBe(43 - 3);
    }

    [Fact]
    public void Baselines_answer_every_row_of_the_range()
    {
        var line = Task(Csv(Enumerable.Range(0, 400).Select(row => (double)row)), "target: v, columns: [v], horizon: 1..5");
        Score(line, "drift").Loss.ShouldBe(0, 1e-9);
        // k rows behind at k rows ahead, in units of the training part's deviation: 280 rows.
        Score(line, "last").Loss.ShouldBe((1 + 4 + 9 + 16 + 25) / 5.0 / ((280.0 * 280 - 1) / 12), 1e-6);
        Score(line, "linear").Loss.ShouldBeLessThan(1e-4);

        var season = Task(Csv(Enumerable.Range(0, 400).Select(row => Math.Sin(row * Math.PI / 6))), "target: v, columns: [v], horizon: 1..30");
        Score(season, "seasonal").Loss.ShouldBe(0, 1e-6, "also beyond one season");
        Score(season, "mean").Loss.ShouldBeInRange(0.9, 1.1);
    }

    [Fact]
    public void The_linear_baseline_is_the_regression_of_each_row()
    {
        var range = Task(Csv(values), "target: v, columns: [v], horizon: 1..3, context: before");
        var alone = Math.Sqrt(Enumerable.Range(1, 3).Average(ahead => Math.Pow(Rmse(Task(Csv(values), $"target: v, columns: [v], horizon: {ahead}, context: before")), 2)));
        Rmse(range).ShouldBeInRange(0.8 * alone, 1.25 * alone);

        static double Rmse(SequenceTask task) => Score(task, "linear").Measures.Single(measure => measure.Metric == "test.rmse").Value;
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    public void Errors_are_stored_and_measured_by_the_rows_ahead(KernelPath kernel)
    {
        using var folder = new TemporaryFolder();
        var content = Csv(values);
        var spec = Spec(content, "target: v, columns: [v], horizon: 1..4, context: before", kernel: kernel);
        File.WriteAllText(folder.File("content"), content);
        var frames = new List<TrainerFrame>();
        using var run = new Trial("a", spec, TimeProvider.System, frames.Add, data: folder.File("content"));
        TrainingLoop.Run(run, TestContext.Current.CancellationToken).ShouldNotBeNull();
        var analysis = frames.OfType<TestAnalysisFrame>().ShouldHaveSingleItem().Analysis;
        analysis.IsWhole().ShouldBeTrue();

        // The test part is rows 255 to 299: 42 windows with four answers each.
        var answers = analysis.Answers!;
        analysis.Windows.ShouldBe(42);
        answers.BySequence().Count.ShouldBe(42);
        answers.Truth.ShouldBe(answers.Rows.Select(row => values[row]));
        foreach (var sequence in answers.BySequence())
        {
            sequence.Select(index => answers.Steps![index]).ShouldBe([1, 2, 3, 4]);
            sequence.Select(index => answers.Rows[index] - answers.Steps![index]).Distinct().ShouldHaveSingleItem();
        }

        var steps = analysis.BySteps!;
        steps.Steps.ShouldBe([1, 2, 3, 4]);
        steps.Baseline.ShouldBe(answers.Baseline);
        for (var step = 1; step <= 4; step++)
        {
            int[] own = [.. Enumerable.Range(0, answers.Truth.Length).Where(index => answers.Steps![index] == step)];
            own.Length.ShouldBe(42);
            steps.RootMeanSquares[step - 1].ShouldBe(Math.Sqrt(own.Average(index => Math.Pow(answers.Truth[index] - answers.Predicted[index], 2))), 1e-3);
            steps.MeanAbsolutes[step - 1].ShouldBe(own.Average(index => Math.Abs(answers.Truth[index] - answers.Predicted[index])), 1e-3);
            steps.BaselineRootMeanSquares[step - 1].ShouldBe(Math.Sqrt(own.Average(index => Math.Pow(answers.Truth[index] - answers.BaselinePredicted[index], 2))), 1e-3);
        }

        // The measures and the loss are over all rows.
        Trials.Curve(frames, "test.rmse").Values.Single().ShouldBe((float)Math.Sqrt(steps.RootMeanSquares.Average(error => error * error)), 1e-2f);
        var train = values[..210];
        var variance = train.Average(value => (value - train.Average()) * (value - train.Average()));
        Trials.Curve(frames, "test.loss").Values.Single().ShouldBe((float)(steps.RootMeanSquares.Average(error => error * error) / variance), 1e-3f);

        // Hiding nothing of the past costs what the test costs; so the look-back counts every row of the range.
        analysis.LookBack!.Losses[^1].ShouldBe(Trials.Curve(frames, "test.loss").Values.Single(), 1e-3);

        var stretch = answers.OneAfterAnother();
        stretch.Rows.ShouldBe(Enumerable.Range(255, 44), "eleven forecasts of four rows, none twice");
        answers.Nearest().Rows.ShouldBe(Enumerable.Range(255, 42));
    }

    [Fact]
    public void Both_backends_learn_alike()
    {
        var losses = new[] { KernelPath.Engine, KernelPath.Library }.Select(kernel =>
        {
            using var folder = new TemporaryFolder();
            var content = Csv(values);
            File.WriteAllText(folder.File("content"), content);
            using var run = new Trial("a", Spec(content, "target: v, columns: [v], horizon: 1..4", kernel: kernel), TimeProvider.System, _ => { }, data: folder.File("content"));
            return TrainingLoop.Run(run, TestContext.Current.CancellationToken)!.FinalLoss!.Value;
        }).ToArray();
        losses[0].ShouldBe(losses[1], 1e-4);
    }

    [Fact]
    public void The_next_rows_are_predicted_with_their_times_and_the_graph_agrees()
    {
        using var folder = new TemporaryFolder();
        var content = "Month,v\n" + string.Concat(values.Select((value, row) => FormattableString.Invariant($"{1950 + row / 12}-{row % 12 + 1:00},{value:R}\n")));
        var spec = Spec(content, "target: v, columns: [v], time: Month, horizon: 1..12");
        var (_, _, model) = Models.Export(folder, spec, content);
        File.WriteAllText(folder.File("now.csv"), content);
        ModelUse.Predict(new(model, folder.File("now.csv"), folder.File("next.csv"), FromEnd: true)).Rows.ShouldBe(12);
        var lines = File.ReadAllLines(folder.File("next.csv"));
        lines[0].ShouldBe("last_row,step,answer_row,Month,predicted.v");
        lines[1].ShouldStartWith("300,1,301,1975-01,");
        lines[12].ShouldStartWith("300,12,312,1975-12,");

        using var session = new InferenceSession(Path.Combine(model, "model.onnx"));
        var input = new DenseTensor<double>(values.AsMemory(values.Length - 12), [1, 12, 1]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", input)]);
        var answers = results.Single(result => result.Name == "prediction").AsTensor<double>();
        answers.Dimensions.ToArray().ShouldBe([1, 12]);
        answers.ToArray().ShouldBe(lines.Skip(1).Select(line => double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture)), 1e-3);

        var every = ModelUse.Predict(new(model, folder.File("now.csv"), folder.File("every.csv")));
        every.Rows.ShouldBe((300 - 12 + 1) * 12);
        File.ReadAllLines(folder.File("every.csv"))[0].ShouldBe("last_row,step,answer_row,predicted.v");
        File.ReadAllText(Path.Combine(model, "README.md")).ShouldContain("v in each of the rows 1 to 12 beyond the window's last");
        File.ReadAllText(Path.Combine(model, "model.json")).ShouldContain("\"version\": 2", Case.Sensitive, "programs that know one answer must refuse it");

        var scores = ModelUse.Evaluate(new(model, folder.File("now.csv"), "test")).Scores!;
        scores.Steps!.Select(step => step.Step).ShouldBe(Enumerable.Range(1, 12));
        scores.RootMeanSquare!.Value.ShouldBe(Math.Sqrt(scores.Steps!.Average(step => step.RootMeanSquare * step.RootMeanSquare)), 1e-3);
        scores.MeanAbsolute!.Value.ShouldBe(scores.Steps!.Average(step => step.MeanAbsolute), 1e-6);
    }

    [Fact]
    public void Times_beyond_a_gap_are_not_guessed()
    {
        using var folder = new TemporaryFolder();
        var content = "day,v\n" + string.Concat(values.Select((value, row) => FormattableString.Invariant($"{new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(row + (row > 100 ? 3 : 0)):yyyy-MM-dd},{value:R}\n")));
        var (_, _, model) = Models.Export(folder, Spec(content, "target: v, columns: [v], time: day, horizon: 1..3"), content, "safetensors");
        File.WriteAllText(folder.File("now.csv"), content);
        ModelUse.Predict(new(model, folder.File("now.csv"), folder.File("next.csv"), FromEnd: true)).Rows.ShouldBe(3);
        File.ReadAllLines(folder.File("next.csv"))[0].ShouldBe("last_row,step,answer_row,predicted.v");
    }
}
