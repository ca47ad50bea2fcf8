namespace Harness.Abstractions.Specs;

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
