using System.Runtime.InteropServices;

namespace Harness.Reports.Statistics;

/// <summary>A time to an event that may not have come.</summary>
/// <param name="Time">When it came, or how long was waited.</param>
/// <param name="Observed">False when the waiting ended without the event: censored.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Waiting(double Time, bool Observed);

/// <param name="Time">When the curve steps.</param>
/// <param name="Survival">Share still waiting after it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SurvivalStep(double Time, double Survival);

/// <summary>Times to a target that some runs never reach. Such runs are censored; a mean over the others would flatter.</summary>
internal static class Survival
{
    private const int MostEnumerated = 200_000;
    private const int Draws = 20_000;
    private const ulong Seed = 0x10_6B_A4_2026UL;

    /// <summary>The product-limit estimate (Kaplan and Meier 1958): one step per distinct event time.</summary>
    public static IReadOnlyList<SurvivalStep> KaplanMeier(IReadOnlyList<Waiting> waits)
    {
        var steps = new List<SurvivalStep>();
        double survival = 1;
        foreach (var time in waits.Where(w => w.Observed).Select(w => w.Time).Distinct().Order())
        {
            survival *= 1 - (double)waits.Count(w => w.Observed && w.Time == time) / waits.Count(w => w.Time >= time);
            steps.Add(new(time, survival));
        }

        return steps;
    }

    /// <summary>The time by which half have had the event; null when fewer than half ever did.</summary>
    public static double? MedianTime(IReadOnlyList<Waiting> waits) =>
        KaplanMeier(waits).Where(step => step.Survival <= 0.5 + 1e-12).Select(step => (double?)step.Time).FirstOrDefault();

    /// <summary>The mean wait up to a horizon: the area under the curve (Royston and Parmar 2013). Waits that were longer count as the horizon.</summary>
    /// <param name="horizon">At least the latest event.</param>
    public static double RestrictedMean(IReadOnlyList<Waiting> waits, double horizon)
    {
        var (area, from, survival) = (0.0, 0.0, 1.0);
        foreach (var step in KaplanMeier(waits).TakeWhile(step => step.Time < horizon))
        {
            area += survival * (step.Time - from);
            (from, survival) = (step.Time, step.Survival);
        }

        return area + survival * (horizon - from);
    }

    /// <summary>
    /// The log-rank test (Mantel 1966; Peto and Peto 1972) with its permutation distribution instead of the χ²
    /// approximation, which is poor below about twenty runs: all assignments to the groups when they can be enumerated,
    /// else a seeded sample. Two-sided.
    /// </summary>
    /// <exception cref="ArgumentException">A group is empty.</exception>
    public static double LogRank(IReadOnlyList<Waiting> a, IReadOnlyList<Waiting> b)
    {
        if (a.Count == 0 || b.Count == 0) throw new ArgumentException("A comparison needs runs on both sides.", a.Count == 0 ? nameof(a) : nameof(b));
        Waiting[] pooled = [.. a, .. b];
        var scores = Scores(pooled);
        // Σ scores over a group is its observed minus expected events; over everything it is 0.
        var observed = Math.Abs(scores.Take(a.Count).Sum()) - 1e-10;
        var combinations = Combinations(pooled.Length, a.Count);
        if (combinations <= MostEnumerated)
        {
            var extreme = SumsOfChoices(scores, a.Count).Count(sum => Math.Abs(sum) >= observed);
            return extreme / combinations;
        }

        var random = new SplitMix64(Seed);
        var more = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            // The first a.Count places of a Fisher-Yates shuffle.
            double sum = 0;
            for (var i = 0; i < a.Count; i++)
            {
                var j = i + random.Below(scores.Length - i);
                (scores[i], scores[j]) = (scores[j], scores[i]);
                sum += scores[i];
            }

            if (Math.Abs(sum) >= observed) more++;
        }

        return (more + 1.0) / (Draws + 1.0);
    }

    /// <summary>Log-rank scores: 1 for an event minus the cumulative hazard (Nelson and Aalen) of the pooled sample up to the run's time.</summary>
    public static double[] Scores(IReadOnlyList<Waiting> pooled)
    {
        var times = pooled.Where(w => w.Observed).Select(w => w.Time).Distinct().Order().ToArray();
        var hazards = times.Select(t => (double)pooled.Count(w => w.Observed && w.Time == t) / pooled.Count(w => w.Time >= t)).ToArray();
        return [.. pooled.Select(w => (w.Observed ? 1 : 0) - times.Zip(hazards).Where(pair => pair.First <= w.Time).Sum(pair => pair.Second))];
    }

    private static double Combinations(int n, int k)
    {
        double ways = 1;
        for (var i = 1; i <= k; i++) ways = ways * (n - k + i) / i;
        return Math.Round(ways);
    }

    private static IEnumerable<double> SumsOfChoices(double[] scores, int choose)
    {
        var chosen = Enumerable.Range(0, choose).ToArray();
        while (true)
        {
            yield return chosen.Sum(i => scores[i]);
            var place = choose - 1;
            while (place >= 0 && chosen[place] == scores.Length - choose + place) place--;
            if (place < 0) yield break;
            chosen[place]++;
            for (var next = place + 1; next < choose; next++) chosen[next] = chosen[next - 1] + 1;
        }
    }
}
