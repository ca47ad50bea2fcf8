using Harness.Abstractions.Results;
using Harness.Reports.Model;

namespace Harness.Tests.Reports;

/// <summary>The report on forecasts of a range of rows: the error by horizon, and figures and advice that count each window once.</summary>
public sealed class HorizonReportTests
{
    private const int Windows = 60, Steps = 4;

    /// <summary>Truth is the row's number. A network misses by a constant and by the rows ahead, the baseline by three times as much.</summary>
    private static ExperimentResults Results(int windows = Windows)
    {
        var plain = ResultsFixture.Make(["rnn", "lstm", "gru"], [20], 6);
        return plain with
        {
            Conditions = [.. plain.Conditions.Select((condition, place) => condition with
            {
                Trial = condition.Trial with { Task = new("csv", 20, new([new("columns", "[\"v\"]"), new("inputs", "1"), new("target", "v"), new("problem", "forecast"), new("split", "70/15/15"), new("separator", "comma"), new("horizon", "1..4")]), Data: new string('a', 64)) },
                Sample = condition.Sample! with { Card = new(1_600, 1, new(1_000, windows, windows), new(50, 12, 12)) { TargetMean = 100, TargetDeviation = 10 } },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Outcome = trial.Outcome! with { FinalLoss = 0.5 - 0.1 * place },
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal)
                    {
                        ["test.loss"] = new([100], [0.5f - 0.1f * place]), ["baseline.linear"] = new([0], [0.6f]), ["baseline.linear.test"] = new([0], [0.7f]),
                    },
                    Test = Tested(windows, 1 + place + 0.1 * trial.Seed),
                })],
            })],
        };
    }

    private static TestAnalysis Tested(int windows, double miss)
    {
        (int Window, int Step)[] cells = [.. from window in Enumerable.Range(0, windows) from step in Enumerable.Range(1, Steps) orderby window + step, step select (window, step)];
        int[] rows = [.. cells.Select(cell => 100 + cell.Window + cell.Step)];
        double Error((int Window, int Step) cell) => miss * cell.Step * (cell.Window % 2 == 0 ? 1 : -1);
        return new(windows)
        {
            Answers = new(rows, rows, [.. rows.Select(row => (double)row)], [.. cells.Zip(rows, (cell, row) => (float)(row + Error(cell)))], "linear", [.. cells.Zip(rows, (cell, row) => (float)(row + 3 * Error(cell)))], [.. cells.Select(_ => true)])
            {
                Steps = [.. cells.Select(cell => cell.Step)],
            },
            BySteps = new([1, 2, 3, 4], [.. Enumerable.Range(1, 4).Select(step => miss * step)], [.. Enumerable.Range(1, 4).Select(step => miss * step)], "linear", [4.05, 4.05, 4.05, 4.05], [4, 4, 4, 4]),
        };
    }

    private static ReportModel Build(ExperimentResults results, string language = "en") => ReportModelBuilder.Build(results, ReportOptions.Default with { Language = language });

    private static FigureModel Figure(string id, string language = "en") => Build(Results(), language).OwnData!.Figures.Single(figure => figure.Id == id);

    [Theory]
    [InlineData("en", "v, T=20, h=1..4: the RMSE of gru is ", "The network is better at 1 of 4 distances.")]
    [InlineData("zh", "v, T=20, h=1..4：gru 的 RMSE 在提前 1 行时为 ", "在 4 个步长中，网络有 1 个更好。")]
    public void The_error_by_horizon_says_where_the_network_is_better(string language, string begin, string end)
    {
        var figure = Figure(HorizonFigure.Id, language);
        figure.Caption.ShouldStartWith(begin);
        figure.Caption.ShouldEndWith(end);
    }

    [Fact]
    public void Each_cell_has_its_median_and_its_spread_over_seeds_beside_the_baseline()
    {
        var panel = Figure(HorizonFigure.Id).Panels.ShouldHaveSingleItem().Drawing;
        panel.Series.Select(series => series.Key).ShouldBe(["baseline", "rnn", "lstm", "gru"]);
        panel.Series[0].Band.ShouldBeNull();
        panel.Series[0].Strokes.Single().Points.Select(point => point.Y).ShouldBe([4.05, 4.05, 4.05, 4.05]);
        long[] seeds = [.. Results().Conditions[1].Trials.Select(trial => trial.Seed)];
        var lstm = panel.Series[2];
        lstm.Band!.X.ShouldBe([1, 2, 3, 4]);
        lstm.Band.Low[1].ShouldBe(2 * (2 + 0.1 * seeds.Min()), 1e-9);
        lstm.Band.High[3].ShouldBe(4 * (2 + 0.1 * seeds.Max()), 1e-9);
        lstm.Strokes.Single().Points[0].Y.ShouldBeInRange(lstm.Band.Low[0], lstm.Band.High[0]);
    }

    [Fact]
    public void The_table_has_a_row_for_every_predictor_and_distance()
    {
        var table = Figure(HorizonFigure.Id).Table!;
        table.Rows.Count.ShouldBe(4 * Steps);
        table.Rows[^1].Cells.Select(cell => cell.Text).Take(3).ShouldBe(["v, T=20, h=1..4", "linear regression", "4"]);
    }

    [Fact]
    public void The_forecast_is_drawn_window_after_window_and_no_row_twice()
    {
        var truth = Figure(AnswerFigures.Forecast).Panels[0].Drawing.Series.Single(series => series.Key == "truth").Strokes.Single().Points;
        truth.Select(point => point.Y).ShouldBe(Enumerable.Range(101, Windows).Select(row => (double)row));
    }

    [Fact]
    public void A_window_counts_once_in_the_advice()
    {
        var advice = Build(Results()).OwnData!.Recommendations.ShouldHaveSingleItem();
        advice.ShouldStartWith("v, T=20, h=1..4: take gru (");
        // The mean over seeds and rows of (miss · step)²; a baseline thrice as far is beaten in every window.
        double[] misses = [.. Results().Conditions[2].Trials.Select(trial => 3 + 0.1 * trial.Seed)];
        advice.ShouldContain($"root mean square error of v is {Harness.Reports.Formatting.Numbers.Short(Math.Sqrt(misses.Average(miss => miss * miss) * 7.5))}");
    }

    [Fact]
    public void One_row_ahead_has_no_such_figure()
    {
        var results = Results();
        results = results with { Conditions = [.. results.Conditions.Select(condition => condition with { Trials = [.. condition.Trials.Select(trial => trial with { Test = trial.Test! with { BySteps = null } })] })] };
        Build(results).OwnData!.Figures.ShouldNotContain(figure => figure.Id == HorizonFigure.Id);
    }
}
