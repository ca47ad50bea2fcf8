using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Claims;

/// <summary>
/// Claims about the half-life of the gradient, as claims about its slope. Half-lives are infinite or jump where a gradient hardly decays,
/// so they have neither ratios nor means; the slope has both, and orders gradients alike.
/// </summary>
public static class HalfLifeClaims
{
    /// <summary>The claim itself if it is about another metric, else the same claim about the slope; null if it compares ratios or differences of half-lives.</summary>
    public static ClaimSpec? OnSlope(ClaimSpec claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        if (claim.On != MetricCatalog.GradientHalfLife) return claim;
        return claim switch
        {
            ComparisonClaim { ByFactor: null, ByAmount: null } comparison => comparison with { On = MetricCatalog.GradientSlope },
            ThresholdClaim threshold => threshold with { On = MetricCatalog.GradientSlope, Below = Slope(threshold.Below), Above = Slope(threshold.Above) },
            TrendClaim trend => trend with { On = MetricCatalog.GradientSlope },
            _ => null,
        };
    }

    /// <summary>The slope with a half-life; its own inverse, see <see cref="GradientProfile.HalfLifeOf"/>.</summary>
    private static double? Slope(double? halfLife) => halfLife is { } steps ? -Math.Log10(2) / steps : null;
}
