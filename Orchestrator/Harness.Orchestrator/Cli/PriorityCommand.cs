using System.CommandLine;
using Harness.Server.Api;
using Harness.Server.Hosting;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness priority EXPERIMENT N</c>: which of the waiting experiments is started first.</summary>
internal static class PriorityCommand
{
    public static Command Create()
    {
        var experiment = ExperimentArguments.One();
        var priority = new Argument<int>("priority") { Description = FormattableString.Invariant($"From {PriorityRequest.Least} to {PriorityRequest.Most}; higher ones start first.") };
        var servers = new ServerOptions();
        var command = new Command("priority", "Set an experiment's priority; higher ones start first.") { experiment, priority };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = await servers.Require(parsed);
            if (server is null || await ExperimentArguments.Find(server, parsed.GetValue(experiment)!, cancellation) is not { } id) return ExitCode.NotFound;
            var wanted = parsed.GetValue(priority);
            var changed = await server.Change(HttpMethod.Post, FormattableString.Invariant($"api/experiments/{id}/priority"), cancellation, new PriorityRequest(wanted));
            await Console.Out.WriteLineAsync(FormattableString.Invariant($"Experiment {id} {(changed == 0 ? "is not in the queue, or has that priority already" : $"has priority {wanted}")}."));
            return ExitCode.Ok;
        });
        return command;
    }
}
