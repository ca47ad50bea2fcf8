using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;

namespace Harness.Reports.Verdicts;

/// <summary>Finds the arm that a claim names: by its label, else by its cell.</summary>
internal static class ArmSelector
{
    /// <summary>The arm of this facet, or null. Where several share the name, the first.</summary>
    public static Arm? Find(Facet facet, string name) =>
        facet.Arms.FirstOrDefault(arm => string.Equals(ICondition.ArmOf(arm.Condition), name, StringComparison.Ordinal));
}
