using Harness.Experiments.Data;
using Harness.Experiments.Planning;

namespace Harness.Experiments.Specs;

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

/// <param name="Language">A word of <see cref="ReportLanguages"/>; null means the first of them.</param>
/// <param name="Title">The report's heading; null means the experiment's name.</param>
public sealed record ReportSpec(string? Language = null, string? Title = null);

/// <summary>Which trials start first.</summary>
public enum TrialOrder
{
    /// <summary>All conditions of the first seed.</summary>
    SeedMajor,

    /// <summary>All seeds of the first condition.</summary>
    ConditionMajor,
}

/// <summary>One factor of the matrix.</summary>
/// <param name="Path">Short name or path, e.g. <c>length</c>.</param>
/// <param name="Levels">Canonical texts, in the order of the file.</param>
public sealed record FactorSpec(string Path, IReadOnlyList<string> Levels);

/// <summary>One combination of factor levels.</summary>
/// <param name="Label">Short and unique in the experiment, e.g. <c>lstm T=100</c>.</param>
/// <param name="Arm">What claims call it: the included arm's label, else the cell.</param>
/// <param name="Factors">The levels that vary in this experiment, by path; a labelled arm also has its label under <c>arm</c>.</param>
/// <param name="Trial">What its trials share, with the first seed.</param>
/// <param name="Match">How well its size was matched, when sizes are matched.</param>
/// <param name="Data">What it finds in the file that its task reads; null for generated tasks.</param>
public sealed record ConditionSpec(string Label, string Arm, IReadOnlyDictionary<string, string> Factors, TrialSpec Trial, SizeMatch? Match, ConditionData? Data = null) : ICondition;

/// <summary>The part of a data file that a condition learns from.</summary>
/// <param name="Path">As the experiment file names it.</param>
/// <param name="Sha256">Of the content.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Rows">Rows of a series, characters of a text.</param>
public sealed record ConditionData(string Path, string Sha256, int Bytes, int Rows, DataWindows Windows);

/// <summary>How many windows each part of a data file holds.</summary>
public sealed record DataWindows(int Train, int Validation, int Test);

/// <summary>How well a cell's size meets the common budget.</summary>
/// <param name="Measure"><c>parameters</c> (with the output layer) or <c>flops</c> (of one training step).</param>
/// <param name="Budget">What was aimed at.</param>
/// <param name="Actual">What the solved hidden size gives.</param>
public sealed record SizeMatch(string Measure, double Budget, double Actual)
{
    /// <summary>The largest relative mismatch that still counts as the same size.</summary>
    public const double LargestMismatch = 0.02;

    /// <summary>Relative, 0 for a perfect match.</summary>
    public double Mismatch => Math.Abs(Actual - Budget) / Budget;
}
