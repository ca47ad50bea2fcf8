using System.Text.Json.Serialization;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Results;

/// <summary>
/// How much of the loss's gradient reaches each earlier step: element k is
/// mean over sequences of ‖∂L/∂s_{T−k}‖₂ for the state s, with the loss at the last step only, taken before clipping, in float64.
/// </summary>
/// <param name="Moment">When it was taken.</param>
/// <param name="Step">After how many optimizer steps.</param>
/// <param name="State"><c>h</c>, or <c>c</c> for cells with a cell state.</param>
/// <param name="Layer">From 0, the first layer.</param>
/// <param name="Backwards">True for the second direction of a bidirectional layer; its lag counts from the sequence's other end.</param>
/// <param name="Norms">By lag k = 0 … T−1; the cell state's element 0 belongs to the last c.</param>
/// <param name="Slope">Least-squares slope of log10 norm on lag over the central 80 %, per step; absent when fewer than two points are above zero.</param>
/// <param name="HalfLife">Steps after which the norm has halved, log10 2 / −slope; absent when the slope is not negative.</param>
public sealed record GradientProfile(
    ProbeMoment Moment,
    int Step,
    string State,
    int Layer,
    bool Backwards,
    double[] Norms,
    double? Slope,
    double? HalfLife)
{
    /// <summary>Steps of lag after which the norm has halved, log10 2 / −slope; null when it does not decay.</summary>
    /// <param name="slope">log10 of the norm per step of lag.</param>
    public static double? HalfLifeOf(double? slope) => slope < 0 ? Math.Log10(2) / -slope : null;

    /// <summary>The largest lag whose norm is at least <paramref name="share"/> of that at lag 0; null when that one is zero or not finite.</summary>
    public int? Horizon(double share = 0.01) => Norms.Length > 0 && Norms[0] > 0 && double.IsFinite(Norms[0]) ? Array.FindLastIndex(Norms, norm => norm >= share * Norms[0]) : null;

    /// <summary>The norm at a lag of half the sequence over that at lag 0; null when that one is zero or not finite.</summary>
    [JsonIgnore]
    public double? Survival => Norms.Length > 0 && Norms[0] > 0 && double.IsFinite(Norms[0]) ? Norms[Norms.Length / 2] / Norms[0] : null;

    /// <summary>Share of the lags whose norm is exactly zero: below what float64 can hold, or cut off.</summary>
    [JsonIgnore]
    public double Underflow => Norms.Count(norm => norm == 0) / (double)Norms.Length;
}
