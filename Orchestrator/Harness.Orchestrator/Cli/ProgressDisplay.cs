using System.Globalization;
using Harness.Experiments.Planning;
using Harness.Experiments.Results;
using Harness.Orchestrator.Scheduling;
using Spectre.Console;

namespace Harness.Orchestrator.Cli;

/// <summary>Shows how far an experiment is: bars on a terminal, a plain line now and then elsewhere.</summary>
internal sealed class ProgressDisplay
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly ExperimentPlan plan;
    private readonly RemainingTime remaining;
    private readonly TimeProvider time = TimeProvider.System;
    private readonly Dictionary<string, int> steps;

    public ProgressDisplay(ExperimentPlan plan, int slots)
    {
        this.plan = plan;
        remaining = new RemainingTime(plan, slots);
        steps = plan.Trials.Concat(plan.TimingTrials).DistinctBy(trial => trial.Id, StringComparer.Ordinal).ToDictionary(trial => trial.Id, trial => trial.Spec.Train.Steps, StringComparer.Ordinal);
    }

    /// <summary>Shows progress until the experiment is finished, or cannot go on.</summary>
    public Task Follow(Func<Task<ExperimentProgress>> read, CancellationToken cancellation)
    {
        var dumb = Environment.GetEnvironmentVariable("TERM") is "dumb";
        return Console.IsErrorRedirected || dumb ? FollowPlainly(read, cancellation) : FollowWithBars(read, cancellation);
    }

    private async Task FollowPlainly(Func<Task<ExperimentProgress>> read, CancellationToken cancellation)
    {
        string? last = null;
        var lastAt = time.GetTimestamp();
        while (true)
        {
            var progress = await read();
            var line = Line(progress);
            if (last is null || progress.Finished || progress.IsStuck || (line != last && time.GetElapsedTime(lastAt) >= PlainInterval))
            {
                await Console.Error.WriteLineAsync($"{time.GetUtcNow():HH:mm:ss} {line}");
                (last, lastAt) = (line, time.GetTimestamp());
            }

            if (progress.Finished || progress.IsStuck) return;
            await Task.Delay(Tick, time, cancellation);
        }
    }

    private async Task FollowWithBars(Func<Task<ExperimentProgress>> read, CancellationToken cancellation)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Live(Picture(await read())).AutoClear(true).StartAsync(async live =>
        {
            while (true)
            {
                var progress = await read();
                live.UpdateTarget(Picture(progress));
                if (progress.Finished || progress.IsStuck) return;
                await Task.Delay(Tick, time, cancellation);
            }
        });
    }

    private Table Picture(ExperimentProgress progress)
    {
        var table = new Table().NoBorder().HideHeaders().AddColumns("", "", "");
        table.AddRow(Markup.Escape(plan.Name), Bar(progress.Ended, progress.Total), Markup.Escape($"{Counts(progress)}  {remaining.Text(progress)}"));
        foreach (var trial in progress.Running)
        {
            var total = steps[trial.Trial];
            table.AddRow(
                Markup.Escape($"  {trial.Label}{(trial.Attempt > 1 ? $" (attempt {trial.Attempt}{(trial.ResumedFrom > 0 ? FormattableString.Invariant($" from step {trial.ResumedFrom}") : "")})" : "")}"),
                Bar(trial.Step, total),
                trial.Step == 0 ? "starting" : Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"step {trial.Step}/{total}{Loss(trial)}")));
        }

        return table;
    }

    /// <summary>Nothing for a timing trial, which measures rounds and learns nothing.</summary>
    private static string Loss(RunningTrial trial) => double.IsNaN(trial.Loss) ? "" : string.Create(CultureInfo.InvariantCulture, $"  loss {trial.Loss:G4}");

    private static string Bar(int done, int total)
    {
        const int width = 24;
        var filled = total == 0 ? width : (int)((long)width * done / total);
        return $"[green]{new string('━', filled)}[/][grey]{new string('─', width - filled)}[/]";
    }

    private string Line(ExperimentProgress progress)
    {
        var running = string.Join(", ", progress.Running.Take(4).Select(trial =>
            string.Create(CultureInfo.InvariantCulture, $"{trial.Label} step {trial.Step}/{steps[trial.Trial]}")));
        return $"{plan.Name}  {Counts(progress)}  {remaining.Text(progress)}{(running.Length > 0 ? $"  [{running}]" : "")}";
    }

    private static string Counts(ExperimentProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"{progress.Ended}/{progress.Total} done · {progress.Running.Count} running · {progress.Waiting.Values.Sum()} waiting · {progress.Count(TrialState.Diverged)} diverged · {progress.Count(TrialState.Failed)} failed");
}
