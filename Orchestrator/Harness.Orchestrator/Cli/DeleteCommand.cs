using System.CommandLine;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Views;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness delete EXPERIMENT</c>: removes an experiment with what is only its own, through its server or, without one, by itself.</summary>
internal static class DeleteCommand
{
    public static Command Create()
    {
        var experiment = ExperimentArguments.One();
        var yes = new Option<bool>("--yes") { Description = "Delete without asking." };
        var servers = new ServerOptions();
        var command = new Command("delete", "Remove a finished experiment, its report, and its unshared trials with curves and weights.") { experiment, yes };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = servers.Find(parsed);
            var named = parsed.GetValue(experiment)!;
            return server is null ? await Delete(servers.Data(parsed), named, parsed.GetValue(yes)) : await Delete(server, named, parsed.GetValue(yes), cancellation);
        });
        return command;
    }

    private static async Task<int> Delete(ServerClient server, string named, bool sure, CancellationToken cancellation)
    {
        if (await ExperimentArguments.Find(server, named, cancellation) is not { } id) return ExitCode.NotFound;
        var experiment = (await server.Get(FormattableString.Invariant($"api/experiments/{id}?limit=1"), ApiJson.Default.ExperimentDetail, cancellation)).Experiment;
        Confirm(experiment.Name, id, sure);
        return await Tell(experiment.Name, id, await server.Change(HttpMethod.Delete, FormattableString.Invariant($"api/experiments/{id}"), cancellation));
    }

    private static async Task<int> Delete(string data, string named, bool sure)
    {
        long id;
        string name;
        await using (var connection = ResultsDatabase.ConnectForReading(data))
        {
            if (await ExperimentArguments.Find(new ResultsReader(connection), [named], data) is not [var found]) return ExitCode.NotFound;
            (id, name) = (found, ExperimentReader.Name(connection, found)!);
        }

        Confirm(name, id, sure);
        // Nobody else has the database while this process has it: nothing of the experiment runs.
        await using var harness = await EmbeddedHarness.Open(data, NullLoggerFactory.Instance);
        return await Tell(name, id, await harness.Delete(id) ?? 0);
    }

    /// <exception cref="UsageException">The person said no, or there is none to ask.</exception>
    private static void Confirm(string name, long id, bool sure)
    {
        if (sure) return;
        if (Console.IsInputRedirected) throw new UsageException($"'{name}' would be deleted for good. Confirm with --yes.");
        Console.Error.Write(FormattableString.Invariant($"Delete '{name}' #{id} with its results for good? Write its name to confirm: "));
        if (Console.ReadLine()?.Trim() != name) throw new UsageException("Nothing was deleted.");
    }

    private static async Task<int> Tell(string name, long id, int trials)
    {
        await Console.Out.WriteLineAsync(FormattableString.Invariant($"{name} #{id} is deleted, with {trials} trial{(trials == 1 ? "" : "s")} that no other experiment shares."));
        return ExitCode.Ok;
    }
}
