using System.CommandLine;

namespace Harness.Orchestrator.Cli;

/// <summary>The commands by what people do with them, for the help of the program itself.</summary>
internal static class CommandGroups
{
    /// <summary>A test holds them to the commands there are.</summary>
    public static IReadOnlyList<(string Heading, string[] Commands)> All { get; } =
    [
        ("Run experiments", ["new", "run", "plan", "validate", "submit", "pause", "resume", "cancel", "retry", "priority", "delete"]),
        ("Look at results", ["list", "show", "watch", "queue", "log", "report", "compare", "figures", "export", "dashboard"]),
        ("Use trained models", ["export-model", "export-weights", "predict", "evaluate"]),
        ("Serve and train on several machines", ["serve", "worker", "workers", "cluster"]),
        ("Keep data", ["backup", "restore", "verify", "upgrade"]),
        ("Set up", ["doctor", "schema", "completion"]),
    ];

    public static void Write(Command root, TextWriter output)
    {
        output.WriteLine(root.Description);
        output.WriteLine();
        output.WriteLine("Usage: harness COMMAND [OPTIONS]; 'harness COMMAND --help' explains a command.");
        var width = root.Subcommands.Max(command => command.Name.Length);
        foreach (var (heading, names) in All)
        {
            output.WriteLine();
            output.WriteLine($"{heading}:");
            foreach (var name in names) output.WriteLine($"  {name.PadRight(width)}  {root.Subcommands.First(command => command.Name == name).Description}");
        }

        output.WriteLine();
        output.WriteLine("Options:");
        foreach (var option in root.Options) output.WriteLine($"  {string.Join(", ", option.Aliases.Where(alias => alias is "-h" or "-v").Append(option.Name)).PadRight(width)}  {option.Description}");
    }
}
