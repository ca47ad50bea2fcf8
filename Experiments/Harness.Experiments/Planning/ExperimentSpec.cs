using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>An experiment file that was read without errors: what to compare, how often, and what to conclude.</summary>
/// <param name="Name">A name that can stand in a file name.</param>
/// <param name="Question">What the experiment wants to know, in one sentence.</param>
/// <param name="Factors">What the matrix varies, the cell first.</param>
/// <param name="Conditions">The matrix without its exclusions, then the included arms; at least one, no two alike.</param>
/// <param name="Seeds">In running order; at least one, no two alike.</param>
/// <param name="Claims">What the report decides.</param>
/// <param name="Speed">What timing trials measure; null where none are asked for.</param>
/// <param name="Order">Which trials start first.</param>
/// <param name="Overrides">What <c>--set</c> changed, as <c>path=value</c>.</param>
public sealed record ExperimentSpec(
    string Name,
    string? Question,
    IReadOnlyList<FactorSpec> Factors,
    IReadOnlyList<ConditionSpec> Conditions,
    IReadOnlyList<long> Seeds,
    IReadOnlyList<ClaimSpec> Claims,
    RunSpec Run,
    SpeedSpec? Speed,
    TrialOrder Order,
    IReadOnlyList<string> Overrides)
{
    /// <summary>The files that its tasks read, each content once.</summary>
    public IReadOnlyList<DataFile> Files { get; init; } = [];

    /// <summary>What is tuned before verdicts are trained for; null where nothing is.</summary>
    public TuningPlan? Tuning { get; init; }

    /// <summary>The number of seeds at each look, ascending; null where all seeds are trained at once.</summary>
    public IReadOnlyList<int>? Looks { get; init; }

    /// <summary>How its report is written, which changes no number in it.</summary>
    public ReportSpec Report { get; init; } = new();
}

/// <summary>What timing trials measure.</summary>
/// <param name="Rounds">How often.</param>
public sealed record SpeedSpec(int Rounds)
{
    /// <summary>Lengths beside the conditions' own, ascending, as for all of these; empty for none.</summary>
    public IReadOnlyList<int> Length { get; init; } = [];

    public IReadOnlyList<int> Hidden { get; init; } = [];

    public IReadOnlyList<int> Batch { get; init; } = [];

    public IReadOnlyList<int> Threads { get; init; } = [];
}

/// <summary>Which trials start first.</summary>
public enum TrialOrder
{
    /// <summary>All conditions of the first seed.</summary>
    SeedMajor,

    /// <summary>All seeds of the first condition.</summary>
    ConditionMajor,
}

/// <summary>One combination of factor levels.</summary>
/// <param name="Label">Short and unique in the experiment, e.g. <c>lstm T=100</c>.</param>
/// <param name="Arm">What claims call it: the included arm's label, else the cell.</param>
/// <param name="Factors">The levels that vary in this experiment, by path; a labelled arm also has its label under <c>arm</c>.</param>
/// <param name="Trial">What its trials share, with the first seed.</param>
/// <param name="Match">How well its size was matched, when sizes are matched.</param>
/// <param name="Data">What it finds in the file that its task reads; null for generated tasks.</param>
public sealed record ConditionSpec(string Label, string Arm, IReadOnlyDictionary<string, string> Factors, TrialSpec Trial, SizeMatch? Match, ConditionData? Data = null) : ICondition
{
    /// <summary>The file that the initial weights come from; null where all are drawn.</summary>
    public ConditionWeights? Weights { get; init; }
}
