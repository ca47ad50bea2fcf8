using System.CommandLine;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness submit FILE</c>: hands an experiment to a server and leaves it there.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var spec = SharedOptions.Spec();
        var set = SharedOptions.Set();
        var roots = SharedOptions.DataRoot();
        var paused = new Option<bool>("--paused") { Description = "Submit it paused: nothing starts until it is resumed." };
        var watch = new Option<bool>("--watch") { Description = "Follow it until it ends; Ctrl-C ends watching, not training." };
        var output = OutputOption.Create(OutputOption.Human, OutputOption.Json);
        var servers = new ServerOptions();
        var command = new Command("submit", "Submit an experiment to a running server.") { spec, set, roots, paused, watch, output };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var signals = new Interruption();
            using var server = await servers.Require(parsed);
            if (server is null) return ExitCode.NotFound;
            var (file, changes, dataRoots) = (parsed.GetValue(spec)!, parsed.GetValue(set) ?? [], parsed.GetValue(roots) ?? []);
            var request = servers.IsNamed(parsed) ? new SubmitRequest(await Read(file), Changes: changes) : null;
            if (request is null)
            {
                // Of this folder's own server: the file's data files are this machine's, and its mistakes are reported as usual.
                if (await SpecInput.Read(file, changes, dataRoots) is not var (text, _)) return ExitCode.Usage;
                request = new SubmitRequest(text, Path.GetFullPath(file), changes, [.. dataRoots.Select(Path.GetFullPath)]);
            }

            var experiment = (await server.Submit(request with { Paused = parsed.GetValue(paused) }, cancellation)).Experiment;
            if (parsed.GetValue(output) == OutputOption.Json) await OutputOption.Write(new SubmitReply(experiment), ApiJson.Default.SubmitReply);
            else await Console.Out.WriteLineAsync(FormattableString.Invariant($"Experiment {experiment} is submitted to {server.Name}{(parsed.GetValue(paused) ? $", paused. Next: harness resume {experiment}" : $". Next: harness watch {experiment}")}"));
            if (!parsed.GetValue(watch)) return ExitCode.Ok;
            using var watched = servers.Watched(parsed, server);
            return await WatchCommand.Follow(watched, experiment, OutputOption.Human, signals);
        });
        return command;
    }

    /// <exception cref="UsageException">It cannot be read.</exception>
    private static async Task<string> Read(string file)
    {
        try
        {
            return await File.ReadAllTextAsync(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be read: {error.Message}");
        }
    }
}
