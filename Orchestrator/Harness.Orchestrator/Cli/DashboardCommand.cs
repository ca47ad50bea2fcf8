using System.CommandLine;
using Harness.Server.Api;
using Harness.Server.Hosting;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness dashboard</c>: a link to the dashboard of the server that runs on a data folder.</summary>
internal static class DashboardCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Data();
        var person = new Option<string?>("--for") { Description = "Whom the link is for: events name that person. Default: nobody in particular.", HelpName = "NAME" };
        var command = new Command("dashboard", "Print a one-time link to the dashboard of a running server.") { data, person };
        command.SetAction((parsed, cancellation) => Link(parsed.GetValue(data)!, parsed.GetValue(person), cancellation));
        return command;
    }

    private static async Task<int> Link(string data, string? person, CancellationToken cancellation)
    {
        using var server = ServerClient.Find(data);
        if (server is null)
        {
            await Console.Error.WriteLineAsync($"error: no server runs on '{data}'. 'harness serve' starts one.");
            return ExitCode.NotFound;
        }

        await Console.Out.WriteLineAsync(await server.NewLink(person, cancellation));
        return ExitCode.Ok;
    }
}
