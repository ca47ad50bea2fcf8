using System.Text;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Training.Tasks;

namespace Harness.Tests.Experiments;

/// <summary>Rolling origin evaluation: what each fold holds, and what cannot be folded.</summary>
public sealed class FoldTests
{
    private const string Series = "target: v, columns: [v]";

    private static string Content(string more = "") => $"v,p{more}\n" + string.Concat(Enumerable.Range(0, 300).Select(row => $"{row * 7919 % 101},train\n"));

    private static ExperimentSpec Spec(string settings, string content) => SpecText.SpecWith(new MemoryFiles(("series.csv", content)), SpecText.OverSeries(settings));

    private static string[] Problems(string settings, string matrix = "") => [.. SpecReader.Read(
        Encoding.UTF8.GetBytes(SpecText.OverSeries(settings).Replace("  cell: [rnn, lstm, gru]", $"  cell: [rnn, lstm, gru]{matrix}", StringComparison.Ordinal)), SpecText.FileName, [], new MemoryFiles(("series.csv", Content())))
        .Diagnostics.Where(diagnostic => diagnostic.Code != "HRN044").Select(diagnostic => $"{diagnostic.Line} {diagnostic.Message}")];

    [Fact]
    public void Test_stretches_follow_each_other_and_training_parts_grow()
    {
        var split = new DataSplit(70, 15, 15);
        split.Of(300, new DataFold(1, 3)).ShouldBe((new DataPart(0, 120), new DataPart(120, 165), new DataPart(165, 210)));
        split.Of(300, new DataFold(2, 3)).ShouldBe((new DataPart(0, 165), new DataPart(165, 210), new DataPart(210, 255)));
        split.Of(300, new DataFold(3, 3)).ShouldBe(split.Of(300), "the last fold is the plain split");
    }

    [Fact]
    public void Every_cell_is_trained_on_every_fold()
    {
        var spec = Spec($"{Series}, folds: 3", Content());
        spec.Conditions.Count.ShouldBe(9);
        spec.Conditions.Where(condition => condition.Arm == "gru").Select(condition => condition.Factors["fold"]).ShouldBe(["1/3", "2/3", "3/3"]);
        spec.Conditions.ShouldAllBe(condition => condition.Trial.Task.Parameters.Text("fold") == condition.Factors["fold"]);
        spec.Conditions.ShouldAllBe(condition => !condition.Trial.Task.Parameters.Values.ContainsKey("folds"));
        spec.Factors[^1].Path.ShouldBe("fold");
    }

    [Fact]
    public void One_fold_is_the_trial_without_folds()
    {
        var plain = Spec(Series, Content()).Conditions;
        Spec($"{Series}, folds: 1", Content()).Conditions.Select(condition => TrialIdentity.Of(condition.Trial)).ShouldBe(plain.Select(condition => TrialIdentity.Of(condition.Trial)));
        plain[0].Trial.Task.Parameters.Values.Keys.ShouldNotContain(name => name.StartsWith("fold", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fold_sees_nothing_beyond_its_test_stretch()
    {
        var content = Content();
        var first = Spec($"{Series}, folds: 3", content).Conditions.First(condition => condition.Factors["fold"] == "1/3").Trial.Task;
        var task = (WindowTask)SequenceTask.Create(first, Encoding.UTF8.GetBytes(content))!;
        // 45 rows of validation and of test, windows of 4 rows and one row ahead.
        (task.EvaluationSequences, task.TestSequences).ShouldBe((41, 41));
        task.KeyOf(task.TestStretch(100), 100)!.Order.ShouldBe(Enumerable.Range(169, 41));

        // Rows after its end change nothing of what it holds.
        var lines = content.Split('\n');
        for (var row = 211; row < 300; row++) lines[row] = "99999,train";
        var other = (WindowTask)SequenceTask.Create(first, Encoding.UTF8.GetBytes(string.Join('\n', lines)))!;
        other.Describe().Answer.Target.ShouldBe(task.Describe().Answer.Target);
        other.Baselines(100).Select(score => (score.Name, score.Loss, score.TestLoss)).ShouldBe(task.Baselines(100).Select(score => (score.Name, score.Loss, score.TestLoss)));
    }

    [Theory]
    [InlineData("folds: 3, split: 80/20", "each fold is tested on the stretch that follows, and split 80/20/0 leaves no test part")]
    [InlineData("folds: 6", "with 6 folds and split 70/15/15 the first fold trains on 0 % of the rows")]
    [InlineData("folds: 3, part: p", "folds cut the series by time, and part names the parts already")]
    [InlineData("folds: 3, fold: 1/3", "folds stands for all folds, and fold for one of them")]
    [InlineData("folds: 21", "21 is out of range")]
    [InlineData("fold: 4/3", "\"4/3\" is no fold")]
    public void What_cannot_be_folded_is_refused_at_its_line(string settings, string message) =>
        Problems($"{Series}, {settings}").ShouldContain(problem => problem.StartsWith("4 ", StringComparison.Ordinal) && problem.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Folds_are_no_factor_of_the_matrix() =>
        Problems(Series, "\n  task.folds: [2, 3]").ShouldHaveSingleItem().ShouldBe("8 folds is a factor by itself and cannot be varied");

    [Fact]
    public void A_task_without_folds_gets_one_message() =>
        SpecText.Problems(SpecText.Small.Replace("length: 20", "length: 20, folds: 3", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldContain("no task of this experiment has \"folds\"");
}
