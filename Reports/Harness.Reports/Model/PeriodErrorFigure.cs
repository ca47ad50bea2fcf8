using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// The error from the beginning to the end of the test part, period by period, network by network, beside the baseline. A mean over the whole part hides
/// that a network ages as the series moves away from what it was trained on, or that one period makes most of the error.
/// </summary>
internal static class PeriodErrorFigure
{
    public const string Id = "fig-period-error";

    /// <summary>Periods of a drawing, and answers that each needs.</summary>
    private const int MostPeriods = 12, FewestAnswers = 20, FewestPeriods = 3;

    /// <summary>Null where no series in order of time has enough stored answers.</summary>
    public static FigureModel? Of(IReadOnlyList<DataGroup> groups, Texts texts, int number)
    {
        List<(DataGroup Group, List<Curve> Curves)> known = [.. groups.Select(group => (group, CurvesOf(group))).Where(pair => pair.Item2.Count > 0)];
        if (known.Count == 0) return null;
        var (panels, rows, findings) = (new List<FigurePanel>(), new List<TableRow>(), new List<string>());
        foreach (var (group, curves) in known.Take(AnswerFigures.MostPanels))
        {
            var isClass = group.Question == DataQuestions.Class;
            var styles = Palette.For([.. curves.Select(curve => curve.Condition.Trial.Model.Cell)]);
            var chosen = curves.Find(curve => curve.Condition == group.Network) ?? curves[0];
            var periods = chosen.Periods;
            var baseline = texts.BaselineName(BaselineCatalog.Find(periods.Baseline)!);
            var finding = Finding(group, chosen, baseline, texts);
            findings.Add(finding);
            double[] middles = [.. periods.Rows.Select(row => (row.First + row.Last) / 2.0)];
            double[] all = [.. curves.SelectMany(curve => curve.Errors.Select(error => error.High)).Concat(periods.OfBaseline).Where(double.IsFinite).DefaultIfEmpty(1)];
            var panel = new Panel(FormattableString.Invariant($"{Id}-{panels.Count + 1}"), texts.PanelTitle(texts.PeriodErrorTitle, group.Title), finding, AnswerFigures.Width, AnswerFigures.Height,
                AxisScale.Linear(texts.RowAxis, periods.Rows[0].First, periods.Rows[^1].Last), AxisScale.Linear(isClass ? texts.WrongShareColumn : texts.TestErrorColumn(group.Target), 0, 1.05 * Math.Max(all.Max(), 1e-9)),
                [
                    AnswerFigures.Line("baseline", AnswerFigures.BaselineStyle, middles, periods.OfBaseline, null),
                    .. curves.Select((curve, index) => AnswerFigures.Line(curve.Condition.Label, styles[index], middles, [.. curve.Errors.Select(error => error.Median)], null) with
                    {
                        Band = curve.Seeds > 1 ? new(middles, [.. curve.Errors.Select(error => error.Low)], [.. curve.Errors.Select(error => error.High)]) : null,
                    }),
                ], [], []);
            panels.Add(new(known.Count > 1 ? group.Title : "", panel,
            [
                .. curves.Select((curve, index) => new FigureAnnotation(curve.Condition.Label, curve.Condition.Label, styles[index], texts.MedianOfSeeds(curve.Seeds))),
                new("baseline", baseline, AnswerFigures.BaselineStyle, texts.BaselineMark),
            ]));
            rows.AddRange(curves.SelectMany(curve => curve.Errors.Select((error, place) => Row(curve.Condition.Label, null, place, Cell(error.Median), curve.Seeds > 1 ? new(Cell(error.Low).Text + " – " + Cell(error.High).Text) : new(Numbers.Absent)))));
            rows.AddRange(periods.OfBaseline.Select((error, place) => Row(baseline, texts.BaselineMark, place, Cell(error), new(Numbers.Absent))));

            TableRow Row(string name, string? detail, int place, TableCell error, TableCell spread) => new(null,
                [new(group.Title), new(name, Detail: detail), TableCell.Count(periods.Rows[place].First), TableCell.Count(periods.Rows[place].Last), TableCell.Count(periods.Counts[place]), error, spread]);

            TableCell Cell(double error) => isClass ? new(DataGroup.Share(error), error) : TableCell.Of(error);
        }

        var table = new Table(Id + "-table", texts.PeriodErrorTableCaption,
            [new(texts.SeriesColumn), new(texts.PredictorColumn), new(texts.FirstRowColumn, true), new(texts.LastRowColumn, true), new(texts.AskedColumn, true), new(texts.ErrorColumn, true, texts.PeriodErrorHint), new(texts.SeedsSpreadColumn)], rows);
        return new(Id, number, texts.PeriodErrorTitle, string.Join(" ", findings), panels, table, texts.PeriodErrorHowToRead, AnswerFigures.LeftOut(known.Count, texts)) { IsClosed = true };
    }

