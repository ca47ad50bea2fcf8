using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// The share of all finished seeds that have reached the target, by step and by seconds of training. A curve ends at the share that its
/// legend names: seeds that never got there stay in the count.
/// </summary>
internal static class TargetFigure
{
    public const string Id = "fig-target";
    private const int Width = 460;
    private const int Height = 260;
    private static readonly string[] Metrics = [MetricCatalog.Solved, MetricCatalog.StepsToTarget];

    /// <summary>The figure, or null when no seed reached the target.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        if (!facets.SelectMany(f => f.Arms).Any(arm => arm.Statistics.Solved > 0)) return null;
        // A panel in which nobody arrives says in a third of a screen what a sentence says.
        var (reached, unreached) = (facets.Where(IsReached).ToList(), facets.Where(facet => !IsReached(facet) && facet.Label.Length > 0).Select(facet => facet.Label).ToList());
        var (shown, left) = FacetSelection.Of(reached, Math.Max(1, options.MaximumPanels / 2), f => f, texts, Metrics);
        var panels = new List<FigurePanel>();
        foreach (var facet in shown)
        {
            panels.Add(Draw(facet, bySeconds: false, texts, panels.Count));
            if (facet.Arms.Any(arm => TargetWaits.Of(arm, bySeconds: true).Count > 0)) panels.Add(Draw(facet, bySeconds: true, texts, panels.Count));
        }

        List<string> notes = [texts.SharedMachineNote];
        if (left is not null) notes.Add(left);
        if (unreached.Count > 0) notes.Add(texts.TargetNotReached(unreached));
        return new(Id, number, texts.TargetTitle, Caption(reached, texts), panels, TableOf(facets, texts), texts.TargetHowToRead, notes);
    }

    private static bool IsReached(Facet facet) => facet.Arms.Any(arm => arm.Statistics.Solved > 0);

    private static FigurePanel Draw(Facet facet, bool bySeconds, Texts texts, int index)
    {
        var arms = facet.Arms.Select(arm => (Arm: arm, Waits: TargetWaits.Of(arm, bySeconds))).Where(pair => pair.Waits.Count > 0).ToList();
        var end = arms.SelectMany(pair => pair.Waits).Select(wait => wait.Time).DefaultIfEmpty(1).Max();
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.TargetTitle, facet.Label), Sentence(facet, texts), Width, Height,
            AxisScale.Linear(bySeconds ? texts.TrainSecondsAxis : texts.StepAxis, 0, end * 1.015),
            AxisScale.Linear(texts.ReachedAxis, -0.02, 1.04, 4, value => Numbers.Percent(Math.Round(value, 2))),
            [.. arms.Select(pair => Series(pair.Arm, pair.Waits))], [], []);
        var title = facet.Label.Length == 0 ? bySeconds ? texts.BySeconds : texts.BySteps : $"{facet.Label} · {(bySeconds ? texts.BySeconds : texts.BySteps)}";
        return new(title, panel,
            [.. arms.Select(pair => new FigureAnnotation(pair.Arm.Key, pair.Arm.Label, pair.Arm.Style, texts.ReachedOf(pair.Waits.Count(w => w.Observed), pair.Waits.Count)))]);
    }

    private static PanelSeries Series(Arm arm, List<Waiting> waits)
    {
        List<PanelPoint> points = [new(0, 0)];
        var marks = new List<PanelMark>();
        foreach (var (time, share) in Survival.Reached(waits))
        {
            points.Add(new(time, points[^1].Y));
            points.Add(new(time, share));
            marks.Add(new(arm.Style.Marker, time, share));
        }

        points.Add(new(waits.Max(wait => wait.Time), points[^1].Y));
        return new(arm.Key, arm.Style, [new(StrokeRole.Centre, points)], null, marks, arm.Label);
    }

    private static string Caption(List<Facet> facets, Texts texts) => string.Join(" ", facets.Count <= 3
        ? facets.Select(facet => Sentence(facet, texts))
        : FacetSelection.Distinguishes(facets, f => f, Metrics) ? [texts.OneOf(facets.Count), Sentence(FacetSelection.Speaker(facets, f => f, Metrics), texts)]
        : [texts.FirstAndLast, Sentence(facets[0], texts), Sentence(facets[^1], texts)]);

    private static string Sentence(Facet facet, Texts texts) => texts.TargetSentence(facet.Label,
    [
        .. facet.Arms.Where(arm => arm.Statistics.Finished > 0).Select(arm =>
            texts.TargetClause(arm.Label, arm.Statistics.Solved, arm.Statistics.Finished,
                arm.Statistics.StepsToTarget is { } steps && double.IsFinite(steps) ? Numbers.Short(steps) : null)),
    ]);

    private static Table TableOf(IReadOnlyList<Facet> facets, Texts texts)
    {
        var rows = facets.SelectMany(facet => facet.Arms).Where(arm => arm.Statistics.Finished > 0).Select(arm =>
        {
            var (steps, scale) = (arm.Statistics.StepsToTarget, arm.Statistics.MillisecondsPerStep?.Value / 1000);
            var share = Proportions.Exact(arm.Statistics.Solved, arm.Statistics.Finished);
            return new TableRow(null,
            [
                new(arm.Condition.Label),
                new(texts.CountOf(arm.Statistics.Solved, arm.Statistics.Finished), share.Value, $"{Numbers.Percent(share.Low!.Value)} … {Numbers.Percent(share.High!.Value)}"),
                Reached(steps, texts), Reached(steps * scale, texts),
                TableCell.Of(Survival.RestrictedMean(TargetWaits.Of(arm, bySeconds: false), arm.Condition.Trial.Train.Steps)),
            ]);
        });
        return new(Id + "-table", texts.TargetTableCaption,
        [
            new(texts.Condition), new(texts.Solved, true, texts.ShareHint), new(texts.StepsToTarget, true, texts.MedianWord),
            new(texts.SecondsToTarget, true, texts.MedianWord), new(texts.MeanWait, true, texts.MeanWaitHint),
        ], [.. rows]);
    }

    private static TableCell Reached(double? median, Texts texts) =>
        median is not { } time ? new(Numbers.Absent) : double.IsFinite(time) ? TableCell.Of(time) : new(texts.NotReached, double.PositiveInfinity);
}
