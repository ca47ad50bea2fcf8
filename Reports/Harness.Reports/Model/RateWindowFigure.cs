using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// Loss against the learning rate, and the window of rates in which each arm trains: from a search, or from a matrix over the learning rate. How wide the
/// windows are says how much a single rate could flatter one arm.
/// </summary>
internal static class RateWindowFigure
{
    public const string Id = "fig-rate-window";
    private const int Width = 460, Height = 280;

    /// <summary>Two rates show no window.</summary>
    private const int FewestRates = 3;

    /// <summary>The figure, or null when no learning rate was varied.</summary>
    public static FigureModel? Build(ExperimentResults results, IReadOnlyList<Facet> facets, IReadOnlyList<(string Facet, IReadOnlyList<SearchedArm> Arms)> searches, ReportOptions options, Texts texts, int number)
    {
        var metric = results.Tuning?.Spec.Select ?? MetricCatalog.EvaluationLoss;
        var panels = results.Tuning is null ? FromMatrix(results, texts) : [.. searches.Select(facet => (facet.Facet, Curves: (List<RateCurve>)[.. facet.Arms.Select(Curve).OfType<RateCurve>()]))];
        panels = panels.FindAll(panel => panel.Curves.Count > 0);
        if (panels.Count == 0) return null;
        var shown = panels.Take(options.MaximumPanels).ToList();
        List<string> notes = [];
        if (panels.Count > shown.Count) notes.Add(texts.RatePanelsLeft(panels.Count - shown.Count));
        if (panels.Exists(panel => panel.Curves.Exists(curve => curve.HasOthers))) notes.Add(texts.RateOthersNote);
        if (results.Tuning?.Spec.Halving is { } halving) notes.Add(texts.BestOfFirstRung(halving.PartOf(0)));
        return new(Id, number, texts.RateTitle, string.Join(" ", shown.Select(panel => Sentence(panel.Facet, panel.Curves, texts))),
            [.. shown.Select((panel, i) => Draw(panel.Facet, panel.Curves, metric, i, texts))], TableOf(panels, metric, texts), texts.RateHowToRead, notes);
    }

    private static RateCurve? Curve(SearchedArm arm)
    {
        var at = arm.Search.Settings.ToList().FindIndex(setting => setting.Name == SearchReadings.LearningRate);
        if (at < 0) return null;
        var points = arm.Points.Where(point => point.Median is not null).Select(point => (Rate: SearchReadings.Number(point.Values[at])!.Value, Value: point.Median!.Value)).ToList();
        return points.Select(point => point.Rate).Distinct().Count() < FewestRates ? null
            : new(arm.Key, arm.Label, arm.Style, points, arm.Baseline, arm.Choice is { } choice ? SearchReadings.Number(choice.Values[at]) : null, arm.Search.Settings.Count > 1);
    }

    /// <summary>A matrix over the learning rate has a facet for each: here they are the points of a curve.</summary>
    private static List<(string Facet, List<RateCurve> Curves)> FromMatrix(ExperimentResults results, Texts texts)
    {
        if (!results.Conditions.Any(condition => condition.Factors.ContainsKey(SearchReadings.LearningRate))) return [];
        var conditions = results.Conditions.Select(condition => condition with { Factors = condition.Factors.Where(factor => factor.Key != SearchReadings.LearningRate).ToDictionary(StringComparer.Ordinal) }).ToArray();
        return [.. ConditionGrid.From(conditions, texts).Select(facet => (facet.Label, (List<RateCurve>)
        [
            .. facet.Arms.GroupBy(arm => arm.Key, StringComparer.Ordinal).Select(arms =>
            {
                var points = arms.Select(arm => (Rate: arm.Condition.Trial.Train.Optimizer.LearningRate, Value: MedianOf(arm.Condition))).Where(point => point.Value is not null).Select(point => (point.Rate, point.Value!.Value)).ToList();
                double[] baselines = [.. arms.SelectMany(arm => arm.Condition.Trials).Select(trial => trial.Outcome?.BaselineLoss).OfType<double>().Where(double.IsFinite)];
                return new RateCurve(arms.Key, arms.First().Label, arms.First().Style, points, baselines.Length == 0 ? null : Quantiles.Median(baselines), null, HasOthers: false);
            }).Where(curve => curve.Points.Select(point => point.Rate).Distinct().Count() >= FewestRates),
        ]))];
    }

    private static double? MedianOf(ConditionResults condition)
    {
        double[] values = [.. condition.Trials.Select(trial => SearchReadings.ValueOf(trial.State, trial.Outcome, MetricCatalog.EvaluationLoss)).OfType<double>().Where(value => !double.IsNaN(value))];
        return values.Length == 0 ? null : Quantiles.Median(values);
    }

