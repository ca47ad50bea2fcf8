using Harness.Reports.Model;

namespace Harness.Reports.Verdicts;

/// <summary>Finds the arm that a claim names: by its label, else by its cell.</summary>
internal static class ArmSelector
{
    /// <summary>The arm of this facet, or null. Where several arms share the cell, the first is the plain one.</summary>
    public static Arm? Find(Facet facet, string name) =>
        facet.Arms.FirstOrDefault(arm => arm.Condition.Factors.TryGetValue("arm", out var label) && string.Equals(label, name, StringComparison.Ordinal))
        ?? facet.Arms.FirstOrDefault(arm => string.Equals(arm.Condition.Trial.Model.Cell, name, StringComparison.Ordinal) && !arm.Condition.Factors.ContainsKey("arm"));
}
