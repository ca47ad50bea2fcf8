using Harness.Reports.Figures;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Loss versus step: the median over seeds with its band, the seeds behind it, the naive baseline across.</summary>
internal static class LossFigure
{
    public const string Id = "fig-loss";
    private const string Preferred = "eval.loss";
    private const string Otherwise = "train.loss";
    private const int Width = 520;
    private const int Height = 320;
    private const int MarkersPerLine = 5;

    /// <summary>The figure, or null when no trial has recorded a loss yet.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        var all = facets.SelectMany(f => f.Arms).SelectMany(a => a.Condition.Trials).ToList();
        var metric = all.Any(t => t.Metrics.ContainsKey(Preferred)) ? Preferred : Otherwise;
        if (!all.Any(t => t.Metrics.TryGetValue(metric, out var series) && series.Steps.Length > 0)) return null;
        var shown = PanelSelection.Of(facets, options.MaximumPanels);
        var budget = PointBudget.For(shown.Count, shown.Sum(f => f.Arms.Count), shown.SelectMany(f => f.Arms).Max(a => a.Condition.Trials.Count));
        var panels = shown.Select((facet, index) => Draw(facet, metric, budget, texts, index)).ToList();
        var notes = new List<string>();
        if (shown.Count < facets.Count) notes.Add(texts.PanelsLeftOut(shown.Count, facets.Count));
        if (budget.SeedCurves == 0) notes.Add(texts.SeedCurvesLeftOut);
        return new(Id, number, texts.LossTitle, Caption(facets, texts), panels, TableOf(facets, texts), texts.LossHowToRead, notes);
    }

    private static FigurePanel Draw(Facet facet, string metric, PointBudget budget, Texts texts, int index)
    {
        var groups = facet.Arms.Select(arm => CurveGroup.Of(arm.Condition, metric)).ToList();
        var baseline = facet.Arms.Select(arm => arm.Statistics.Baseline).OfType<double>().Where(v => v > 0).Select(v => (double?)v).FirstOrDefault();
        var range = Range(groups, baseline);
        var steps = groups.SelectMany(g => g.Columns).Select(c => c.X).DefaultIfEmpty(1).Max();
        var series = facet.Arms.Zip(groups, (arm, group) => Series(arm, group, budget, range.Low, range.High)).ToList();
        var task = facet.Arms[0].Condition.Trial.Task.Kind;
        var panel = new Panel(
            $"{Id}-{index + 1}",
            texts.PanelTitle(texts.LossTitle, facet.Label),
            Sentence(facet, texts),
            Width, Height,
            AxisScale.Linear(texts.StepAxis, 0, steps * 1.015),
            AxisScale.Logarithmic(metric == Preferred ? texts.EvaluationLossAxis : texts.TrainingLossAxis, range.Low, range.High),
            series,
            baseline is { } value ? [new(Math.Log10(value), texts.BaselineLabel(task, Numbers.Short(value)))] : [],
            []);
        return new(facet.Label, PanelRenderer.Render(panel), [.. facet.Arms.Select(arm => Annotation(arm, texts))]);
    }

    private static PanelSeries Series(Arm arm, CurveGroup group, PointBudget budget, double low, double high)
    {
        var centre = CurveSampling.Reduce([.. group.Columns.Select(c => new PanelPoint(c.X, Log(c.Median, low)))], budget.PerCurve);
        var strokes = group.Seeds.Take(budget.SeedCurves)
            .Select(seed => new PanelStroke(StrokeRole.Seed, CurveSampling.Reduce([.. seed.Select(p => p with { Y = Log(p.Y, low) })], budget.PerCurve)))
            .Append(new PanelStroke(StrokeRole.Centre, centre));
        var byStep = group.Columns.ToDictionary(c => c.X);
        var marks = Along(centre, arm.Style.Marker)
            .Concat(group.Diverged.Select(p => new PanelMark(MarkerKind.Cross, p.X, Math.Min(Log(p.Y, low), high))));
        return new(arm.Key, arm.Style, [.. strokes], Band([.. centre.Select(p => byStep[(int)p.X])], low, high), [.. marks], arm.Label);
    }

    private static PanelBand? Band(IReadOnlyList<CurveGroup.Column> columns, double low, double high)
    {
        var bands = columns.Select(c => (c.X, Interval: CurveGroup.Band(c.Values))).Where(b => b.Interval.HasInterval).ToList();
        if (bands.Count < 2) return null;
        return new(
            [.. bands.Select(b => (double)b.X)],
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
    private static (double Low, double High) Range(IReadOnlyList<CurveGroup> groups, double? baseline)
    {
        var medians = groups.SelectMany(g => g.Columns).Select(c => c.Median).Where(v => double.IsFinite(v) && v > 0).ToList();
        var seeds = groups.SelectMany(g => g.Seeds).SelectMany(s => s).Select(p => p.Y).Where(v => double.IsFinite(v) && v > 0).ToList();
        double[] known = [.. medians, .. baseline is { } b ? [b] : Array.Empty<double>()];
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
            ? facets.Select(facet => Sentence(facet, texts))
            : [texts.FirstAndLast, Sentence(facets[0], texts), Sentence(facets[^1], texts)]);

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
                TableCell.Of(stats.FinalLoss is { } loss && stats.Baseline is > 0 ? loss.Value / stats.Baseline : null),
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
