using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Tests.Experiments;
using Harness.Training;

namespace Harness.Tests.Training;

/// <summary>What is measured and stored of the test part of a person's own data. Expected values are computed here, from the file.</summary>
public sealed class TestPartTests
{
    private static double Value(IEnumerable<(string Metric, double Value)> measures, string metric) => measures.Single(measure => measure.Metric == metric).Value;

    [Fact]
    public void Errors_of_forecasts_are_those_of_the_textbook()
    {
        var measures = TestMeasures.OfNumbers([1, 2, 0, -3], [1, 3, 0, 1], scale: 0.5);
        Value(measures, "test.rmse").ShouldBe(Math.Sqrt(17 / 4.0), 1e-12);
        Value(measures, "test.mae").ShouldBe(1.25, 1e-12);
        Value(measures, "test.mase").ShouldBe(2.5, 1e-12);
        Value(measures, "test.smape").ShouldBe((0 + 2.0 / 5 + 0 + 2) / 4, 1e-12, "an answer of 0 that is forecast as 0 is no error");
        TestMeasures.OfNumbers([1], [1], scale: null).ShouldNotContain(measure => measure.Metric == "test.mase");
    }

    [Fact]
    public void Every_class_that_occurs_counts_the_same()
    {
        // scikit-learn: balanced_accuracy_score 0.375, f1_score(average="macro") 0.2857142857 for y = 0,0,0,0,1,1 and p = 0,0,0,1,2,2.
        var confusion = TestMeasures.Confusion([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 2, 2], 4);
        confusion.ShouldBe([3, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        var measures = TestMeasures.OfClasses(confusion, 4);
        Value(measures, "test.balanced_accuracy").ShouldBe(0.375, 1e-12);
        Value(measures, "test.macro_f1").ShouldBe(0.2857142857142857, 1e-12);
    }

    [Fact]
    public void A_text_costs_bits_per_character()
    {
        Value(TestMeasures.OfText(Math.Log(8)), "test.bits").ShouldBe(3, 1e-12);
        Value(TestMeasures.OfText(Math.Log(8)), "test.perplexity").ShouldBe(8, 1e-12);
    }

    private static string Csv(string header, int rows, Func<int, string> row) => $"{header}\n{string.Concat(Enumerable.Range(0, rows).Select(each => row(each) + "\n"))}";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static (TestAnalysis Analysis, List<TrainerFrame> Frames) Train(string content, string settings, int steps = 5, int sequences = 1_000, int length = 12, double rate = 0.01)
    {
        using var folder = new TemporaryFolder();
        var yaml = SpecText.OverSeries(settings).Replace("length: 4", FormattableString.Invariant($"length: {length}"), StringComparison.Ordinal);
        var trial = SpecText.SpecWith(new MemoryFiles(("series.csv", content)), yaml).Conditions.Single(condition => condition.Arm == "gru").Trial;
        trial = trial with { Train = trial.Train with { Steps = steps, Batch = 32, Optimizer = new(OptimizerKind.Adam, rate) }, Evaluation = new(Math.Max(5, steps / 4), sequences), Probe = new([], 1) };
        File.WriteAllText(folder.File("content"), content);
        var frames = new List<TrainerFrame>();
        using var run = new Trial("a", trial, TimeProvider.System, frames.Add, data: folder.File("content"));
        TrainingLoop.Run(run, TestContext.Current.CancellationToken).ShouldNotBeNull();
        var analysis = frames.OfType<TestAnalysisFrame>().ShouldHaveSingleItem().Analysis;
        analysis.IsWhole().ShouldBeTrue();
        return (analysis, frames);
    }

    private static float Only(List<TrainerFrame> frames, string metric) => Trials.Curve(frames, metric).ShouldHaveSingleItem(metric).Value;

    [Fact]
    public void Forecasts_are_stored_and_measured_in_the_unit_of_the_target()
    {
        double[] values = [.. Enumerable.Range(0, 300).Select(row => 200 + 0.3 * row + 50 * Math.Sin(row * Math.PI / 6) + row * 7919 % 13)];
        var (analysis, frames) = Train(Csv("v", values.Length, row => Number(values[row])), "target: v, columns: [v]");
        // 300 rows at 70/15/15: the test part is rows 255 to 299, and windows of 12 rows answer from row 267 on.
        var answers = analysis.Answers!;
        analysis.Windows.ShouldBe(33);
        answers.Rows.ShouldBe(Enumerable.Range(267, 33));
        answers.Truth.ShouldBe(values[267..]);
        answers.Evaluated.ShouldAllBe(each => each);
        answers.LongestRun().ShouldBe((0, 33));

        double[] misses = [.. answers.Truth.Zip(answers.Predicted, (right, predicted) => right - predicted)];
        Only(frames, "test.rmse").ShouldBe((float)Math.Sqrt(misses.Average(miss => miss * miss)), 1e-3f);
        Only(frames, "test.mae").ShouldBe((float)misses.Average(Math.Abs), 1e-3f);
        var train = values[..210];
        var deviation = Math.Sqrt(train.Average(value => (value - train.Average()) * (value - train.Average())));
        Only(frames, "test.rmse").ShouldBe((float)(deviation * Math.Sqrt(Only(frames, "test.loss"))), 1e-3f, "as the loss says it");
        var scale = Enumerable.Range(12, 198).Average(row => Math.Abs(values[row] - values[row - 12]));
        Only(frames, "test.mase").ShouldBe((float)(misses.Average(Math.Abs) / scale), 1e-4f);
        Only(frames, "test.smape").ShouldBe((float)answers.Truth.Zip(answers.Predicted, (right, predicted) => 2 * Math.Abs(right - predicted) / (Math.Abs(right) + Math.Abs(predicted))).Average(), 1e-5f);

        double[] last = [.. Enumerable.Range(267, 33).Select(row => Math.Abs(values[row] - values[row - 1]))];
        Only(frames, "baseline.last.test_mae").ShouldBe((float)last.Average(), 1e-3f);
        Only(frames, "baseline.last.test_rmse").ShouldBe((float)Math.Sqrt(last.Average(miss => miss * miss)), 1e-3f);
        string[] names = ["last", "seasonal", "drift", "mean", "linear"];
        answers.Baseline.ShouldBe(names.MinBy(name => Only(frames, $"baseline.{name}")));
        Only(frames, $"baseline.{answers.Baseline}.test_mae").ShouldBe((float)answers.Truth.Zip(answers.BaselinePredicted, (right, predicted) => Math.Abs(right - predicted)).Average(), 1e-3f);
    }

    [Fact]
    public void Above_the_limit_a_spread_sample_and_a_stretch_are_stored_and_all_are_measured()
    {
        // The test part is rows 13,600 to 15,999.
        var (analysis, frames) = Train(Csv("v", 16_000, row => Number(Math.Sin(row * 0.37) + row * 7919 % 101 * 0.01)), "target: v, columns: [v]", sequences: 2_200, length: 4);
        var answers = analysis.Answers!;
        analysis.Windows.ShouldBe(2_200);
        answers.Evaluated.Count(each => each).ShouldBeInRange(TestAnalysis.MostStored, TestAnalysis.MostStored + TestAnalysis.Stretch);
        answers.Rows.ShouldBeInOrder();
        answers.LongestRun().First.ShouldBe(0);
        answers.LongestRun().Count.ShouldBeGreaterThanOrEqualTo(TestAnalysis.Stretch);
        answers.Rows[0].ShouldBe(13_604);
        answers.Rows[^1].ShouldBeGreaterThan(15_900, "the sample reaches over the whole part");
        var stored = answers.Truth.Zip(answers.Predicted, (right, predicted) => Math.Abs(right - predicted)).Where((_, index) => answers.Evaluated[index]).Average();
        Only(frames, "test.mae").ShouldBe((float)stored, 0.02f, "the stored ones are a fair sample of all");
    }

    [Fact]
    public void Classes_have_a_confusion_matrix_and_probabilities()
    {
        string[] names = ["calm", "NE", "SW"];
        var (analysis, frames) = Train(Csv("v,c", 400, row => $"{Number(row * 7919 % 13)},{names[row / 5 % 3]}"), "target: c, columns: [v], problem: classify", steps: 40);
        var answers = analysis.Answers!;
        analysis.Classes.ShouldBe(names);
        answers.Truth.ShouldBe(answers.Rows.Select(row => (double)(row / 5 % 3)));
        var confusion = analysis.Confusion!;
        confusion.Sum().ShouldBe(analysis.Windows);
        for (var right = 0; right < 3; right++)
            for (var given = 0; given < 3; given++)
                confusion[right * 3 + given].ShouldBe(answers.Truth.Zip(answers.Predicted).Count(pair => (int)pair.First == right && (int)pair.Second == given));
        ((double)(confusion[0] + confusion[4] + confusion[8]) / analysis.Windows).ShouldBe(Only(frames, "test.accuracy"), 1e-6);
        answers.Probabilities!.ShouldAllBe(share => share >= 1f / 3 && share <= 1);
        answers.Baseline.ShouldBe("previous");
        Only(frames, "baseline.previous.test_balanced_accuracy").ShouldBe(0.8f, 0.05f, "a class lasts five rows");
        Only(frames, "baseline.frequencies.test_balanced_accuracy").ShouldBe(1 / 3f, 1e-6f, "the most frequent class is always answered");
    }

    [Fact]
    public void Look_back_ends_where_the_past_no_longer_tells_the_answer()
    {
        // The answer is the input of four rows before its own: the fourth newest row of the window.
        double Input(int row) => row * 7919L * 104_729 % 1_009 / 1_009.0;
        var (analysis, frames) = Train(Csv("x,y", 1_500, row => $"{Number(Input(row))},{Number(row < 4 ? 0 : Input(row - 4))}"), "target: y, columns: [x]", steps: 2_500, sequences: 150, length: 16, rate: 0.01);
        var curve = analysis.LookBack!;
        curve.Rows.ShouldBe([1, 2, 3, 4, 6, 8, 12, 16]);
        ((float)curve.Losses[^1]).ShouldBe(Only(frames, "test.loss"), 1e-4f, "the whole window gives the test loss");
        curve.Losses[^1].ShouldBeLessThan(0.1);
        foreach (var place in (int[])[0, 1, 2]) curve.Losses[place].ShouldBeGreaterThan(0.5, "what decides is hidden");
        curve.Needed().ShouldNotBeNull().ShouldBeInRange(4, 6, "a small network mixes a little of its neighbours in");
    }

    [Fact]
    public void Whole_series_have_answers_and_no_look_back()
    {
        var content = Csv("id,v,answer", 200, row => $"{row / 10},{Number(row / 10 % 2 * 2 + row * 7919 % 7 * 0.1)},{(row / 10 % 2 == 0 ? "low" : "high")}");
        var (analysis, _) = Train(content, "target: answer, columns: [v], problem: classify, horizon: 0, group: id, sequence: whole", length: 10);
        analysis.LookBack.ShouldBeNull();
        analysis.Answers!.Series!.Count.ShouldBe(analysis.Windows);
        analysis.Answers.Rows.ShouldAllBe(row => row % 10 == 9, "the last row of each series");
    }

    [Theory]
    [InlineData(new[] { 0.9, 0.5, 0.2, 0.2 }, 3)]
    [InlineData(new[] { 0.2, 0.5, 0.2, 0.2 }, 3)]
    [InlineData(new[] { 1, 0.14, 0.1, 0.1 }, 2)]
    [InlineData(new[] { 0.204, 0.2, 0.2, 0.2 }, 1)]
    [InlineData(new[] { 0.2, 0.2, 0.2, 0.1 }, 4)]
    [InlineData(new[] { 0.2, 0.2, 0.2, double.NaN }, null)]
    public void Needed_past_is_the_shortest_that_keeps_95_percent_of_the_gain(double[] losses, int? needed) =>
        new LookBackCurve([1, 2, 3, 4], losses, 10).Needed().ShouldBe(needed);

    [Fact]
    public void A_run_ends_with_its_series()
    {
        var answers = new PredictedAnswers([1, 2, 3, 9, 10, 11, 12], [1, 2, 3, 4, 5, 6, 7], new double[7], new float[7], "last", new float[7], new bool[7]);
        answers.LongestRun().ShouldBe((3, 4));
        (answers with { Series = ["a", "b"], SeriesOf = [0, 0, 0, 1, 1, 0, 0] }).LongestRun().ShouldBe((0, 3));
    }
}
