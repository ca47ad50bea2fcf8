using System.CommandLine;
using Harness.Orchestrator.Api;

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
        var command = new Command("watch", "Follow an experiment that a server runs to its end; Ctrl-C ends watching, not training.") { experiment, output };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var signals = new Interruption();
            using var server = await servers.Require(parsed);
            return server is null || await ExperimentArguments.Find(server, parsed.GetValue(experiment)!, cancellation) is not { } id
                ? ExitCode.NotFound
                : await Follow(server, id, parsed.GetValue(output)!, signals);
        });
        return command;
    }

    /// <summary>Shows how far it is until it has ended, or until the person has seen enough.</summary>
    public static async Task<int> Follow(ServerClient server, long id, string output, Interruption signals)
    {
        var path = FormattableString.Invariant($"api/experiments/{id}?limit=1");
        ExperimentDetail? latest = null;
        try
        {
            if (output == OutputOption.Lines) latest = await Tell(server, id, path, signals.First);
            else await new ProgressDisplay().Follow(async () => Picture(latest = await server.Get(path, ApiJson.Default.ExperimentDetail, signals.First)), signals.First);
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            foreach (var reason in latest?.Waiting ?? []) await Console.Error.WriteLineAsync($"{reason.Trials} waiting: {reason.Sentence}");
            await Console.Error.WriteLineAsync(FormattableString.Invariant($"The server goes on. To watch again: harness watch {id}"));
            return ExitCode.Detached;
        }

        var experiment = latest!.Experiment;
        if (output == OutputOption.Human)
        {
            await Console.Out.WriteLineAsync(FormattableString.Invariant(
                $"{experiment.Name} #{id} is {experiment.State}: {experiment.Trials.Of("completed")} of {experiment.Trials.Total} trials completed, {experiment.Trials.Of("diverged")} diverged, {experiment.Trials.Of("failed")} failed, {experiment.Trials.Of("cancelled")} cancelled."));
        }

        return experiment.State == "cancelled" || experiment.Trials.Of("failed") > 0 ? ExitCode.Failures : ExitCode.Ok;
    }

    /// <summary>A line for each thing that happened, and for each change of how far it is.</summary>
    private static async Task<ExperimentDetail> Tell(ServerClient server, long id, string path, CancellationToken cancellation)
    {
        var (seen, last) = (0L, "");
        while (true)
        {
            // Before the events: of what has ended, all of them are there.
            var detail = await server.Get(path, ApiJson.Default.ExperimentDetail, cancellation);
            while (true)
            {
                var events = (await server.Get(FormattableString.Invariant($"api/events?experiment={id}&after={seen}&limit=1000"), ApiJson.Default.EventPage, cancellation)).Events;
                foreach (var happened in events) await OutputOption.Write(new EventLine(1, "event", happened), ApiJson.Default.EventLine);
                if (events.Count == 0) break;
                seen = events[^1].Seq;
            }

            var experiment = detail.Experiment;
            var now = $"{experiment.State} {string.Join(' ', experiment.Trials)}";
            if (now != last) await OutputOption.Write(new ProgressLine(1, "progress", id, experiment.State, experiment.Trials, detail.Estimate), ApiJson.Default.ProgressLine);
            if (IsOver(experiment)) return detail;
            last = now;
            await Task.Delay(Tick, TimeProvider.System, cancellation);
        }
    }

    private static bool IsOver(ExperimentSummary experiment) => experiment.State is "finished" or "cancelled";

    private static ProgressPicture Picture(ExperimentDetail detail)
    {
        var (experiment, trials) = (detail.Experiment, detail.Experiment.Trials);
        return new ProgressPicture(
            experiment.State == "paused" ? $"{experiment.Name} (paused)" : experiment.Name, trials.Ended, trials.Total, trials.Of("running"), trials.Waiting, trials.Of("diverged"), trials.Of("failed"),
            RemainingTime.Text(detail.Estimate is { } seconds ? TimeSpan.FromSeconds(seconds) : null),
            [.. detail.Running.Select(trial => new RunningLine(RunningLine.LabelOf(trial.Label, trial.Attempt, trial.ResumedFrom), trial.Step, trial.Steps, trial.Loss))], IsOver(experiment));
    }
}
