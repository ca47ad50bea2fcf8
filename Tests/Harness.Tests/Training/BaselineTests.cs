using System.Globalization;
using System.Text;
using Harness.Abstractions.Contracts;
using Harness.Data;
using Harness.Tests.Experiments;
using Harness.Training;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

/// <summary>Baselines of a person's own data: what each predicts, and that networks are held against the best of them.</summary>
public sealed class BaselineTests
{
    private static SequenceTask Series(Func<int, double> value, int rows = 400, string settings = "target: v, columns: [v]", int length = 12) => Create(
        SpecText.OverSeries(settings).Replace("length: 4", $"length: {length}", StringComparison.Ordinal),
        "v,c\n" + string.Concat(Enumerable.Range(0, rows).Select(row => string.Create(CultureInfo.InvariantCulture, $"{value(row)},{"xyz"[row / 5 % 3]}\n"))));

    private static SequenceTask Create(string yaml, string content)
    {
        var trial = SpecText.SpecWith(new MemoryFiles(("series.csv", content)), yaml).Conditions[0].Trial;
        return SequenceTask.Create(trial.Task, Encoding.UTF8.GetBytes(content))!;
    }

    private static BaselineScore Score(SequenceTask task, string name) => task.Baselines(1_000).Single(score => score.Name == name);

    /// <summary>A number from 0 to 1 that depends on the row alone.</summary>
    private static double Noise(int row)
    {
        var bits = (uint)row * 2654435761u;
        bits = (bits ^ (bits >> 16)) * 2246822519u;
        bits = (bits ^ (bits >> 13)) * 3266489917u;
        return (bits ^ (bits >> 16)) / 4294967296.0;
    }

    [Fact]
    public void Season_is_found_and_its_value_foretold()
    {
        var task = Series(row => Math.Sin(row * Math.PI / 6) + Noise(row) * 0.02);
        task.Card()!.Season.ShouldBe(12);
        Score(task, "seasonal").Loss.ShouldBeLessThan(0.001);
        Score(task, "last").Loss.ShouldBeGreaterThan(0.1);
    }

    [Fact]
    public void Series_without_a_season_has_no_seasonal_baseline()
    {
        var task = Series(Noise);
        task.Card()!.Season.ShouldBeNull();
        task.Baselines(100).ShouldNotContain(score => score.Name == "seasonal");
    }

    [Fact]
    public void Drift_continues_a_line_and_the_last_value_lags_behind_it()
    {
        var task = Series(row => row, settings: "target: v, columns: [v], horizon: 5");
        Score(task, "drift").Loss.ShouldBe(0, 1e-9);
        // Five rows behind, in units of the training part's deviation: 280 rows.
        Score(task, "last").Loss.ShouldBe(25 / ((280.0 * 280 - 1) / 12), 1e-6);
    }

    [Fact]
    public void Linear_regression_finds_the_law_of_an_autoregression()
    {
        var values = new double[600];
        for (var row = 2; row < values.Length; row++) values[row] = 1.6 * values[row - 1] - 0.8 * values[row - 2] + Noise(row) - 0.5;
        var task = Series(row => values[row], values.Length);
        var train = values[..420];
        var unit = train.Select(value => (value - train.Average()) * (value - train.Average())).Average();
        // What no predictor can know is the noise: a twelfth.
        Score(task, "linear").TestLoss!.Value.ShouldBeInRange(0.8 / 12 / unit, 1.3 / 12 / unit);
        Score(task, "last").TestLoss!.Value.ShouldBeGreaterThan(2 * Score(task, "linear").TestLoss!.Value);
    }

    [Fact]
    public void Mean_is_that_of_the_training_part()
    {
        var task = Series(row => row < 280 ? row % 2 : 5, settings: "target: v, columns: [v]");
        // Standardised, 0 and 1 are −1 and 1, and 5 is 9.
        Score(task, "mean").TestLoss!.Value.ShouldBe(81, 1e-3);
    }

