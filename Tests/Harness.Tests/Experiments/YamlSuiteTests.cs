using System.Text;
using System.Text.Json;
using Harness.Abstractions.Diagnostics;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

/// <summary>The public YAML test suite (data release 2022-01): none of its texts is an experiment, and none may be more than a diagnostic.</summary>
public sealed class YamlSuiteTests
{
    private const string Corpus = "yaml-test-suite.json";
    private const int Cases = 402;

    /// <summary>Codes of texts that are YAML, but hold what experiment files may not.</summary>
    private static readonly string[] Refusals = [DiagnosticCodes.Anchor, DiagnosticCodes.Tag, DiagnosticCodes.SeveralDocuments, DiagnosticCodes.NotText, DiagnosticCodes.DuplicateKey, DiagnosticCodes.WrongKind];

    [Fact]
    public void Every_case_gives_a_diagnostic()
    {
        var cases = Read();

        cases.Count.ShouldBe(Cases);
        foreach (var (id, _, yaml) in cases)
        {
            var reading = SpecReader.Read(Encoding.UTF8.GetBytes(yaml), id, []);
            reading.Spec.ShouldBeNull(id);
            reading.Diagnostics.ShouldNotBeEmpty(id);
        }
    }

    [Fact]
    public void The_parsers_own_mistakes_are_those_that_are_known()
    {
        var refusedThoughValid = new List<string>();
        var takenThoughInvalid = new List<string>();
        foreach (var (id, isInvalid, yaml) in Read())
        {
            var diagnostics = new DiagnosticList();
            var source = SourceScan.Read(Encoding.UTF8.GetBytes(yaml), id, diagnostics);
            if (source is not null) YamlTreeReader.Read(source, diagnostics);
            var errors = diagnostics.Sorted(out _).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.Code).ToArray();
            if (isInvalid && errors.Length == 0) takenThoughInvalid.Add(id);
            if (!isInvalid && errors.Except(Refusals, StringComparer.Ordinal).Any()) refusedThoughValid.Add(id);
        }

        // YamlDotNet 18.1. Another version may mend some of these; none matters to experiment files.
        string.Join(' ', refusedThoughValid).ShouldBe("4MUZ/02 DK95/04 JEF9/01 UKK6/00 VJP3/01");
        string.Join(' ', takenThoughInvalid).ShouldBe("DK95/01 MUS6/00 Y79Y/003 Y79Y/004 Y79Y/005");
    }

    private static List<(string Id, bool IsInvalid, string Yaml)> Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Corpora.Require(Corpus)));
        return document.RootElement.EnumerateArray()
            .Select(entry => (entry.GetProperty("id").GetString()!, entry.GetProperty("error").GetBoolean(), entry.GetProperty("yaml").GetString()!))
            .ToList();
    }
}
