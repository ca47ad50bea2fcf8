using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What networks answered on the test part of a person's data. A figure shows the first files and lengths, each with the network that is best on the validation part.</summary>
internal static class AnswerFigures
{
    public const string Forecast = "fig-forecast", Residuals = "fig-residuals", Confusion = "fig-confusion", LookBack = "fig-look-back";

    internal const int Width = 520, Height = 260, MostPanels = 3;

    /// <summary>Windows of a drawing: more cannot be told apart.</summary>
    private const int MostShown = 150;

    /// <summary>Residuals that an autocorrelation needs, and lags that are shown.</summary>
    private const int FewestResiduals = 20, MostLags = 40;

    /// <summary>Classes of a drawing: the names of more do not fit.</summary>
    private const int MostClasses = 20;

    private static readonly SeriesStyle truthStyle = new("var(--ink)", null, MarkerKind.Circle);

    internal static readonly SeriesStyle BaselineStyle = new("var(--series-5)", "10 4", MarkerKind.Circle);

    /// <summary>A network with its stored answers, the median over seeds.</summary>
    private sealed record Answered(DataGroup Group, ConditionResults Network, PredictedAnswers Answers, double[] Predicted, int Seeds)
    {
        public string Baseline { get; } = Answers.Baseline;

        public SeriesStyle Style => Palette.For([Network.Trial.Model.Cell])[0];

        /// <param name="those">The answers to take where a range of rows is asked for.</param>
        public static Answered? Of(DataGroup group, Func<PredictedAnswers, PredictedAnswers> those)
        {
            if (group.Network is not { } network) return null;
            List<PredictedAnswers> seeds = [.. network.Trials.Select(trial => trial.Test?.Answers).OfType<PredictedAnswers>().Select(those)];
            if (seeds.Count == 0 || seeds.Exists(seed => !seed.Places.AsSpan().SequenceEqual(seeds[0].Places))) return null;
            return new(group, network, seeds[0], [.. Enumerable.Range(0, seeds[0].Places.Length).Select(index => Quantiles.Median([.. seeds.Select(seed => (double)seed.Predicted[index])]))], seeds.Count);
        }
    }

    /// <summary>Forecasts, the truth and the baseline over a stretch of the test part; null where no numbers were forecast.</summary>
    public static FigureModel? OfForecasts(IReadOnlyList<DataGroup> groups, Texts texts, int number)
    {
        List<Answered> known = [.. groups.Where(group => group.Question == DataQuestions.Number).Select(group => Answered.Of(group, answers => answers.OneAfterAnother())).OfType<Answered>().Where(each => each.Answers.LongestRun().Count > 1)];
        if (known.Count == 0) return null;
        var (panels, rows, findings) = (new List<FigurePanel>(), new List<TableRow>(), new List<string>());
        foreach (var each in known.Take(MostPanels))
        {
            var (first, count) = each.Answers.LongestRun();
            count = Math.Min(count, MostShown);
            var (answers, baseline) = (each.Answers, texts.BaselineName(BaselineCatalog.Find(each.Baseline)!));
            double[] places = [.. Enumerable.Range(first, count).Select(index => (double)answers.Rows[index] + 1)];
            if (!places.Zip(places.Skip(1)).All(pair => pair.First < pair.Second)) places = [.. Enumerable.Range(1, count).Select(place => (double)place)];
            double[] truth = answers.Truth[first..(first + count)], network = each.Predicted[first..(first + count)], rival = [.. answers.BaselinePredicted.Skip(first).Take(count).Select(value => (double)value)];
            double[] all = [.. truth.Concat(network).Concat(rival).Where(double.IsFinite)];
            var room = Math.Max(1e-9, 0.05 * (all.Max() - all.Min()));
            var finding = texts.ForecastFinding(each.Group.Title, Numbers.Count((long)places[0]), Numbers.Count((long)places[^1]), each.Network.Label, Numbers.Short(MeanMiss(truth, network)), baseline, Numbers.Short(MeanMiss(truth, rival)));
            findings.Add(finding);
            var panel = new Panel(FormattableString.Invariant($"{Forecast}-{panels.Count + 1}"), texts.PanelTitle(texts.ForecastTitle, each.Group.Title), finding, Width, Height,
                AxisScale.Linear(texts.RowAxis, places[0], places[^1]), AxisScale.Linear(each.Group.Target, all.Min() - room, all.Max() + room),
                [Line("truth", truthStyle, places, truth, texts.TruthWord), Line("baseline", BaselineStyle, places, rival, null), Line(each.Network.Label, each.Style, places, network, null)], [], []);
            panels.Add(new(known.Count > 1 ? each.Group.Title : "", panel,
            [
                new("truth", texts.TruthWord, truthStyle, ""), new(each.Network.Label, each.Network.Label, each.Style, texts.MedianOfSeeds(each.Seeds)), new("baseline", baseline, BaselineStyle, texts.BaselineMark),
            ]));
            rows.AddRange(Enumerable.Range(0, count).Select(place => new TableRow(null,
                [new(each.Group.Title), TableCell.Count((long)places[place]), TableCell.Of(truth[place]), TableCell.Of(network[place]), TableCell.Of(rival[place])])));
        }

        var table = new Table(Forecast + "-table", texts.ForecastTableCaption, [new(texts.SeriesColumn), new(texts.RowAxis, true), new(texts.TruthWord, true), new(texts.NetworkColumn, true), new(texts.BaselineColumn, true)], rows);
        return new(Forecast, number, texts.ForecastTitle, string.Join(" ", findings), panels, table, texts.ForecastHowToRead, LeftOut(known.Count, texts));
    }

