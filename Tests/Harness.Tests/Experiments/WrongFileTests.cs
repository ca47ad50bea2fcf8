using Harness.Abstractions.Diagnostics;
using Harness.Data;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

/// <summary>Wrong experiment files, each with what it must be answered: the golden text beside it.</summary>
public sealed class WrongFileTests
{
    private const string Regenerate = "HARNESS_REGENERATE";

    public static string Folder => Path.Combine(Repository.Root, "Tests", "Harness.Tests", "Experiments", "Wrong");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.yaml").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_wrong_file_gets_its_diagnostics(string file)
    {
        var path = Path.Combine(Folder, file);
        var reading = SpecReader.Read(File.ReadAllBytes(path), file, [], new DataFolder([Folder]));
        var answer = DiagnosticText.Human(reading);
        var golden = Path.ChangeExtension(path, ".txt");
        if (Environment.GetEnvironmentVariable(Regenerate) == "1") File.WriteAllText(golden, answer);

        reading.Diagnostics.ShouldNotBeEmpty();
        File.Exists(golden).ShouldBeTrue($"{golden} is missing. Write it with {Regenerate}=1 dotnet test, and read what was written.");
        answer.ShouldBe(File.ReadAllText(golden).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void There_are_at_least_sixty_of_them_and_they_show_every_code_that_a_file_can_cause()
    {
        string[] others = [DiagnosticCodes.UnreadableFile, DiagnosticCodes.FileTooLong, DiagnosticCodes.BadOverride, DiagnosticCodes.DataTooLarge];
        var files = Directory.GetFiles(Folder, "*.yaml");
        var shown = files.SelectMany(file => SpecReader.ReadFile(file, []).Diagnostics).Select(diagnostic => diagnostic.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        files.Length.ShouldBeGreaterThanOrEqualTo(60);
        shown.ShouldBe(DiagnosticExplanations.All.Select(explanation => explanation.Code).Except(others, StringComparer.Ordinal));
    }
}
