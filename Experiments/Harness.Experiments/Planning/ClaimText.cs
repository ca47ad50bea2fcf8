using System.Globalization;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>Claims in words.</summary>
public static class ClaimText
{
    /// <summary>Every value of the claim, the same for equal claims and different for different ones.</summary>
    internal static string Canonical(ClaimSpec claim) =>
        string.Create(CultureInfo.InvariantCulture, $"{claim.Id}: {Sentence(claim)}{(claim.Article is { } number ? $" [article {number}]" : "")}");

    /// <summary>The claim as a sentence, e.g. <c>lstm beats rnn on gradient.slope at init by at least 0.05 where length is 50</c>.</summary>
    public static string Sentence(ClaimSpec claim) => Statement(claim) + Scope(claim);

    private static string Scope(ClaimSpec claim) => claim.Where is not { } named ? "" : " where " + string.Join(" and ", named
        .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} is {string.Join(" or ", pair.Value)}"));

    private static string Statement(ClaimSpec claim) => claim switch
    {
        ComparisonClaim comparison => $"{comparison.That} beats {comparison.Beats} on {Measure(comparison)}{Margin(comparison)}",
        EquivalenceClaim equivalence => $"{equivalence.That} equals {equivalence.EqualTo} on {Measure(equivalence)} within {Number(equivalence.WithinFactor)}x",
        ThresholdClaim { Below: { } below } threshold => $"{threshold.That} has {Measure(threshold)} below {Number(below)}",
        ThresholdClaim { Above: { } above } threshold => $"{threshold.That} has {Measure(threshold)} above {Number(above)}",
        TrendClaim trend => $"{Measure(trend)} of {trend.That} {(trend.Falls ? "falls" : "grows")} with {trend.GrowsWith}",
        _ => throw new ArgumentOutOfRangeException(nameof(claim), claim, "An unknown kind of claim."),
    };

    private static string Measure(ClaimSpec claim) => claim.At is { } moment ? $"{claim.On} at {moment.ToString().ToLowerInvariant()}" : claim.On;

    private static string Margin(ComparisonClaim claim)
    {
        if (claim.ByFactor is { } factor) return $" by at least {Number(factor)}x";
        return claim.ByAmount is { } amount ? $" by at least {Number(amount)}" : "";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
