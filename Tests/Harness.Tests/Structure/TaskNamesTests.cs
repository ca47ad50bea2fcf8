using System.Text.RegularExpressions;
using Harness.Abstractions.Catalog;
using Harness.Experiments.Planning;
using Harness.Reports.Model;

namespace Harness.Tests.Structure;

/// <summary>What is special about a kind of task is a member of its descriptor: no code asks for a kind.</summary>
public sealed partial class TaskNamesTests
{
    /// <summary>The workloads that machines are compared by must be the same for good.</summary>
    private const string Calibration = "TimingTrial.cs", Canary = "NodeCanary.cs";

    private static readonly IEnumerable<string> files = ((string[])["Experiments", "Workers", "Reports", "Orchestrator"])
        .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.*", SearchOption.AllDirectories))
        .Where(file => Path.GetExtension(file) is ".cs" or ".razor" && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    /// <summary>Beside the catalogue only the generator, the format and an example of the experiment file. <c>text</c> and <c>csv</c> are words of other things, too.</summary>
    [Fact]
    public void No_other_file_of_the_product_names_a_generated_task()
    {
        var name = new Regex($"\"({string.Join('|', TaskCatalog.All.Where(task => !task.ReadsFile).Select(task => task.Kind))})\"", RegexOptions.None, TimeSpan.FromSeconds(1));
        var naming = files.Where(file => File.ReadLines(file).Any(line => name.IsMatch(line) && !line.StartsWith("[CatalogName(", StringComparison.Ordinal) && !IsExample(line))).Select(Path.GetFileName);
        naming.Order(StringComparer.Ordinal).ShouldBe([Canary, "TaskCatalog.cs", Calibration]);
    }

    [Fact]
    public void No_file_of_the_product_compares_a_kind_of_task() =>
        files.SelectMany(file => File.ReadLines(file).Where(line => Comparison().IsMatch(line)).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}")).ShouldBeEmpty();

    [Fact]
    public void Every_task_that_reads_a_file_has_a_format() =>
        DataFormat.Kinds.Order(StringComparer.Ordinal).ShouldBe(TaskCatalog.All.Where(task => task.ReadsFile).Select(task => task.Kind).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_task_has_words_in_both_languages()
    {
        foreach (var task in TaskCatalog.All)
        {
            foreach (var text in (LocalText[])[task.Name, task.Summary])
            {
                text.English.ShouldNotBeNullOrWhiteSpace(task.Kind);
                text.Chinese.ShouldNotBeNullOrWhiteSpace(task.Kind);
            }

            Chinese().IsMatch(task.Summary.Chinese).ShouldBeTrue(task.Kind);
        }
    }

    /// <summary>The last argument of a setting's description: a value as one would write it.</summary>
    private static bool IsExample(string line) => line.TrimStart().StartsWith('"') && line.EndsWith("\")", StringComparison.Ordinal);

    [GeneratedRegex("""\b(Kind|Task) (==|!=|is|is not) "[a-z]""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"[\u4e00-\u9fff]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Chinese();
}
