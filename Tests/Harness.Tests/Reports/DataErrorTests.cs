using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Summaries;

namespace Harness.Tests.Reports;

/// <summary>The errors on the test part of a person's data: by class, and by period.</summary>
public sealed class DataErrorTests
{
    private const int Windows = 240;

    private static ExperimentResults Results(string problem, Func<int, long, TestAnalysis> tested)
    {
        var plain = ResultsFixture.Make(["rnn", "gru"], [20], 6);
        return plain with
        {
            Conditions = [.. plain.Conditions.Select((condition, place) => condition with
            {
                Trial = condition.Trial with { Task = new("csv", 20, new([new("columns", "[\"v\"]"), new("inputs", "1"), new("target", "v"), new("problem", problem), new("classes", "2"), new("split", "70/15/15"), new("separator", "comma"), new("horizon", "1")]), Data: new string('a', 64)) },
                Sample = condition.Sample! with { Card = new(1_600, 1, new(1_000, Windows, Windows), new(50, 12, 12)) },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Outcome = trial.Outcome! with { FinalLoss = 0.5 - 0.1 * place },
                    Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal)
                    {
                        ["eval.loss"] = new([100], [0.5f - 0.1f * place]), ["test.loss"] = new([100], [0.5f - 0.1f * place]),
                        [problem == "forecast" ? "baseline.linear" : "baseline.previous"] = new([0], [0.6f]), [problem == "forecast" ? "baseline.linear.test" : "baseline.previous.test"] = new([0], [0.7f]),
                    },
                    Test = tested(place, trial.Seed),
                })],
            })],
        };
    }

    /// <summary>Of 240 answers 40 are b. A network calls 10 of them a, and so many a's b as its place and seed say.</summary>
    private static ExperimentResults Classes() => Results("classify", (place, seed) => new(Windows) { Classes = ["a", "b"], Confusion = [200 - 10 * (place + 1) - (int)(seed % 2), 10 * (place + 1) + (int)(seed % 2), 10, 30] });

    /// <summary>The network misses by 1 or 1.5 in the first half of the test part and by 3 or 4 in the second; the baseline by 2 everywhere.</summary>
    private static ExperimentResults Numbers(bool isSeries = true) => Results("forecast", (place, seed) =>
    {
        int[] rows = [.. Enumerable.Range(0, Windows)];
        return new(Windows)
        {
            Answers = new(rows, rows, [.. rows.Select(row => (double)row)], [.. rows.Select(row => row + (row < 20 ? 1f : row < Windows / 2 ? 1.5f : row < 140 ? 4f : 3f) + 0.1f * place)], "linear", [.. rows.Select(row => row + 2f)], [.. rows.Select(_ => true)])
            {
                Series = isSeries ? null : ["x"], SeriesOf = isSeries ? null : new int[Windows],
            },
        };
    });

    private static IReadOnlyList<FigureModel> Figures(ExperimentResults results, string language = "en") => ReportModelBuilder.Build(results, ReportOptions.Default with { Language = language }).OwnData!.Figures;

    [Theory]
    [InlineData("en", "Licence")]
    [InlineData("zh", "许可")]
    public void A_data_card_names_the_licence_if_the_file_does(string language, string fact)
    {
        var results = Numbers();
        DataCards.Of(results, language).ShouldHaveSingleItem().Rows.ShouldNotContain(row => row.Cells[0].Text == fact);
        DataCards.Of(results with { Report = results.Report with { DataLicence = "CC BY 4.0" } }, language).Single().Rows[^1].Cells.Select(cell => cell.Text).ShouldBe([fact, "CC BY 4.0"]);
    }

    [Theory]
    [InlineData("en", "v, T=20: gru finds 75\u202f% of b, the class that it finds least often; 16.7\u202f% of the test part are b. Where it answers b, ")]
    [InlineData("zh", "v, T=20：gru 最难找到的类别是 b，召回率为 75\u202f%；该类别占测试部分的 16.7\u202f%。")]
    public void The_class_that_is_found_least_is_named_with_its_share(string language, string begin) =>
        Figures(Classes(), language).Single(figure => figure.Id == ClassErrorFigure.Id).Caption.ShouldStartWith(begin);

    [Fact]
    public void Recall_and_precision_of_every_network_stand_beside_the_share_of_the_class()
    {
        var figure = Figures(Classes()).Single(each => each.Id == ClassErrorFigure.Id);
        figure.Panels.Count.ShouldBe(2);
        foreach (var panel in figure.Panels) panel.Drawing.Series.Select(series => series.Key).ShouldBe(["share", "rnn", "gru"]);
        var precision = figure.Panels[1].Drawing.Series[1];
        precision.Strokes.Count.ShouldBe(2, "seeds differ");
        figure.Panels.Select(panel => panel.Drawing.X.Title).ShouldBe(["right class", "answered class"]);
        var (low, high) = (precision.Strokes[1].Points[0].Y, precision.Strokes[1].Points[1].Y);
        (low, high).ShouldBe((30 / 41.0, 30 / 40.0));
        figure.Table.Rows.Count.ShouldBe(4);
        figure.Table.Rows[1].Cells.Select(cell => cell.Text).Take(5).ShouldBe(["v, T=20", "rnn", "b", "16.7\u202f%", "75\u202f%"]);
    }

    [Theory]
    [InlineData("en", "v, T=20: the RMSE of gru is largest in rows 121 – 140 (4.10) and smallest in rows 1 – 20 (1.10). It is below that of the linear regression in 6 of 12 periods.")]
    [InlineData("zh", "v, T=20：gru 的 RMSE 在第 121 – 140 行最大（4.10），在第 1 – 20 行最小（1.10）。在 12 个时段中，有 6 个低于线性回归。")]
    public void The_error_by_period_says_when_the_network_errs(string language, string caption) =>
        Figures(Numbers(), language).Single(figure => figure.Id == PeriodErrorFigure.Id).Caption.ShouldBe(caption);

    [Fact]
    public void Every_period_has_a_row_for_each_network_and_for_the_baseline()
    {
        var figure = Figures(Numbers()).Single(each => each.Id == PeriodErrorFigure.Id);
        figure.Table.Rows.Count.ShouldBe(3 * 12);
        figure.Table.Rows[^1].Cells.Select(cell => cell.Text).Skip(1).Take(5).ShouldBe(["linear regression", "221", "240", "20", "2.00"]);
        figure.Panels.ShouldHaveSingleItem().Drawing.Series.Select(series => series.Key).ShouldBe(["baseline", "rnn", "gru"]);
    }

    [Fact]
    public void Several_series_have_no_periods_in_common() => Figures(Numbers(isSeries: false)).ShouldNotContain(figure => figure.Id == PeriodErrorFigure.Id);

    [Theory]
    [InlineData(1.0, false)]
    [InlineData(0.5, true)]
    public void Longer_training_is_advised_only_where_losses_still_fall(double end, bool isLonger)
    {
        int[] steps = [.. Enumerable.Range(1, 20).Select(place => 50 * place)];
        var results = Numbers();
        results = results with
        {
            Claims = [new ComparisonClaim("a", "gru", "rnn", "eval.loss", null, null)],
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Outcome = trial.Outcome! with { Kind = OutcomeKind.Completed, Solved = false, FinalLoss = 2 * end, BestLoss = 2 * end, BaselineLoss = 0.6, StepsToTarget = null, SecondsToTarget = null },
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal) { ["eval.loss"] = new(steps, [.. steps.Select(step => step <= 800 ? 2f : (float)(2 * end))]) },
                })],
            })],
        };
        var summary = SummaryBuilder.Of(results);
        summary.Next.ShouldStartWith(isLonger ? "Train longer" : "Give the networks more to learn from");
        if (!isLonger) summary.Next.ShouldEndWith("so longer training will hardly help.");
    }

    /// <summary>A learning rate that falls to 0 makes every curve flat.</summary>
    [Theory]
    [InlineData(ScheduleKind.Constant, 400, "(task.columns, task.length), or try another learning rate. The losses have levelled off, so longer training will hardly help.")]
    [InlineData(ScheduleKind.Cosine, 1000, "train longer (train.steps), or try another learning rate. The losses were flat at the end, where the learning rate had fallen; that does not say which of these helps.")]
    [InlineData(ScheduleKind.Cosine, 400, "The losses have levelled off, so longer training will hardly help.")]
    public void A_flat_end_says_nothing_where_the_learning_rate_made_it_flat(ScheduleKind schedule, int best, string end)
    {
        int[] steps = [.. Enumerable.Range(1, 20).Select(place => 50 * place)];
        var results = Numbers();
        results = results with
        {
            Claims = [new ComparisonClaim("a", "gru", "rnn", "eval.loss", null, null)],
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trial = condition.Trial with { Train = condition.Trial.Train with { Optimizer = condition.Trial.Train.Optimizer with { Schedule = new(schedule) } } },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Outcome = trial.Outcome! with { Kind = OutcomeKind.Completed, Solved = false, FinalLoss = 2, BestLoss = 1.99, BaselineLoss = 0.6, StepsToTarget = null, SecondsToTarget = null },
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal) { ["eval.loss"] = new(steps, [.. steps.Select(step => step == best ? 1.99f : 2f)]) },
                })],
            })],
        };
        SummaryBuilder.Of(results).Next.ShouldEndWith(end);
    }
}
