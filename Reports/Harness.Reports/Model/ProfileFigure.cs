using System.Globalization;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// Performance profiles over all combinations of factors (Agarwal et al. 2021, section 4.2): the share of runs that end with at most
/// a given part of the baseline's loss. Every combination counts the same, however many seeds it has.
/// </summary>
internal static class ProfileFigure
{
    public const string Id = "fig-profile";
    private const int Width = 520;
    private const int Height = 300;
    /// <summary>The part of the baseline's loss that some run has to get down to.</summary>
    private const double Learned = 0.5;

    private static readonly double[] Thresholds = [1, 0.5, 0.1, 0.01];

    /// <summary>The figure, or null when fewer than two combinations have results of at least two arms: then there is nothing to generalise over.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, Texts texts, int number)
    {
        // Only what was tried everywhere can be compared over everything.
        var finished = facets.Select(facet => facet.Arms.Select(arm => (arm.Key, Arm: arm, Losses: Relative(arm))).Where(entry => entry.Losses.Count > 0).ToList()).Where(arms => arms.Count > 0).ToList();
        var common = finished.Count == 0 ? [] : finished.Skip(1).Aggregate(finished[0].Select(entry => entry.Key), (keys, arms) => keys.Intersect(arms.Select(entry => entry.Key), StringComparer.Ordinal)).ToList();
        if (finished.Count < 2 || common.Count < 2) return null;
        // A combination in which no run of any arm learned anything says nothing about which of them learns.
        var everywhere = finished.Count;
        finished = [.. finished.Where(arms => arms.Any(entry => common.Contains(entry.Key, StringComparer.Ordinal) && entry.Losses.Exists(loss => loss <= Learned)))];
        if (finished.Count < 2) return null;
        var profiles = common.Select(key => new Profile(finished[0].First(entry => entry.Key == key).Arm, [.. finished.Select(arms => arms.First(entry => entry.Key == key).Losses)])).ToList();
        var all = profiles.SelectMany(profile => profile.Facets).SelectMany(losses => losses).Where(loss => loss > 0 && double.IsFinite(loss)).Select(Math.Log10).DefaultIfEmpty(0).ToList();
        var (low, high) = (Math.Min(all.Min(), -0.3) - 0.05, Math.Max(all.Max(), 0) + 0.1);
        var caption = texts.ProfileSentence(finished.Count, [.. profiles.Select(profile => texts.ProfileClause(profile.Arm.Label, Numbers.Percent(profile.Share(0.1))))]);
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-1"), texts.ProfileTitle, caption, Width, Height,
            AxisScale.Logarithmic(texts.ProfileAxis, low, high), AxisScale.Linear(texts.ProfileShareAxis, -0.02, 1.04, 4, value => Numbers.Percent(Math.Round(value, 2))),
            [.. profiles.Select(profile => new PanelSeries(profile.Arm.Key, profile.Arm.Style, [new(StrokeRole.Centre, profile.Steps(low, high))], null, [], profile.Arm.Label))], [], []);
        var table = new Table(Id + "-table", texts.ProfileTableCaption,
            [new(texts.Arm), .. Thresholds.Select(threshold => new TableColumn(texts.AtMost(Numbers.Plain(threshold)), true)), new(texts.Runs, true)],
            [.. profiles.Select(profile => new TableRow(null,
                [new(profile.Arm.Label), .. Thresholds.Select(threshold => new TableCell(Numbers.Percent(profile.Share(threshold)), profile.Share(threshold))), TableCell.Count(profile.Facets.Sum(losses => losses.Count))]))]);
        return new(Id, number, texts.ProfileTitle, caption, [new("", panel, [])], table, texts.ProfileHowToRead,
            finished.Count < everywhere ? [texts.ProfileLeftOut(everywhere - finished.Count)] : []);
    }

    /// <summary>Each seed's loss over the baseline on the same evaluation set.</summary>
    private static List<double> Relative(Arm arm) =>
        [.. arm.Condition.Trials.Where(trial => trial.Outcome is { BaselineLoss: > 0 }).Select(trial => TrialStatistics.FinalLossOf(trial) / trial.Outcome!.BaselineLoss).OfType<double>()];

    /// <param name="Facets">Final loss over the baseline's, per combination of factors; infinite for diverged runs.</param>
    private sealed record Profile(Arm Arm, IReadOnlyList<IReadOnlyList<double>> Facets)
    {
        public double Share(double threshold) => Facets.Average(losses => losses.Count(loss => loss <= threshold) / (double)losses.Count);

        /// <summary>The share as a staircase over log10 of the threshold.</summary>
        public List<PanelPoint> Steps(double low, double high)
        {
            var points = new List<PanelPoint> { new(low, Share(Math.Pow(10, low))) };
            foreach (var at in Facets.SelectMany(losses => losses).Where(loss => loss > 0 && double.IsFinite(loss)).Distinct().Order())
            {
                points.Add(new(Math.Log10(at), points[^1].Y));
                points.Add(new(Math.Log10(at), Share(at)));
            }

            points.Add(new(high, points[^1].Y));
            return points;
        }
    }
}
