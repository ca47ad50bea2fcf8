using Harness.Experiments.Metrics;

namespace Harness.Training.Training;

/// <summary>Times training steps, and nothing else, on the monotonic clock.</summary>
internal sealed class StepClock(TimeProvider clock)
{
    /// <summary>Steps at the start that are not counted: lazy initialisation, cold caches.</summary>
    public const int WarmUpSteps = 5;

    private readonly List<double> seconds = [];
    private long started;

    public double TotalSeconds { get; private set; }

    /// <summary>Wall time of every step so far.</summary>
    public IReadOnlyList<double> StepSeconds => seconds;

    /// <summary>Resumes where an earlier clock of the same trial stopped.</summary>
    public void Continue(IReadOnlyList<double> earlier)
    {
        seconds.AddRange(earlier);
        TotalSeconds = earlier.Sum();
    }

    public void Start() => started = clock.GetTimestamp();

    public void Stop() => Count(clock.GetElapsedTime(started).TotalSeconds);

    /// <summary>Counts a step that somebody else timed: its share, where one step is that of several models.</summary>
    public void Count(double share)
    {
        seconds.Add(share);
        TotalSeconds += share;
    }

    /// <summary>The median after warm-up, or null when no step came after it.</summary>
    public double? MedianMilliseconds() => seconds.Count <= WarmUpSteps ? null : 1000 * Quantiles.Median([.. seconds.Skip(WarmUpSteps)]);
}
