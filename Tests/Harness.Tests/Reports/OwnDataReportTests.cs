using System.Text.Json;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Summaries;

namespace Harness.Tests.Reports;

/// <summary>The report about a person's own data: networks against simple predictors, on the test part, in the target's unit.</summary>
public sealed class OwnDataReportTests
{
    private static readonly DataCard Card = new(144, 1, new(87, 22, 22), new(7, 2, 2)) { TargetMean = 200, TargetDeviation = 50, Season = 12, Warnings = [DataWarning.FewWindows] };

    /// <summary>Three cells whose test losses are 0.2, 0.3 and 0.4, beside baselines of 0.1 (linear) and 0.5 (last).</summary>
    private static ExperimentResults Results(double linear = 0.1, DataCard? card = null)
    {
        var plain = ResultsFixture.Make(["rnn", "lstm", "gru"], [20], 6);
        return plain with
        {
            Conditions = [.. plain.Conditions.Select((condition, place) => condition with
            {
                Trial = Own(condition.Trial),
                Sample = condition.Sample! with { Card = card ?? Card },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal)
                    {
                        ["test.loss"] = new([100], [0.2f + 0.1f * place]),
                        ["baseline.last"] = new([0], [0.6f]), ["baseline.last.test"] = new([0], [0.5f]),
                        ["baseline.linear"] = new([0], [0.05f]), ["baseline.linear.test"] = new([0], [(float)linear]),
                    },
                })],
            })],
        };
    }

    private static TrialSpec Own(TrialSpec trial) => trial with
    {
        Task = new("csv", 20, new([new("columns", "[\"v\"]"), new("inputs", "1"), new("target", "v"), new("problem", "forecast"), new("split", "70/15/15"), new("separator", "comma"), new("horizon", "1")]), Data: new string('a', 64)),
    };

    [Theory]
    [InlineData("en", "v, T=20: no network beats the linear regression on the test part: its loss is 0.100, that of the best network (rnn) 0.200. Use the linear regression.")]
    [InlineData("zh", "v, T=20：在测试部分上没有网络胜过线性回归：其损失为 0.100，最好的网络（rnn）为 0.200。请使用线性回归。")]
    public void Report_says_at_its_top_that_no_network_is_worth_it(string language, string sentence)
    {
        var model = Build(Results(), language);
        model.OwnData.ShouldNotBeNull().Findings.ShouldBe([sentence]);
        model.OwnData.Defeats.ShouldBe([sentence]);
        model.OwnData.Recommendations.ShouldHaveSingleItem().ShouldContain(language == "en" ? "v, T=20: take the linear regression." : "v, T=20：使用线性回归。");
    }

    [Theory]
    [InlineData(-0.4f, -0.4f, "The baseline beats RNN and GRU on the test part.", "在测试部分，基线优于 RNN 和 GRU。")]
    [InlineData(0.4f, 0.4f, "RNN and GRU beat the baseline on the test part.", "在测试部分，RNN 和 GRU 优于基线。")]
    [InlineData(0.4f, -0.4f, "RNN beats the baseline on the test part; GRU loses to it.", "在测试部分，RNN 优于基线；基线优于 GRU。")]
    [InlineData(0.4f, 0f, "RNN beats the baseline on the test part; GRU is neither clearly better nor clearly worse.", "在测试部分，RNN 优于基线；GRU 既不明显更好，也不明显更差。")]
    [InlineData(0f, -0.4f, "The baseline beats GRU on the test part; RNN is neither clearly better nor clearly worse.", "在测试部分，基线优于 GRU；RNN 既不明显更好，也不明显更差。")]
    [InlineData(0f, 0f, "No network is clearly better or clearly worse than the baseline on the test part.", "在测试部分，没有网络明显好于或明显差于基线。")]
    public void The_headline_says_first_whether_networks_are_worth_it(float rnn, float gru, string headline, string chinese)
    {
        ClaimSpec[] claims = [new ThresholdClaim("a", "rnn", MetricCatalog.TestSkill, null, 0), new ThresholdClaim("b", "gru", MetricCatalog.TestSkill, null, 0), new ComparisonClaim("c", "gru", "rnn", MetricCatalog.TestLoss, null, null)];
        var results = Results() with { Claims = claims };
        results = results with
        {
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trials = [.. condition.Trials.Concat(condition.Trials.Select(trial => trial with { Seed = trial.Seed + 6 })).Select(trial => trial with
                {
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal) { [MetricCatalog.TestSkill] = new([100], [SkillOf(condition, trial.Seed)]) },
                })],
            })],
        };
        SummaryBuilder.Of(results).Headline.ShouldBe(headline);
        SummaryBuilder.Of(results, "zh").Headline.ShouldBe(chinese);

        var classes = results with
        {
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trial = condition.Trial with { Task = condition.Trial.Task with { Parameters = new([.. condition.Trial.Task.Parameters.Values.Where(value => value.Key != "problem"), new("problem", "classify")]) } },
            })],
        };
        SummaryBuilder.Of(classes).Headline.ShouldBe(headline.Replace("the test part", "the test part, by loss", StringComparison.Ordinal));

        // Lists and pages read few curves.
        var kept = SummaryBuilder.CurvesFor(claims);
        kept.ShouldNotContain(name => name == MetricCatalog.TrainingLoss);
        kept.ShouldNotContain(name => name == MetricCatalog.GradientNorm);
        var few = results with
        {
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trials = [.. condition.Trials.Select(trial => trial with { Metrics = trial.Metrics.Where(metric => kept.Contains(metric.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal) })],
            })],
        };
        JsonSerializer.Serialize(SummaryBuilder.Of(few)).ShouldBe(JsonSerializer.Serialize(SummaryBuilder.Of(results)));

        // Without an effect, half of the seeds lie on either side.
        float SkillOf(ConditionResults condition, long seed) => (condition.Trial.Model.Cell == "rnn" ? rnn : gru) is not 0 and var skill ? skill + 0.001f * seed : seed % 2 == 0 ? 0.1f : -0.1f;
    }

    [Theory]
    [InlineData("[\"v\"]", "columns v,")]
    [InlineData("[\"a, b\",\"v\",\"c\",\"d\"]", "columns a, b, v, c … (4),")]
    [InlineData("[\"torn", "columns [\"torn,")]
    public void The_task_is_titled_by_its_columns_and_not_by_how_its_file_is_written(string columns, string told)
    {
        var results = Results();
        results = results with
        {
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trial = condition.Trial with
                {
                    Task = condition.Trial.Task with { Parameters = new([.. condition.Trial.Task.Parameters.Values.Where(value => value.Key is not ("columns" or "separator")), new("columns", columns), new("separator", "semicolon")]) },
                },
            })],
        };
        var title = TaskFigure.Build(results.Conditions, ReportOptions.Default, Harness.Reports.Wording.Texts.In("en"), 1)!.Panels[0].Title;
        title.ShouldStartWith($"series from a file, length 20, {told}");
        title.ShouldNotContain("semicolon");
    }

    [Fact]
    public void A_claim_on_the_largest_norm_needs_those_of_every_step() =>
        SummaryBuilder.CurvesFor([new ThresholdClaim("a", "rnn", MetricCatalog.LargestGradientNorm, 1, null)]).ShouldContain(name => name == MetricCatalog.GradientNorm);

    [Fact]
    public void A_network_that_wins_is_named_with_what_it_saves()
    {
        var model = Build(Results(linear: 0.4));
        model.OwnData!.Findings.ShouldBe(["v, T=20: rnn has the smallest test loss, 0.200 against 0.400 of the linear regression: 50\u202f% less."]);
        model.OwnData.Defeats.ShouldBeEmpty();
    }

    [Fact]
    public void Predictors_and_networks_share_a_table_in_the_unit_of_the_target()
    {
        var table = Build(Results()).OwnData!.Tables[0];
        table.Columns.Select(column => column.Name).ShouldBe(["Predictor", "Validation loss", "Test loss", "Skill on test", "Test RMSE of v"]);
        table.Rows.Select(row => row.Cells[0].Text).ShouldBe(["linear regression", "last value", "rnn", "lstm", "gru"], "the baseline first");
        table.Rows[0].Cells[0].Detail.ShouldBe("the baseline");
        table.Rows[2].Cells[3].Sort!.Value.ShouldBe(-1, 1e-6);
        table.Rows[2].Cells[4].Sort!.Value.ShouldBe(Math.Sqrt(0.2) * 50, 1e-5);
    }

    [Fact]
    public void Doubts_about_the_data_stand_among_the_notices_and_in_the_section()
    {
        var model = Build(Results());
        model.OwnData!.Warnings.ShouldHaveSingleItem().ShouldContain("Fewer than 30");
        model.Notices.Contains(model.OwnData.Warnings[0], StringComparer.Ordinal).ShouldBeTrue();
    }

    [Fact]
    public void Test_loss_has_a_column_for_conditions_and_for_trials()
    {
        var model = Build(Results());
        model.Conditions.Columns[^1].Name.ShouldBe("Test loss");
        model.Conditions.Rows.Select(row => Math.Round(row.Cells[^1].Sort!.Value, 3)).ShouldBe([0.2, 0.3, 0.4]);
        foreach (var row in model.Trials.Rows)
        {
            row.Cells.Count.ShouldBe(model.Trials.Columns.Count);
            row.Cells[^1].Sort!.Value.ShouldBeGreaterThan(0.19);
        }
    }

    [Fact]
    public void Generated_tasks_have_no_such_section_and_no_such_column()
    {
        var model = Build(ResultsFixture.Typical);
        model.OwnData.ShouldBeNull();
        model.Conditions.Columns.ShouldNotContain(column => column.Name == "Test loss");
    }

    [Fact]
    public async Task Names_from_the_file_cannot_leave_their_place()
    {
        var html = await ReportWriter.Write(Results(card: Card with { Classes = [new("</td><script>alert(1)</script>", 1)], Constant = ["<img src=x>"] }), ReportOptions.Default);
        html.ShouldNotContain("<script>alert(1)");
        html.ShouldNotContain("<img src=x>");
        html.ShouldContain("id=\"own-data\"");
    }

    private static ReportModel Build(ExperimentResults results, string language = "en") => ReportModelBuilder.Build(results, ReportOptions.Default with { Language = language });
}
