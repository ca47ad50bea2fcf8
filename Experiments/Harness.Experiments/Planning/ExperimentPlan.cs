using Harness.Experiments.Contracts;
using Harness.Experiments.Data;
using Harness.Experiments.Specs;

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

    /// <summary>What measures the time of steps, each alone on a machine, after <see cref="Trials"/>; empty unless the file asks for it.</summary>
    public IReadOnlyList<PlannedTrial> TimingTrials { get; init; } = [];
}

/// <summary>One combination of factor levels.</summary>
/// <param name="Ordinal">Position in the matrix, from 0.</param>
/// <param name="Label">Short and unique in the experiment, e.g. <c>lstm T=100</c>.</param>
/// <param name="Factors">The levels that vary in this experiment, by path.</param>
/// <param name="Trial">What its trials share, with the first seed.</param>
/// <param name="Parameters">Trainable parameters of the recurrent layers, exact.</param>
/// <param name="ParametersTotal">With the output layer.</param>
/// <param name="FlopsPerStep">Floating-point operations of one training step of the recurrent layers (matrix products only).</param>
public sealed record Condition(
    int Ordinal,
    string Label,
    IReadOnlyDictionary<string, string> Factors,
    TrialSpec Trial,
    long Parameters,
    long ParametersTotal,
    double FlopsPerStep) : ICondition
{
    /// <summary>What claims call it: the label of an included arm, else the cell.</summary>
    public string Arm { get; init; } = Trial.Model.Cell;

    /// <summary>How well its size was matched to the common budget; null when sizes are not matched.</summary>
    public SizeMatch? Match { get; init; }

    /// <summary>What it finds in the file that its task reads; null for generated tasks.</summary>
    public ConditionData? Data { get; init; }
}

/// <param name="Ordinal">Position in the running order, from 0.</param>
/// <param name="Condition">Ordinal of its condition; <see cref="NoCondition"/> for a timing trial, which measures all of them.</param>
/// <param name="Id">See <see cref="TrialIdentity"/>.</param>
public sealed record PlannedTrial(int Ordinal, int Condition, string Id, TrialSpec Spec)
{
    public const int NoCondition = -1;
}

/// <param name="Slots">Trials at once on this machine; null means one per core.</param>
/// <param name="TrialRetries">How often a trial that failed by itself is tried again.</param>
/// <param name="InfrastructureRetries">How often a trial that lost its worker or process is tried again.</param>
/// <param name="Attempts">What its attempts are run under; null for the defaults.</param>
/// <param name="Exclusive">Whether each trial gets a machine to itself.</param>
/// <param name="Memory">Bytes of main memory per slot that a worker must have; 0 for no demand.</param>
/// <param name="Label">The label that a worker must have; null for no demand.</param>
/// <param name="Pack">How many trials a slot may train side by side; null leaves it to <see cref="Packing"/>.</param>
public sealed record RunSpec(
    int? Slots = null,
    int TrialRetries = 1,
    int InfrastructureRetries = 10,
    int Priority = 0,
    AttemptTerms? Attempts = null,
    bool Exclusive = false,
    long Memory = 0,
    string? Label = null,
    int? Pack = null);
