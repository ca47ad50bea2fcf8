using System.CommandLine;
using System.Text.Json.Serialization;
using Harness.Orchestrator.Cli;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Harness.Tests.Training.Example;

/// <summary>How often a trial was tried, and how the last attempt ended.</summary>
internal sealed record AttemptsReply(int Attempts, string? LastEnding);

/// <summary>In the product this is one line of <see cref="ApiJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AttemptsReply))]
internal sealed partial class AttemptsJson : JsonSerializerContext;

/// <summary><c>GET /trials/{trial}/attempts</c>.</summary>
internal static class AttemptsEndpoint
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/trials/{trial}/attempts", (string trial, ClusterViews views, CancellationToken cancellation) => views.Read(
            connection => TrialReader.Find(connection, trial) is { } id
                ? Results.Json(Of(TrialReader.Read(connection, id)), AttemptsJson.Default.AttemptsReply)
                : Problems.NotFound($"There is no trial {trial}. 'harness show EXPERIMENT' lists them."), cancellation))
            .WithTags("Trials").WithSummary("How often it was tried.").Produces<AttemptsReply>();

    private static AttemptsReply Of(TrialDetail trial) => new(trial.Attempts.Count, trial.Attempts.Count == 0 ? null : trial.Attempts[^1].Ending);
}

/// <summary><c>harness attempts TRIAL</c>.</summary>
internal static class AttemptsCommand
{
    public static Command Create()
    {
        var trial = new Argument<string>("trial") { Description = "Its number, or the beginning of its hash." };
        var servers = new ServerOptions();
        var command = new Command("attempts", "Show how often a trial was tried.") { trial };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = await servers.Require(parsed);
            return server is null ? ExitCode.NotFound : await Show(server, parsed.GetValue(trial)!, Console.Out, cancellation);
        });
        return command;
    }

    internal static async Task<int> Show(ServerClient server, string trial, TextWriter output, CancellationToken cancellation)
    {
        var reply = await server.Get($"api/trials/{Uri.EscapeDataString(trial)}/attempts", AttemptsJson.Default.AttemptsReply, cancellation);
        await output.WriteLineAsync($"{reply.Attempts} attempts; the last one ended as {reply.LastEnding ?? "running"}.");
        return ExitCode.Ok;
    }
}
