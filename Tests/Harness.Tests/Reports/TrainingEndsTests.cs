using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Conditions;
using Harness.Reports.Model;

namespace Harness.Tests.Reports;

/// <summary>Training that ended at a moment which decides the comparison is said to have done so.</summary>
public sealed class TrainingEndsTests
{
    private static ConditionResults With(Func<int, double> loss, OutcomeKind kind = OutcomeKind.Completed, bool solved = false, EarlyStopSpec? stop = null, KeepKind? keep = null, double best = 0.1, int affected = 5)
    {
        var condition = ResultsFixture.Make(["lstm", "rnn"], [20], 5).Conditions[0];
        int[] steps = [.. Enumerable.Range(0, 21).Select(index => index * 10)];
        var series = new MetricSeries(steps, [.. steps.Select(step => (float)loss(step))]);
        return condition with
        {
            Trial = condition.Trial with { Train = condition.Trial.Train with { EarlyStop = stop, Keep = keep } },
            Trials =
            [
                .. condition.Trials.Select((trial, index) => index >= affected ? trial with { Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) } : trial with
                {
                    Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) { [MetricCatalog.EvaluationLoss] = series },
                    Outcome = trial.Outcome! with { Kind = kind, Solved = solved, BestLoss = best, BaselineLoss = 0.2 },
                }),
            ],
        };
    }

    [Fact]
    public void A_loss_that_fell_by_a_tenth_in_the_last_fifth_is_still_falling()
    {
        TrainingEnds.IsStillFalling(With(step => Math.Exp(-step / 100.0))).ShouldBeTrue();
        TrainingEnds.IsStillFalling(With(step => 0.3 + Math.Exp(-step / 10.0))).ShouldBeFalse();
        TrainingEnds.IsStillFalling(With(step => 0.3 + 0.02 * Math.Sin(step))).ShouldBeFalse();
        TrainingEnds.IsStillFalling(With(step => Math.Exp(-step / 100.0), solved: true)).ShouldBeFalse();
        TrainingEnds.IsStillFalling(With(step => Math.Exp(-step / 100.0), OutcomeKind.EarlyStopped)).ShouldBeFalse();
        TrainingEnds.IsStillFalling(With(step => Math.Exp(-step / 100.0), affected: 3)).ShouldBeTrue();
        TrainingEnds.IsStillFalling(With(step => Math.Exp(-step / 100.0), affected: 2)).ShouldBeFalse();
    }

    [Fact]
    public void A_patience_that_ran_out_before_the_baseline_was_beaten_stopped_before_learning()
    {
        var patience = new EarlyStopSpec(Patience: 3);
        TrainingEnds.StoppedBeforeLearning(With(_ => 1, OutcomeKind.EarlyStopped, stop: patience, best: 0.3)).ShouldBeTrue();
        TrainingEnds.StoppedBeforeLearning(With(_ => 1, OutcomeKind.EarlyStopped, stop: patience, best: 0.1)).ShouldBeFalse();
        TrainingEnds.StoppedBeforeLearning(With(_ => 1, OutcomeKind.Completed, stop: patience, best: 0.3)).ShouldBeFalse();
        TrainingEnds.StoppedBeforeLearning(With(_ => 1, OutcomeKind.EarlyStopped, stop: new(OnTarget: true), best: 0.3)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("en", "Still falling when training ended: lstm.", "Stopped by early_stop.patience before beating the baseline: rnn.", "train.keep: best")]
    [InlineData("zh", "训练结束时损失仍在下降：lstm。", "还没有超过基线就被 early_stop.patience 停止：rnn。", "train.keep: best")]
    public async Task The_report_says_so_in_both_languages(string language, string falling, string stopped, string kept)
    {
        var results = ResultsFixture.Make(["lstm", "rnn"], [20], 5);
        var first = With(step => Math.Exp(-step / 100.0), keep: KeepKind.Best) with { Label = "lstm" };
        var second = With(_ => 1, OutcomeKind.EarlyStopped, stop: new(Patience: 3), best: 0.3) with { Label = "rnn", Ordinal = 1, Factors = new Dictionary<string, string>(StringComparer.Ordinal) { ["cell"] = "rnn" } };
        second = second with { Trial = second.Trial with { Model = second.Trial.Model with { Cell = "rnn" } } };
        var page = await ReportWriter.Write(results with { Conditions = [first, second] }, ReportOptions.Default with { Language = language });
        foreach (var sentence in new[] { falling, stopped, kept }) page.ShouldContain(sentence);
        (await ReportWriter.Write(results, ReportOptions.Default with { Language = language })).ShouldNotContain(falling.Split(':', '：')[0]);
    }
}
