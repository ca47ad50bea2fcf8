using System.CommandLine;
using System.Globalization;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store.Views;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness workers</c>, <c>workers drain WORKER</c> and <c>workers undrain WORKER</c>.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        var output = OutputOption.Create(OutputOption.Human, OutputOption.Json, OutputOption.Lines);
        var servers = new ServerOptions();
        var command = new Command("workers", "Show the workers of a server and what their slots do; drain or undrain one.")
        {
            output, Create("drain", "Start nothing more on a worker; its running trials finish.", "is drained: no further trial starts on it"), Create("undrain", "Let a drained worker take trials again.", "takes trials again"),
        };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = await servers.Require(parsed);
            if (server is null) return ExitCode.NotFound;
            var reply = await server.Workers(cancellation);
            var there = reply.Workers.Where(worker => worker.LeftAt is null).ToArray();
            switch (parsed.GetValue(output))
            {
                case OutputOption.Json:
                    await OutputOption.Write(reply, ApiJson.Default.WorkersReply);
                    break;
                case OutputOption.Lines:
                    foreach (var worker in reply.Workers) await OutputOption.Write(worker, ApiJson.Default.WorkerView);
                    break;
                default:
                    if (there.Length == 0) await Console.Error.WriteLineAsync("No worker is connected. 'harness worker' starts one.");
                    await Console.Out.WriteAsync(TextTable.Of(["worker", "host", "process", "slots", "at work", ""], there.Select(worker => new[]
                    {
                        worker.Worker, worker.Host, worker.ProcessId.ToString(CultureInfo.InvariantCulture), worker.Slots.ToString(CultureInfo.InvariantCulture),
                        worker.Running.Count.ToString(CultureInfo.InvariantCulture), worker.Draining ? "draining" : "",
                    })));
                    break;
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Create(string verb, string description, string done)
    {
        var named = new Argument<string>("worker") { Description = "Its name, its host or its process, as 'harness workers' shows them." }.OfWorkers();
        var servers = new ServerOptions();
        var command = new Command(verb, description) { named };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = await servers.Require(parsed);
            if (server is null) return ExitCode.NotFound;
            var name = parsed.GetValue(named)!;
            var there = (await server.Workers(cancellation)).Workers.Where(worker => worker.LeftAt is null).ToArray();
            WorkerView[] meant = there.Where(worker => worker.Worker == name).ToArray() is [_] exact
                ? exact
                : [.. there.Where(worker => worker.Host == name || worker.ProcessId.ToString(CultureInfo.InvariantCulture) == name)];
            if (meant is not [var only])
            {
                var known = there.Length == 0 ? "none is connected" : string.Join(", ", there.Select(worker => worker.Worker));
                await Console.Error.WriteLineAsync($"error: {(meant.Length == 0 ? "there is no worker" : "there are several workers called")} '{name}'. By name: {known}.");
                return ExitCode.NotFound;
            }

            var changed = await server.Change(HttpMethod.Post, $"api/workers/{Uri.EscapeDataString(only.Worker)}/{verb}", cancellation);
            await Console.Out.WriteLineAsync(changed == 0 ? $"{only.Worker}: there is nothing to {verb}." : $"{only.Worker} {done}.");
            return ExitCode.Ok;
        });
        return command;
    }
}
