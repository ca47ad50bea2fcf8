using System.Text;
using Harness.Experiments.Results;
using Harness.Reports;
using Harness.Tests.Reports;

namespace Harness.Benchmarks;

/// <summary>Rendering: wished 1.5 s for 30 trials, 5 s and 5 MB for 1,000.</summary>
internal static class ReportBenchmark
{
    public static async Task Run()
    {
        await Row("30 trials", ResultsFixture.Typical);
        await Row("1,000 trials", ResultsFixture.ManyTrials);
    }

    private static async Task Row(string what, ExperimentResults results)
    {
        var html = "";
        var time = await Measure.Median(3, async () => html = await ReportWriter.Write(results, ReportOptions.Default));
        Measure.Row("report", what, $"{time.TotalSeconds:0.00} s, {Encoding.UTF8.GetByteCount(html) / 1e6:0.00} MB");
    }
}
