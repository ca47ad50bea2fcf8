using System.CommandLine;
using Harness.Orchestrator.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness report EXPERIMENT</c>: write the report of what the database holds, finished or not.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var experiment = new Argument<string>("experiment") { Description = "Name or number of an experiment in the database; a name means its latest." };
        var data = SharedOptions.Data();
        var output = new Option<string?>("--out") { Description = "Where the report goes. Default: reports/NAME.html in the data folder.", HelpName = "FILE" };
        var command = new Command("report", "Write the report of an experiment from the database, while it runs or later.") { experiment, data, output };
        command.SetAction((parsed, _) => Report(parsed.GetValue(experiment)!, parsed.GetValue(data)!, parsed.GetValue(output)));
        return command;
    }

    private static async Task<int> Report(string experiment, string data, string? output)
    {
        await using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        if (reader.Find(experiment) is not { } id)
        {
            await Console.Error.WriteLineAsync($"error: there is no experiment '{experiment}' in '{data}'. Known: {reader.Known()}.");
            return ExitCode.NotFound;
        }

        var results = reader.Read(id);
        var path = await ReportFile.Write(results, output ?? ReportFile.DefaultPath(data, results.Name));
        await Console.Out.WriteLineAsync($"report    {path}");
        return ExitCode.Ok;
    }
}
