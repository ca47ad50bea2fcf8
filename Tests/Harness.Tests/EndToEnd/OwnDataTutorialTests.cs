using System.Text.RegularExpressions;
using Harness.Tests.Experiments;

namespace Harness.Tests.EndToEnd;

/// <summary>docs/own-data.md as a person follows it: its commands, in its order, with files of its kinds.</summary>
[Collection("end to end")]
public sealed class OwnDataTutorialTests
{
    private static readonly Regex commands = new("^\\./harness (?<line>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static readonly Regex fileName = new(@"^[\w-]+\.(csv|yaml|ts)$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static string Page => File.ReadAllText(Path.Combine(Repository.Root, "docs", "own-data.md"));

    [SlowFact(Category.Runs)]
    public async Task The_page_leads_from_file_to_report()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("passengers.csv"), StartSamples.Monthly, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("airline-passengers.csv"), StartSamples.Monthly, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("Gestures_TRAIN.ts"), StartSamples.Ts(50, 1, 0), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("Gestures_TEST.ts"), StartSamples.Ts(60, 1, 3), TestContext.Current.CancellationToken);
        var outputs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var words in commands.Matches(Page).Select(match => match.Groups["line"].Value.Split(' ')))
        {
            // Files lie in a folder of the test; fewer steps and seeds find the same here.
            string[] arguments = [words[0], .. words.Skip(1).Select(word => fileName.IsMatch(word) ? folder.File(word) : word), .. words[0] == "new" ? Array.Empty<string>() : ["--data", folder.File("data")], .. words[0] == "run" ? ["--set", "seeds=2", "--set", "train.steps=200"] : Array.Empty<string>()];
            var (code, output, errors) = await HarnessProcess.Run(arguments);
            code.ShouldBe(0, $"{string.Join(' ', words)}: {errors}");
            outputs[string.Join(' ', words)] = output;
        }

        outputs.Keys.ShouldBe(["new passengers.csv", "plan passengers.yaml", "run passengers.yaml", "new airline-passengers.csv --horizon 1..12", "run airline-passengers.yaml",
            "predict airline-passengers/gru airline-passengers.csv --horizon --out next.csv", "new Gestures_TRAIN.ts", "run Gestures.yaml"]);
        // What the page shows is what is printed.
        var shown = Page[Page.IndexOf("file      CSV", StringComparison.Ordinal)..];
        outputs["new passengers.csv"].ShouldStartWith(shown[..(shown.IndexOf("```", StringComparison.Ordinal) - 1)]);
        outputs["plan passengers.yaml"].ShouldContain("season    12 rows");
        outputs["run passengers.yaml"].ShouldContain("the baseline, linear regression");
        var forecast = await File.ReadAllTextAsync(folder.File("data/reports/passengers.html"), TestContext.Current.CancellationToken);
        forecast.ShouldContain("no network beats the linear regression on the test part");
        forecast.ShouldContain("Test RMSE of Passengers");
        forecast.ShouldNotContain("id=\"fig-horizon\"");
        (await File.ReadAllTextAsync(folder.File("data/reports/airline-passengers.html"), TestContext.Current.CancellationToken)).ShouldContain("id=\"fig-horizon\"");
        var months = await File.ReadAllLinesAsync(folder.File("next.csv"), TestContext.Current.CancellationToken);
        months[0].ShouldBe("last_row,step,answer_row,Month,predicted.Passengers");
        months.Skip(1).Select(line => line.Split(',')[3]).ShouldBe(Enumerable.Range(1, 12).Select(month => $"1961-{month:00}"));
        var classes = await File.ReadAllTextAsync(folder.File("data/reports/Gestures.html"), TestContext.Current.CancellationToken);
        classes.ShouldContain("class frequencies");
        classes.ShouldContain("Test accuracy");
    }

    /// <summary>The files that people know, from file to report at the first attempt.</summary>
    [SlowFact(Category.Runs)]
    public async Task Real_files_lead_to_a_report_without_editing()
    {
        var source = RealData.Require();
        using var folder = new TemporaryFolder();
        foreach (var path in Directory.GetFiles(source).Where(path => !path.EndsWith("README.md", StringComparison.Ordinal) && !path.EndsWith("_TEST.ts", StringComparison.Ordinal)))
        {
            var yaml = folder.File(Path.GetFileNameWithoutExtension(path) + ".yaml");
            (await HarnessProcess.Run(["new", path, "--out", yaml])).ExitCode.ShouldBe(0, path);
            (await HarnessProcess.Run(["validate", yaml])).ExitCode.ShouldBe(0, path);
            var report = folder.File("report.html");
            var (code, _, errors) = await HarnessProcess.Run(["run", yaml, "--data", folder.File("data"), "--out", report, "--set", "seeds=1", "--set", "train.steps=20"]);
            code.ShouldBe(0, $"{path}: {errors}");
            (await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken)).ShouldContain("id=\"own-data\"", Case.Sensitive, path);
        }
    }
}
