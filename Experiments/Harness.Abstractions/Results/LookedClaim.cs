namespace Harness.Abstractions.Results;

/// <summary>A claim as a look left it.</summary>
/// <param name="Verdict">A word such as <c>supported</c>; <c>inconclusive</c> while it is open.</param>
/// <param name="Seeds">The seeds that the verdict rests on.</param>
/// <param name="P">After correction for all looks and the family; null where nothing was tested.</param>
/// <param name="IsOpen">Whether more seeds may decide it.</param>
/// <param name="IsFutile">Whether it was closed because more seeds would hardly have decided it.</param>
public sealed record LookedClaim(string Claim, string Verdict, int Seeds, double? P, bool IsOpen, bool IsFutile);

/// <summary>The looks of an experiment whose seeds are added until its claims are decided.</summary>
/// <param name="Seeds">All seeds that there may be, in running order.</param>
/// <param name="At">The number of seeds at each look, ascending.</param>
public sealed record LookPlan(IReadOnlyList<long> Seeds, IReadOnlyList<int> At)
{
    /// <summary>Whether somebody raised a fixed number of seeds after a look, instead of planning to.</summary>
    public bool IsUnplanned { get; init; }
}
