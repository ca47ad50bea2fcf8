using System.Globalization;
using Spectre.Console;

namespace Harness.Orchestrator.Cli;

/// <summary>Shows how far an experiment is: bars on a terminal, a plain line now and then elsewhere.</summary>
internal sealed class ProgressDisplay
{
    private const int MostShown = 24;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly TimeProvider time = TimeProvider.System;

    /// <summary>Shows progress until it is over.</summary>
    public Task Follow(Func<Task<ProgressPicture>> read, CancellationToken cancellation)
    {
        var dumb = Environment.GetEnvironmentVariable("TERM") is "dumb";
        return Console.IsErrorRedirected || dumb ? FollowPlainly(read, cancellation) : FollowWithBars(read, cancellation);
    }

    private async Task FollowPlainly(Func<Task<ProgressPicture>> read, CancellationToken cancellation)
    {
        string? last = null;
        var lastAt = time.GetTimestamp();
        while (true)
        {
            var picture = await read();
            var line = Line(picture);
            if (last is null || picture.IsOver || (line != last && time.GetElapsedTime(lastAt) >= PlainInterval))
            {
                await Console.Error.WriteLineAsync($"{time.GetUtcNow():HH:mm:ss}Z {line}");
                (last, lastAt) = (line, time.GetTimestamp());
            }

            if (picture.IsOver) return;
            await Task.Delay(Tick, time, cancellation);
        }
    }

    private async Task FollowWithBars(Func<Task<ProgressPicture>> read, CancellationToken cancellation)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Terminal.RawError) });
        await console.Live(Table(await read())).AutoClear(true).StartAsync(async live =>
        {
            while (true)
            {
                var picture = await read();
                live.UpdateTarget(Table(picture));
                if (picture.IsOver) return;
                await Task.Delay(Tick, time, cancellation);
            }
        });
    }

    private static Table Table(ProgressPicture picture)
    {
        var table = new Table().NoBorder().HideHeaders().AddColumns("", "", "");
        table.AddRow(Markup.Escape(Terminal.Printable(picture.Name)), Bar(picture.Ended, picture.Total), Markup.Escape($"{Counts(picture)}  {picture.Left}"));
        foreach (var trial in picture.Trials.Take(MostShown))
        {
            table.AddRow(
                Markup.Escape(Terminal.Printable($"  {trial.Label}")), Bar(trial.Step, trial.Steps),
                trial.Step == 0 ? "starting" : Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"step {trial.Step}/{trial.Steps}{Loss(trial.Loss)}")));
        }

        if (picture.Trials.Count > MostShown) table.AddRow($"  and {picture.Trials.Count - MostShown} more", "", "");
        return table;
    }

    /// <summary>Nothing for a timing trial, which measures rounds and learns nothing.</summary>
    private static string Loss(double? loss) => loss is { } known && !double.IsNaN(known) ? string.Create(CultureInfo.InvariantCulture, $"  loss {known:G4}") : "";

    private static string Bar(long done, long total)
    {
        const int width = 24;
        var filled = total == 0 ? width : (int)Math.Min(width, width * done / total);
        return $"[green]{new string('━', filled)}[/][grey]{new string('─', width - filled)}[/]";
    }

    private static string Line(ProgressPicture picture)
    {
        var running = string.Join(", ", picture.Trials.Take(4).Select(trial => string.Create(CultureInfo.InvariantCulture, $"{trial.Label} step {trial.Step}/{trial.Steps}")));
        return $"{picture.Name}  {Counts(picture)}  {picture.Left}{(running.Length > 0 ? $"  [{running}]" : "")}";
    }

    private static string Counts(ProgressPicture picture) => string.Create(CultureInfo.InvariantCulture,
        $"{picture.Ended}/{picture.Total} done · {picture.Running} running · {picture.Waiting} waiting · {picture.Diverged} diverged · {picture.Failed} failed");
}