    /// <summary>The worst and the best period, and in how many periods the network errs less than the baseline.</summary>
    private static string Finding(DataGroup group, Curve chosen, string baseline, Texts texts)
    {
        var (errors, periods) = (chosen.Errors, chosen.Periods);
        var places = Enumerable.Range(0, errors.Length).ToList();
        var (worst, best) = (places.MaxBy(place => errors[place].Median), places.MinBy(place => errors[place].Median));
        var better = places.Count(place => errors[place].Median < periods.OfBaseline[place]);
        return texts.PeriodErrorFinding(group.Title, chosen.Condition.Label, group.Question == DataQuestions.Class, Rows(worst), Told(errors[worst].Median), Rows(best), Told(errors[best].Median), baseline, Numbers.Count(better), Numbers.Count(places.Count));

        string Told(double error) => group.Question == DataQuestions.Class ? DataGroup.Share(error) : Numbers.Short(error);

        string Rows(int place) => $"{Numbers.Count(periods.Rows[place].First)} – {Numbers.Count(periods.Rows[place].Last)}";
    }

    /// <summary>Whole series have no order among each other, and several series share their rows' times.</summary>
    private static List<Curve> CurvesOf(DataGroup group)
    {
        if (group.HasWholeSeries || group.Question is not (DataQuestions.Number or DataQuestions.Class)) return [];
        var isClass = group.Question == DataQuestions.Class;
        List<Curve> curves = [.. group.Conditions.Select(condition => Curve.Of(condition, isClass)).OfType<Curve>()];
        return curves.TrueForAll(curve => curve.Periods.Rows.SequenceEqual(curves[0].Periods.Rows)) ? curves : [];
    }

    /// <summary>Stretches of the test part with equally many evaluated answers.</summary>
    /// <param name="Rows">From the first to the last row that is asked for, counted from 1.</param>
    /// <param name="OfBaseline">The baseline's error.</param>
    private sealed record Periods(IReadOnlyList<int[]> Answers, (int First, int Last)[] Rows, int[] Counts, double[] OfBaseline, string Baseline);

    /// <summary>The errors of a condition by period, over its seeds.</summary>
    private sealed record Curve(ConditionResults Condition, Periods Periods, SeedSpread[] Errors, int Seeds)
    {
        public static Curve? Of(ConditionResults condition, bool isClass)
        {
            List<PredictedAnswers> seeds = [.. condition.Trials.Select(trial => trial.Test?.Answers).OfType<PredictedAnswers>()];
            if (seeds.Count == 0 || seeds[0].SeriesOf is not null || seeds.Exists(seed => !seed.Places.AsSpan().SequenceEqual(seeds[0].Places))) return null;
            var first = seeds[0];
            int[] order = [.. Enumerable.Range(0, first.Places.Length).Where(index => first.Evaluated[index] && double.IsFinite(first.Truth[index])).OrderBy(index => first.Places[index])];
            var count = Math.Min(MostPeriods, order.Length / FewestAnswers);
            if (count < FewestPeriods) return null;
            List<int[]> parts = [.. Enumerable.Range(0, count).Select(part => order[(int)((long)part * order.Length / count)..(int)((long)(part + 1) * order.Length / count)])];
            var periods = new Periods(parts, [.. parts.Select(part => (first.Rows[part[0]] + 1, first.Rows[part[^1]] + 1))], [.. parts.Select(part => part.Length)],
                [.. parts.Select(part => Error(first, first.BaselinePredicted, part))], first.Baseline);
            return new(condition, periods, [.. parts.Select(part => SeedSpread.Of(seeds.Select(seed => Error(seed, seed.Predicted, part))))], seeds.Count);

            double Error(PredictedAnswers answers, float[] predicted, int[] part) => isClass
                ? part.Average(index => (int)answers.Truth[index] == (int)predicted[index] ? 0.0 : 1)
                : Math.Sqrt(part.Average(index => (answers.Truth[index] - predicted[index]) * (answers.Truth[index] - predicted[index])));
        }
    }
}
