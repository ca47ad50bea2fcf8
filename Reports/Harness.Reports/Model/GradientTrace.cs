using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Statistics;

namespace Harness.Reports.Model;

/// <summary>The gradient profiles of one arm, state, layer, direction and moment over all seeds.</summary>
/// <param name="Facet">Index of the facet.</param>
/// <param name="Label">The arm, and the state when the cell has two.</param>
/// <param name="IsTop">Whether this is the last layer's forward direction, which the figure draws.</param>
/// <param name="Seeds">log10 of the norm relative to lag 0; −∞ where the norm is zero.</param>
/// <param name="SeedNumbers">The seed of each of them.</param>
/// <param name="FirstLog10">log10 of the norm at lag 0, median over seeds.</param>
/// <param name="Slope">log10 per step, median over the seeds that have one.</param>
/// <param name="HalfLives">The seeds' half-lives, +∞ where the norm does not decay; median over seeds.</param>
internal sealed record GradientTrace(
    int Facet,
    Arm Arm,
    string Key,
    string Label,
    SeriesStyle Style,
    ProbeMoment Moment,
    string State,
    int Layer,
    bool Backwards,
    bool IsTop,
    IReadOnlyList<double[]> Seeds,
    IReadOnlyList<long> SeedNumbers,
    IReadOnlyList<double> Medians,
    double FirstLog10,
    IntervalEstimate? Slope,
    IntervalEstimate? HalfLives)
{
    /// <summary>Steps of lag after which the norm has halved, median over seeds as on a card; null when it does not decay.</summary>
    public double? HalfLife => HalfLives is { } lives && double.IsFinite(lives.Value) ? lives.Value : null;

    public static IEnumerable<GradientTrace> Of(Arm arm, int facet)
    {
        // Profiles taken along the way belong to many steps: one line per moment could not tell them apart.
        var profiles = arm.Condition.Trials.SelectMany(trial => trial.Gradients.Select(profile => (trial.Seed, Profile: profile)))
            .Where(p => p.Profile.Moment != ProbeMoment.During && p.Profile.Norms.Length > 1 && p.Profile.Norms[0] > 0 && double.IsFinite(p.Profile.Norms[0])).ToList();
        if (profiles.Count == 0) return [];
        var top = profiles.Max(p => p.Profile.Layer);
        var twoStates = profiles.Select(p => p.Profile.State).Distinct(StringComparer.Ordinal).Skip(1).Any();
        return profiles
            .GroupBy(p => (p.Profile.Moment, p.Profile.Layer, p.Profile.Backwards, p.Profile.State))
            .OrderBy(g => g.Key.Moment).ThenByDescending(g => g.Key.Layer).ThenBy(g => g.Key.Backwards).ThenByDescending(g => g.Key.State, StringComparer.Ordinal)
            .Select(g => Of(arm, facet, g.Key, twoStates, top, [.. g.Select(p => p.Profile)], [.. g.Select(p => p.Seed)]));
    }

    private static GradientTrace Of(
        Arm arm, int facet, (ProbeMoment Moment, int Layer, bool Backwards, string State) key, bool twoStates, int top, List<GradientProfile> profiles, List<long> numbers)
    {
        var seeds = profiles.Select(p => p.Norms.Select(norm => Relative(norm, p.Norms[0])).ToArray()).ToList();
        var medians = Enumerable.Range(0, seeds.Max(s => s.Length))
            .Select(lag => Quantiles.Median([.. seeds.Where(s => s.Length > lag).Select(s => s[lag])])).ToList();
        double[] slopes = [.. profiles.Select(p => p.Slope).OfType<double>().Where(double.IsFinite)];
        return new(
            facet, arm,
            twoStates ? string.Create(CultureInfo.InvariantCulture, $"{arm.Key}|{key.State}") : arm.Key,
            twoStates ? $"{arm.Label} {key.State}" : arm.Label,
            key.State == "c" ? arm.Style with { Dash = "12 3 2 3", Marker = MarkerKind.Diamond } : arm.Style,
            key.Moment, key.State, key.Layer, key.Backwards,
            key.Layer == top && !key.Backwards,
            seeds, numbers, medians,
            Quantiles.Median([.. profiles.Select(p => Math.Log10(p.Norms[0]))]),
            slopes.Length == 0 ? null : Location.Median(slopes),
            slopes.Length == 0 ? null : Location.Median([.. slopes.Select(slope => GradientProfile.HalfLifeOf(slope) ?? double.PositiveInfinity)]));
    }

    private static double Relative(double norm, double first) =>
        norm > 0 ? Math.Log10(norm) - Math.Log10(first) : norm == 0 ? double.NegativeInfinity : double.NaN;
}
