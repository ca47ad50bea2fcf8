using System.CommandLine;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store.Views;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness watch EXPERIMENT</c>: follows an experiment of a server to its end.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var experiment = ExperimentArguments.One();
        var output = OutputOption.Create(OutputOption.Human, OutputOption.Lines);
        var servers = new ServerOptions();
        var command = new Command("watch", "Follow an experiment of a server until it ends; Ctrl-C ends watching, not training.") { experiment, output };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var signals = new Interruption();
            using var server = await servers.Require(parsed);
            if (server is null || await ExperimentArguments.Find(server, parsed.GetValue(experiment)!, cancellation) is not { } id) return ExitCode.NotFound;
            using var watched = servers.Watched(parsed, server);
            return await Follow(watched, id, parsed.GetValue(output)!, signals);
        });
        return command;
    }

    /// <summary>Shows how far it is until it has ended, or until the person has seen enough.</summary>
    public static async Task<int> Follow(WatchedServer server, long id, string output, Interruption signals)
    {
        var (latest, isOver) = await Watch(server, id, output, signals.First);
        if (!isOver)
        {
            await TellWaiting(latest);
            await Console.Error.WriteLineAsync(FormattableString.Invariant($"The experiment keeps running. To watch again: harness watch {id}"));
            return ExitCode.Detached;
        }

        var experiment = latest!.Experiment;
        if (output == OutputOption.Human)
        {
            await Console.Out.WriteLineAsync(FormattableString.Invariant(
                $"{experiment.Name} #{id} is {experiment.State}: {experiment.Trials.Of("completed")} of {experiment.Trials.Total} trials completed, {experiment.Trials.Of("diverged")} diverged, {experiment.Trials.Of("failed")} failed, {experiment.Trials.Of("cancelled")} cancelled."));
            await Console.Out.WriteAsync(await AnswerText.Ask(path => server.Get(path, ApiJson.Default.ReportSummary, signals.First), id));
        }

        return HasGaps(experiment) ? ExitCode.Failures : ExitCode.Ok;
    }

    /// <summary>Shows how far it is.</summary>
    /// <returns>What was seen last, null when nothing was; whether the experiment has ended, or the watching only.</returns>
    public static async Task<(ExperimentDetail? Latest, bool IsOver)> Watch(WatchedServer server, long id, string output, CancellationToken interruption)
    {
        var path = FormattableString.Invariant($"api/experiments/{id}?limit=1");
        ExperimentDetail? latest = null;
        try
        {
            if (output == OutputOption.Lines) latest = await Tell(server, id, path, interruption);
            else await new ProgressDisplay().Follow(Look, interruption);
            return (latest, true);
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            return (latest, false);
        }

        async Task<ProgressPicture> Look()
        {
            if (await server.Get(path, ApiJson.Default.ExperimentDetail, interruption) is not { } answer)
                return latest is null ? Unseen(server, id) : Picture(latest) with { Left = Silence(server) };
            return Picture(latest = answer);
        }
    }

    /// <summary>Why something of it does not run.</summary>
    public static async Task TellWaiting(ExperimentDetail? latest)
    {
        foreach (var reason in latest?.Waiting ?? []) await Console.Error.WriteLineAsync($"{reason.Trials} waiting: {reason.Sentence}");
    }

    /// <summary>Whether a trial of it has no result, and will have none.</summary>
    public static bool HasGaps(ExperimentSummary experiment) => experiment.State == "cancelled" || experiment.Trials.Of("failed") > 0;

    /// <summary>A line for each thing that happened, and for each change of how far it is.</summary>
    private static async Task<ExperimentDetail> Tell(WatchedServer server, long id, string path, CancellationToken cancellation)
    {
        var (seen, last, isSilent) = (0L, "", false);
        while (true)
        {
            // Before the events: of what has ended, all of them are there.
            var detail = await server.Get(path, ApiJson.Default.ExperimentDetail, cancellation);
            var isToldAll = false;
            if (detail is not null) (seen, isToldAll) = await TellEvents(server, id, seen, cancellation);
            if (detail is not null && isToldAll)
            {
                var experiment = detail.Experiment;
                var now = $"{experiment.State} {string.Join(' ', experiment.Trials)}";
                if (now != last) await OutputOption.Write(new ProgressLine(1, "progress", id, experiment.State, experiment.Trials, detail.Estimate), ApiJson.Default.ProgressLine);
                if (IsOver(experiment)) return detail;
                last = now;
            }
            else if (!isSilent)
            {
                await Console.Error.WriteLineAsync($"{Silence(server)}.");
            }

            isSilent = !isToldAll;
            await Task.Delay(Tick, TimeProvider.System, cancellation);
        }
    }

    /// <summary>A line for each event after one that has been told.</summary>
    /// <returns>The last that is told now, and whether the server named them all.</returns>
    private static async Task<(long Seen, bool IsAll)> TellEvents(WatchedServer server, long id, long seen, CancellationToken cancellation)
    {
        while (await server.Get(FormattableString.Invariant($"api/events?experiment={id}&after={seen}&limit=1000"), ApiJson.Default.EventPage, cancellation) is { } page)
        {
            if (page.Events.Count == 0) return (seen, true);
            foreach (var happened in page.Events) await OutputOption.Write(new EventLine(1, "event", happened), ApiJson.Default.EventLine);
            seen = page.Events[^1].Seq;
        }

        return (seen, false);
    }

    private static string Silence(WatchedServer server) => FormattableString.Invariant($"{server.Name} does not answer; asked again for {WatchedServer.Patience.TotalMinutes:0} minutes");

    /// <summary>Shown when the server stopped before the first poll.</summary>
    private static ProgressPicture Unseen(WatchedServer server, long id) => new(FormattableString.Invariant($"Experiment {id}"), 0, 0, 0, 0, 0, 0, Silence(server), [], false);

    private static bool IsOver(ExperimentSummary experiment) => experiment.State is "finished" or "cancelled";

    private static ProgressPicture Picture(ExperimentDetail detail)
    {
        var (experiment, trials) = (detail.Experiment, detail.Experiment.Trials);
        return new ProgressPicture(
            ProgressPicture.Named(experiment.State == "paused" ? $"{experiment.Name} (paused)" : experiment.Name, detail.Stage), trials.Ended, trials.Total, trials.Of("running"), trials.Waiting, trials.Of("diverged"), trials.Of("failed"),
            RemainingTime.Text(detail.Estimate is { } seconds ? TimeSpan.FromSeconds(seconds) : null),
            [.. detail.Running.Select(trial => new RunningLine(RunningLine.LabelOf(trial.Label, trial.Attempt, trial.ResumedFrom), trial.Step, trial.Steps, trial.Loss))], IsOver(experiment))
        { Stage = detail.Stage };
    }
}
