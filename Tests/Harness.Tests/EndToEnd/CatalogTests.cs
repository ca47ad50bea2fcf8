using System.Globalization;
using AngleSharp.Html.Parser;
using Harness.Tests.Browser;
using Harness.Tests.Reports;

namespace Harness.Tests.EndToEnd;

/// <summary>Every shipped experiment, run for real by the program, cut down to seconds, and its report looked at.</summary>
[Collection("end to end")]
public sealed class CatalogTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(Repository.Root, "Experiments", "catalog"), "*.yaml").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [SlowTheory(Category.Catalogue)]
    [MemberData(nameof(Files))]
    public async Task A_catalog_file_runs_to_its_report(string file)
    {
        using var folder = new TemporaryFolder();
        var report = folder.File("report.html");
        var (code, output, errors) = await HarnessProcess.Run(
            "run", Path.Combine("Experiments", "catalog", file), "--data", folder.File("data"), "--out", report,
            "--set", "train.steps=2", "--set", "train.batch=4", "--set", "seeds=1", "--set", "evaluation.every=1", "--set", "evaluation.sequences=20", "--set", "probe.sequences=2");

        code.ShouldBe(0, errors);
        output.ShouldContain("0 failed");
        new FileInfo(report).Length.ShouldBeGreaterThan(10_000);
        // Two steps of one seed decide nothing, so no amount can be said.
        FirstScreen.Open(new HtmlParser().ParseDocument(await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken))).Except(["by how much"], StringComparer.Ordinal).ShouldBeEmpty();
        foreach (var width in new[] { 1280, 390 })
        {
            await using var view = await browser.Open(new() { ViewportSize = new() { Width = width, Height = 900 } });
            await view.ShowFile(report);
            (await FigureLabels.Faults(view.Page)).ShouldBeEmpty($"at {width.ToString(CultureInfo.InvariantCulture)} pixels");
            view.Complaints.ShouldBeEmpty();
        }
    }

    [Fact]
    public void Every_catalog_file_says_its_question_and_its_time_at_the_top()
    {
        foreach (var file in Files.Select(row => row.Data))
        {
            var head = File.ReadAllLines(Path.Combine(Repository.Root, "Experiments", "catalog", file)).TakeWhile(line => line.StartsWith('#')).ToArray();
            head.ShouldContain(line => line.StartsWith("# Question   ", StringComparison.Ordinal), file);
            head.ShouldContain(line => line.StartsWith("# Time       ", StringComparison.Ordinal), file);
        }
    }
}
