using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Scheduling.Stages;

/// <summary>What is stored of an experiment that grows: all that a decision may rest on.</summary>
/// <param name="Decisions">Earlier decisions, in order.</param>
/// <param name="Conditions">The spec of each condition, by ordinal.</param>
/// <param name="Trials">In running order; all of them have results.</param>
public sealed record StageState(long Experiment, StagePlan Plan, IReadOnlyList<StageDecision> Decisions, IReadOnlyDictionary<int, TrialSpec> Conditions, IReadOnlyList<StagedTrial> Trials)
{
    /// <summary>The points that a search by time may add, by condition and point.</summary>
    public IReadOnlyDictionary<(int Condition, int Point), TrialSpec> Candidates { get; init; } = new Dictionary<(int, int), TrialSpec>();

    /// <summary>Whether tuning has chosen: the decisions between rungs only name the points that go on.</summary>
    public bool IsTuned => Decisions.Any(EndsTuning);

    /// <summary>Whether a decision chose the settings of all arms.</summary>
    public static bool EndsTuning(StageDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return decision.Stage == StageNames.Tuning && decision.Next != StageNames.Tuning;
    }
}

/// <param name="Stage">The stage that it serves; null for a trial that verdicts count.</param>
/// <param name="Point">The point of a search that it tries.</param>
/// <param name="Id">Content hash.</param>
/// <param name="Spec">JSON of its spec.</param>
public sealed record StagedTrial(int Condition, string? Stage, int? Point, string Id, long Seed, string Spec, TrialState State, TrialOutcome? Outcome);

/// <summary>The next step of an experiment.</summary>
/// <param name="Stage">The stage that ended.</param>
/// <param name="Known">See <see cref="StageDecision"/>, as for all of these.</param>
/// <param name="Conditions">New specs of conditions, by ordinal.</param>
/// <param name="Trials">The trials to add, in running order; those that exist are reused.</param>
public sealed record StageStep(
    string Stage, string Known, string Decided, string Why, string? Next, bool GoesOn, IReadOnlyDictionary<int, TrialSpec> Conditions, IReadOnlyList<AddedTrial> Trials);

/// <param name="Stage">See <see cref="StagedTrial"/>.</param>
/// <param name="Point">See <see cref="StagedTrial"/>.</param>
public sealed record AddedTrial(int Condition, TrialSpec Spec, string? Stage = null, int? Point = null);

/// <summary>Where an experiment that grows stands, for displays.</summary>
/// <param name="Why">Why it is in this stage, in a sentence.</param>
/// <param name="IsLast">Whether the experiment ends with this stage.</param>
public sealed record StageProgress(string Name, string Why, bool IsLast);
