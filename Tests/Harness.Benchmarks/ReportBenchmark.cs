using System.Text;
using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Tests.Reports;

namespace Harness.Benchmarks;

/// <summary>Rendering: wished 1.5 s for 30 trials, 5 s and 5 MB for 1,000.</summary>
internal static class ReportBenchmark
{
    public static async Task Run()
    {
        await Row("30 trials", ResultsFixture.Typical);
        await Row("1,000 trials of 10 metrics", WithMetrics(ResultsFixture.ManyTrials, 10));
    }

    private static ExperimentResults WithMetrics(ExperimentResults results, int count) => results with
    {
        Conditions = [.. results.Conditions.Select(condition => condition with
        {
            Trials = [.. condition.Trials.Select(trial => trial with
            {
                Metrics = trial.Metrics.Concat(Enumerable.Range(1, count - 1).Select(i => KeyValuePair.Create(FormattableString.Invariant($"metric.{i}"), trial.Metrics["eval.loss"]))).ToDictionary(StringComparer.Ordinal),
            })],
        })],
    };

    private static async Task Row(string what, ExperimentResults results)
    {
        var html = "";
        var time = await Measure.Median(3, async () => html = await ReportWriter.Write(results, ReportOptions.Default));
        Measure.Row("report", what, $"{time.TotalSeconds:0.00} s, {Encoding.UTF8.GetByteCount(html) / 1e6:0.00} MB");
    }
}
