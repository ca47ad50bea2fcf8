using System.CommandLine;
using System.Globalization;
using Harness.Reports.Summaries;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Views;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness list</c>, <c>show</c> and <c>queue</c>: what a server, or a database without one, knows.</summary>
internal static class LookCommands
{
    private const int Listed = 200;

    public static Command CreateList()
    {
        var output = OutputOption.Create(OutputOption.Human, OutputOption.Json, OutputOption.Lines);
        var servers = new ServerOptions();
        var command = new Command("list", "List experiments, the latest first.") { output };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = servers.Find(parsed);
            var page = server is not null
                ? await server.Get(FormattableString.Invariant($"api/experiments?limit={Listed}"), ApiJson.Default.ExperimentPage, cancellation)
                : FromDatabase(servers.Data(parsed), connection => ExperimentReader.List(connection, null, Listed, null, Counts));
            if (server is null) page = page with { Experiments = [.. page.Experiments.Select(experiment => Seen(experiment, servers.Data(parsed)))] };
            switch (parsed.GetValue(output))
            {
                case OutputOption.Json:
                    await OutputOption.Write(page, ApiJson.Default.ExperimentPage);
                    break;
                case OutputOption.Lines:
                    foreach (var experiment in page.Experiments) await OutputOption.Write(experiment, ApiJson.Default.ExperimentSummary);
                    break;
                default:
                    if (page.Experiments.Count == 0) await Console.Error.WriteLineAsync("There is no experiment yet. 'harness run FILE' trains one, 'harness submit FILE' submits one to a server.");
                    await Console.Out.WriteAsync(TextTable.Of(["#", "experiment", "state", "done", "diverged", "failed", "submitted"], page.Experiments.Select(experiment => new[]
                    {
                        Text(experiment.Id), experiment.Name, experiment.State, $"{Text(experiment.Trials.Ended)}/{Text(experiment.Trials.Total)}", Text(experiment.Trials.Of("diverged")),
                        Text(experiment.Trials.Of("failed")), experiment.SubmittedAt.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
                    })));
                    break;
            }

            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateShow()
    {
        var named = ExperimentArguments.One();
        var output = OutputOption.Create(OutputOption.Human, OutputOption.Json);
        var servers = new ServerOptions();
        var command = new Command("show", "Show an experiment: conditions, running trials, why the rest wait, and its answer.") { named, output };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = servers.Find(parsed);
            var (name, data) = (parsed.GetValue(named)!, servers.Data(parsed));
            ExperimentDetail detail;
            string answer;
            var isJson = parsed.GetValue(output) == OutputOption.Json;
            if (server is not null)
            {
                if (await ExperimentArguments.Find(server, name, cancellation) is not { } id) return ExitCode.NotFound;
                detail = await server.Get(FormattableString.Invariant($"api/experiments/{id}"), ApiJson.Default.ExperimentDetail, cancellation);
                answer = isJson ? "" : await AnswerText.Ask(async path => await server.Get(path, ApiJson.Default.ReportSummary, cancellation), id);
            }
            else
            {
                await using var connection = ResultsDatabase.ConnectForReading(data);
                if (await ExperimentArguments.Find(new ResultsReader(connection), [name], data) is not [var id]) return ExitCode.NotFound;
                var (text, path, overrides) = ExperimentReader.Spec(connection, id);
                detail = new ExperimentDetail(
                    Seen(ExperimentReader.Find(connection, id, Counts)!, data), text, path, overrides, ExperimentReader.Conditions(connection, id, 0, Listed, ExperimentReader.Counts(connection, id, 0, Listed)), [], [], null);
                answer = isJson ? "" : AnswerText.Of(SummaryBuilder.Of(new ResultsReader(connection).ReadWith(id, SummaryBuilder.CurvesFor)));
            }

            if (isJson) await OutputOption.Write(detail, ApiJson.Default.ExperimentDetail);
            else await Console.Out.WriteAsync($"{Human(detail)}{Environment.NewLine}{answer}");
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateQueue()
    {
        var output = OutputOption.Create(OutputOption.Human, OutputOption.Json);
        var servers = new ServerOptions();
        var command = new Command("queue", "Show the waiting trials in the order of priority, with the reason.") { output };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = await servers.Require(parsed);
            if (server is null) return ExitCode.NotFound;
            var queue = await server.Get("api/queue", ApiJson.Default.QueueReply, cancellation);
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                await OutputOption.Write(queue, ApiJson.Default.QueueReply);
                return ExitCode.Ok;
            }

            await Console.Error.WriteLineAsync(FormattableString.Invariant($"{queue.Busy} of {queue.Slots} slots busy{(queue.Queue.Count == 0 ? "; nothing waits" : "")}."));
            await Console.Out.WriteAsync(TextTable.Of(["#", "experiment", "priority", "waiting", "why"], queue.Queue.SelectMany(entry => entry.Reasons.Select(reason => new[]
            {
                Text(entry.Experiment), entry.Name, Text(entry.Priority), Text(reason.Trials), reason.Sentence,
            }))));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>An experiment that the database calls running while no process holds the database was interrupted.</summary>
    private static ExperimentSummary Seen(ExperimentSummary experiment, string data) =>
        experiment.State == "running" && !DatabaseLock.IsHeld(Path.GetFullPath(Path.Combine(data, "harness.db"))) ? experiment with { State = "interrupted" } : experiment;

    private static T FromDatabase<T>(string data, Func<Microsoft.Data.Sqlite.SqliteConnection, T> read)
    {
        using var connection = ResultsDatabase.ConnectForReading(data);
        return read(connection);
    }

    private static StateCounts Counts(Microsoft.Data.Sqlite.SqliteConnection connection, ExperimentSummary experiment) => ExperimentReader.Counts(connection, experiment.Id);

    private static string Human(ExperimentDetail detail)
    {
        var experiment = detail.Experiment;
        var lines = new List<string>
        {
            Terminal.Printable(FormattableString.Invariant($"{experiment.Name} #{experiment.Id}: {experiment.State}, priority {experiment.Priority}, {experiment.Trials.Ended} of {experiment.Trials.Total} trials done{(detail.Estimate is { } left ? ", " + RemainingTime.Text(TimeSpan.FromSeconds(left)) : "")}")),
        };
        if (experiment.Question is { } question) lines.Add(Terminal.Printable(question));
        if (detail.Stage is { } stage) lines.Add($"{stage.Name}: {stage.Why}");
        lines.AddRange(detail.Waiting.Select(reason => FormattableString.Invariant($"{reason.Trials} waiting: {reason.Sentence}")));
        lines.AddRange(detail.Running.Select(trial => Terminal.Printable(FormattableString.Invariant($"running: {trial.Label} step {trial.Step}/{trial.Steps}"))));
        lines.Add("");
        return string.Join(Environment.NewLine, lines) + TextTable.Of(["condition", "parameters", "done", "diverged", "failed", "running", "waiting"], detail.Conditions.Select(condition => new[]
        {
            condition.Label, Text(condition.Parameters), $"{Text(condition.Trials.Ended)}/{Text(condition.Trials.Total)}", Text(condition.Trials.Of("diverged")), Text(condition.Trials.Of("failed")),
            Text(condition.Trials.Of("running")), Text(condition.Trials.Waiting),
        }));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
