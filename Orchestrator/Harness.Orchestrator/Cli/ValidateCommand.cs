using System.CommandLine;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Server.Hosting;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness validate FILE…</c>: check experiment files and say everything that is wrong.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Experiment files (YAML).", Arity = ArgumentArity.ZeroOrMore };
        var set = SharedOptions.Set();
        var roots = SharedOptions.DataRoot();
        var format = new Option<string>("--format") { Description = "human, json or github.", HelpName = "FORMAT", DefaultValueFactory = _ => "human" };
        format.AcceptOnlyFromAmong("human", "json", "github");
        var explain = new Option<string?>("--explain") { Description = "Explain a diagnostic code, e.g. --explain HRN012.", HelpName = "CODE" };
        var command = new Command("validate", "Check experiment files without running them, or explain a diagnostic.") { files, set, roots, format, explain };
        command.Validators.Add(result =>
        {
            if (result.GetResult(explain) is null && result.GetResult(files) is null or { Tokens.Count: 0 }) result.AddError("validate: name at least one file, or --explain CODE.");
        });
        command.SetAction((parsed, _) => parsed.GetValue(explain) is { } code
            ? Explain(code)
            : Validate(parsed.GetValue(files)!, parsed.GetValue(set) ?? [], parsed.GetValue(roots) ?? [], parsed.GetValue(format)!));
        return command;
    }

    private static async Task<int> Explain(string code)
    {
        if (DiagnosticExplanations.Explain(code) is { } explanation)
        {
            await Console.Out.WriteAsync(explanation.Text);
            return ExitCode.Ok;
        }

        await Console.Error.WriteLineAsync($"error: there is no diagnostic '{code}'. All codes are in docs/diagnostics.md.");
        return ExitCode.NotFound;
    }

    private static async Task<int> Validate(string[] files, string[] changes, string[] roots, string format)
    {
        SettingOverride[] overrides = [.. changes.Select(change => new SettingOverride(change))];
        var readings = files.Select(file => (File: file, Reading: SpecReader.ReadFile(file, overrides, roots))).ToArray();
        foreach (var (file, reading) in readings)
        {
            switch (format)
            {
                case "json":
                    await Console.Out.WriteAsync(DiagnosticText.Json(reading));
                    break;
                case "github":
                    await Console.Out.WriteAsync(DiagnosticText.GitHub(reading));
                    break;
                default:
                    await SpecInput.Tell(reading, "Nothing was started.");
                    if (reading.Spec is not null) await Console.Out.WriteLineAsync($"{file}: ok");
                    break;
            }
        }

        return Array.TrueForAll(readings, entry => entry.Reading.Spec is not null) ? ExitCode.Ok : ExitCode.Usage;
    }
}
