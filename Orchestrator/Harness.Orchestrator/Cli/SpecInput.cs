using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;

namespace Harness.Orchestrator.Cli;

/// <summary>Reads an experiment file for a command and tells the person what is wrong with it.</summary>
internal static class SpecInput
{
    private static readonly string[] dataFiles = [".csv", ".tsv", ".ts", ".arff", ".parquet", ".jsonl", ".ndjson"];

    /// <summary>The experiment and its plan, or null after the diagnostics went to standard error.</summary>
    public static async Task<(string Text, ExperimentPlan Plan)?> Read(string path, string[] changes, string[] dataRoots)
    {
        if (IsData(path))
        {
            await Console.Error.WriteLineAsync($"error: {path} holds data, and an experiment file is needed. `harness new {path}` makes one.");
            return null;
        }

        SettingOverride[] overrides = [.. changes.Select(change => new SettingOverride(change))];
        var reading = SpecReader.ReadFile(path, overrides, dataRoots);
        await Tell(reading, "Nothing was started.");
        if (reading.Spec is null) return null;
        return (await File.ReadAllTextAsync(path), ExperimentPlanner.Plan(reading.Spec) with { DataRoots = dataRoots });
    }

    private static bool IsData(string path) => dataFiles.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && File.Exists(path);

    /// <summary>Writes diagnostics, and a closing line when there are errors, to standard error.</summary>
    public static async Task Tell(SpecReading reading, string consequence)
    {
        if (reading.Diagnostics.Count == 0) return;
        if (reading.Diagnostics is [var only] && DiagnosticText.Line(only) is { } line)
        {
            await Console.Error.WriteLineAsync($"{line}. {consequence}");
            return;
        }

        await Console.Error.WriteAsync(DiagnosticText.Human(reading));
        if (reading.Spec is null) await Console.Error.WriteLineAsync(consequence);
    }
}