    /// <summary>Whether errors that follow each other resemble each other: then something predictable is left. Null without enough of them in a row.</summary>
    public static FigureModel? OfResiduals(IReadOnlyList<DataGroup> groups, Texts texts, int number)
    {
        List<Answered> known = [.. groups.Where(group => group.Question == DataQuestions.Number).Select(group => Answered.Of(group, answers => answers.Nearest())).OfType<Answered>().Where(each => each.Answers.LongestRun().Count >= FewestResiduals)];
        if (known.Count == 0) return null;
        var (panels, rows, findings) = (new List<FigurePanel>(), new List<TableRow>(), new List<string>());
        foreach (var each in known.Take(MostPanels))
        {
            var (first, count) = each.Answers.LongestRun();
            var (answers, baseline) = (each.Answers, texts.BaselineName(BaselineCatalog.Find(each.Baseline)!));
            var lags = Math.Min(MostLags, count / 4);
            var network = BlockBootstrap.Autocorrelation([.. Enumerable.Range(first, count).Select(index => answers.Truth[index] - each.Predicted[index])], lags);
            var rival = BlockBootstrap.Autocorrelation([.. Enumerable.Range(first, count).Select(index => answers.Truth[index] - answers.BaselinePredicted[index])], lags);
            if (!network.All(double.IsFinite)) continue;
            var chance = 1.96 / Math.Sqrt(count);
            var largest = Enumerable.Range(1, lags).MaxBy(lag => Math.Abs(network[lag - 1]));
            var finding = texts.ResidualFinding(each.Group.Title, each.Network.Label, network.Count(value => Math.Abs(value) > chance), lags, Numbers.Short(network[largest - 1]), Numbers.Count(largest), Numbers.Short(chance));
            findings.Add(finding);
            double[] places = [.. Enumerable.Range(1, lags).Select(lag => (double)lag)];
            var low = Math.Min(-chance, network.Concat(rival).Min()) - 0.05;
            var high = Math.Max(chance, network.Concat(rival).Max()) + 0.05;
            var panel = new Panel(FormattableString.Invariant($"{Residuals}-{panels.Count + 1}"), texts.PanelTitle(texts.ResidualTitle, each.Group.Title), finding, Width, Height,
                AxisScale.Linear(texts.LagOfRowsAxis, 0, lags), AxisScale.Linear(texts.CorrelationAxis, low, high),
                [Line("baseline", BaselineStyle, places, rival, null), Line(each.Network.Label, each.Style, places, network, null) with { Marks = [.. places.Select((lag, index) => new PanelMark(each.Style.Marker, lag, network[index]))] }],
                [new(chance, texts.ChanceLabel), new(-chance, "")], []);
            panels.Add(new(known.Count > 1 ? each.Group.Title : "", panel, [new(each.Network.Label, each.Network.Label, each.Style, texts.MedianOfSeeds(each.Seeds)), new("baseline", baseline, BaselineStyle, texts.BaselineMark)]));
            rows.AddRange(Enumerable.Range(0, lags).Select(lag => new TableRow(null, [new(each.Group.Title), TableCell.Count(lag + 1), TableCell.Of(network[lag]), TableCell.Of(rival[lag])])));
        }

        if (panels.Count == 0) return null;
        var table = new Table(Residuals + "-table", texts.ResidualTableCaption, [new(texts.SeriesColumn), new(texts.LagOfRowsAxis, true), new(texts.NetworkColumn, true), new(texts.BaselineColumn, true)], rows);
        return new(Residuals, number, texts.ResidualTitle, string.Join(" ", findings), panels, table, texts.ResidualHowToRead, LeftOut(known.Count, texts)) { IsClosed = true };
    }

