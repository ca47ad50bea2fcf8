using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Formatting;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Tests.Reports;

/// <summary>What a report recommends for a person's own data, on results whose winner is known, and the figures of the test part.</summary>
public sealed class RecommendationTests
{
    private const int Windows = 240;

    /// <summary>A number from −1 to 1 that depends on its place alone.</summary>
    private static double Noise(int place)
    {
        var bits = (uint)place * 2654435761u;
        bits = (bits ^ (bits >> 16)) * 2246822519u;
        bits = (bits ^ (bits >> 13)) * 3266489917u;
        return (bits ^ (bits >> 16)) / 2147483648.0 - 1;
    }

    private static double Truth(int window) => 100 + 10 * Math.Sin(window * 0.3);

    /// <summary>Three cells that miss by noise of a size, beside a baseline that misses by noise of another. The GRU has the smallest validation loss.</summary>
    private static ExperimentResults Forecasts(double network, double baseline, int seeds = 8)
    {
        var plain = ResultsFixture.Make(["rnn", "lstm", "gru"], [20], seeds);
        return plain with
        {
            Conditions = [.. plain.Conditions.Select((condition, place) => condition with
            {
                Trial = condition.Trial with { Task = new("csv", 20, new([new("columns", "[\"v\"]"), new("inputs", "1"), new("target", "v"), new("problem", "forecast"), new("split", "70/15/15"), new("separator", "comma"), new("horizon", "1")]), Data: new string('a', 64)) },
                Sample = condition.Sample! with { Card = new(1_600, 1, new(1_000, Windows, Windows), new(50, 12, 12)) { TargetMean = 100, TargetDeviation = 10 } },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Outcome = trial.Outcome! with { FinalLoss = 0.5 - 0.1 * place, TrainSeconds = 12 },
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal)
                    {
                        ["test.loss"] = new([100], [0.5f - 0.1f * place]), ["test.mae"] = new([100], [4]), ["test.smape"] = new([100], [0.1f]),
                        ["baseline.linear"] = new([0], [0.35f]), ["baseline.linear.test"] = new([0], [0.4f]), ["baseline.linear.test_mae"] = new([0], [5]), ["baseline.linear.test_smape"] = new([0], [0.05f]),
                        ["baseline.last"] = new([0], [0.6f]), ["baseline.last.test"] = new([0], [0.01f]),
                    },
                    Test = new(Windows)
                    {
                        Answers = new([.. Enumerable.Range(20, Windows)], [.. Enumerable.Range(20, Windows)], [.. Enumerable.Range(0, Windows).Select(Truth)],
                            [.. Enumerable.Range(0, Windows).Select(window => (float)(Truth(window) + network * Noise(1_000 * ((int)trial.Seed + 31 * place) + window)))], "linear",
                            [.. Enumerable.Range(0, Windows).Select(window => (float)(Truth(window) + baseline * Noise(900_000 + window)))], [.. Enumerable.Repeat(true, Windows)]),
                        LookBack = new([1, 2, 4, 8, 20], [0.9, 0.6, 0.31, 0.3, 0.3], 200),
                    },
                })],
            })],
        };
    }

    private static ReportModel Build(ExperimentResults results, string language = "en") => ReportModelBuilder.Build(results, ReportOptions.Default with { Language = language });

    private static string Advice(ExperimentResults results, string language = "en") => Build(results, language).OwnData!.Recommendations.ShouldHaveSingleItem();

    [Fact]
    public void A_network_that_wins_is_recommended_with_its_error_and_its_cost()
    {
        var results = Forecasts(network: 2, baseline: 6);
        var advice = Advice(results);
        advice.ShouldStartWith("v, T=20: take gru (");
        var gru = results.Conditions[2];
        var error = Math.Sqrt(gru.Trials.Average(trial => trial.Test!.Answers!.Predicted.Zip(trial.Test.Answers.Truth, (predicted, right) => (predicted - right) * (predicted - right)).Average()));
        advice.ShouldContain($"its root mean square error of v is {Numbers.Short(error)} (95 % interval ");
        advice.ShouldContain(", 8 seeds)");
        advice.ShouldContain("that of the linear regression, the best simple predictor on the validation part, is 3.");
        advice.ShouldContain($"It has {Numbers.Count(gru.ParametersTotal)} parameters and trains in {Numbers.Short(12)} s.");
        Recommendation.Of(results).ShouldBe([advice], "the command line says the same");
    }

    [Fact]
    public void A_baseline_that_wins_is_recommended_with_its_error()
    {
        var advice = Advice(Forecasts(network: 6, baseline: 2));
        advice.ShouldStartWith("v, T=20: take the linear regression. On the test part its root mean square error of v is 1.");
        advice.ShouldContain("that of gru (");
        advice.ShouldNotContain("not clearly");
    }

    [Theory]
    [InlineData("en", "v, T=20: take the linear regression, which needs no training.", "neither clearly better nor clearly worse")]
    [InlineData("zh", "v, T=20：使用线性回归，它不需要训练。", "既不明显更好也不明显更差")]
    public void Where_chance_may_decide_the_baseline_is_recommended_and_the_tie_is_named(string language, string start, string tie)
    {
        var advice = Advice(Forecasts(network: 3.05, baseline: 3), language);
        advice.ShouldStartWith(start);
        advice.ShouldContain(tie);
    }

    [Fact]
    public void The_interval_holds_the_expected_error()
    {
        // Uniform noise from −a to a has a root mean square of a/√3.
        var results = Forecasts(network: 3, baseline: 9);
        double[][] squares = [.. results.Conditions[2].Trials.Select(trial => trial.Test!.Answers!.Predicted.Zip(trial.Test.Answers.Truth, (predicted, right) => (predicted - right) * (predicted - right)).ToArray())];
        var (low, high) = new BlockBootstrap(squares).Interval(Math.Sqrt);
        (3 / Math.Sqrt(3)).ShouldBeInRange(low, high);
        (high - low).ShouldBeInRange(0.02, 0.3);
    }

    [Fact]
    public void Intervals_of_errors_that_follow_each_other_cover_the_truth_and_those_of_single_windows_do_not()
    {
        // An autoregression whose mean is 0: its neighbours resemble each other, so that 300 values are worth about 33.
        const int Series = 200, Length = 300;
        var (covered, naive) = (0, 0);
        for (var series = 0; series < Series; series++)
        {
            var values = new double[Length];
            for (var i = 1; i < Length; i++) values[i] = 0.8 * values[i - 1] + Noise(series * 10_007 + i);
            var blocks = new BlockBootstrap([values]);
            var (low, high) = blocks.Interval();
            if (low <= 0 && high >= 0) covered++;
            var spread = 1.96 * Math.Sqrt(values.Average(value => (value - blocks.Mean) * (value - blocks.Mean)) / Length);
            if (Math.Abs(blocks.Mean) <= spread) naive++;
        }

        (covered / (double)Series).ShouldBeInRange(0.82, 0.98);
        (naive / (double)Series).ShouldBeLessThan(0.65);
    }

    [Fact]
    public void Measures_on_which_baseline_and_network_win_are_named()
    {
        var model = Build(Forecasts(network: 2, baseline: 6));
        model.OwnData!.Findings[1].ShouldBe("v, T=20: the linear regression wins on test sMAPE (0.0500 against 0.100); gru, the network with the smallest validation loss, wins on test MAE (4.00 against 5.00).");
    }

    [Fact]
    public void Captions_state_what_the_stored_answers_show()
    {
        var results = Forecasts(network: 2, baseline: 6);
        var figures = Build(results).OwnData!.Figures;
        figures.Select(figure => figure.Id).ShouldBe(["fig-forecast", "fig-look-back", "fig-period-error", "fig-residuals"]);
        figures.Select(figure => figure.Number).ShouldBe([1, 2, 3, 4]);
        var answers = results.Conditions[2].Trials.Select(trial => trial.Test!.Answers!).ToList();
        var miss = Enumerable.Range(0, 150).Average(window => Math.Abs(Quantiles.Median([.. answers.Select(each => (double)each.Predicted[window])]) - answers[0].Truth[window]));
        figures[0].Caption.ShouldStartWith($"v, T=20, rows 21 to 170: the median forecast of gru misses by {Numbers.Short(miss)} in the mean, the linear regression by ");
        figures[0].Table.Rows.Count.ShouldBe(150);
        figures[1].Caption.ShouldBe("v, T=20: gru needs 4 of the 20 rows; what lies before them gives less than 5 % of the gain from the past. The test loss falls from 0.900 with the newest row alone to 0.300 with the whole window.");
        figures[3].Caption.ShouldContain("of 40 lags");
        Build(results, "zh").OwnData!.Figures[0].Caption.ShouldStartWith("v, T=20，第 21 到 170 行：gru 的中位预测平均偏差");
    }

    [Fact]
    public void Classes_are_compared_by_right_answers()
    {
        var plain = Forecasts(1, 1);
        // Of 240 sequences half are of each class. The network takes every tenth "b" for "a"; the baseline answers "a" always.
        var analysis = new TestAnalysis(Windows)
        {
            Classes = ["a", "b"], Confusion = [120, 0, 12, 108],
            Answers = new([.. Enumerable.Range(0, Windows)], [.. Enumerable.Range(0, Windows)], [.. Enumerable.Range(0, Windows).Select(window => (double)(window % 2))],
                [.. Enumerable.Range(0, Windows).Select(window => window % 20 == 1 ? 0f : window % 2)], "previous", new float[Windows], [.. Enumerable.Repeat(true, Windows)])
            { Probabilities = new float[Windows] },
        };
        var results = plain with
        {
            Conditions = [.. plain.Conditions.Select(condition => condition with
            {
                Trial = condition.Trial with { Task = condition.Trial.Task with { Parameters = new([.. condition.Trial.Task.Parameters.Values.Where(pair => pair.Key != "problem"), new("problem", "classify"), new("classes", "2")]) } },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Test = analysis,
                    Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal)
                    {
                        ["test.loss"] = new([100], [0.9f]), ["test.accuracy"] = new([100], [0.95f]), ["test.balanced_accuracy"] = new([100], [0.95f]), ["test.macro_f1"] = new([100], [0.9f]),
                        ["baseline.previous"] = new([0], [0.7f]), ["baseline.previous.test"] = new([0], [0.7f]), ["baseline.previous.test_accuracy"] = new([0], [0.5f]),
                        ["baseline.previous.test_balanced_accuracy"] = new([0], [0.5f]), ["baseline.previous.test_macro_f1"] = new([0], [0.3f]),
                    },
                })],
            })],
        };
        var own = Build(results).OwnData!;
        own.Recommendations.Single().ShouldContain("its share of right answers is 95\u202f%");
        own.Recommendations.Single().ShouldContain("the best simple predictor on the validation part, is 50\u202f%");
        own.Findings.ShouldContain(finding => finding.Contains("the previous class wins on test loss (0.700 against 0.900); gru, the network with the smallest validation loss, wins on test accuracy (95\u202f% against 50\u202f%)"));
        var figure = own.Figures.Single(each => each.Id == "fig-confusion");
        figure.Caption.ShouldBe("v, T=20: gru answers 100\u202f% of a right and 90\u202f% of b. It takes 10\u202f% of b for a, the most frequent confusion.");
        figure.Table.Rows.Select(row => row.Cells[4].Text).ShouldBe(["100\u202f%", "0\u202f%"], "the baseline, class by class");
    }

    [Fact]
    public void Without_a_wrong_answer_the_interval_still_says_how_many_there_could_be()
    {
        var plain = Forecasts(1, 1);
        // 30 whole series, all answered right: with 11.6 % of wrong answers that has a chance of 2.5 % (0.884³⁰), by Clopper and Pearson.
        double[] truth = [.. Enumerable.Range(0, 30).Select(series => (double)(series % 2))];
        var analysis = new TestAnalysis(30)
        {
            Classes = ["a", "b"], Confusion = [15, 0, 0, 15],
            Answers = new([.. Enumerable.Range(0, 30)], [.. Enumerable.Range(0, 30)], truth, Array.ConvertAll(truth, value => (float)value), "frequencies", new float[30], [.. Enumerable.Repeat(true, 30)]),
        };
        var results = plain with
        {
            Conditions = [.. plain.Conditions.Select(condition => condition with
            {
                Trial = condition.Trial with { Task = condition.Trial.Task with { Parameters = new([.. condition.Trial.Task.Parameters.Values.Where(pair => pair.Key != "problem"), new("problem", "classify"), new("classes", "2"), new("sequence", "whole")]) } },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Test = analysis,
                    Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) { ["test.loss"] = new([100], [0.1f]), ["baseline.frequencies"] = new([0], [0.7f]), ["baseline.frequencies.test"] = new([0], [0.7f]) },
                })],
            })],
        };
        Advice(results).ShouldContain("its share of right answers is 100\u202f% (95 % interval 88.4\u202f% – 100\u202f%, 8 seeds)");
    }

    [Fact]
    public async Task Names_of_classes_and_targets_cannot_leave_their_place()
    {
        var results = Forecasts(2, 6);
        var html = await ReportWriter.Write(results with
        {
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trial = condition.Trial with { Task = condition.Trial.Task with { Parameters = new([.. condition.Trial.Task.Parameters.Values.Where(pair => pair.Key != "target"), new("target", "</text><script>alert(1)</script>")]) } },
            })],
        }, ReportOptions.Default);
        html.ShouldNotContain("<script>alert(1)");
        html.ShouldContain("id=\"fig-forecast\"");
    }
}