    [Fact]
    public void Class_before_is_weighed_by_what_followed_it_in_training()
    {
        var task = Series(Noise, 600, "target: c, columns: [v], problem: classify");
        // A class lasts five rows: four times out of five the next row has it, too.
        var previous = Score(task, "previous");
        previous.TestAccuracy!.Value.ShouldBe(0.8, 0.03);
        previous.TestLoss!.Value.ShouldBe(-0.8 * Math.Log(0.8) - 0.2 * Math.Log(0.2), 0.05);
        Score(task, "frequencies").TestLoss!.Value.ShouldBe(Math.Log(3), 0.02);
        task.EvaluationBaseline(1, 1_000).ShouldBe(previous.Loss);
    }

    [Fact]
    public void Three_characters_tell_the_next_where_the_text_repeats()
    {
        var task = Create(SpecText.Small.Replace("kind: adding, length: 20", "kind: text, file: series.csv, length: 20", StringComparison.Ordinal), string.Concat(Enumerable.Repeat("abcdefghij", 100)));
        Score(task, "ngram").TestLoss!.Value.ShouldBeLessThan(0.1);
        Score(task, "frequencies").TestLoss!.Value.ShouldBe(Math.Log(10), 0.02);
    }

    [Fact]
    public void Baseline_is_the_best_on_the_validation_part_and_skill_is_measured_on_the_test_part()
    {
        using var folder = new TemporaryFolder();
        var content = "v\n" + string.Concat(Enumerable.Range(0, 300).Select(row => string.Create(CultureInfo.InvariantCulture, $"{Math.Sin(row * Math.PI / 6) + Noise(row) * 0.3:0.0000}\n")));
        var trial = SpecText.SpecWith(new MemoryFiles(("series.csv", content)), SpecText.OverSeries("target: v, columns: [v]")).Conditions[0].Trial;
        trial = trial with { Train = trial.Train with { Steps = 5 }, Evaluation = new(5, 1_000), Probe = new([], 1) };
        File.WriteAllText(folder.File("content"), content);
        var frames = new List<TrainerFrame>();
        using var run = new Trial("a", trial, TimeProvider.System, frames.Add, data: folder.File("content"));
        var outcome = TrainingLoop.Run(run, TestContext.Current.CancellationToken).ShouldNotBeNull();
        float Only(string metric) => Trials.Curve(frames, metric).ShouldHaveSingleItem(metric).Value;
        string[] names = ["last", "seasonal", "drift", "mean", "linear"];
        var best = names.MinBy(name => Only($"baseline.{name}"))!;
        outcome.BaselineLoss.ShouldBe(Only($"baseline.{best}"), 1e-6);
        Only("test.skill").ShouldBe(1 - Only("test.loss") / Only($"baseline.{best}.test"), 1e-4f);
        frames.OfType<TrialStarted>().Single().Sample!.Card!.Season.ShouldBe(12);
    }

    [Fact]
    public void Whole_series_of_unequal_length_end_where_they_end_and_are_learned()
    {
        using var folder = new TemporaryFolder();
        var started = Harness.Experiments.Starting.ExperimentStart.Of([new("Made.ts", StartSamples.Utf8(StartSamples.Ts(120, 2, 0)))], null);
        var reading = Harness.Experiments.Reading.SpecReader.Read(StartSamples.Utf8(started.Yaml), "new.yaml", [], new MemoryFiles((started.DataName, Encoding.UTF8.GetString(started.Data!))));
        var trial = reading.Spec.ShouldNotBeNull().Conditions.Single(condition => condition.Arm == "gru").Trial;
        var task = SequenceTask.Create(trial.Task, started.Data!)!;
        var batch = task.Test(0, 1_000);
        int[] lengths = [.. batch.Lengths.Distinct().Order()];
        lengths.ShouldBe([13, 14, 15, 16]);
        for (var sequence = 0; sequence < batch.Count; sequence++)
            for (var step = batch.Lengths[sequence]; step < 16; step++) batch.Inputs[(step * batch.Count + sequence) * 2].ShouldBe(0, "padding");

        File.WriteAllBytes(folder.File("content"), started.Data!);
        using var run = new Trial("a", trial with { Train = trial.Train with { Steps = 150 }, Probe = new([], 1) }, TimeProvider.System, _ => { }, data: folder.File("content"));
        var outcome = TrainingLoop.Run(run, TestContext.Current.CancellationToken).ShouldNotBeNull();
        outcome.FinalAccuracy.ShouldBe(1, "the first steps tell the class, ten steps before the end");
        outcome.BaselineLoss.ShouldBe(Math.Log(2), 0.05);
    }
}
