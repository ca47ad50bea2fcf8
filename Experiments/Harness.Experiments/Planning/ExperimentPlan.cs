using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>An experiment expanded: conditions × seeds = trials, each with its identity.</summary>
/// <param name="Name">The experiment's name.</param>
/// <param name="Question">What the experiment wants to know, in one sentence.</param>
/// <param name="Digest">Hash of everything that decides what is run and concluded; comments and key order do not change it.</param>
/// <param name="Conditions">In matrix order.</param>
/// <param name="Trials">In the order in which they should be started.</param>
/// <param name="Run">How it is run, which changes no outcome.</param>
public sealed record ExperimentPlan(
    string Name,
    string? Question,
    string Digest,
    IReadOnlyList<Condition> Conditions,
    IReadOnlyList<PlannedTrial> Trials,
    RunSpec Run)
{
    /// <summary>What the matrix varies, the cell first.</summary>
    public IReadOnlyList<FactorSpec> Factors { get; init; } = [];

    /// <summary>In running order.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [];

    /// <summary>What the report decides.</summary>
    public IReadOnlyList<ClaimSpec> Claims { get; init; } = [];

    /// <summary>What <c>--set</c> changed, as <c>path=value</c>.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>The files that its tasks read, each content once.</summary>
    public IReadOnlyList<DataFile> Files { get; init; } = [];

    /// <summary>The folders, beside the experiment file's own, in which they were looked for.</summary>
    public IReadOnlyList<string> DataRoots { get; init; } = [];

    /// <summary>How its report is written, which changes no number in it.</summary>
    public ReportSpec Report { get; init; } = new();

    /// <summary>How it grows once <see cref="Trials"/> have their results; null where they are all there are.</summary>
    public StagePlan? Stages { get; init; }

    /// <summary>The points that a search by time may add; empty for other plans.</summary>
    public IReadOnlyList<TunedTrial> Candidates { get; init; } = [];

    /// <summary>What measures the time of steps, each alone on a machine, after <see cref="Trials"/>; empty unless the file asks for it.</summary>
    public IReadOnlyList<PlannedTrial> TimingTrials { get; init; } = [];
}

/// <param name="Ordinal">Position in the running order, from 0.</param>
/// <param name="Condition">Ordinal of its condition; <see cref="NoCondition"/> for a timing trial, which measures all of them.</param>
/// <param name="Id">See <see cref="TrialIdentity"/>.</param>
public sealed record PlannedTrial(int Ordinal, int Condition, string Id, TrialSpec Spec)
{
    public const int NoCondition = -1;

    /// <summary>The stage that it serves; null for a trial that verdicts count.</summary>
    public string? Stage { get; init; }

    /// <summary>The point of a search that it tries.</summary>
    public int? Point { get; init; }
}
