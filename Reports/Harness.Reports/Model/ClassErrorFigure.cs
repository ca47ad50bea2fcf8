using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>How well each class of the test part is found, network by network, beside the share that the class has.</summary>
internal static class ClassErrorFigure
{
    public const string Id = "fig-class-error";

    /// <summary>Classes of a drawing: the names of more do not fit.</summary>
    private const int MostClasses = 20;

    /// <summary>Null where no classes were asked for.</summary>
    public static FigureModel? Of(IReadOnlyList<DataGroup> groups, Texts texts, int number)
    {
        List<(DataGroup Group, List<Shares> Networks)> known =
        [
            .. groups.Where(group => group.Question == DataQuestions.Class).Select(group => (group, group.Conditions.Select(Shares.Of).OfType<Shares>().Where(shares => shares.Classes.Count <= MostClasses).ToList()))
                .Where(pair => pair.Item2.Count > 0 && pair.Item2.TrueForAll(shares => shares.Classes.SequenceEqual(pair.Item2[0].Classes, StringComparer.Ordinal))),
        ];
        if (known.Count == 0) return null;
        var (panels, rows, findings) = (new List<FigurePanel>(), new List<TableRow>(), new List<string>());
        foreach (var (group, networks) in known.Take(AnswerFigures.MostPanels))
        {
            var styles = Palette.For([.. networks.Select(network => network.Condition.Trial.Model.Cell)]);
            var finding = Finding(group, networks.Find(network => network.Condition == group.Network) ?? networks[0], texts);
            findings.Add(finding);
            panels.Add(Drawn(group, networks, styles, texts.RightClassAxis, texts.RecallAxis, shares => shares.Recall, finding, panels.Count + 1, texts));
            panels.Add(Drawn(group, networks, styles, texts.AnsweredAxis, texts.PrecisionAxis, shares => shares.Precision, finding, panels.Count + 1, texts));
            foreach (var network in networks)
                rows.AddRange(network.Classes.Select((name, place) => new TableRow(null,
                    [new(group.Title), new(network.Condition.Label), new(name), Share(network.Frequency[place]), Share(network.Recall[place].Median), Spread(network.Recall[place]), Share(network.Precision[place].Median), Spread(network.Precision[place])])));
        }

        var table = new Table(Id + "-table", texts.ClassErrorTableCaption,
            [new(texts.SeriesColumn), new(texts.NetworkColumn), new(texts.RightClassAxis), new(texts.ClassShareColumn, true), new(texts.RecallAxis, true), new(texts.SeedsSpreadColumn), new(texts.PrecisionAxis, true), new(texts.SeedsSpreadColumn)], rows);
        return new(Id, number, texts.ClassErrorTitle, string.Join(" ", findings), panels, table, texts.ClassErrorHowToRead, AnswerFigures.LeftOut(known.Count, texts)) { IsClosed = true };
    }

    /// <summary>One place for each class, with room for every network side by side and for the share of the class.</summary>
    private static FigurePanel Drawn(DataGroup group, List<Shares> networks, IReadOnlyList<SeriesStyle> styles, string classAxis, string axis, Func<Shares, SeedSpread[]> of, string finding, int place, Texts texts)
    {
        var classes = networks[0].Classes;
        var panel = new Panel(FormattableString.Invariant($"{Id}-{place}"), texts.PanelTitle(axis, group.Title), finding, AnswerFigures.Width, AnswerFigures.Height,
            AnswerFigures.Named(classAxis, classes, 0, fromTop: false), AxisScale.Linear(axis, -0.03, 1.03, 4, value => Numbers.Percent(Math.Round(value, 2))),
            [
                new("share", AnswerFigures.BaselineStyle with { Marker = MarkerKind.Diamond }, [], null, [.. networks[0].Frequency.Select((share, at) => new PanelMark(MarkerKind.Diamond, at, share))], null),
                .. networks.Select((network, index) => new PanelSeries(network.Condition.Label, styles[index],
                    [.. Known(of(network)).Where(_ => network.Seeds > 1).Select(each => new PanelStroke(StrokeRole.Centre, [new(At(each.Place, index), each.Spread.Low), new(At(each.Place, index), each.Spread.High)]))], null,
                    [.. Known(of(network)).Select(each => new PanelMark(styles[index].Marker, At(each.Place, index), each.Spread.Median))], null)),
            ], [], []);
        return new(group.Title, panel,
        [
            .. networks.Select((network, index) => new FigureAnnotation(network.Condition.Label, network.Condition.Label, styles[index], texts.MedianOfSeeds(network.Seeds))),
            new("share", texts.ClassShareColumn, AnswerFigures.BaselineStyle with { Marker = MarkerKind.Diamond }, ""),
        ]);

        double At(int at, int index) => at + 0.5 * ((index + 0.5) / networks.Count - 0.5);

        static IEnumerable<(int Place, SeedSpread Spread)> Known(SeedSpread[] spreads) => spreads.Index().Where(each => double.IsFinite(each.Item.Median)).Select(each => (each.Index, each.Item));
    }

