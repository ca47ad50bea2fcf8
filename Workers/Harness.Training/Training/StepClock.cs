using Harness.Abstractions.Metrics;

namespace Harness.Training;

/// <summary>Keeps the wall time of every optimizer step, and of nothing else.</summary>
internal sealed class StepClock
{
    /// <summary>Steps at the start that are not counted: lazy initialisation, cold caches.</summary>
    public const int WarmUpSteps = 5;

    private readonly List<double> seconds = [];

    public double TotalSeconds { get; private set; }

    /// <summary>Wall time of every step so far.</summary>
    public IReadOnlyList<double> StepSeconds => seconds;

    /// <summary>Resumes where an earlier clock of the same trial stopped.</summary>
    public void Continue(IReadOnlyList<double> earlier)
    {
        seconds.AddRange(earlier);
        TotalSeconds = earlier.Sum();
    }

    /// <param name="step">Seconds of a step, or a trial's share where one step is that of several models.</param>
    public void Record(double step)
    {
        seconds.Add(step);
        TotalSeconds += step;
    }

    /// <summary>The median after warm-up, or null when no step came after it.</summary>
    public double? MedianMilliseconds() => seconds.Count <= WarmUpSteps ? null : 1000 * Quantiles.Median([.. seconds.Skip(WarmUpSteps)]);
}
