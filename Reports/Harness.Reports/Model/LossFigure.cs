using Harness.Abstractions.Metrics;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Loss versus step: the median over seeds with its band, the seeds behind it, the naive baseline across.</summary>
internal static class LossFigure
{
    public const string Id = "fig-loss";
    private const string Preferred = MetricCatalog.EvaluationLoss;
    private const string Otherwise = MetricCatalog.TrainingLoss;
    private const int Width = 520;
    private const int Height = 320;
    private const int MarkersPerLine = 5;

    /// <summary>The figure, or null when no trial has recorded a loss yet.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        var all = facets.SelectMany(f => f.Arms).SelectMany(a => a.Condition.Trials).ToList();
        var metric = all.Any(t => t.Metrics.ContainsKey(Preferred)) ? Preferred : Otherwise;
        if (!all.Any(t => t.Metrics.TryGetValue(metric, out var series) && series.Steps.Length > 0)) return null;
        var timed = facets.Any(facet => facet.Arms.Any(IsTimed));
        var (shown, left) = FacetSelection.Of(facets, timed ? Math.Max(1, options.MaximumPanels / 2) : options.MaximumPanels, f => f, texts, MetricCatalog.EvaluationLoss);
        var drawings = timed ? 2 : 1;
        var budget = PointBudget.For(drawings * shown.Count, drawings * shown.Sum(f => f.Arms.Count), shown.SelectMany(f => f.Arms).Max(a => a.Condition.Trials.Count));
        var panels = new List<FigurePanel>();
        foreach (var facet in shown)
        {
            // Losses of one task can be compared, so their panels share a scale.
            var peers = shown.Where(other => other.Arms[0].Condition.Trial.Task.Kind == facet.Arms[0].Condition.Trial.Task.Kind).ToList();
            var range = Range([.. peers.SelectMany(peer => peer.Arms).Select(arm => CurveGroup.Of(arm.Condition, metric))], [.. peers.Select(BaselineOf).OfType<double>()]);
            panels.Add(Draw(facet, metric, budget, range, bySeconds: false, timed, texts, panels.Count));
            if (facet.Arms.Any(IsTimed)) panels.Add(Draw(facet, metric, budget, range, bySeconds: true, timed, texts, panels.Count));
        }

