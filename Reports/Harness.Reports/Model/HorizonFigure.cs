using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>How the error on the test part grows with the rows ahead, network by network, beside the baseline.</summary>
internal static class HorizonFigure
{
    public const string Id = "fig-horizon";

    /// <summary>Null where no trial forecast a range of rows.</summary>
    public static FigureModel? Of(IReadOnlyList<DataGroup> groups, Texts texts, int number)
    {
        List<(DataGroup Group, List<Curve> Curves)> known = [.. groups.Select(group => (group, group.Conditions.Select(Curve.Of).OfType<Curve>().ToList())).Where(pair => pair.Item2.Count > 0)];
        if (known.Count == 0) return null;
        var (panels, rows, findings) = (new List<FigurePanel>(), new List<TableRow>(), new List<string>());
        foreach (var (group, curves) in known.Take(AnswerFigures.MostPanels))
        {
            var styles = Palette.For([.. curves.Select(curve => curve.Condition.Trial.Model.Cell)]);
            var chosen = curves.Find(curve => curve.Condition == group.Network) ?? curves[0];
            var baseline = texts.BaselineName(BaselineCatalog.Find(chosen.Errors.Baseline)!);
            var finding = Finding(group, chosen, baseline, texts);
            findings.Add(finding);
            double[] steps = [.. chosen.Errors.Steps.Select(step => (double)step)];
            double[] all = [.. curves.SelectMany(curve => curve.Low.Concat(curve.High)).Concat(chosen.Errors.BaselineRootMeanSquares).Where(double.IsFinite).DefaultIfEmpty(1)];
            var panel = new Panel(FormattableString.Invariant($"{Id}-{panels.Count + 1}"), texts.PanelTitle(texts.HorizonTitle, group.Title), finding, AnswerFigures.Width, AnswerFigures.Height,
                AxisScale.Linear(texts.RowsAheadAxis, steps[0], steps[^1]), AxisScale.Linear(texts.TestErrorColumn(group.Target), 0, 1.05 * all.Max()),
                [
                    AnswerFigures.Line("baseline", AnswerFigures.BaselineStyle, steps, chosen.Errors.BaselineRootMeanSquares, null),
                    .. curves.Select((curve, index) => AnswerFigures.Line(curve.Condition.Label, styles[index], steps, curve.Median, null) with { Band = curve.Seeds > 1 ? new(steps, curve.Low, curve.High) : null }),
                ], [], []);
            panels.Add(new(known.Count > 1 ? group.Title : "", panel,
            [
                .. curves.Select((curve, index) => new FigureAnnotation(curve.Condition.Label, curve.Condition.Label, styles[index], texts.MedianOfSeeds(curve.Seeds))),
                new("baseline", baseline, AnswerFigures.BaselineStyle, texts.BaselineMark),
            ]));
            rows.AddRange(curves.SelectMany(curve => curve.Errors.Steps.Select((step, place) => new TableRow(null,
                [new(group.Title), new(curve.Condition.Label), TableCell.Count(step), TableCell.Of(curve.Median[place]), TableCell.Of(curve.Low[place]), TableCell.Of(curve.High[place]), TableCell.Of(curve.Absolute[place])]))));
            rows.AddRange(chosen.Errors.Steps.Select((step, place) => new TableRow(null,
                [new(group.Title), new(baseline, Detail: texts.BaselineMark), TableCell.Count(step), TableCell.Of(chosen.Errors.BaselineRootMeanSquares[place]), new(Numbers.Absent), new(Numbers.Absent), TableCell.Of(chosen.Errors.BaselineMeanAbsolutes[place])])));
        }

        var table = new Table(Id + "-table", texts.HorizonTableCaption,
            [new(texts.SeriesColumn), new(texts.PredictorColumn), new(texts.RowsAheadAxis, true), new("RMSE", true, texts.InUnitsOfTarget), new(texts.SmallestOfSeeds, true), new(texts.LargestOfSeeds, true), new("MAE", true, texts.InUnitsOfTarget)], rows);
        return new(Id, number, texts.HorizonTitle, string.Join(" ", findings), panels, table, texts.HorizonHowToRead, AnswerFigures.LeftOut(known.Count, texts));
    }

    /// <summary>The error of the nearest and of the farthest row, and how many rows the network forecasts better than the baseline.</summary>
    private static string Finding(DataGroup group, Curve curve, string baseline, Texts texts)
    {
        var (errors, steps) = (curve.Errors, curve.Errors.Steps);
        var better = Enumerable.Range(0, steps.Length).Count(place => curve.Median[place] < errors.BaselineRootMeanSquares[place]);
        return texts.HorizonFinding(group.Title, curve.Condition.Label, Numbers.Count(steps[0]), Numbers.Count(steps[^1]), Numbers.Short(curve.Median[0]), Numbers.Short(curve.Median[^1]),
            baseline, Numbers.Short(errors.BaselineRootMeanSquares[0]), Numbers.Short(errors.BaselineRootMeanSquares[^1]), Numbers.Count(better), Numbers.Count(steps.Length));
    }

    /// <summary>The errors of a condition by the rows ahead: the median over its seeds, with the smallest and the largest.</summary>
    /// <param name="Errors">Of one seed: the baseline's are those of every seed.</param>
    private sealed record Curve(ConditionResults Condition, StepErrors Errors, double[] Median, double[] Low, double[] High, double[] Absolute, int Seeds)
    {
        public static Curve? Of(ConditionResults condition)
        {
            List<StepErrors> seeds = [.. condition.Trials.Select(trial => trial.Test?.BySteps).OfType<StepErrors>()];
            if (seeds.Count == 0 || seeds.Exists(seed => !seed.Steps.AsSpan().SequenceEqual(seeds[0].Steps))) return null;
            return new(condition, seeds[0], Each(values => Quantiles.Median(values)), Each(values => values.Min()), Each(values => values.Max()), [.. Places().Select(place => Quantiles.Median([.. seeds.Select(seed => seed.MeanAbsolutes[place])]))], seeds.Count);

            double[] Each(Func<double[], double> of) => [.. Places().Select(place => of([.. seeds.Select(seed => seed.RootMeanSquares[place])]))];

            IEnumerable<int> Places() => Enumerable.Range(0, seeds[0].Steps.Length);
        }
    }
}
