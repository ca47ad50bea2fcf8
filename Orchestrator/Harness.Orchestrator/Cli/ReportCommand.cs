using System.CommandLine;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness report EXPERIMENT…</c>: write the reports of what the database holds, finished or not.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var experiments = new Argument<string[]>("experiments") { Description = "Names or numbers of experiments in the database; a name means its latest.", Arity = ArgumentArity.OneOrMore }.OfExperiments();
        var data = SharedOptions.Data();
        var output = new Option<string?>("--out") { Description = "Where the report goes: a file, - for standard output, or for several experiments a folder. Default: reports/NAME.html in the data folder.", HelpName = "FILE" };
        var language = SharedOptions.Languages();
        var open = SharedOptions.Open();
        var command = new Command("report", "Write reports from the database; the report of a running experiment is provisional.") { experiments, data, output, language, open };
        command.SetAction((parsed, _) => Report(parsed.GetValue(experiments)!, parsed.GetValue(data)!, parsed.GetValue(output), parsed.GetValue(language), parsed.GetValue(open)));
        return command;
    }

    private static async Task<int> Report(string[] experiments, string data, string? output, string? language, bool open)
    {
        await using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        if (await ExperimentArguments.Find(reader, experiments, data) is not { } ids) return ExitCode.NotFound;
        if (ids.Count > 1 && File.Exists(output))
        {
            await Console.Error.WriteLineAsync($"error: '{output}' is a file, and {ids.Count} reports need a folder.");
            return ExitCode.Usage;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            var results = reader.Read(id);
            // Two experiments of one name must not write over each other.
            var name = names.Add(results.Name) ? results.Name : $"{results.Name}-{results.Id}";
            var path = await ReportFile.Write(results, Target(name), language);
            await ReportFile.Tell("report", path);
            if (open) await ReportFile.Open(path);
        }

        return ExitCode.Ok;

        string Target(string name) => output is null ? FileNames.ReportIn(data, name)
            : ids.Count > 1 || Directory.Exists(output) || Path.EndsInDirectorySeparator(output) ? Path.Combine(output, $"{name}.html")
            : output;
    }
}