        var notes = new List<string>();
        if (timed) notes.Add(texts.SharedMachineNote);
        if (left is not null) notes.Add(left);
        if (budget.SeedCurves == 0) notes.Add(texts.SeedCurvesLeftOut);
        return new(Id, number, texts.LossTitle, Caption(facets, texts), panels, TableOf(facets, texts), texts.LossHowToRead, notes);
    }

    private static double? BaselineOf(Facet facet) => facet.Arms.Select(arm => arm.Statistics.Baseline).FirstOrDefault(known => known > 0);

    private static bool IsTimed(Arm arm) => arm.Statistics.MillisecondsPerStep is { Value: > 0 };

    /// <param name="bySeconds">Whether steps are laid out by the condition's median time per step.</param>
    /// <param name="timed">Whether the figure has both kinds of panels, so that they need telling apart.</param>
    private static FigurePanel Draw(Facet facet, string metric, PointBudget budget, (double Low, double High) range, bool bySeconds, bool timed, Texts texts, int index)
    {
        var arms = bySeconds ? [.. facet.Arms.Where(IsTimed)] : facet.Arms;
        var groups = arms.Select(arm => CurveGroup.Of(arm.Condition, metric)).ToList();
        var scales = arms.Select(arm => bySeconds ? arm.Statistics.MillisecondsPerStep!.Value / 1000 : 1).ToList();
        var baseline = BaselineOf(facet);
        var end = groups.Zip(scales, (group, scale) => group.Columns.Select(c => c.X * scale).DefaultIfEmpty(0).Max()).Append(0).Max();
        var series = arms.Select((arm, i) => Series(arm, groups[i], scales[i], budget, range.Low, range.High)).ToList();
        var title = !timed ? facet.Label : string.Join(" · ", new[] { facet.Label, bySeconds ? texts.BySeconds : texts.BySteps }.Where(part => part.Length > 0));
        var task = facet.Arms[0].Condition.Trial.Task.Kind;
        var panel = new Panel(
            $"{Id}-{index + 1}",
            texts.PanelTitle(texts.LossTitle, title),
            Sentence(facet, texts),
            Width, Height,
            AxisScale.Linear(bySeconds ? texts.TrainSecondsAxis : texts.StepAxis, 0, (end > 0 ? end : 1) * 1.015),
            AxisScale.Logarithmic(metric == Preferred ? texts.EvaluationLossAxis : texts.TrainingLossAxis, range.Low, range.High),
            series,
            baseline is { } value ? [new(Math.Log10(value), texts.BaselineLabel(task, Numbers.Short(value)))] : [],
            []);
        return new(title, panel, bySeconds ? [] : [.. arms.Select(arm => Annotation(arm, texts))]) { Linear = LinearPanel.Of(panel) };
    }

    /// <param name="scale">Units of the axis per step.</param>
    private static PanelSeries Series(Arm arm, CurveGroup group, double scale, PointBudget budget, double low, double high)
    {
        var centre = CurveSampling.Reduce([.. group.Columns.Select(c => new PanelPoint(c.X, Log(c.Median, low)))], budget.PerCurve);
        var byStep = group.Columns.ToDictionary(c => c.X);
        var band = Band([.. centre.Select(p => byStep[(int)p.X])], scale, low, high);
        List<PanelPoint> drawn = [.. centre.Select(Scaled)];
        var strokes = group.Seeds.Zip(group.SeedNumbers).Take(budget.SeedCurves)
            .Select(seed => new PanelStroke(StrokeRole.Seed, CurveSampling.Reduce([.. seed.First.Select(p => Scaled(p with { Y = Log(p.Y, low) }))], budget.PerCurve)) { Seed = seed.Second })
            .Append(new PanelStroke(StrokeRole.Centre, drawn));
        var marks = Along(drawn, arm.Style.Marker)
            .Concat(group.Diverged.Select(p => new PanelMark(MarkerKind.Cross, p.X * scale, Math.Min(Log(p.Y, low), high))));
        return new(arm.Key, arm.Style, [.. strokes], band, [.. marks], arm.Label) { Numbers = () => Measured(group, scale) };

        PanelPoint Scaled(PanelPoint point) => point with { X = point.X * scale };
    }

    /// <summary>Every point of every seed, and the median with its interval, as recorded: the drawing thins and clips them.</summary>
    private static IEnumerable<FigureNumber> Measured(CurveGroup group, double scale) =>
    [
        .. group.Columns.Select(column => (column, Interval: CurveGroup.Band(column.Values)))
            .Select(pair => new FigureNumber("median", null, pair.column.X * scale, pair.column.Median, pair.Interval.Low, pair.Interval.High)),
        .. group.Seeds.Zip(group.SeedNumbers).SelectMany(seed => seed.First.Select(point => new FigureNumber("seed", seed.Second, point.X * scale, point.Y))),
        .. group.Diverged.Select(point => new FigureNumber("diverged", null, point.X * scale, point.Y)),
    ];

    private static PanelBand? Band(IReadOnlyList<CurveGroup.Column> columns, double scale, double low, double high)
    {
        var bands = columns.Select(c => (c.X, Interval: CurveGroup.Band(c.Values))).Where(b => b.Interval.HasInterval).ToList();
        if (bands.Count < 2) return null;
        return new(
            [.. bands.Select(b => b.X * scale)],
            [.. bands.Select(b => Math.Clamp(Log(b.Interval.Low!.Value, low), low, high))],
            [.. bands.Select(b => Math.Clamp(Log(b.Interval.High!.Value, low), low, high))]);
    }

    /// <summary>A few markers along the line and one at its end: series stay apart in grey.</summary>
    public static IEnumerable<PanelMark> Along(IReadOnlyList<PanelPoint> line, MarkerKind kind)
    {
        var finite = line.Where(p => double.IsFinite(p.Y)).ToList();
        if (finite.Count == 0) return [];
        return Enumerable.Range(1, MarkersPerLine).Select(i => (finite.Count - 1) * i / MarkersPerLine).Distinct()
            .Select(i => new PanelMark(kind, finite[i].X, finite[i].Y));
    }

    /// <summary>From the smallest to the largest loss worth seeing, as log10: an exploding seed does not flatten the rest.</summary>
    private static (double Low, double High) Range(IReadOnlyList<CurveGroup> groups, IReadOnlyList<double> baselines)
    {
        var medians = groups.SelectMany(g => g.Columns).Select(c => c.Median).Where(v => double.IsFinite(v) && v > 0).ToList();
        var seeds = groups.SelectMany(g => g.Seeds).SelectMany(s => s).Select(p => p.Y).Where(v => double.IsFinite(v) && v > 0).ToList();
        double[] known = [.. medians, .. baselines];
        if (known.Length == 0) return (-1, 0);
        var low = Math.Log10(seeds.Append(known.Min()).Min());
        var high = Math.Log10(Math.Min(seeds.Append(known.Max()).Max(), 3 * known.Max()));
        var margin = Math.Max(0.04, (high - low) * 0.05);
        return (low - margin, high + margin);
    }

    /// <summary>log10, with zero drawn at the bottom and what is not finite left out.</summary>
    private static double Log(double value, double low) => value > 0 ? Math.Log10(value) : value == 0 ? low : double.NaN;

    private static FigureAnnotation Annotation(Arm arm, Texts texts)
    {
        var stats = arm.Statistics;
        return new(arm.Key, arm.Label, arm.Style, texts.LossAnnotation(
            Estimates.Text(stats.FinalLoss, texts), stats.Finished, stats.Diverged, stats.Failed));
    }

    private static string Caption(IReadOnlyList<Facet> facets, Texts texts) =>
        string.Join(" ", facets.Count <= 3
            ? facets.Select(facet => Finding(facet, texts))
            : FacetSelection.Distinguishes(facets, f => f, MetricCatalog.EvaluationLoss) ? [texts.OneOf(facets.Count), Finding(FacetSelection.Speaker(facets, f => f, MetricCatalog.EvaluationLoss), texts)]
            : [texts.FirstAndLast, Finding(facets[0], texts), Finding(facets[^1], texts)]);

    /// <summary>Who ended lowest and who highest. A description, not a verdict.</summary>
    private static string Finding(Facet facet, Texts texts)
    {
        var arms = facet.Arms.Where(arm => arm.Statistics.FinalLoss is not null).OrderBy(arm => arm.Statistics.FinalLoss!.Value).ToList();
        if (arms.Count == 0) return texts.NoFinalLoss(facet.Label);
        var (best, worst) = (arms[0], arms[^1]);
        var baseline = facet.Arms.Select(arm => arm.Statistics.Baseline).FirstOrDefault(known => known is not null);
        return texts.LossFinding(facet.Label, best.Label, Ending(best), arms.Count == 1 ? null : worst.Label, arms.Count == 1 ? null : Ending(worst), baseline is null ? null : Numbers.Short(baseline));

        string Ending(Arm arm) => $"{Estimates.Short(arm.Statistics.FinalLoss!, texts)}, n = {Numbers.Count(arm.Statistics.Finished)}";
    }

    /// <summary>Where the arms of a facet ended, the smallest median first. A description, not a verdict.</summary>
    private static string Sentence(Facet facet, Texts texts)
    {
        var arms = facet.Arms
            .Select(arm => (arm.Label, Stats: arm.Statistics))
            .Where(arm => arm.Stats.FinalLoss is not null)
            .OrderBy(arm => arm.Stats.FinalLoss!.Value)
            .Select(arm => texts.LossOf(arm.Label, Estimates.Short(arm.Stats.FinalLoss!, texts), arm.Stats.Finished, arm.Stats.Diverged))
            .ToList();
        var baseline = facet.Arms.Select(arm => arm.Statistics.Baseline).FirstOrDefault(b => b is not null);
        return arms.Count == 0 ? texts.NoFinalLoss(facet.Label) : texts.LossSentence(facet.Label, arms, baseline is null ? null : Numbers.Short(baseline));
    }

    private static Table TableOf(IReadOnlyList<Facet> facets, Texts texts)
    {
        var rows = facets.SelectMany(f => f.Arms).Select(arm =>
        {
            var stats = arm.Statistics;
            var best = arm.Condition.Trials.Select(t => t.Outcome?.BestLoss).OfType<double>().Select(v => (double?)v).DefaultIfEmpty(null).Min();
            return new TableRow(null,
            [
                new(arm.Condition.Label),
                Estimates.Cell(stats.FinalLoss, texts),
                TableCell.Of(best),
                TableCell.Of(stats.Baseline),
                TableCell.Of(LearningFloor.Of(arm, MetricCatalog.EvaluationLoss)?.Ratio),
                TableCell.Count(stats.Finished),
                TableCell.Count(stats.Diverged),
            ]);
        });
        return new(Id + "-table", texts.LossTableCaption,
        [
            new(texts.Condition), new(texts.FinalLoss, true, texts.MedianAndInterval), new(texts.BestLoss, true, texts.AnySeed),
            new(texts.Baseline, true), new(texts.LossOverBaseline, true), new(texts.Seeds, true, texts.Finished), new(texts.Diverged, true),
        ], [.. rows]);
    }
}
