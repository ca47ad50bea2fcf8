using System.CommandLine;
using System.Globalization;
using Harness.Server.Hosting;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness pause | resume | cancel | retry EXPERIMENT</c>: what people ask of an experiment that a server runs.</summary>
internal static class ChangeCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Create("pause", "Start no further trial of an experiment; running trials finish.", "is paused"),
        Create("resume", "Resume a paused experiment.", "is resumed"),
        Create("cancel", "Cancel an experiment: running trials are stopped, results stay.", "is cancelled"),
        Create("retry", "Retry the failed and cancelled trials of an experiment.", "retries {0} trials"),
    ];

    private static Command Create(string verb, string description, string done)
    {
        var experiment = ExperimentArguments.One();
        var servers = new ServerOptions();
        var command = new Command(verb, description) { experiment };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = await servers.Require(parsed);
            if (server is null || await ExperimentArguments.Find(server, parsed.GetValue(experiment)!, cancellation) is not { } id) return ExitCode.NotFound;
            var changed = await server.Change(HttpMethod.Post, FormattableString.Invariant($"api/experiments/{id}/{verb}"), cancellation);
            await Console.Out.WriteLineAsync(changed == 0
                ? FormattableString.Invariant($"Experiment {id}: there is nothing to {verb}.")
                : string.Format(CultureInfo.InvariantCulture, $"Experiment {id} {done}.", changed));
            return ExitCode.Ok;
        });
        return command;
    }
}
