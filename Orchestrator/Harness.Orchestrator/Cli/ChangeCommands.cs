using System.CommandLine;
using Harness.Orchestrator.Api;
using Harness.Orchestrator.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness pause | resume | cancel | retry EXPERIMENT</c>: what people ask of an experiment that a server runs.</summary>
internal static class ChangeCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Create("pause", "Start nothing more of an experiment that a server runs; what runs may end.", "is paused"),
        Create("resume", "Go on with a paused experiment.", "goes on"),
        Create("cancel", "End an experiment: what runs is given up, results stay.", "is cancelled"),
        Create("retry", "Try the failed and the cancelled trials of an experiment again.", "tries {0} trials again"),
    ];

    private static Command Create(string verb, string description, string done)
    {
        var experiment = new Argument<string>("experiment") { Description = "Name or number of an experiment; a name means its latest." };
        var data = SharedOptions.Data();
        var command = new Command(verb, description) { experiment, data };
        command.SetAction((parsed, cancellation) => Change(verb, done, parsed.GetValue(experiment)!, parsed.GetValue(data)!, cancellation));
        return command;
    }

    private static async Task<int> Change(string verb, string done, string experiment, string data, CancellationToken cancellation)
    {
        using var server = ServerClient.Find(data);
        if (server is null)
        {
            await Console.Error.WriteLineAsync($"error: no server runs on '{data}'. 'harness serve' starts one; a 'harness run' is stopped with Ctrl-C.");
            return ExitCode.NotFound;
        }

        await using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        if (reader.Find(experiment) is not { } id)
        {
            await Console.Error.WriteLineAsync($"error: there is no experiment '{experiment}' in '{data}'. Known: {reader.Known()}.");
            return ExitCode.NotFound;
        }

        var changed = await server.Change(id, verb, cancellation);
        await Console.Out.WriteLineAsync(changed == 0
            ? FormattableString.Invariant($"Experiment {id}: there is nothing to {verb}.")
            : string.Format(System.Globalization.CultureInfo.InvariantCulture, $"Experiment {id} {done}.", changed));
        return ExitCode.Ok;
    }
}
