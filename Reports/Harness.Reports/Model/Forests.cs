using Harness.Abstractions.Specs;
using Harness.Reports.Figures;
using Harness.Reports.Outcomes;
using Harness.Reports.Summaries;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Lays the summary's claims out as forest plots: claims on one metric share an axis.</summary>
internal static class Forests
{
    /// <summary>Room beside the outermost values, in percent.</summary>
    private const double Margin = 4;

    /// <summary>Settings of one claim that are drawn; the details list all.</summary>
    private const int MostSettings = 8;

    /// <summary>Measured values over more than this factor are drawn on a logarithmic axis.</summary>
    private const double LargeSpan = 20;

    /// <param name="cards">One for each decision, as <paramref name="lines"/>.</param>
    public static IReadOnlyList<ForestModel> Of(IReadOnlyList<VerdictCard> cards, IReadOnlyList<ClaimLine> lines, IReadOnlyList<ClaimDecision> decisions, Texts texts) =>
        [.. cards.Select((card, i) => (Card: card, Line: lines[i], Decision: decisions[i])).GroupBy(claim => Title(claim.Decision, claim.Line, texts), StringComparer.Ordinal).Select(group => Of(group.Key, [.. group], texts))];

    private static ForestModel Of(string title, List<(VerdictCard Card, ClaimLine Line, ClaimDecision Decision)> claims, Texts texts)
    {
        var isFactor = claims[0].Line.Scale == "factor";
        var isValue = claims[0].Line.Scale == "value";
        List<double> marks = [.. claims.SelectMany(claim => claim.Line.Settings.SelectMany(setting => new[] { setting.Effect, setting.Low, setting.High })
            .Concat([claim.Line.Claimed, claim.Line.NegligibleFrom, claim.Line.NegligibleTo])).OfType<double>()];
        double? neutral = isFactor ? 1 : isValue ? null : 0;
        if (neutral is { } origin && marks.Count > 0) marks.Add(origin);
        var positive = marks.Where(value => value > 0).ToList();
        var isLogarithmic = isFactor || (isValue && marks.Count > 0 && positive.Count == marks.Count && positive.Max() > LargeSpan * positive.Min());
        // A factor of 0 has no place on a logarithmic axis; its interval ends at the edge.
        var places = (isLogarithmic ? positive.ConvertAll(Math.Log10) : marks).Where(double.IsFinite).ToList();
        var (low, high) = places.Count == 0 ? (0d, 1d) : (places.Min(), places.Max());
        if (!(high > low)) (low, high) = (low - 0.5, low + 0.5);
        var axis = isLogarithmic ? AxisScale.Logarithmic("", low, high) : AxisScale.Linear("", low, high, 4);
        (low, high) = (axis.Minimum, axis.Maximum);
        return new(title, Thinned(axis, At), neutral is { } zero ? Percent(zero) : null,
            [.. claims.Select(claim => claim.Card with { Rows = Rows(claim.Line), MoreRows = Math.Max(0, claim.Line.Settings.Count - MostSettings) })]);

        double At(double place) => Math.Round(Margin + (100 - 2 * Margin) * (place - low) / (high - low), 2);

        double? Percent(double? value) => value is not { } known ? null : isLogarithmic ? known > 0 ? Clamp(At(Math.Log10(known))) : 0 : Clamp(At(known));

        IReadOnlyList<ForestRow> Rows(ClaimLine line)
        {
            // Where nothing was tested, the claim's reason says it for all settings.
            if (line.Settings.All(setting => setting.Text.Length == 0 || (setting.Effect is null && line.Verdict == VerdictNames.Of(VerdictKind.NotTested)))) return [new("", "", line.Verdict, line.Text, null, null, null, line.Text)];
            return [.. line.Settings.Take(MostSettings).Select(setting => new ForestRow(
                line.Settings.Count > 1 ? setting.Setting : "", line.Settings.Count > 1 ? setting.Mark : "", setting.Verdict, setting.Text, Percent(setting.Effect),
                setting is { Low: null, High: null } ? null : Percent(setting.Low) ?? 0, setting is { Low: null, High: null } ? null : Percent(setting.High) ?? 100,
                setting.Setting.Length == 0 ? setting.Text : texts.Labelled(setting.Setting, setting.Text))
            {
                Claimed = setting.Effect is null ? null : Percent(line.Claimed),
                Negligible = setting.Effect is not null && Percent(line.NegligibleFrom) is { } from && Percent(line.NegligibleTo) is { } to ? (from, to) : null,
            })];
        }

        static double Clamp(double percent) => Math.Clamp(percent, 0, 100);
    }

    /// <summary>Ticks far enough apart that no two labels meet on a narrow page.</summary>
    private static List<ForestTick> Thinned(PanelAxis axis, Func<double, double> at)
    {
        const double Least = 17;
        var kept = new List<ForestTick>();
        foreach (var tick in axis.Ticks.Select(tick => new ForestTick(at(tick.At), tick.Label)))
            if (tick.At is >= 3 and <= 97 && (kept.Count == 0 || tick.At - kept[^1].At >= Least)) kept.Add(tick);
        return kept;
    }

    private static string Title(ClaimDecision decision, ClaimLine line, Texts texts)
    {
        if (decision.Metric is not { } metric) return texts.ForestTitle(decision.Claim.On, "");
        var name = texts.Measure(decision.Claim).Trim();
        return texts.ForestTitle(name, decision.Claim switch
        {
            ComparisonClaim => texts.ForestGain(line.Scale == "factor", metric.LowerIsBetter == true, line.Settings.All(setting => setting.Effect is null)),
            EquivalenceClaim => texts.ForestRatio(line.Scale == "factor"),
            TrendClaim => texts.PerLevel(line.Scale == "factor"),
            _ => "",
        });
    }
}
