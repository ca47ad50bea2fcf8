using System.Globalization;
using Spectre.Console;

namespace Harness.Orchestrator.Cli;

/// <summary>Shows how far an experiment is: bars on a terminal, a plain line now and then elsewhere.</summary>
internal sealed class ProgressDisplay
{
    private const int MostShown = 24, ShortestName = 8, BarWidth = 14, TerminalWidth = 80;

    /// <summary>80 columns less the time that stands before a line.</summary>
    private const int LineWidth = TerminalWidth - 10;

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
        string? last = null, stage = null;
        var lastAt = time.GetTimestamp();
        while (true)
        {
            var picture = await read();
            if (picture.Stage is { } now && now.Name != stage)
            {
                await Console.Error.WriteLineAsync($"{time.GetUtcNow():HH:mm:ss}Z {now.Name}: {now.Why}");
                stage = now.Name;
            }

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
        // A line that wraps is read as two: the name gives way.
        var counts = $"{Counts(picture)}  {picture.Left}";
        table.AddRow(Markup.Escape(Shortened(Terminal.Printable(picture.Name), Math.Max(ShortestName, TerminalWidth - BarWidth - counts.Length - 6))), Bar(picture.Ended, picture.Total), Markup.Escape(counts));
        foreach (var trial in picture.Trials.Take(MostShown))
        {
            table.AddRow(
                Markup.Escape(Shortened(Terminal.Printable($"  {trial.Label}"), TerminalWidth - BarWidth - 32)), Bar(trial.Step, trial.Steps),
                trial.Step == 0 ? "starting" : Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{trial.Step}/{trial.Steps}{Loss(trial.Loss)}")));
        }

        if (picture.Trials.Count > MostShown) table.AddRow($"  and {picture.Trials.Count - MostShown} more", "", "");
        return table;
    }

    /// <summary>Nothing for a timing trial, which measures rounds and learns nothing.</summary>
    private static string Loss(double? loss) => loss is { } known && !double.IsNaN(known) ? string.Create(CultureInfo.InvariantCulture, $"  loss {known:G4}") : "";

    private static string Bar(long done, long total)
    {
        var filled = total == 0 ? BarWidth : (int)Math.Min(BarWidth, BarWidth * done / total);
        return $"[green]{new string('━', filled)}[/][grey]{new string('─', BarWidth - filled)}[/]";
    }

    /// <summary>The line as it is written elsewhere than on a terminal: it fits into 80 columns with the time before it.</summary>
    internal static string Line(ProgressPicture picture)
    {
        var counts = $"{Counts(picture)}  {picture.Left}";
        // The name gives way first, then the time that is left: what happened to trials stays.
        var room = LineWidth - counts.Length - 2;
        var line = room >= ShortestName ? $"{Shortened(picture.Name, room)}  {counts}" : counts.Length <= LineWidth ? counts : Counts(picture);
        var running = picture.Trials.Select(trial => string.Create(CultureInfo.InvariantCulture, $"{trial.Label} {trial.Step}/{trial.Steps}")).ToList();
        // As many of the running trials as there is room for; never half of one.
        var shown = Enumerable.Range(1, running.Count).Select(count => $"  [{string.Join(", ", running.Take(count))}]").TakeWhile(text => line.Length + text.Length <= LineWidth).LastOrDefault();
        return line + shown;
    }

    /// <summary>What is done, and every other state that a trial is in; a state without trials is not news.</summary>
    internal static string Counts(ProgressPicture picture) => string.Join(" · ", new[] { (picture.Running, "running"), (picture.Waiting, "waiting"), (picture.Diverged, "diverged"), (picture.Failed, "failed") }
        .Where(state => state.Item1 > 0).Select(state => string.Create(CultureInfo.InvariantCulture, $"{state.Item1} {state.Item2}")).Prepend(string.Create(CultureInfo.InvariantCulture, $"{picture.Ended}/{picture.Total} done")));

    private static string Shortened(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";
}