    /// <summary>Which class is taken for which, and how many of each class are answered right; null where no classes were asked for.</summary>
    public static FigureModel? OfConfusions(IReadOnlyList<DataGroup> groups, Texts texts, int number)
    {
        List<ClassCounts> known = [.. groups.Where(group => group.Question == DataQuestions.Class).Select(ClassCounts.Of).OfType<ClassCounts>().Where(counts => counts.Classes.Count <= MostClasses)];
        if (known.Count == 0) return null;
        var (panels, rows, findings) = (new List<FigurePanel>(), new List<TableRow>(), new List<string>());
        foreach (var each in known.Take(MostPanels))
        {
            var size = each.Classes.Count;
            var title = known.Count > 1 ? each.Group.Title : "";
            var finding = each.Finding(texts);
            findings.Add(finding);
            var shades = new double[size * size];
            for (var right = 0; right < size; right++)
                for (var answer = 0; answer < size; answer++) shades[(size - 1 - right) * size + answer] = each.Asked(right) == 0 ? double.NaN : (double)each.Count(right, answer) / each.Asked(right);
            panels.Add(new(title, new Panel(FormattableString.Invariant($"{Confusion}-{panels.Count + 1}"), texts.PanelTitle(texts.ConfusionTitle, each.Group.Title), finding, Width, Math.Max(200, 90 + 22 * size),
                Named(texts.AnsweredAxis, each.Classes, 0.5, fromTop: false), Named(texts.RightClassAxis, each.Classes, 0.5, fromTop: true), [], [], [])
            { Image = new(size, size, shades) }, []));
            panels.Add(new(title, ByClass(each, texts, panels.Count + 1), [new(each.Network.Label, each.Network.Label, each.Style, ""), new("baseline", each.BaselineName(texts), BaselineStyle, texts.BaselineMark)]));
            for (var right = 0; right < size; right++)
            {
                rows.Add(new(null,
                [
                    new(each.Group.Title), new(each.Classes[right]), TableCell.Count(each.Asked(right)), ShareCell(each.Recall(right)), ShareCell(each.BaselineRecall(right)),
                    new(string.Join(", ", Enumerable.Range(0, size).Where(answer => each.Count(right, answer) > 0).OrderByDescending(answer => each.Count(right, answer)).Select(answer => $"{each.Classes[answer]} {Numbers.Count(each.Count(right, answer))}"))),
                ]));
            }
        }

        panels.Add(new(texts.ScaleTitle, new Panel(Confusion + "-scale", texts.ScaleTitle, texts.ConfusionScale, Width, 62, AxisScale.Linear(texts.ConfusionScale, 0, 1), new("", 0, 1, []), [], [], []) { Image = PanelImage.Scale }, []));
        var table = new Table(Confusion + "-table", texts.ConfusionTableCaption,
            [new(texts.SeriesColumn), new(texts.RightClassAxis), new(texts.AskedColumn, true), new(texts.NetworkColumn, true, texts.ShareRightHint), new(texts.BaselineColumn, true, texts.ShareRightHint), new(texts.AnsweredAxis)], rows);
        return new(Confusion, number, texts.ConfusionTitle, string.Join(" ", findings), panels, table, texts.ConfusionHowToRead, LeftOut(known.Count, texts));
    }

