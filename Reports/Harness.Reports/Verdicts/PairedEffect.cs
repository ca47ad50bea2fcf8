using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>
/// Differences between seeds that saw the same data, and what they say about a bound. Finite differences are judged by their
/// mean (BCa interval, sign-flip test); where some are infinite (a diverged loss, a gradient that does not decay) by their
/// median and signed ranks, which need no more than an order.
/// </summary>
internal sealed class PairedEffect
{
    private readonly bool finite;

    /// <param name="byRank">Whether to judge by median and ranks in any case: a time now and then has a spike that says nothing about the arm.</param>
    /// <exception cref="ArgumentException">There are no differences.</exception>
    public PairedEffect(IReadOnlyList<double> differences, bool byRank = false)
    {
        Differences = differences;
        finite = !byRank && differences.All(double.IsFinite);
        Interval = finite ? Bootstrap.BiasCorrected(differences, sample => sample.Average()) : Bootstrap.Median(differences);
        Method = finite ? VerdictMethod.PairedSignFlip : VerdictMethod.PairedSignedRank;
    }

    public IReadOnlyList<double> Differences { get; }

    public IntervalEstimate Interval { get; }

    public VerdictMethod Method { get; }

    /// <summary>Differences for <see cref="SampleSize"/>; none when they have no mean.</summary>
    public IReadOnlyList<double> Spread => finite ? Differences : [];

    /// <summary>One-sided p against "not above <paramref name="bound"/>".</summary>
    public double Above(double bound) => Greater([.. Differences.Select(d => d - bound)]);

    /// <summary>One-sided p against "not below <paramref name="bound"/>".</summary>
    public double Below(double bound) => Greater([.. Differences.Select(d => bound - d)]);

    /// <summary>
    /// The four-way rule. Supported: the interval lies beyond <paramref name="needed"/>. Contradicted: it lies below
    /// <paramref name="refuted"/>. No meaningful difference: inside ±<paramref name="negligible"/>. Else inconclusive.
    /// </summary>
    public (VerdictKind Kind, double P) Judge(double needed, double refuted, double negligible)
    {
        if (Interval is not { Low: { } low, High: { } high }) return (VerdictKind.Inconclusive, 1);
        if (low > needed) return (VerdictKind.Supported, Math.Min(1, 2 * Above(needed)));
        if (high < refuted) return (VerdictKind.Contradicted, Math.Min(1, 2 * Below(refuted)));
        if (low > -negligible && high < negligible) return (VerdictKind.NoMeaningfulDifference, Math.Max(Above(-negligible), Below(negligible)));
        return (VerdictKind.Inconclusive, 1);
    }

    /// <summary>The bound that is nearest to the estimate: the one that more seeds would decide first.</summary>
    public double NearestBound(params ReadOnlySpan<double> bounds)
    {
        var nearest = bounds[0];
        foreach (var bound in bounds)
            if (Math.Abs(Interval.Value - bound) < Math.Abs(Interval.Value - nearest)) nearest = bound;
        return nearest;
    }

    private double Greater(double[] shifted) => finite ? PermutationTests.SignFlipGreater(shifted) : RankTests.SignedRankGreater(shifted);
}
