using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Results;

/// <summary>Everything a report is made from: a pure value, so that the same database gives the same bytes.</summary>
/// <param name="Id">Identifier of the experiment in its database.</param>
/// <param name="SpecText">The YAML, as submitted.</param>
/// <param name="Overrides">What <c>--set</c> changed, as <c>path=value</c>.</param>
/// <param name="SubmittedAt">When it was first submitted, UTC.</param>
/// <param name="FinishedAt">When its last trial ended, UTC; null while it runs.</param>
/// <param name="ReproduceCommand">The command line that runs it again.</param>
public sealed record ExperimentResults(
    string Id,
    string Name,
    string? Question,
    string SpecText,
    string SpecPath,
    string SpecDigest,
    IReadOnlyList<string> Overrides,
    DateTimeOffset SubmittedAt,
    DateTimeOffset? FinishedAt,
    string ReproduceCommand,
    string HarnessVersion,
    IReadOnlyList<ConditionResults> Conditions,
    IReadOnlyList<EnvironmentRecord> Environments)
{
    /// <summary>The claims that the experiment names; empty when it names none.</summary>
    public IReadOnlyList<ClaimSpec> Claims { get; init; } = [];

    /// <summary>How its report is written.</summary>
    public ReportSpec Report { get; init; } = new();

    /// <summary>What measured the time of steps; empty where nothing was asked for.</summary>
    public IReadOnlyList<TimedTrial> Timings { get; init; } = [];

    /// <summary>What was tuned before the conditions were trained; null where nothing was.</summary>
    public TuningResults? Tuning { get; init; }

    /// <summary>When claims are looked at while seeds are added; null where the number of seeds is fixed.</summary>
    public LookPlan? Looks { get; init; }

    /// <summary>What is no longer as it was stored, part by part; empty when all is well.</summary>
    public IReadOnlyList<Damage> Damage { get; init; } = [];

    /// <summary>The experiments that these results were put together from; null for those of one experiment.</summary>
    public ComparedExperiments? Comparison { get; init; }
}

/// <param name="Names">As they are called in the comparison.</param>
/// <param name="SharedTrials">How many trials more than one of them asked for; each counts once.</param>
public sealed record ComparedExperiments(IReadOnlyList<string> Names, int SharedTrials);

/// <summary>One combination of factor levels and its trials over all seeds.</summary>
/// <param name="Ordinal">Position in the plan, from 0.</param>
/// <param name="Label">Short and unique in the experiment, e.g. <c>lstm T=100</c>.</param>
/// <param name="Factors">The levels that vary in this experiment, by path.</param>
/// <param name="Trial">The spec its trials share (with the seed of the first).</param>
public sealed record ConditionResults(
    int Ordinal,
    string Label,
    IReadOnlyDictionary<string, string> Factors,
    TrialSpec Trial,
    long Parameters,
    long ParametersTotal,
    IReadOnlyList<TrialResult> Trials) : ICondition
{
    /// <summary>What timing trials say about it, backend by backend; empty where none measures it.</summary>
    public IReadOnlyList<TimedArm> Timed { get; init; } = [];

    /// <summary>A sequence of its task, to look at; null until a trial of that task has started.</summary>
    public TaskSample? Sample { get; init; }
}

/// <summary>One trial as far as it came.</summary>
/// <param name="Id">The trial's content hash.</param>
/// <param name="Attempts">How often it was started.</param>
/// <param name="Failure">Why it failed, when it did.</param>
public sealed record TrialResult(
    string Id,
    long Seed,
    TrialState State,
    TrialOutcome? Outcome,
    int Attempts,
    string? Failure,
    string? Device,
    string? Worker,
    IReadOnlyDictionary<string, MetricSeries> Metrics,
    IReadOnlyList<GradientProfile> Gradients)
{
    /// <summary>The machine that finished it, or runs it; times are compared within one only.</summary>
    public string? Host { get; init; }

    /// <summary>Whether its result comes from a worker that sent no self-check trial: nobody knows whether it computes what the others compute.</summary>
    public bool IsUnchecked { get; init; }

    /// <summary>Example traces of the gates, by step; empty unless <c>probe.trace</c> asked for them.</summary>
    public IReadOnlyList<GateTrace> GateTraces { get; init; } = [];

    /// <summary>The trials of one seed, fold by fold, that this one stands for: its values are their means. Null for a trial that was trained.</summary>
    public IReadOnlyList<TrialResult>? Folds { get; init; }

    /// <summary>What it made of the test part of a data file; null for generated tasks, and where results are read with few curves.</summary>
    public TestAnalysis? Test { get; init; }
}

/// <summary>A recorded curve.</summary>
/// <param name="Steps">Strictly increasing.</param>
/// <param name="Values">One per step; may hold NaN and infinities.</param>
public sealed record MetricSeries(int[] Steps, float[] Values);

/// <summary>Where a trial stands. Diverged is a result, failed is infrastructure, cancelled is a person's wish.</summary>
public enum TrialState
{
    Pending,
    Running,
    BackingOff,
    Completed,
    Diverged,
    Failed,
    Cancelled,
}

public static class TrialStates
{
    /// <summary>Whether nothing more will happen to the trial by itself.</summary>
    public static bool IsTerminal(this TrialState state) =>
        state is TrialState.Completed or TrialState.Diverged or TrialState.Failed or TrialState.Cancelled;

    /// <summary>Whether the trial has a scientific result that is never trained again.</summary>
    public static bool HasResult(this TrialState state) => state is TrialState.Completed or TrialState.Diverged;
}
