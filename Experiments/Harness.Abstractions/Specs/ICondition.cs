namespace Harness.Abstractions.Specs;

/// <summary>One combination of factor levels, in a file, a plan or a result.</summary>
public interface ICondition
{
    /// <summary>The factor that holds the label of an included arm.</summary>
    const string ArmFactor = "arm";

    /// <summary>Short and unique in the experiment, e.g. <c>lstm T=100</c>.</summary>
    string Label { get; }

    /// <summary>The levels that vary in this experiment, by name; a labelled arm also has its label under <see cref="ArmFactor"/>.</summary>
    IReadOnlyDictionary<string, string> Factors { get; }

    /// <summary>What its trials share.</summary>
    TrialSpec Trial { get; }

    /// <summary>What claims call a condition: the label of an included arm, else the cell.</summary>
    static string ArmOf(ICondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return condition.Factors.GetValueOrDefault(ArmFactor) ?? condition.Trial.Model.Cell;
    }
}
