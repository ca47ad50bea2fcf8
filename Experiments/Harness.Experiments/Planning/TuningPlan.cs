using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>A search and the trials that try its points.</summary>
/// <param name="Trials">One for each condition and point; they are tried on each of the study's seeds.</param>
/// <param name="Candidates">The points that a search by time may add, in the same form.</param>
public sealed record TuningPlan(TuningSpec Spec, IReadOnlyList<TunedTrial> Trials, IReadOnlyList<TunedTrial> Candidates);

/// <param name="Condition">Ordinal of its condition.</param>
/// <param name="Point">Position in the arm's points.</param>
/// <param name="Spec">With any seed.</param>
public sealed record TunedTrial(int Condition, int Point, TrialSpec Spec);
