using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// Gradient norm versus lag, relative to lag 0, at initialisation and at the end side by side on the same axes.
/// The drawing shows the top layer's forward direction; the table lists every layer, direction and moment.
/// </summary>
internal static class GradientFigure
{
    public const string Id = "fig-gradient";
    private const int Width = 460;
    private const int Height = 320;

    /// <summary>log10 of the smallest normal float32: training on the CPU reads smaller gradients as zero.</summary>
    private static readonly double Float32Floor = Math.Log10(1.17549435e-38);

    /// <summary>Drawn below the floor before a curve is cut off and marked ▽.</summary>
    private const double BelowFloor = 1.5;

    /// <summary>The figure, or null when no gradient was profiled.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        var traces = facets.SelectMany((facet, index) => facet.Arms.SelectMany(arm => GradientTrace.Of(arm, index))).ToList();
        if (traces.Count == 0) return null;
        var moments = Drawn(traces);
        var withTraces = Enumerable.Range(0, facets.Count).Where(f => traces.Any(t => t.Facet == f && t.IsTop)).ToList();
        var (shown, left) = FacetSelection.Of(withTraces, Math.Max(1, options.MaximumPanels / moments.Count), f => facets[f], texts, MetricCatalog.GradientGroup);
        var drawn = traces.Where(t => t.IsTop && shown.Contains(t.Facet) && moments.Contains(t.Moment)).ToList();
        var budget = PointBudget.For(shown.Count * moments.Count, drawn.Count, drawn.Max(t => t.Seeds.Count));
        var panels = new List<FigurePanel>();
        // One scale for all panels: they are there to be compared.
        var low = Low(drawn);
        var high = High(drawn, low);
        foreach (var facet in shown)
        {
            var row = drawn.Where(t => t.Facet == facet).ToList();
            var lags = row.Max(t => t.Medians.Count - 1);
            foreach (var moment in moments)
                panels.Add(Draw(facets[facet].Label, [.. row.Where(t => t.Moment == moment)], moment, low, high, lags, budget, texts, panels.Count));
        }

