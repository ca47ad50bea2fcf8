using System.Reflection;
using System.Text;
using Harness.Abstractions.Diagnostics;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class DiagnosticTests
{
    /// <summary>Codes whose mistake cannot be shown as a text.</summary>
    private static readonly string[] WithoutExample = [DiagnosticCodes.UnreadableFile, DiagnosticCodes.FileTooLong, DiagnosticCodes.NotText, DiagnosticCodes.BadOverride, DiagnosticCodes.DataTooLarge, DiagnosticCodes.DataNotText];

    public static TheoryData<string> Codes => [.. DiagnosticExplanations.All.Select(explanation => explanation.Code)];

    [Fact]
    public void Every_code_is_explained_once_and_every_explanation_has_its_code()
    {
        var codes = typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

        DiagnosticExplanations.All.Select(explanation => explanation.Code).ShouldBe(codes.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void The_wrong_example_gives_its_code_and_the_right_one_gives_nothing(string code)
    {
        var explanation = DiagnosticExplanations.Explain(code.ToLowerInvariant()).ShouldNotBeNull();
        explanation.Text.ShouldStartWith($"{code}: ");
        explanation.Paragraph.Length.ShouldBeGreaterThan(60);
        if (WithoutExample.Contains(code, StringComparer.Ordinal))
        {
            explanation.Wrong.ShouldBeEmpty();
            return;
        }

        Read(explanation.Wrong, explanation.WrongData).Diagnostics.Select(diagnostic => diagnostic.Code).Distinct(StringComparer.Ordinal).ShouldBe([code]);
        var right = Read(explanation.Right, explanation.RightData);
        right.Diagnostics.ShouldBeEmpty(DiagnosticText.Human(right));
    }

    [Fact]
    public void An_unknown_code_has_no_explanation() => DiagnosticExplanations.Explain("HRN999").ShouldBeNull();

    private static SpecReading Read(string example, string? data) =>
        SpecReader.Read(Encoding.UTF8.GetBytes(Framed(example)), SpecText.FileName, [], data is null ? null : new MemoryFiles((DiagnosticExplanation.DataName, data)));

    /// <summary>The example with the blocks that it leaves out.</summary>
    private static string Framed(string example)
    {
        var yaml = new StringBuilder();
        foreach (var (key, block) in DiagnosticExplanation.Frame)
        {
            if (!example.StartsWith(key + ":", StringComparison.Ordinal) && !example.Contains("\n" + key + ":", StringComparison.Ordinal)) yaml.Append(block);
        }

        return yaml.Append(example).ToString();
    }
}
