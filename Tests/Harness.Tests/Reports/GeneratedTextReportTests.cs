using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Model;

namespace Harness.Tests.Reports;

/// <summary>Generated text in the report: it may hold any character of a person's file.</summary>
public sealed class GeneratedTextReportTests
{
    private static ExperimentResults Results(string text)
    {
        var plain = ResultsFixture.Make(["rnn", "gru"], [20], 6);
        return plain with
        {
            Conditions = [.. plain.Conditions.Select(condition => condition with
            {
                Trial = condition.Trial with { Task = new("text", 20, new([new("symbols", "9"), new("split", "70/15/15")]), Data: new string('a', 64)) },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal) { ["test.loss"] = new([100], [0.2f]), ["baseline.ngram"] = new([0], [0.6f]), ["baseline.ngram.test"] = new([0], [0.5f]) },
                    Test = new(9) { Prompt = "Once ", Generated = [new(0.5, text), new(0.8, text), new(1, text)] },
                })],
            })],
        };
    }

    [Fact]
    public void Each_condition_has_its_texts_by_temperature()
    {
        var table = ReportModelBuilder.Build(Results("upon\na time"), ReportOptions.Default).OwnData!.Tables.Single(table => table.Id == "generated-1");
        table.Caption.ShouldContain("“Once ”");
        table.Rows.Select(row => row.Cells[0].Text).ShouldBe(["rnn", "rnn", "rnn", "gru", "gru", "gru"]);
        table.Rows.Select(row => row.Cells[2].Text).Take(3).ShouldBe(["0.500", "0.800", "1.00"]);
        table.Rows[0].Cells[3].Text.ShouldBe("upon↵a time");
        ReportModelBuilder.Build(Results("x"), ReportOptions.Default with { Language = "zh" }).OwnData!.Tables.Single(table => table.Id == "generated-1").Caption.ShouldStartWith("生成的文本");
    }

    [Fact]
    public async Task Text_cannot_leave_its_cell()
    {
        var html = await ReportWriter.Write(Results("</td><script>alert(7)</script>\u202Ekcab\u0007"), ReportOptions.Default);
        html.ShouldNotContain("<script>alert(7)");
        html.ShouldContain("&lt;/td&gt;&lt;script&gt;alert(7)");
        var cell = html[html.IndexOf("&lt;script&gt;alert(7)", StringComparison.Ordinal)..][..80];
        cell.ShouldNotContain("\u202E");
        cell.ShouldContain("\uFFFDkcab\uFFFD");
    }
}
