using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Reports;

/// <summary>Single figures of a running experiment, drawn as in its report, without verdicts.</summary>
public static class ExperimentFigures
{
    private const int CurveWidth = 420, CurveHeight = 230, PointsPerCurve = 400;

    /// <summary>Metrics whose curves stand in <see cref="Of"/> already.</summary>
    private const string EvaluationLoss = MetricCatalog.EvaluationLoss, TrainingLoss = MetricCatalog.TrainingLoss;

    /// <summary>Loss by step with its band over seeds, and the gradient by lag; those that have something to show.</summary>
    /// <param name="results">May lack every metric but the losses.</param>
    public static IReadOnlyList<FigureModel> Of(ExperimentResults results, ReportOptions options)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(options);
        var texts = Texts.In(options.Language);
        var facets = ConditionGrid.From(results.Conditions);
        var figures = new List<FigureModel>();
        if (LossFigure.Build(facets, options, texts, 1) is { } loss) figures.Add(loss);
        if (GradientFigure.Build(facets, options, texts, figures.Count + 1) is { } gradient) figures.Add(gradient);
        return figures;
    }

    /// <summary>One small drawing per curve that a trial has recorded, in the catalogue's order; on a logarithmic axis where values span decades.</summary>
    /// <param name="condition">Holds the one trial.</param>
    public static IReadOnlyList<FigurePanel> Curves(ConditionResults condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var style = Palette.For([condition.Trial.Model.Cell])[0];
        var recorded = condition.Trials[0].Metrics;
        return [.. MetricCatalog.All.Where(metric => metric.Name is not EvaluationLoss && recorded.ContainsKey(metric.Name))
            .Select((metric, index) => Curve(metric, recorded[metric.Name], condition.Label, style, index)).OfType<FigurePanel>()];
    }

    private static FigurePanel? Curve(MetricDescriptor metric, MetricSeries series, string label, SeriesStyle style, int index)
    {
        var isLogarithmic = metric.Positive;
        var points = series.Steps.Zip(series.Values, (step, value) => new PanelPoint(step, isLogarithmic ? value > 0 ? Math.Log10(value) : double.NaN : value)).ToList();
        var finite = points.Where(point => double.IsFinite(point.Y)).Select(point => point.Y).ToList();
        if (finite.Count == 0) return null;
        var (low, high) = (finite.Min(), finite.Max());
        var margin = Math.Max((high - low) * 0.05, isLogarithmic ? 0.04 : 1e-9);
        var axis = metric.Unit.Length == 0 ? "" : metric.Unit;
        var drawn = CurveSampling.Reduce([.. points.Select(point => double.IsFinite(point.Y) ? point : point with { Y = double.NaN })], PointsPerCurve);
        var last = series.Values[^1];
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"curve-{index + 1}"),
            $"{metric.Name} by step, {label}",
            string.Create(CultureInfo.InvariantCulture, $"{metric.Summary} From {Numbers.Short(series.Values[0])} at step {series.Steps[0]} to {Numbers.Short(last)} at step {series.Steps[^1]}."),
            CurveWidth, CurveHeight,
            AxisScale.Linear("step", 0, Math.Max(1, series.Steps[^1]) * 1.015),
            isLogarithmic ? AxisScale.Logarithmic(axis, low - margin, high + margin) : AxisScale.Linear(axis, low - margin, high + margin),
            [new PanelSeries(metric.Name, style, [new PanelStroke(StrokeRole.Centre, drawn)], null, [], Numbers.Short(last))],
            [], []);
        return new FigurePanel(metric.Name == TrainingLoss ? $"{metric.Name} (batch of each step)" : metric.Name, panel, []);
    }
}