    /// <summary>The class that is found least, with its share, and the class whose name is given wrongly most often.</summary>
    private static string Finding(DataGroup group, Shares network, Texts texts)
    {
        var (missed, doubted) = (Lowest(network.Recall), Lowest(network.Precision));
        return texts.ClassErrorFinding(group.Title, network.Condition.Label, network.Classes[missed], DataGroup.Share(network.Recall[missed].Median), DataGroup.Share(network.Frequency[missed]),
            network.Classes[doubted], DataGroup.Share(network.Precision[doubted].Median));

        static int Lowest(SeedSpread[] spreads) => Enumerable.Range(0, spreads.Length).Where(place => double.IsFinite(spreads[place].Median)).MinBy(place => spreads[place].Median);
    }

    private static TableCell Share(double share) => double.IsFinite(share) ? new(DataGroup.Share(share), share) : new(Numbers.Absent);

    private static TableCell Spread(SeedSpread spread) => double.IsFinite(spread.Median) ? new($"{DataGroup.Share(spread.Low)} – {DataGroup.Share(spread.High)}") : new(Numbers.Absent);

    /// <summary>Recall and precision of each class, over the seeds that have them.</summary>
    /// <param name="Frequency">The share of each class among the right answers.</param>
    private sealed record Shares(ConditionResults Condition, IReadOnlyList<string> Classes, double[] Frequency, SeedSpread[] Recall, SeedSpread[] Precision, int Seeds)
    {
        public static Shares? Of(ConditionResults condition)
        {
            List<TestAnalysis> seeds = [.. condition.Trials.Select(trial => trial.Test).OfType<TestAnalysis>().Where(test => test is { Confusion: not null, Classes: not null })];
            if (seeds.Count == 0 || seeds.Exists(seed => !seed.Classes!.SequenceEqual(seeds[0].Classes!, StringComparer.Ordinal))) return null;
            var (classes, total) = (seeds[0].Classes!, (double)seeds[0].Confusion!.Sum(count => (long)count));
            var places = Enumerable.Range(0, classes.Count).ToList();
            if (total == 0) return null;
            return new(condition, classes, [.. places.Select(of => Asked(seeds[0], of) / total)],
                [.. places.Select(of => SeedSpread.Of(seeds.Select(seed => Right(seed, of) / Asked(seed, of))))],
                [.. places.Select(of => SeedSpread.Of(seeds.Select(seed => Right(seed, of) / Answered(seed, of))))], seeds.Count);

            double Right(TestAnalysis seed, int of) => seed.Confusion![of * classes.Count + of];
            double Asked(TestAnalysis seed, int of) => places.Sum(answer => (double)seed.Confusion![of * classes.Count + answer]);
            double Answered(TestAnalysis seed, int of) => places.Sum(right => (double)seed.Confusion![right * classes.Count + of]);
        }
    }
}

/// <summary>A quantity over seeds; not numbers where no seed has it.</summary>
internal readonly record struct SeedSpread(double Median, double Low, double High)
{
    public static SeedSpread Of(IEnumerable<double> seeds)
    {
        double[] known = [.. seeds.Where(double.IsFinite)];
        return known.Length == 0 ? new(double.NaN, double.NaN, double.NaN) : new(Quantiles.Median(known), known.Min(), known.Max());
    }
}
