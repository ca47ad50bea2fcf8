namespace Harness.Reports.Statistics;

/// <summary>An estimate with its interval.</summary>
/// <param name="Value">The statistic on the whole sample.</param>
/// <param name="Low">Lower bound; absent when the sample is too small for one.</param>
/// <param name="High">Upper bound; absent when the sample is too small for one.</param>
/// <param name="Count">n, the replicates (seeds) it rests on.</param>
public sealed record IntervalEstimate(double Value, double? Low, double? High, int Count)
{
    /// <summary>Whether the bounds are the smallest and the largest value: too few replicates for a 95 % interval.</summary>
    public bool IsRange { get; init; }

    public bool HasInterval => Low is not null && High is not null;
}
