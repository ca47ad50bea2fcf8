using System.CommandLine;
using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Reports.Formatting;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Views;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness log TRIAL</c>: how a trial went, attempt by attempt, with its losses and what its trainer wrote.</summary>
internal static class LogCommand
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var trial = new Argument<string>("trial") { Description = "Number of a trial, or the beginning of its identity." }.OfTrials();
        var attempt = SharedOptions.Number("--attempt", "Only this attempt. Default: all of them; with -o json the last failed one, else the last.", 1, int.MaxValue);
        var follow = new Option<bool>("--follow", "-f") { Description = "Print what happens until the trial ends; Ctrl-C ends the printing, not the training." };
        var output = OutputOption.Create(OutputOption.Human, OutputOption.Json);
        var servers = new ServerOptions();
        var command = new Command("log", "Show how a trial went: attempts, losses, trainer output.") { trial, attempt, follow, output };
        servers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (name, number, follows) = (parsed.GetValue(trial)!, parsed.GetValue(attempt), parsed.GetValue(follow));
            var isJson = parsed.GetValue(output) == OutputOption.Json;
            if (isJson && follows) throw new UsageException("--follow prints lines for people. Programs follow 'harness watch EXPERIMENT -o ndjson'.");
            using var server = servers.Find(parsed);
            using var source = LogSource.Of(server, servers.Data(parsed), name);
            if (await source.Trial(cancellation) is not { } known) return await Missing($"there is no trial '{name}'. 'harness show EXPERIMENT' and the dashboard list trials.");
            if (number is { } wanted && known.Attempts.All(own => own.Number != wanted))
                return await Missing(FormattableString.Invariant($"trial '{name}' has no attempt {wanted}; it has {known.Attempts.Count}."));
            return isJson ? await Json(source, known, number, cancellation) : await Print(source, known, number, follows, cancellation);
        });
        return command;
    }

    private static async Task<int> Json(LogSource source, TrialDetail trial, int? number, CancellationToken cancellation)
    {
        var chosen = number ?? trial.Attempts.LastOrDefault(attempt => IsFailure(attempt.Ending))?.Number ?? (trial.Attempts.Count > 0 ? trial.Attempts[^1].Number : null);
        var log = chosen is { } attempt ? await source.Attempt(attempt, cancellation) : new AttemptLog(trial.Trial, 0, null, null, null, null);
        if (log is null) return await Missing("the attempt was removed meanwhile.");
        await OutputOption.Write(log, ApiJson.Default.AttemptLog);
        return ExitCode.Ok;
    }

    private static async Task<int> Print(LogSource source, TrialDetail trial, int? number, bool follows, CancellationToken cancellation)
    {
        using var signals = new Interruption();
        var writer = new LogWriter(source, number, Console.Out);
        await writer.Head(trial);
        try
        {
            while (true)
            {
                await writer.Catch(trial, signals.First);
                if (!follows || IsOver(trial.State)) break;
                await Task.Delay(Tick, TimeProvider.System, signals.First);
                if (await source.Trial(signals.First) is not { } now) return await Missing("the trial was deleted.");
                trial = now;
            }
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"The trial keeps running. To follow it again: harness log {trial.Id.ToString(CultureInfo.InvariantCulture)} --follow");
            return ExitCode.Detached;
        }

        await writer.End(trial);
        return ExitCode.Ok;
    }

    /// <summary>Whether an attempt ended in no result, and has a trainer output that says why.</summary>
    internal static bool IsFailure(string? ending) => ending is not (null or "completed" or "early_stopped" or "diverged");

    private static bool IsOver(string state) => state is "completed" or "diverged" or "failed" or "cancelled";

    private static async Task<int> Missing(string message)
    {
        await Console.Error.WriteLineAsync($"error: {message}");
        return ExitCode.NotFound;
    }

    /// <summary>Prints what has not been printed yet.</summary>
    private sealed class LogWriter(LogSource source, int? only, TextWriter output)
    {
        /// <summary>A finished curve in so many lines; all points of a short one.</summary>
        private const int Lines = 20;

        private readonly HashSet<int> begun = [], ended = [];
        private int seen = -1;
        private string? metric;

        public Task Head(TrialDetail trial)
        {
            var of = trial.Experiments is [var first, ..] ? FormattableString.Invariant($" of {first.Name} #{first.Experiment}") : "";
            return Line(FormattableString.Invariant($"trial {trial.Id}: {trial.Label} seed {trial.Seed}{of}"));
        }

        public async Task Catch(TrialDetail trial, CancellationToken cancellation)
        {
            foreach (var attempt in trial.Attempts.Where(attempt => only is null || attempt.Number == only))
            {
                if (begun.Add(attempt.Number)) await Line($"{At(attempt.StartedAt)}  attempt {Text(attempt.Number)} began on {attempt.Host ?? attempt.Worker}{(attempt.ResumedFrom > 0 ? $", from step {Numbers.Count(attempt.ResumedFrom.Value)}" : "")}");
                // The curve is the trial's: it belongs to the attempt that wrote last.
                if (attempt == trial.Attempts[^1]) await Points(cancellation);
                if (attempt.EndedAt is { } end && ended.Add(attempt.Number)) await Ended(attempt, end, cancellation);
            }
        }

        public Task End(TrialDetail trial) => Line(trial switch
        {
            { Attempts: [] } => $"{Word(trial.State)}: no attempt has begun.",
            { Outcome: { } outcome } => $"{Word(trial.State)}: {string.Join(", ", Found(outcome))}",
            { Failure: { } failure } => $"{Word(trial.State)}: {failure}",
            _ => $"{Word(trial.State)}.",
        });

        private async Task Points(CancellationToken cancellation)
        {
            metric ??= await source.Curve(MetricCatalog.EvaluationLoss, 0, 1, cancellation) is not null ? MetricCatalog.EvaluationLoss : null;
            if (await source.Curve(metric ?? MetricCatalog.TrainingLoss, seen + 1, Lines, cancellation) is not { } view) return;
            // Before the first evaluation the training loss shows how it goes.
            for (var i = 0; i < view.Steps.Count; i++) await Line($"  step {Numbers.Count(view.Steps[i]),9}  {view.Metric} {Numbers.Short(view.Last[i])}");
            seen = view.Steps[^1];
        }

        private async Task Ended(AttemptView attempt, DateTimeOffset end, CancellationToken cancellation)
        {
            var code = attempt.ExitCode is { } exit ? $", exit code {Text(exit)}" : "";
            await Line($"{At(end)}  attempt {Text(attempt.Number)} {Word(attempt.Ending ?? "ended")} after {RemainingTime.Words(end - attempt.StartedAt)}{code}");
            foreach (var line in Split(attempt.Message)) await Line($"  {line}");
            if (!IsFailure(attempt.Ending) || (await source.Attempt(attempt.Number, cancellation))?.Log is not { } log) return;
            await Line("  The trainer wrote last:");
            foreach (var line in Split(log)) await Line($"  | {line}");
        }

        private static IEnumerable<string> Found(System.Text.Json.JsonElement outcome)
        {
            if (Number("steps") is { } steps) yield return $"{Numbers.Count((long)steps)} steps";
            if (Number("final_loss") is { } loss) yield return $"final loss {Numbers.Short(loss)}";
            if (Number("baseline_loss") is { } baseline) yield return $"baseline {Numbers.Short(baseline)}";
            if (Number("train_seconds") is { } seconds) yield return $"{Numbers.Short(seconds)} s of training";

            double? Number(string name) => outcome.ValueKind == System.Text.Json.JsonValueKind.Object && outcome.TryGetProperty(name, out var value) && value.ValueKind == System.Text.Json.JsonValueKind.Number ? value.GetDouble() : null;
        }

        private static IEnumerable<string> Split(string? text) => text is null ? [] : text.Trim().Split('\n').Select(line => line.TrimEnd('\r'));

        private static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

        private static string Word(string word) => word.Replace('_', ' ');

        private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

        private Task Line(string text) => output.WriteLineAsync(Terminal.Printable(text));
    }
}
