using System.Runtime.InteropServices;

namespace Harness.Reports.Statistics;

/// <summary>A time to an event that may not have come.</summary>
/// <param name="Time">When it came, or how long was waited.</param>
/// <param name="Observed">False when the waiting ended without the event: censored.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Waiting(double Time, bool Observed);

/// <param name="Time">When the share grows.</param>
/// <param name="Share">Share of all runs that have had the event by then.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReachedStep(double Time, double Share);

/// <summary>Times to a target that some runs never reach. A mean over those that did would flatter.</summary>
internal static class Survival
{
    /// <summary>The share of all runs that have had the event, by time: one step per distinct event time. It ends at the share that ever did.</summary>
    public static IReadOnlyList<ReachedStep> Reached(IReadOnlyList<Waiting> waits) =>
        [.. waits.Where(wait => wait.Observed).GroupBy(wait => wait.Time).OrderBy(group => group.Key)
            .Select(group => new ReachedStep(group.Key, (double)waits.Count(wait => wait.Observed && wait.Time <= group.Key) / waits.Count))];

    /// <summary>The mean wait up to a horizon (Royston and Parmar 2013). Waits that were longer, or never ended, count as the horizon.</summary>
    public static double RestrictedMean(IReadOnlyList<Waiting> waits, double horizon) =>
        waits.Average(wait => wait.Observed ? Math.Min(wait.Time, horizon) : horizon);

    /// <summary>Log-rank scores (Peto and Peto 1972): 1 for an event minus the cumulative hazard (Nelson and Aalen) of the pooled sample up to the run's time.</summary>
    public static double[] Scores(IReadOnlyList<Waiting> pooled)
    {
        double[] ascending = [.. pooled.Select(wait => wait.Time).Order()];
        var hazards = new List<(double Time, double Hazard)>();
        double hazard = 0;
        foreach (var group in pooled.Where(wait => wait.Observed).GroupBy(wait => wait.Time).OrderBy(group => group.Key))
        {
            var first = Array.BinarySearch(ascending, group.Key);
            while (first > 0 && ascending[first - 1] == group.Key) first--;
            hazard += (double)group.Count() / (ascending.Length - first);
            hazards.Add((group.Key, hazard));
        }

        return [.. pooled.Select(wait => (wait.Observed ? 1 : 0) - hazards.LastOrDefault(step => step.Time <= wait.Time).Hazard)];
    }
}