    private static Panel ByClass(ClassCounts counts, Texts texts, int place)
    {
        return new(FormattableString.Invariant($"{Confusion}-{place}"), texts.PanelTitle(texts.ByClassTitle, counts.Group.Title), counts.Finding(texts), Width, Height,
            Named(texts.RightClassAxis, counts.Classes, 0, fromTop: false), AxisScale.Linear(texts.ShareRightAxis, -0.03, 1.03, 4, value => Numbers.Percent(Math.Round(value, 2))),
            [Dots("baseline", BaselineStyle with { Marker = MarkerKind.Diamond }, counts.BaselineRecall), Dots(counts.Network.Label, counts.Style, counts.Recall)], [], []);

        PanelSeries Dots(string key, SeriesStyle style, Func<int, double> share) => new(key, style, [], null,
            [.. Enumerable.Range(0, counts.Classes.Count).Where(right => counts.Asked(right) > 0).Select(right => new PanelMark(style.Marker, right, share(right)))], null);
    }

    /// <summary>The loss by the rows that are shown, condition by condition; null where no trial measured it.</summary>
    public static FigureModel? OfLookBack(IReadOnlyList<DataGroup> groups, Texts texts, int number)
    {
        List<(DataGroup Group, List<LookBackOf> Curves)> known = [.. groups.Select(group => (group, group.Conditions.Select(LookBackOf.Of).OfType<LookBackOf>().ToList())).Where(pair => pair.Item2.Count > 0)];
        if (known.Count == 0) return null;
        var (panels, rows, findings) = (new List<FigurePanel>(), new List<TableRow>(), new List<string>());
        foreach (var (group, curves) in known.Take(MostPanels))
        {
            var styles = Palette.For([.. curves.Select(curve => curve.Condition.Trial.Model.Cell)]);
            var chosen = curves.Find(curve => curve.Condition == group.Network) ?? curves[0];
            var finding = chosen.Needed is { } needed
                ? texts.LookBackFinding(group.Title, chosen.Condition.Label, Numbers.Count(needed), Numbers.Count(chosen.Rows[^1]), needed == chosen.Rows[0], needed == chosen.Rows[^1], Numbers.Short(chosen.Losses[0]), Numbers.Short(chosen.Losses[^1]))
                : texts.LookBackUnknown(group.Title, chosen.Condition.Label);
            findings.Add(finding);
            double[] all = [.. curves.SelectMany(curve => curve.Losses).Where(double.IsFinite).DefaultIfEmpty(1)];
            var room = Math.Max(1e-9, 0.05 * (all.Max() - all.Min()));
            var panel = new Panel(FormattableString.Invariant($"{LookBack}-{panels.Count + 1}"), texts.PanelTitle(texts.LookBackTitle, group.Title), finding, Width, Height,
                AxisScale.Logarithmic(texts.RowsShownAxis, 0, Math.Log10(curves.Max(curve => curve.Rows[^1]))), AxisScale.Linear(texts.TestLossColumn, all.Min() - room, all.Max() + room),
                [.. curves.Select((curve, index) => Line(curve.Condition.Label, styles[index], [.. curve.Rows.Select(row => Math.Log10(row))], curve.Losses, null) with { Marks = [.. curve.Rows.Select((row, place) => new PanelMark(styles[index].Marker, Math.Log10(row), curve.Losses[place])).Where(mark => double.IsFinite(mark.Y))] })], [], []);
            panels.Add(new(known.Count > 1 ? group.Title : "", panel, [.. curves.Select((curve, index) => new FigureAnnotation(curve.Condition.Label, curve.Condition.Label, styles[index], curve.Needed is { } rowsNeeded ? texts.NeedsRows(Numbers.Count(rowsNeeded)) : ""))]));
            rows.AddRange(curves.SelectMany(curve => curve.Rows.Select((row, place) => new TableRow(null, [new(curve.Condition.Label), TableCell.Count(row), TableCell.Of(curve.Losses[place])]))));
        }

        var table = new Table(LookBack + "-table", texts.LookBackTableCaption, [new(texts.Condition), new(texts.RowsShownAxis, true), new(texts.TestLossColumn, true)], rows);
        return new(LookBack, number, texts.LookBackTitle, string.Join(" ", findings), panels, table, texts.LookBackHowToRead, LeftOut(known.Count, texts));
    }

    private static double MeanMiss(double[] truth, double[] predicted) => truth.Zip(predicted, (right, answer) => Math.Abs(right - answer)).Average();

    internal static List<string> LeftOut(int known, Texts texts) => known > MostPanels ? [texts.PanelsLeftOut(MostPanels, known, asked: false)] : [];

    private static TableCell ShareCell(double share) => double.IsNaN(share) ? new(Numbers.Absent) : new(DataGroup.Share(share), share);

