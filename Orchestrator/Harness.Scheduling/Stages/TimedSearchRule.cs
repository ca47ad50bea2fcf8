using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Scheduling.Stages;

/// <summary>
/// Adds points to a search whose budget is a time, while another one fits. A point costs what the arm's points cost so far on average, over its conditions.
/// The number of points at most doubles at a time, so that the first two, which may be unusual, do not decide how many follow.
/// </summary>
internal static class TimedSearchRule
{
    /// <summary>The next points; null when no arm has time left for one.</summary>
    /// <param name="tried">The trials of the search.</param>
    /// <param name="known">See <see cref="StageDecision.Known"/>.</param>
    public static StageStep? Next(StageState state, TuningSpec tuning, double seconds, IReadOnlyList<StagedTrial> tried, string known)
    {
        var spent = tried.ToLookup(trial => (trial.Condition, Study: tuning.StudyOf(trial.Point!.Value)));
        var next = tuning.Arms.Select((arm, index) => new NextPoints(index, [.. Enumerable.Range(0, tuning.Studies).SelectMany(study => More(tuning, arm, study, seconds, spent))])).ToArray();
        if (next.All(points => points.Points.Count == 0)) return null;
        var places = tuning.Arms.SelectMany((arm, index) => next[index].Points.SelectMany(point => arm.Conditions.Select(condition => (Condition: condition, Point: point))))
            .OrderBy(place => place.Point).ThenBy(place => place.Condition).ToLookup(place => tuning.StudyOf(place.Point));
        var added =
            from study in Enumerable.Range(0, tuning.Studies)
            from seed in tuning.SeedsOf(study)
            from place in places[study]
            select new AddedTrial(place.Condition, state.Candidates[place] with { Seed = seed }, StageNames.Tuning, place.Point);
        return new StageStep(
            StageNames.Tuning, known, JsonSerializer.Serialize(next, HarnessJson.Default.IReadOnlyListNextPoints), Why(tuning, seconds, next), StageNames.Tuning, GoesOn: true,
            new Dictionary<int, TrialSpec>(), [.. added]);
    }

    private static IEnumerable<int> More(TuningSpec tuning, TunedArm arm, int study, double seconds, ILookup<(int Condition, int Study), StagedTrial> spent)
    {
        var trials = arm.Conditions.SelectMany(condition => spent[(condition, study)]).ToArray();
        var points = trials.Select(trial => trial.Point).Distinct().Count();
        var cost = trials.Sum(trial => trial.Outcome is { } outcome ? outcome.TrainSeconds + outcome.EvaluationSeconds + outcome.ProbeSeconds : 0) / arm.Conditions.Count;
        var fitting = cost > 0 ? Math.Floor((seconds - cost) / (cost / points)) : points;
        var count = (int)Math.Clamp(fitting, 0, Math.Min(points, tuning.Trials - points));
        return Enumerable.Range((study * tuning.Trials) + points, count);
    }

    private static string Why(TuningSpec tuning, double seconds, NextPoints[] next)
    {
        const int most = 4;
        var adding = next.Where(points => points.Points.Count > 0).ToArray();
        var named = adding.Take(most).Select(points => string.Create(CultureInfo.InvariantCulture, $"{points.Points.Count} for {tuning.Arms[points.Arm].Label}"));
        return string.Create(CultureInfo.InvariantCulture, $"Of {seconds} s there is time for more points: {string.Join(", ", named)}{(adding.Length > most ? $", and for {adding.Length - most} more arms" : "")}.");
    }
}
