using System.Text;
using Harness.Data;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;

namespace Harness.Tests.Experiments;

/// <summary>Experiment files for tests.</summary>
internal static class SpecText
{
    public const string FileName = "test.yaml";

    /// <summary>A small experiment that is right; the tests change it line by line.</summary>
    public const string Small = """
        version: 1
        name: small
        question: Does it work?
        task: { kind: adding, length: 20 }
        model: { hidden: 8 }
        matrix:
          cell: [rnn, lstm, gru]
        seeds: { count: 2, base: 1 }
        train: { steps: 100, batch: 4 }
        """;

    public static string Catalog => Path.Combine(Repository.Root, "Experiments", "catalog");

    public static SpecReading Read(string yaml, params string[] overrides) =>
        SpecReader.Read(Encoding.UTF8.GetBytes(yaml), FileName, overrides.Select(change => new SettingOverride(change)).ToArray());

    /// <summary>Sixty rows of two columns that are numbers and one that is a class.</summary>
    public static string Series => "level,wind,state\n" + string.Concat(Enumerable.Range(0, 60).Select(row => FormattableString.Invariant($"{row * row % 17},{row % 5 - 2.5},{(row * 7 % 3 == 0 ? "up" : "down")}\n")));

    /// <summary>A small experiment over <see cref="Series"/>.</summary>
    public static string OverSeries(string settings = "target: level, columns: [level, wind]", string path = "series.csv") =>
        Small.Replace("kind: adding, length: 20", $"kind: csv, file: {path}, length: 4, {settings}", StringComparison.Ordinal);

    /// <summary>The spec of a file that must be right, with the data files that it reads.</summary>
    public static ExperimentSpec SpecWith(IDataFiles files, string yaml, params string[] overrides)
    {
        var reading = SpecReader.Read(Encoding.UTF8.GetBytes(yaml), FileName, overrides.Select(change => new SettingOverride(change)).ToArray(), files);
        // Some tests read doubtful data on purpose, which is worth a warning to everybody else.
        reading.Diagnostics.Where(diagnostic => diagnostic.Code != "HRN044").ShouldBeEmpty(DiagnosticText.Human(reading));
        return reading.Spec.ShouldNotBeNull();
    }

    /// <summary>The spec of a file that must be right.</summary>
    public static ExperimentSpec Spec(string yaml, params string[] overrides)
    {
        var reading = Read(yaml, overrides);
        // Tests replace blocks and make do with few seeds on purpose, which is worth a warning to everybody else.
        reading.Diagnostics.Where(diagnostic => diagnostic is not { Severity: DiagnosticSeverity.Warning, Code: "HRN024" or "HRN043" }).ShouldBeEmpty(DiagnosticText.Human(reading));
        return reading.Spec.ShouldNotBeNull();
    }

    /// <summary>Each diagnostic as <c>line:column code message</c>.</summary>
    public static string[] Problems(string yaml, params string[] overrides) => Read(yaml, overrides).Diagnostics
        .Select(diagnostic => FormattableString.Invariant($"{diagnostic.Line}:{diagnostic.Column} {diagnostic.Code} {diagnostic.Message}")).ToArray();
}
