using System.CommandLine;
using Harness.Abstractions.Results;
using Harness.Reports.Comparison;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness compare A B…</c>: finished experiments side by side in one report, without training anything.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var experiments = new Argument<string[]>("experiments") { Description = "Two or more finished experiments, by name or number; a name means its latest.", Arity = ArgumentArity.OneOrMore }.OfExperiments();
        var data = SharedOptions.Data();
        var output = new Option<string?>("--out") { Description = "Where the report goes; - is standard output. Default: reports/compare-A-B.html in the data folder.", HelpName = "FILE" };
        var language = SharedOptions.Languages();
        var open = SharedOptions.Open();
        var command = new Command("compare", "Compare finished experiments in one report, without training anything.") { experiments, data, output, language, open };
        command.SetAction((parsed, _) => Compare(parsed.GetValue(experiments)!, parsed.GetValue(data)!, parsed.GetValue(output), parsed.GetValue(language), parsed.GetValue(open)));
        return command;
    }

    private static async Task<int> Compare(string[] named, string data, string? output, string? language, bool open)
    {
        await using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        if (await ExperimentArguments.Find(reader, named, data) is not { } ids) return ExitCode.NotFound;
        if (ids.Count < 2) return await Refuse("compare needs two different experiments.");
        var experiments = ids.Select(id => reader.Read(id)).ToList();
        foreach (var experiment in experiments)
        {
            var trials = experiment.Conditions.SelectMany(condition => condition.Trials).ToList();
            var ended = trials.Count(trial => trial.State.IsTerminal());
            if (ended < trials.Count)
                return await Refuse(FormattableString.Invariant($"{experiment.Name} is not finished: {ended} of {trials.Count} trials have ended. 'harness report {experiment.Id}' shows the results so far."));
        }

        var (together, obstacle) = ExperimentComparison.Combine(experiments);
        if (together is null)
        {
            var differences = string.Join("", obstacle!.Settings.Select(setting => $"\n  {setting.Setting}: {setting.First} there, {setting.Second} here"));
            return await Refuse($"{obstacle.Second} cannot be compared with {obstacle.First}: they have no condition that asks the same question. Their closest conditions differ in:{differences}");
        }

        var path = await ReportFile.Write(together, output ?? FileNames.ReportIn(data, $"compare-{string.Join('-', ids)}"), language);
        await ReportFile.Tell("report", path);
        if (open) await ReportFile.Open(path);
        return ExitCode.Ok;
    }

    private static async Task<int> Refuse(string message)
    {
        await Console.Error.WriteLineAsync($"error: {message}");
        return ExitCode.Usage;
    }
}
