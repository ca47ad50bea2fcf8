using System.CommandLine;
using Harness.Experiments.Reference;
using Harness.Server.Hosting;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness schema</c>: the JSON Schema of experiment files, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Print the JSON Schema (draft-07) of experiment files.");
        command.SetAction(async (_, _) =>
        {
            await Console.Out.WriteAsync(ExperimentSchema.Json());
            return ExitCode.Ok;
        });
        return command;
    }
}
