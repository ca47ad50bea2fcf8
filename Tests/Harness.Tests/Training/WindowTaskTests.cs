using System.Globalization;
using System.Text;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Tests.Experiments;
using Harness.Training;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

/// <summary>Tasks over a person's own files: which windows are trained on, judged by, and held back.</summary>
public sealed class WindowTaskTests
{
    private const int Rows = 200, Length = 6;

    /// <summary>Row r of column "row" is r, so that a standardised value tells its row.</summary>
    private static string Counting(double later = 1) => "row,noise,kind\n" + string.Concat(Enumerable.Range(0, Rows).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $"{(row < 140 ? row : row * later)},{row * 37 % 11},{(row % 3 == 0 ? "three" : "other")}\n")));

    private static (SequenceTask Task, TrialSpec Trial) Csv(string settings = "target: row, columns: [row, noise]", string? content = null) =>
        Create(SpecText.OverSeries($"{settings}").Replace("length: 4", $"length: {Length}", StringComparison.Ordinal), content ?? Counting());

    private static (SequenceTask Task, TrialSpec Trial) Create(string yaml, string content)
    {
        var trial = SpecText.SpecWith(new MemoryFiles(("series.csv", content)), yaml).Conditions[0].Trial;
        return (SequenceTask.Create(trial.Task, Encoding.UTF8.GetBytes(content))!, trial);
    }

    /// <summary>The first row of each sequence: mean and deviation of the training part's 140 rows undone.</summary>
    private static int[] FirstRows(SequenceBatch batch)
    {
        const double mean = 69.5;
        var deviation = Math.Sqrt((140.0 * 140 - 1) / 12);
        return [.. Enumerable.Range(0, batch.Count).Select(b => (int)Math.Round(batch.Inputs[b * batch.Shape.InputSize] * deviation + mean))];
    }

    [Fact]
    public void Windows_show_consecutive_rows_and_ask_for_the_target_beyond_them()
    {
        var (task, _) = Csv("target: row, columns: [noise, row], horizon: 3");
        var batch = task.TrainingBatch(1, 1, 20);
        var deviation = Math.Sqrt((140.0 * 140 - 1) / 12);
        for (var b = 0; b < 20; b++)
        {
            double Row(int step) => batch.Inputs[(step * 20 + b) * 2 + 1] * deviation + 69.5;
            for (var step = 1; step < Length; step++) Row(step).ShouldBe(Row(0) + step, 1e-3);
            (batch.Values[b] * deviation + 69.5).ShouldBe(Row(Length - 1) + 3, 1e-3);
        }
    }

    [Fact]
    public void Training_evaluation_and_test_windows_share_no_row_and_none_crosses_a_cut()
    {
        var (task, _) = Csv();
        var train = Enumerable.Range(1, 40).SelectMany(step => FirstRows(task.TrainingBatch(1, step, 50))).ToHashSet();
        // The answer lies one row beyond the window: the last row of each part is only ever an answer.
        train.Order().ShouldBe(Enumerable.Range(0, 140 - Length));
        FirstRows(task.Evaluation(1, 0, 1000)).Order().ShouldBe(Enumerable.Range(140, 30 - Length));
        FirstRows(task.Test(0, 1000)).Order().ShouldBe(Enumerable.Range(170, 30 - Length));
        (task.EvaluationSequences, task.TestSequences).ShouldBe((30 - Length, 30 - Length));
    }

    [Fact]
    public void Later_rows_change_no_training_sequence()
    {
        var (calm, wild) = (Csv().Task, Csv(content: Counting(later: 1e6)).Task);
        wild.TrainingBatch(3, 5, 30).Inputs.ShouldBe(calm.TrainingBatch(3, 5, 30).Inputs);
        wild.TrainingBatch(3, 5, 30).Values.ShouldBe(calm.TrainingBatch(3, 5, 30).Values);
        wild.Evaluation(3, 0, 10).Inputs.ShouldNotBe(calm.Evaluation(3, 0, 10).Inputs);
    }

    [Fact]
    public void Any_number_of_evaluation_sequences_is_spread_over_the_whole_part_and_the_same_for_every_seed()
    {
        var (task, _) = Create(SpecText.OverSeries("target: row, columns: [row], split: 50/50").Replace("length: 4", "length: 1", StringComparison.Ordinal), "row\n" + string.Concat(Enumerable.Range(0, 2000).Select(row => $"{row}\n")));
        var deviation = Math.Sqrt((1000.0 * 1000 - 1) / 12);
        foreach (var count in new[] { 5, 20, 100, 999 })
        {
            var rows = task.Evaluation(1, 0, count).Inputs.Select(value => value * deviation + 499.5 - 1000).Order().ToArray();
            rows.Length.ShouldBe(count);
            rows.Zip(rows.Skip(1)).Max(pair => pair.Second - pair.First).ShouldBeLessThan(3.0 * 999 / count);
            task.Evaluation(2, 0, count).Inputs.ShouldBe(task.Evaluation(1, 0, count).Inputs);
        }

        task.Evaluation(1, 4, 3).Inputs.ShouldBe(task.Evaluation(1, 0, 7).Inputs[4..]);
    }

    [Fact]
    public void Batches_are_pure_functions_of_task_seed_and_step()
    {
        foreach (var (task, _) in new[] { Csv(), Csv("target: kind, problem: classify"), Text("abcabcabcacbacb") })
        {
            var direct = task.TrainingBatch(5, 9, 4);
            for (var step = 1; step < 9; step++) task.TrainingBatch(5, step, 4);
            task.TrainingBatch(5, 9, 4).Inputs.ShouldBe(direct.Inputs);
            task.TrainingBatch(5, 9, 4).Classes.ShouldBe(direct.Classes);
            task.TrainingBatch(5, 10, 4).Inputs.ShouldNotBe(direct.Inputs);
            task.TrainingBatch(6, 9, 4).Inputs.ShouldNotBe(direct.Inputs);
        }
    }

    [Fact]
    public void Classes_are_asked_for_and_the_baseline_is_their_frequency_in_training()
    {
        var (task, trial) = Csv("target: kind, problem: classify, columns: [noise], horizon: 0");
        task.Shape.Graded.ShouldBeTrue();
        trial.Task.Parameters.Integer("classes").ShouldBe(2);
        var set = task.Evaluation(1, 0, 1000);
        set.Count.ShouldBe(25);
        // The 135 training windows end in rows 5 to 139; every third row is of the first class, and half an observation each is added.
        var (share, known) = (set.Classes.Count(answer => answer == 0) / 25.0, 45.5 / 136);
        task.EvaluationBaseline(1, 25).ShouldBe(-share * Math.Log(known) - (1 - share) * Math.Log(1 - known), 1e-6);
    }

    [Fact]
    public void A_column_that_stands_still_in_the_training_part_is_only_centred()
    {
        var (task, _) = Csv("target: a, columns: [a, b]", "a,b\n" + string.Concat(Enumerable.Range(0, Rows).Select(row => $"{row % 7},{(row < 150 ? 5 : 8)}\n")));
        task.TrainingBatch(1, 1, 10).Inputs.Where((_, i) => i % 2 == 1).ShouldAllBe(value => value == 0);
        task.Test(0, 5).Inputs.Where((_, i) => i % 2 == 1).ShouldAllBe(value => value == 3);
    }

    private static (SequenceTask Task, TrialSpec Trial) Text(string text, string settings = "") =>
        Create(SpecText.Small.Replace("kind: adding, length: 20", $"kind: text, file: series.csv, length: 5{settings}", StringComparison.Ordinal), string.Concat(Enumerable.Repeat(text, 40)));

    [Fact]
    public void Text_asks_for_the_next_character_and_its_vocabulary_is_the_training_parts()
    {
        // The last tenth of this text holds a letter that the first part lacks.
        var content = string.Concat(Enumerable.Repeat("bac€", 90)) + string.Concat(Enumerable.Repeat("bazz", 10));
        var (task, trial) = Create(SpecText.Small.Replace("kind: adding, length: 20", "kind: text, file: series.csv, length: 5, split: 90/10", StringComparison.Ordinal), content);
        trial.Task.Parameters.Integer("symbols").ShouldBe(5);
        var batch = task.TrainingBatch(1, 1, 30);
        for (var b = 0; b < 30; b++)
        {
            int Symbol(int step) => Enumerable.Range(0, 5).Single(s => batch.Inputs[(step * 30 + b) * 5 + s] == 1);
            for (var step = 0; step + 1 < 5; step++) batch.Classes[step * 30 + b].ShouldBe(Symbol(step + 1));
            batch.Classes.ShouldAllBe(answer => answer != 0);
        }

        task.Evaluation(1, 0, 1000).Classes.Count(answer => answer == 0).ShouldBeGreaterThan(20);
        Create(SpecText.Small.Replace("kind: adding, length: 20", "kind: text, file: series.csv, length: 5, vocabulary: 2", StringComparison.Ordinal), content).Trial.Task.Parameters.Integer("symbols").ShouldBe(3);
    }

    [Fact]
    public void A_trial_over_a_file_is_trained_judged_and_tested()
    {
        using var folder = new TemporaryFolder();
        var (_, trial) = Csv("target: kind, problem: classify");
        File.WriteAllText(folder.File("content"), Counting());
        trial = trial with { Train = trial.Train with { Steps = 6, Sequences = 10 }, Evaluation = new(3, 1000), Probe = new([ProbeMoment.End], 32) };

        var frames = new List<TrainerFrame>();
        using var run = new Trial("a", trial, TimeProvider.System, frames.Add, data: folder.File("content"));
        var outcome = TrainingLoop.Run(run, TestContext.Current.CancellationToken).ShouldNotBeNull();
        // The class before tells more than the frequencies, whose entropy is 0.64.
        outcome.BaselineLoss.ShouldBeInRange(0.4, 0.5);
        foreach (var metric in new[] { "test.loss", "test.accuracy", "train.set_loss" }) Trials.Curve(frames, metric).Keys.ShouldHaveSingleItem(metric).ShouldBe(6);

        // The task's own criterion is a share of the baseline.
        outcome.Solved.ShouldBe(outcome.StepsToTarget is not null);
    }

    [Fact]
    public void What_is_not_the_named_content_is_rejected_with_its_reason()
    {
        using var folder = new TemporaryFolder();
        var (_, trial) = Csv();
        string Reason(string? data, TrialSpec? other = null) => Should.Throw<TrialRejectedException>(() => new Trial("a", other ?? trial, TimeProvider.System, _ => { }, data: data)).Message;
        Reason(null).ShouldContain(trial.Task.Data!);
        Reason(folder.File("missing")).ShouldContain("cannot be read");
        File.WriteAllText(folder.File("changed"), Counting() + "1,2,three\n");
        Reason(folder.File("changed")).ShouldContain("it was changed");

        File.WriteAllText(folder.File("right"), Counting());
        Reason(folder.File("right"), trial with { Task = trial.Task with { Length = 500 } }).ShouldContain("too few");
        Reason(folder.File("right"), trial with { Task = trial.Task with { Data = "x" } }).ShouldContain("SHA-256");
        Reason(folder.File("right"), trial with { Task = trial.Task with { Parameters = new(trial.Task.Parameters.Values.Where(pair => pair.Key != "columns")) } }).ShouldContain("columns");
        Reason(folder.File("right"), trial with { Task = trial.Task with { Parameters = new(trial.Task.Parameters.Values.Select(pair => pair.Key == "inputs" ? new("inputs", "7") : pair)) } }).ShouldContain("planned");
        Reason(null, Trials.Spec() with { Task = Trials.Task("adding", 8) with { Data = trial.Task.Data } }).ShouldContain("generated");
    }

    [Fact]
    public void Any_split_of_any_length_keeps_its_parts_apart()
    {
        var random = new Random(4);
        for (var run = 0; run < 300; run++)
        {
            var (rows, first) = (random.Next(0, 5_000), random.Next(1, 99));
            var split = new DataSplit(first, random.Next(1, 100 - first), 0);
            split = split with { Test = 100 - split.Train - split.Validation };
            DataSplit.Parse(split.ToString()).ShouldBe(split);
            var (train, validation, test) = split.Of(rows);
            (train.Start, train.End, validation.End).ShouldBe((0, validation.Start, test.Start));
            if (split.Test > 0) test.End.ShouldBe(rows);
            else test.Count.ShouldBe(0);
        }
    }
}
