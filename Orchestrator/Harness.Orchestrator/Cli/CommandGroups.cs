using System.CommandLine;

namespace Harness.Orchestrator.Cli;

/// <summary>The commands by what people do with them, for the help of the program itself.</summary>
internal static class CommandGroups
{
    /// <summary>As wide as a terminal is that nobody has made wider.</summary>
    private const int Columns = 80;

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
            foreach (var name in names) WriteEntry(output, name, width, root.Subcommands.First(command => command.Name == name).Description);
        }

        output.WriteLine();
        output.WriteLine("Options:");
        foreach (var option in root.Options) WriteEntry(output, string.Join(", ", option.Aliases.Where(alias => alias is "-h" or "-v").Append(option.Name)), width, option.Description);
    }

    /// <summary>A name and what it does, broken between words where a line would be longer than <see cref="Columns"/>.</summary>
    private static void WriteEntry(TextWriter output, string name, int width, string? description)
    {
        var line = $"  {name.PadRight(width)} ";
        foreach (var word in (description ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + 1 + word.Length > Columns)
            {
                output.WriteLine(line);
                line = new string(' ', width + 3);
            }

            line += $" {word}";
        }

        output.WriteLine(line);
    }
}