    internal static PanelSeries Line(string key, SeriesStyle style, double[] x, double[] y, string? label) =>
        new(key, style, [new(StrokeRole.Centre, [.. x.Zip(y, (at, value) => new PanelPoint(at, value))])], null, [], label);

    internal static PanelAxis Named(string title, IReadOnlyList<string> names, double shift, bool fromTop)
    {
        var room = 0.5 - shift;
        return new(title, -room, names.Count - 1 + 2 * shift + room, [.. names.Select((name, index) => new AxisTick((fromTop ? names.Count - 1 - index : index) + shift, Short(name)))]);

        static string Short(string name) => name.Length <= 10 ? name : name[..9] + "…";
    }

    /// <summary>The confusion matrix of a network, over all seeds.</summary>
    private sealed record ClassCounts(DataGroup Group, ConditionResults Network, IReadOnlyList<string> Classes, long[] Counts, PredictedAnswers? Answers)
    {
        public SeriesStyle Style => Palette.For([Network.Trial.Model.Cell])[0];

        public long Count(int right, int answer) => Counts[right * Classes.Count + answer];

        public long Asked(int right) => Enumerable.Range(0, Classes.Count).Sum(answer => Count(right, answer));

        public double Recall(int right) => (double)Count(right, right) / Asked(right);

        /// <summary>From the stored answers; NaN where none is of that class.</summary>
        public double BaselineRecall(int right)
        {
            if (Answers is not { } answers) return double.NaN;
            int[] asked = [.. Enumerable.Range(0, answers.Truth.Length).Where(index => answers.Evaluated[index] && (int)answers.Truth[index] == right)];
            return asked.Length == 0 ? double.NaN : (double)asked.Count(index => (int)answers.BaselinePredicted[index] == right) / asked.Length;
        }

        public string BaselineName(Texts texts) => Answers is { } answers ? texts.BaselineName(BaselineCatalog.Find(answers.Baseline)!) : "";

        public string Finding(Texts texts)
        {
            List<int> asked = [.. Enumerable.Range(0, Classes.Count).Where(right => Asked(right) > 0)];
            var (best, worst) = (asked.MaxBy(Recall), asked.MinBy(Recall));
            var (right, answer) = asked.SelectMany(of => Enumerable.Range(0, Classes.Count).Where(other => other != of).Select(other => (of, other))).OrderByDescending(pair => Count(pair.of, pair.other)).FirstOrDefault();
            var confused = Count(right, answer) > 0 && right != answer ? texts.ConfusedClasses(Classes[right], Classes[answer], DataGroup.Share((double)Count(right, answer) / Asked(right))) : null;
            return texts.ConfusionFinding(Group.Title, Network.Label, Classes[best], DataGroup.Share(Recall(best)), Classes[worst], DataGroup.Share(Recall(worst)), confused);
        }

        public static ClassCounts? Of(DataGroup group)
        {
            if (group.Network is not { } network) return null;
            List<TestAnalysis> seeds = [.. network.Trials.Select(trial => trial.Test).OfType<TestAnalysis>().Where(test => test is { Confusion: not null, Classes: not null })];
            if (seeds.Count == 0 || seeds.Exists(seed => !seed.Classes!.SequenceEqual(seeds[0].Classes!, StringComparer.Ordinal))) return null;
            var classes = seeds[0].Classes!;
            return new(group, network, classes, [.. Enumerable.Range(0, classes.Count * classes.Count).Select(place => seeds.Sum(seed => (long)seed.Confusion![place]))], seeds[0].Answers);
        }
    }

    /// <summary>The look-back of a condition, the median over its seeds.</summary>
    private sealed record LookBackOf(ConditionResults Condition, int[] Rows, double[] Losses)
    {
        public int? Needed => new LookBackCurve(Rows, Losses, 1).Needed();

        public static LookBackOf? Of(ConditionResults condition)
        {
            List<LookBackCurve> seeds = [.. condition.Trials.Select(trial => trial.Test?.LookBack).OfType<LookBackCurve>()];
            if (seeds.Count == 0 || seeds.Exists(seed => !seed.Rows.AsSpan().SequenceEqual(seeds[0].Rows))) return null;
            return new(condition, seeds[0].Rows, [.. Enumerable.Range(0, seeds[0].Rows.Length).Select(place => Quantiles.Median([.. seeds.Select(seed => seed.Losses[place])]))]);
        }
    }
}
