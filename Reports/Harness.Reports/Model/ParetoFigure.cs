using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Final loss against what it took: parameters, and seconds of training. What no other condition beats on both is joined by a line.</summary>
internal static class ParetoFigure
{
    public const string Id = "fig-pareto";
    private const int Width = 460;
    private const int Height = 300;

    /// <summary>Losses that differ by less than this factor have no better and no worse.</summary>
    private const double LeastSpread = 1.02;

    /// <summary>The figure, or null when fewer than two conditions have a finite loss.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        var rows = facets.Select(facet => (Facet: facet, Points: (List<Cost>)[.. facet.Arms.Select(Cost.Of).OfType<Cost>()])).Where(row => row.Points.Count > 1 && row.Points.Max(point => point.Loss.Value) > LeastSpread * row.Points.Min(point => point.Loss.Value)).ToList();
        if (rows.Count == 0) return null;
        var (shown, left) = FacetSelection.Of(rows, Math.Max(1, options.MaximumPanels / 2), row => row.Facet, texts, MetricCatalog.EvaluationLoss);
        var panels = new List<FigurePanel>();
        foreach (var (facet, points) in shown)
        {
            // Equal sizes would stand on one vertical line, which says nothing.
            if (points.Select(point => point.Parameters).Distinct().Skip(1).Any())
                panels.Add(Draw(facet, points, point => point.Parameters, texts.ParametersAxis, texts.ByParameters, texts, panels.Count));
            panels.Add(Draw(facet, points, point => point.Seconds, texts.TrainSecondsAxis, texts.BySeconds, texts, panels.Count));
        }

        List<string> notes = [texts.SharedMachineNote];
        if (left is not null) notes.Add(left);
        return new(Id, number, texts.ParetoTitle, Caption(shown, texts), panels, TableOf(rows, texts), texts.ParetoHowToRead, notes);
    }

    private static FigurePanel Draw(Facet facet, List<Cost> points, Func<Cost, double> cost, string axis, string kind, Texts texts, int index)
    {
        var (left, right) = (Math.Log10(points.Min(cost)), Math.Log10(points.Max(cost)));
        var (low, high) = (Math.Log10(points.Min(p => p.Loss.Low ?? p.Loss.Value)), Math.Log10(points.Max(Top)));
        var frontier = Frontier(points, cost);
        var series = points.Select(point => new PanelSeries(point.Arm.Key, point.Arm.Style,
            point.Loss is { Low: > 0 } loss ? [new(StrokeRole.Interval, [new(X(point), Math.Log10(loss.Low.Value)), new(X(point), Math.Log10(Top(point)))])] : [],
            null, [new(point.Arm.Style.Marker, X(point), Math.Log10(point.Loss.Value))], null)).ToList();
        // The line of what is worth having belongs to no arm; it wears the first one's place in the drawing but no colour of its own.
        var line = new PanelSeries("frontier", new SeriesStyle("var(--muted)", "5 4", MarkerKind.Circle),
            [new(StrokeRole.Centre, [.. frontier.Select(point => new PanelPoint(X(point), Math.Log10(point.Loss.Value)))])], null, [], null);
        var title = facet.Label.Length == 0 ? kind : $"{facet.Label} · {kind}";
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.ParetoTitle, title),
            string.Join("; ", points.Select(point => $"{point.Arm.Label}: {Numbers.Short(cost(point))}, {Numbers.Short(point.Loss.Value)}")) + ".",
            Width, Height,
            AxisScale.Logarithmic(axis, left - Margin(left, right), right + Margin(left, right)),
            AxisScale.Logarithmic(texts.FinalLossAxis, low - Margin(low, high), high + Margin(low, high)),
            [line, .. series], [], [.. points.Select(point => new PanelNote(X(point), Math.Log10(point.Loss.Value), point.Arm.Label))]);
        return new(title, panel, []) { Linear = LinearPanel.Of(panel) };

        double X(Cost point) => Math.Log10(cost(point));
        static double Margin(double from, double to) => Math.Max(0.12, (to - from) * 0.08);
        static double Top(Cost point) => point.Loss.High is { } bound && double.IsFinite(bound) ? bound : point.Loss.Value;
    }

    /// <summary>Conditions that no cheaper one equals in loss, from cheap to dear.</summary>
    private static List<Cost> Frontier(List<Cost> points, Func<Cost, double> cost)
    {
        var best = double.PositiveInfinity;
        var kept = new List<Cost>();
        foreach (var point in points.OrderBy(cost).ThenBy(point => point.Loss.Value))
        {
            if (point.Loss.Value >= best) continue;
            best = point.Loss.Value;
            kept.Add(point);
        }

        return kept;
    }

    private static string Caption(IReadOnlyList<(Facet Facet, List<Cost> Points)> rows, Texts texts) => string.Join(" ", rows.TakeLast(2).Select(row =>
        texts.ParetoSentence(row.Facet.Label, [.. Frontier(row.Points, p => p.Parameters).Select(p => p.Arm.Label)], [.. Frontier(row.Points, p => p.Seconds).Select(p => p.Arm.Label)])));

    private static Table TableOf(List<(Facet Facet, List<Cost> Points)> rows, Texts texts) => new(Id + "-table", texts.ParetoTableCaption,
    [
        new(texts.Condition), new(texts.Parameters, true, texts.RecurrentLayers), new(texts.TrainSeconds, true, texts.MedianWord),
        new(texts.FinalLoss, true, texts.MedianAndInterval), new(texts.UnbeatenColumn),
    ],
    [
        .. rows.SelectMany(row =>
        {
            var (small, fast) = (Frontier(row.Points, p => p.Parameters), Frontier(row.Points, p => p.Seconds));
            return row.Points.Select(point => new TableRow(null,
            [
                new(point.Arm.Condition.Label), TableCell.Count((long)point.Parameters), TableCell.Of(point.Seconds), Estimates.Cell(point.Loss, texts),
                new(texts.Unbeaten(small.Contains(point), fast.Contains(point))),
            ]));
        }),
    ]);

    private sealed record Cost(Arm Arm, double Parameters, double Seconds, IntervalEstimate Loss)
    {
        public static Cost? Of(Arm arm)
        {
            return arm.Statistics is { FinalLoss: { Value: > 0 } loss, TrainSeconds: > 0 and { } seconds } && double.IsFinite(loss.Value)
                ? new(arm, arm.Condition.Parameters, seconds, loss) : null;
        }
    }
}
