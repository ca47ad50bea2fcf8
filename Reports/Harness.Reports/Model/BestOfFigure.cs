using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What a search of k points finds, for every k up to the budget: whether more search would change who is ahead.</summary>
internal static class BestOfFigure
{
    public const string Id = "fig-best-of";
    private const int Width = 460, Height = 280;

    /// <summary>The figure, or null where nothing was tuned or the search has not ended.</summary>
    public static FigureModel? Build(TuningResults? tuning, IReadOnlyList<(string Facet, IReadOnlyList<SearchedArm> Arms)> searches, ReportOptions options, Texts texts, int number)
    {
        if (tuning?.Choices is null) return null;
        var isLoss = MetricCatalog.Find(tuning.Spec.Select)?.LowerIsBetter != false;
        var (budget, most) = tuning.PointsTried();
        var panels = searches.Select(facet => (facet.Facet, Curves: facet.Arms.Select(arm => new Curve(arm, isLoss,
            [.. BestOfCurve.Of(arm.Scores(isLoss), budget)])).ToList()))
            .Where(panel => panel.Curves.Exists(curve => curve.Points.Any(point => double.IsFinite(point.Median)))).ToList();
        if (panels.Count == 0) return null;
        var shown = panels.Take(options.MaximumPanels).ToList();
        return new(Id, number, texts.BestOfTitle, string.Join(" ", shown.Select(panel => Sentence(panel.Facet, panel.Curves, budget, texts))),
            [.. shown.Select((panel, i) => Draw(panel.Facet, panel.Curves, tuning.Spec.Select, budget, i, texts))], TableOf(panels, tuning.Spec.Select, budget, texts), texts.BestOfHowToRead,
            [
                texts.BestOfBandNote,
                .. most > budget ? [texts.TimedSearchNote(budget, most)] : Array.Empty<string>(),
                .. tuning.Spec.Halving is { } halving ? [texts.BestOfFirstRung(halving.PartOf(0))] : Array.Empty<string>(),
                .. panels.Count > shown.Count ? [texts.RatePanelsLeft(panels.Count - shown.Count)] : Array.Empty<string>(),
            ]);
    }

    /// <summary>The numbers of points that a table shows.</summary>
    public static int[] TabulatedUpTo(int budget) => [.. new SortedSet<int>([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, budget]).Where(k => k <= budget)];

    private static FigurePanel Draw(string facet, List<Curve> curves, string select, int budget, int index, Texts texts)
    {
        var finite = curves.SelectMany(curve => curve.Points.SelectMany(point => new[] { point.Median, point.Low, point.High })).Where(double.IsFinite).Select(value => curves[0].IsLoss ? value : -value).ToList();
        var isLogarithmic = curves[0].IsLoss && finite.TrueForAll(value => value > 0);
        var (low, high) = (finite.Min(value => Y(value)), finite.Max(value => Y(value)));
        var margin = Math.Max(0.05, (high - low) * 0.08);
        var metric = texts.Metric(select).Trim();
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.BestOfTitle, facet), Sentence(facet, curves, budget, texts), Width, Height,
            AxisScale.Linear(texts.BestOfAxis, 1, budget),
            isLogarithmic ? AxisScale.Logarithmic(metric, low - margin, high + margin) : AxisScale.Linear(metric, low - margin, high + margin),
            [.. curves.Select(Series)], [], []);
        return new(facet, panel, [.. curves.Select(curve => new FigureAnnotation(curve.Arm.Key, curve.Arm.Label, curve.Arm.Style, Range(curve, texts)))]) { Linear = LinearPanel.Of(panel) };

        double Y(double value) => isLogarithmic ? Math.Log10(value) : value;

        PanelSeries Series(Curve curve)
        {
            double Place(double value) => double.IsFinite(value) ? Y(curve.IsLoss ? value : -value) : (value < 0) == curve.IsLoss ? low - margin : high + margin;
            var x = curve.Points.Select((_, k) => k + 1.0).ToArray();
            double[] one = [.. curve.Points.Select(point => Place(point.Low))], other = [.. curve.Points.Select(point => Place(point.High))];
            return new(curve.Arm.Key, curve.Arm.Style, [new(StrokeRole.Centre, [.. curve.Points.Select((point, k) => new PanelPoint(k + 1, double.IsFinite(point.Median) ? Y(curve.IsLoss ? point.Median : -point.Median) : double.NaN))])],
                new(x, [.. one.Zip(other, Math.Min)], [.. one.Zip(other, Math.Max)]), [], curve.Arm.Label);
        }
    }

    private static string Sentence(string facet, List<Curve> curves, int budget, Texts texts) => texts.BestOfSentence(facet, budget, [.. curves.Select(curve => texts.BestOfClause(curve.Arm.Label, Range(curve, texts)))]);

    /// <summary>What the whole budget finds.</summary>
    private static string Range(Curve curve, Texts texts)
    {
        var (median, low, high) = curve.Points[^1];
        return texts.BestOfRange(Word(median), double.IsFinite(low) ? Word(low) : null, double.IsFinite(high) ? Word(high) : null);

        string Word(double value) => double.IsFinite(value) ? Numbers.Short(curve.IsLoss ? value : -value) : texts.DivergedWord;
    }

    private static Table TableOf(List<(string Facet, List<Curve> Curves)> panels, string select, int budget, Texts texts)
    {
        var shown = TabulatedUpTo(budget);
        var rows = panels.SelectMany(panel => panel.Curves.SelectMany(curve => shown.Select(k => new TableRow(null,
        [
            new(panel.Facet.Length == 0 ? curve.Arm.Label : $"{curve.Arm.Label} · {panel.Facet}"), TableCell.Count(k), Cell(curve, curve.Points[k - 1].Median), Cell(curve, curve.Points[k - 1].Low), Cell(curve, curve.Points[k - 1].High),
        ]))));
        return new(Id + "-table", texts.BestOfTableCaption, [new(texts.Condition), new(texts.BestOfAxis, true), new(texts.Metric(select).Trim(), true, texts.MedianWord), new(texts.BestOfBetter, true), new(texts.BestOfWorse, true)], [.. rows]);

        static TableCell Cell(Curve curve, double value) => double.IsFinite(value) ? TableCell.Of(curve.IsLoss ? value : -value) : new(Numbers.Absent);
    }

    /// <param name="Points">For k from 1, smaller is better.</param>
    private sealed record Curve(SearchedArm Arm, bool IsLoss, IReadOnlyList<(double Median, double Low, double High)> Points);
}
