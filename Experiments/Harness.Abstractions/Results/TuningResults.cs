using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Results;

/// <summary>What a search found. Its trials enter no verdict.</summary>
/// <param name="Spec">What was searched.</param>
/// <param name="Trials">In running order.</param>
/// <param name="Choices">One for each arm; null until all trials have results.</param>
public sealed record TuningResults(TuningSpec Spec, IReadOnlyList<TunedTrialResult> Trials, IReadOnlyList<TuningChoice>? Choices)
{
    /// <summary>The fewest and the most points that an arm tried in a study: the same, unless the budget is a time.</summary>
    public (int Least, int Most) PointsTried()
    {
        if (Spec.Seconds is null) return (Spec.Trials, Spec.Trials);
        var tried = Trials.Where(trial => trial.State.HasResult()).GroupBy(trial => (trial.Condition, Study: Spec.StudyOf(trial.Point))).Select(study => study.Select(trial => trial.Point).Distinct().Count()).ToArray();
        return tried.Length == 0 ? (0, 0) : (tried.Min(), tried.Max());
    }
}

/// <summary>One trial of a search.</summary>
/// <param name="Condition">Ordinal of its condition.</param>
/// <param name="Point">Position in its arm's points.</param>
/// <param name="Steps">The steps that it was to take: fewer than the condition's on the lower rungs of a search that prunes.</param>
public sealed record TunedTrialResult(int Condition, int Point, long Seed, int Steps, TrialState State, TrialOutcome? Outcome);
