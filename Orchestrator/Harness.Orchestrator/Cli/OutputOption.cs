using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Harness.Orchestrator.Cli;

/// <summary><c>--output</c>: for people, or for programs in the words of the HTTP interface.</summary>
internal static class OutputOption
{
    public const string Human = "human", Json = "json", Lines = "ndjson";

    public static Option<string> Create(params string[] formats)
    {
        var option = new Option<string>("--output", "-o") { Description = $"{string.Join(", ", formats[..^1])} or {formats[^1]}.", HelpName = "FORMAT", DefaultValueFactory = _ => Human };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }

    /// <summary>One object on one line.</summary>
    public static Task Write<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLineAsync(JsonSerializer.Serialize(value, type));
}