    private static FigurePanel Draw(string facet, List<RateCurve> curves, string metric, int index, Texts texts)
    {
        var finite = curves.SelectMany(curve => curve.Points).Select(point => point.Value).Where(double.IsFinite).ToList();
        var isLogarithmic = metric == MetricCatalog.EvaluationLoss && finite.Count > 0 && finite.TrueForAll(value => value > 0);
        var baseline = curves.Select(curve => curve.Baseline).OfType<double>().DefaultIfEmpty(double.NaN).First();
        var scaled = finite.Append(baseline).Where(value => !double.IsNaN(value)).Select(Y).DefaultIfEmpty(0).ToList();
        var (low, high) = (scaled.Min(), scaled.Max());
        var margin = Math.Max(0.05, (high - low) * 0.08);
        var rates = curves.SelectMany(curve => curve.Points).Select(point => Math.Log10(point.Rate)).ToList();
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.RateTitle, facet), Sentence(facet, curves, texts), Width, Height,
            AxisScale.Logarithmic(texts.FactorName(SearchReadings.LearningRate), rates.Min() - 0.1, rates.Max() + 0.1),
            isLogarithmic ? AxisScale.Logarithmic(texts.Metric(metric).Trim(), low - margin, high + margin) : AxisScale.Linear(texts.Metric(metric).Trim(), low - margin, high + margin),
            [.. curves.Select(Series)],
            double.IsNaN(baseline) ? [] : [new ReferenceLine(Y(baseline), texts.RateBaseline)], []);
        return new(facet, panel, [.. curves.Select(curve => new FigureAnnotation(curve.Key, curve.Label, curve.Style, WindowText(curve, texts)))]) { Linear = LinearPanel.Of(panel) };

        double Y(double value) => isLogarithmic ? Math.Log10(value) : value;

        PanelSeries Series(RateCurve curve)
        {
            var ordered = curve.Points.OrderBy(point => point.Rate).ToList();
            var line = ordered.Where(point => double.IsFinite(point.Value)).Select(point => new PanelPoint(Math.Log10(point.Rate), Y(point.Value))).ToList();
            return new(curve.Key, curve.Style, curve.HasOthers ? [] : [new(StrokeRole.Centre, line)], null,
                [.. ordered.Select(point => double.IsFinite(point.Value) ? new PanelMark(curve.Style.Marker, Math.Log10(point.Rate), Y(point.Value)) : new PanelMark(MarkerKind.Cross, Math.Log10(point.Rate), high + (margin / 2)))],
                curve.HasOthers ? null : curve.Label);
        }
    }

    private static string Sentence(string facet, List<RateCurve> curves, Texts texts) => texts.RateSentence(facet, [.. curves.Select(curve => texts.RateClause(curve.Label, WindowText(curve, texts)))]);

    private static string WindowText(RateCurve curve, Texts texts) => curve.Window is not { } window ? texts.RateNever
        : texts.RateWindow(TunedNote.Rate(window.Low), TunedNote.Rate(window.High), Numbers.Plain(Math.Round(window.Least, 1)), window.Most is { } most ? Numbers.Plain(Math.Round(most, 1)) : null);

    private static Table TableOf(List<(string Facet, List<RateCurve> Curves)> panels, string metric, Texts texts)
    {
        var rows = panels.SelectMany(panel => panel.Curves.SelectMany(curve => curve.Points.OrderBy(point => point.Rate).Select(point => new TableRow(null,
        [
            new(panel.Facet.Length == 0 ? curve.Label : $"{curve.Label} · {panel.Facet}"), new(TunedNote.Rate(point.Rate), point.Rate),
            double.IsFinite(point.Value) ? TableCell.Of(point.Value) : new(texts.DivergedWord, double.PositiveInfinity),
            new(curve.Window is { } window && point.Rate >= window.Low && point.Rate <= window.High ? "✓" : ""),
        ]))));
        return new(Id + "-table", texts.RateTableCaption, [new(texts.Condition), new(texts.FactorName(SearchReadings.LearningRate), true), new(texts.Metric(metric).Trim(), true, texts.MedianWord), new(texts.RateInWindow)], [.. rows]);
    }

    /// <param name="Points">Rate, and the median of the metric over seeds.</param>
    /// <param name="Chosen">The rate that tuning chose.</param>
    /// <param name="HasOthers">Whether other settings differ between the points, too.</param>
    private sealed record RateCurve(string Key, string Label, SeriesStyle Style, IReadOnlyList<(double Rate, double Value)> Points, double? Baseline, double? Chosen, bool HasOthers)
    {
        public TrainingWindow? Window { get; } = TrainingWindow.Of([.. Points.Select(point => (point.Rate, Baseline is null ? -point.Value : point.Value))], Baseline);
    }
}
