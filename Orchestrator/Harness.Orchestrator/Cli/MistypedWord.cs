using System.CommandLine;
using Harness.Abstractions.Diagnostics;

namespace Harness.Orchestrator.Cli;

/// <summary>Says in one line what is wrong with a word that no command knows, and which word was probably meant.</summary>
internal static class MistypedWord
{
    /// <returns>Null when every word was understood, or when the line is wrong in another way.</returns>
    public static string? In(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var word, ..]) return null;
        var command = parsed.CommandResult.Command;
        if (word.StartsWith('-'))
        {
            var name = word.Split('=')[0];
            var options = Options(command).ToList();
            return $"{Named(command)} has no option {name}.{Meant(EditDistance.Nearest(name, options))}";
        }

        if (command.Subcommands.Count > 0) return $"There is no command '{word}'.{Meant(EditDistance.Nearest(word, command.Subcommands.Select(sub => sub.Name)))}";
        return $"{Named(command)} takes no further word '{word}'.";

        static string Meant(string? near) => near is null ? "" : $" Did you mean {near}?";
    }

    private static string Named(Command command) => command is RootCommand ? "harness" : $"'harness {Examples.NameOf(command)}'";

    private static IEnumerable<string> Options(Command command)
    {
        for (var at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
            foreach (var option in at.Options.Where(option => at == command || option.Recursive)) yield return option.Name;
    }
}
