using Harness.Server.Hosting;

namespace Harness.Orchestrator.Cli;

/// <summary>Decides whether a supervised process is restarted after it ended, and when.</summary>
/// <remarks>
/// A process that worked and then crashed is always restarted. One that never worked needs a person: its database is in use, its trainer does not start. A wrong
/// command line, a refusal by the cluster and a fault of the program are the same at the next start more often than not, so these are tried a few times only.
/// </remarks>
internal sealed class RestartPolicy
{
    /// <summary>How often in a row, and within <see cref="Window"/>, a fault that repeats itself is tried again.</summary>
    public const int MostRepeats = 5;

    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.25);
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Faults further apart than this do not count together.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(30);

    /// <summary>A process that lasted this long is not in a crash loop.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromMinutes(2);

    private readonly Queue<DateTimeOffset> repeats = new();
    private TimeSpan pause = FirstPause;
    private bool hasWorked;

    /// <param name="code">What it returned.</param>
    /// <param name="worked">Whether it was ready for its work before it ended.</param>
    /// <param name="lasted">How long it ran.</param>
    /// <param name="now">When it ended.</param>
    public Decision After(int code, bool worked, TimeSpan lasted, DateTimeOffset now)
    {
        hasWorked |= worked;
        if (worked && lasted > Steady) pause = FirstPause;
        switch (code)
        {
            case ExitCode.Ok:
                return Decision.Stop();
            case ExitCode.Usage or ExitCode.NotFound or ExitCode.Forbidden or ExitCode.Unavailable when !hasWorked:
                return Decision.Stop();
            case ExitCode.Usage or ExitCode.NotFound or ExitCode.Forbidden or ExitCode.Bug:
                while (repeats.TryPeek(out var oldest) && now - oldest > Window) repeats.Dequeue();
                if (repeats.Count == MostRepeats) return Decision.Stop(FormattableString.Invariant($"It failed {MostRepeats + 1} times within {Window.TotalMinutes:0} minutes and is not restarted. The lines above say why."));
                repeats.Enqueue(now);
                break;
        }

        var wait = pause;
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        return Decision.Start(wait);
    }
}

/// <param name="Pause">How long to wait before the next start; null to stop.</param>
/// <param name="Reason">Why it stops, where the exit code does not say it all.</param>
internal sealed record Decision(TimeSpan? Pause, string? Reason)
{
    public static Decision Stop(string? reason = null) => new(null, reason);

    public static Decision Start(TimeSpan pause) => new(pause, null);
}
