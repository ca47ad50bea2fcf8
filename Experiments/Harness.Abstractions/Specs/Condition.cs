
namespace Harness.Abstractions.Specs;

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

    /// <summary>The file that the initial weights come from; null where all are drawn.</summary>
    public ConditionWeights? Weights { get; init; }
}