        var notes = new List<string> { texts.FloorNote(Numbers.Short(Math.Pow(10, Float32Floor))) };
        if (left is not null) notes.Add(left);
        if (budget.SeedCurves == 0) notes.Add(texts.SeedCurvesLeftOut);
        return new(Id, number, texts.GradientTitle, Caption(facets, withTraces, traces, moments, texts), panels, GradientTable.Of(traces, facets, texts), texts.GradientHowToRead, notes);
    }

    /// <summary>Initialisation and end, as far as they were probed; else the middle.</summary>
    private static List<ProbeMoment> Drawn(List<GradientTrace> traces)
    {
        var probed = traces.Select(t => t.Moment).Distinct().Order().ToList();
        return probed.Count > 2 ? [probed[0], probed[^1]] : probed;
    }

    private static FigurePanel Draw(
        string facet, IReadOnlyList<GradientTrace> traces, ProbeMoment moment, double low, double high, int lags, PointBudget budget, Texts texts, int index)
    {
        var title = facet.Length == 0 ? texts.Moment(moment) : texts.FacetAndMoment(facet, texts.Moment(moment));
        var floor = traces.Select(t => Float32Floor - t.FirstLog10).DefaultIfEmpty(double.NegativeInfinity).Max();
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"),
            texts.PanelTitle(texts.GradientTitle, title),
            traces.Count == 0 ? texts.NoProfile : string.Join(" ", traces.Select(t => texts.DecaySentence(t.Label, Decay(t, texts)))),
            Width, Height,
            AxisScale.Linear(texts.LagAxis, 0, Math.Max(1, lags) * 1.015),
            AxisScale.Logarithmic(texts.GradientAxis, low, high),
            [.. traces.Select(trace => Series(trace, budget, low))],
            floor > low ? [new(floor, texts.FloorLabel)] : [],
            []);
        return new(title, panel,
            [.. traces.Select(t => new FigureAnnotation(t.Key, t.Label, t.Style, Decay(t, texts)))]);
    }

    private static PanelSeries Series(GradientTrace trace, PointBudget budget, double low)
    {
        var medians = trace.Medians.Select((value, lag) => new PanelPoint(lag, value >= low ? value : double.NaN)).ToList();
        var centre = CurveSampling.Reduce(medians, budget.PerCurve);
        var strokes = trace.Seeds.Zip(trace.SeedNumbers).Take(budget.SeedCurves)
            .Select(seed => new PanelStroke(StrokeRole.Seed, CurveSampling.Reduce(
                [.. seed.First.Select((value, lag) => new PanelPoint(lag, value >= low ? value : double.NaN))], budget.PerCurve))
            { Seed = seed.Second })
            .Append(new PanelStroke(StrokeRole.Centre, centre));
        var marks = LossFigure.Along(centre, trace.Style.Marker).ToList();
        var cut = trace.Medians.Select((value, lag) => (value, lag)).Where(p => p.value < low).Select(p => (int?)p.lag).FirstOrDefault();
        if (cut is { } lag0) marks.Add(new(MarkerKind.TriangleDown, lag0, low));
        return new(trace.Key, trace.Style, [.. strokes], Band(trace, centre, low), marks, trace.Label) { Numbers = () => Measured(trace) };
    }

    /// <summary>Every lag of every seed, and the median with its interval, relative to lag 0: the drawing thins them and stops at the floor.</summary>
    private static IEnumerable<FigureNumber> Measured(GradientTrace trace) =>
    [
        .. trace.Medians.Select((median, lag) => (median, lag, Interval: CurveGroup.Band([.. trace.Seeds.Where(seed => seed.Length > lag).Select(seed => seed[lag])])))
            .Select(at => new FigureNumber("median", null, at.lag, Math.Pow(10, at.median), Power(at.Interval.Low), Power(at.Interval.High))),
        .. trace.Seeds.Zip(trace.SeedNumbers).SelectMany(seed => seed.First.Select((value, lag) => new FigureNumber("seed", seed.Second, lag, Math.Pow(10, value)))),
    ];

    private static double? Power(double? log10) => log10 is { } known ? Math.Pow(10, known) : null;

    private static PanelBand? Band(GradientTrace trace, IReadOnlyList<PanelPoint> centre, double low)
    {
        if (trace.Seeds.Count < Location.MinimumReplicates) return null;
        var bands = centre.Where(p => double.IsFinite(p.Y))
            .Select(p => (p.X, Interval: CurveGroup.Band([.. trace.Seeds.Where(s => s.Length > (int)p.X).Select(s => s[(int)p.X])])))
            .Where(b => b.Interval.HasInterval).ToList();
        return bands.Count < 2 ? null : new(
            [.. bands.Select(b => b.X)],
            [.. bands.Select(b => Math.Max(low, b.Interval.Low!.Value))],
            [.. bands.Select(b => Math.Max(low, b.Interval.High!.Value))]);
    }

    private static double Low(List<GradientTrace> row)
    {
        var smallest = row.SelectMany(t => t.Seeds).SelectMany(s => s).Where(double.IsFinite).DefaultIfEmpty(-1).Min();
        var cut = row.Select(t => Float32Floor - t.FirstLog10).Min() - BelowFloor;
        return Math.Max(Math.Floor(smallest * 1.02 - 0.05), cut);
    }

    private static double High(List<GradientTrace> row, double low)
    {
        var largest = row.SelectMany(t => t.Seeds).SelectMany(s => s).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return Math.Max(0, largest) + (Math.Max(0, largest) - low) * 0.04;
    }

    /// <summary>"×0.61 per step → half-life 1.4 steps".</summary>
    private static string Decay(GradientTrace trace, Texts texts)
    {
        if (trace.Slope is not { } slope) return texts.NoSlope;
        var factor = Numbers.Short(Math.Pow(10, slope.Value));
        return trace.HalfLife is { } halfLife ? texts.Decays(factor, Numbers.Short(halfLife), halfLife > trace.Medians.Count) : texts.DoesNotDecay(factor);
    }

    /// <summary>Without claims the last facet speaks for the figure: the longest sequence is where gradients have the farthest to go.</summary>
    private static string Caption(IReadOnlyList<Facet> facets, List<int> withTraces, List<GradientTrace> traces, List<ProbeMoment> moments, Texts texts)
    {
        var facet = FacetSelection.Speaker(withTraces, f => facets[f], MetricCatalog.GradientGroup);
        var sentences = moments.Select(moment =>
        {
            var there = traces.Where(t => t.Facet == facet && t.IsTop && t.Moment == moment && t.Slope is not null).ToList();
            if (there.Count == 0) return null;
            // A gradient that does not decay reaches further than any half-life.
            var ordered = there.OrderBy(t => t.HalfLife ?? double.PositiveInfinity).ToList();
            var (nearest, furthest, seeds) = (Reach(ordered[0]), Reach(ordered[^1]), there.Min(t => t.Slope!.Count));
            return there.Count == 1 ? texts.ReachSentence(texts.Moment(moment), facets[facet].Label, furthest, seeds) : texts.ReachSentence(texts.Moment(moment), facets[facet].Label, furthest, nearest, seeds);
        });
        return string.Join(" ", sentences.OfType<string>().DefaultIfEmpty(texts.NoSlopeAtAll));

        string Reach(GradientTrace trace) => texts.ReachOf(trace.Label, trace.HalfLife is { } halfLife ? Numbers.Short(halfLife) : null);
    }
}
