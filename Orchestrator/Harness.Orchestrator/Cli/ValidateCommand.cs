using System.CommandLine;
using Harness.Experiments.Yaml;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness validate FILE…</c>: check experiment files and say everything that is wrong.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Experiment files (YAML).", Arity = ArgumentArity.OneOrMore };
        var set = SharedOptions.Set();
        var format = new Option<string>("--format") { Description = "human, json or github.", HelpName = "FORMAT", DefaultValueFactory = _ => "human" };
        format.AcceptOnlyFromAmong("human", "json", "github");
        var command = new Command("validate", "Check experiment files without running them.") { files, set, format };
        command.SetAction((parsed, _) => Validate(parsed.GetValue(files)!, parsed.GetValue(set) ?? [], parsed.GetValue(format)!));
        return command;
    }

    private static async Task<int> Validate(string[] files, string[] changes, string format)
    {
        SettingOverride[] overrides = [.. changes.Select(change => new SettingOverride(change))];
        var readings = files.Select(file => (File: file, Reading: SpecReader.ReadFile(file, overrides))).ToArray();
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
