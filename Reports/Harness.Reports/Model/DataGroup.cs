using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>The conditions that are evaluated on the same sequences of a file.</summary>
internal sealed class DataGroup
{
    private readonly IReadOnlyList<ConditionResults> conditions;
    private readonly int index;
    private readonly Texts texts;
    private readonly TaskSpec task;
    private readonly TrialResult? sample;
    private readonly DataQuestions question;

    public DataGroup(IReadOnlyList<ConditionResults> conditions, int index, Texts texts)
    {
        (this.conditions, this.index, this.texts, task, question) = (conditions, index, texts, conditions[0].Trial.Task, DataQuestion.Of(conditions[0].Trial.Task));
        Card = conditions.Select(condition => condition.Sample?.Card).FirstOrDefault(card => card is not null);
        // Every trial records the same values: they come from the file alone.
        sample = conditions.SelectMany(condition => condition.Trials).FirstOrDefault(trial => BaselineCatalog.All.Any(baseline => Read(trial, MetricCatalog.Baseline(baseline.Name)) is not null));
        Baselines = sample is null ? [] : [.. BaselineCatalog.All.Where(baseline => Read(sample, MetricCatalog.Baseline(baseline.Name)) is not null).OrderBy(baseline => Read(sample, MetricCatalog.Baseline(baseline.Name)))];
    }

    public DataCard? Card { get; }

    /// <summary>The group's place in the report, from 1.</summary>
    public int Place => index + 1;

    /// <summary>Those that were evaluated, the best on the validation part first.</summary>
    public IReadOnlyList<BaselineDefinition> Baselines { get; }

    public IReadOnlyList<ConditionResults> Conditions => conditions;

    public DataQuestions Question => question;

    /// <summary>Whether each series is one sequence: then sequences share nothing.</summary>
    public bool HasWholeSeries => task.Parameters.Values.GetValueOrDefault("sequence") == "whole";

    /// <summary>The network that is recommended, if any is: the one with the smallest median loss on the validation part. Null while none has a finite one on both parts.</summary>
    public ConditionResults? Network => conditions
        .Select(condition => (Condition: condition, Loss: Median(condition, MetricCatalog.EvaluationLoss), Test: Median(condition, MetricCatalog.TestLoss)))
        .Where(pair => pair.Loss is { } loss && pair.Test is { } test && double.IsFinite(loss) && double.IsFinite(test)).OrderBy(pair => pair.Loss).ThenBy(pair => pair.Condition.Ordinal)
        .Select(pair => pair.Condition).FirstOrDefault();

    /// <summary>A value of the baseline, which every trial records alike.</summary>
    public double? OfBaseline(string metric) => Read(sample!, metric);

    public string Target => task.Parameters.Values.GetValueOrDefault("target") ?? task.Kind;

    public string Title => $"{Target}, T={Numbers.Count(task.Length)}{(Horizon.IsRange ? $", h={Horizon}" : "")}{(DataFold.Of(task.Parameters) is { } fold ? $", {texts.FactorName(DataFold.Parameter)} {fold}" : "")}";

    /// <summary>The rows ahead that are asked for.</summary>
    private HorizonRange Horizon => HorizonRange.Parse(task.Parameters.Values.GetValueOrDefault(HorizonRange.Parameter)) ?? 1;

    /// <summary>Says that no network beats the baseline on the test part; null where one does, or nothing was tested.</summary>
    public string? Defeat => Tested() is var (name, loss, network, best) && !(best < loss) ? texts.NoNetworkWins(Title, name, Numbers.Short(loss), network, Numbers.Short(best)) : null;

    public IEnumerable<string> Findings()
    {
        if (Tested() is not var (name, loss, network, best)) yield break;
        yield return Defeat ?? texts.NetworkWins(Title, name, Numbers.Short(loss), network, Numbers.Short(best), Numbers.Percent(1 - best / loss));
        if (Winners() is { } winners) yield return winners;
    }

    /// <summary>On which measures of the test part the baseline wins, and on which the network that is best on the validation part; null where one measure is known only.</summary>
    private string? Winners()
    {
        if (Network is not { } network) return null;
        var known = Compared().Select(pair => (pair.Metric, Baseline: Read(sample!, pair.OfBaseline), Network: Median(network, pair.Metric.Name)))
            .Where(pair => pair.Baseline is not null && pair.Network is not null).ToList();
        if (known.Count < 2) return null;
        var wins = known.ToLookup(pair => pair.Network!.Value.CompareTo(pair.Baseline!.Value) * (pair.Metric.LowerIsBetter == true ? -1 : 1), pair =>
        {
            var (own, rival) = (Told(pair.Metric, pair.Network!.Value), Told(pair.Metric, pair.Baseline!.Value));
            var isNetwork = pair.Network > pair.Baseline != (pair.Metric.LowerIsBetter == true);
            return texts.MeasureAgainst(texts.Metric(pair.Metric.Name), isNetwork ? own : rival, isNetwork ? rival : own);
        });
        return texts.MeasureWinners(Title, texts.BaselineName(Baselines[0]), [.. wins[-1]], network.Label, [.. wins[1]], [.. wins[0]]);

        static string Told(MetricDescriptor metric, double value) => metric.LowerIsBetter == true ? Numbers.Short(value) : Share(value);
    }

    /// <summary>The measures that are compared, with their names for the baseline. What ranks as another measure does is left out: the RMSE as the loss, MASE as the MAE, bits as the loss of a text.</summary>
    private IEnumerable<(MetricDescriptor Metric, string OfBaseline)> Compared()
    {
        if (question == DataQuestions.Text) yield break;
        if (question == DataQuestions.Class)
        {
            yield return (MetricCatalog.Find(MetricCatalog.TestLoss)!, MetricCatalog.BaselineOnTest(Baselines[0].Name));
            yield return (MetricCatalog.Find(MetricCatalog.TestAccuracy)!, MetricCatalog.BaselineTestAccuracy(Baselines[0].Name));
        }

        foreach (var measure in Measures.Where(measure => measure.Name != MetricCatalog.TestScaledError)) yield return (measure, MetricCatalog.BaselineMeasure(Baselines[0].Name, measure.Name));
    }

    /// <summary>The measures of the question that any trial recorded.</summary>
    private IReadOnlyList<MetricDescriptor> Measures => [.. MetricCatalog.TestMeasures.Where(measure => (measure.Questions & question) == question && Read(sample!, MetricCatalog.BaselineMeasure(Baselines[0].Name, measure.Name)) is not null)];

    /// <summary>The baseline with its test loss, and the network with the smallest one.</summary>
    private (string Baseline, double Loss, string Network, double Best)? Tested() =>
        Baselines.Count > 0 && Read(sample!, MetricCatalog.BaselineOnTest(Baselines[0].Name)) is { } loss && Best(MetricCatalog.TestLoss, lowest: true) is { } best
            ? (texts.BaselineName(Baselines[0]), loss, best.Label, best.Value)
            : null;

    public Table Predictors()
    {
        var hasAccuracy = Baselines.Any(baseline => question == DataQuestions.Class && baseline.HasAccuracy);
        var best = Read(sample!, MetricCatalog.BaselineOnTest(Baselines[0].Name));
        var measures = Measures.Where(measure => measure.Name != MetricCatalog.TestRootMeanSquare).ToList();
        var deviation = question == DataQuestions.Number ? Card?.TargetDeviation : null;
        List<TableColumn> columns = [new(texts.PredictorColumn), new(texts.ValidationLoss, true), new(texts.TestLossColumn, true), new(texts.SkillColumn, true, texts.SkillHint)];
        if (deviation is not null) columns.Add(new(texts.TestErrorColumn(Target), true, texts.InUnitsOfTarget));
        if (hasAccuracy) columns.AddRange([new(texts.ValidationAccuracyColumn, true), new(texts.TestAccuracyColumn, true)]);
        columns.AddRange(measures.Select(measure => new TableColumn(texts.MeasureColumn(measure.Name), true, measure.Name == MetricCatalog.TestMeanAbsolute ? texts.InUnitsOfTarget : null)));
        List<TableRow> rows =
        [
            .. Baselines.Select((baseline, place) => Row(texts.BaselineName(baseline), place == 0 ? texts.BaselineMark : null,
                Read(sample!, MetricCatalog.Baseline(baseline.Name)), Read(sample!, MetricCatalog.BaselineOnTest(baseline.Name)),
                Read(sample!, MetricCatalog.BaselineAccuracy(baseline.Name)), Read(sample!, MetricCatalog.BaselineTestAccuracy(baseline.Name)),
                measure => Read(sample!, MetricCatalog.BaselineMeasure(baseline.Name, measure)))),
            .. conditions.Select(condition => Row(condition.Label, null, Median(condition, MetricCatalog.EvaluationLoss), Median(condition, MetricCatalog.TestLoss),
                Median(condition, MetricCatalog.EvaluationAccuracy), Median(condition, MetricCatalog.TestAccuracy), measure => Median(condition, measure))),
        ];
        return new(FormattableString.Invariant($"predictors-{index + 1}"), texts.PredictorsCaption(Title), columns, rows);

        TableRow Row(string name, string? detail, double? loss, double? test, double? accuracy, double? testAccuracy, Func<string, double?> measured)
        {
            List<TableCell> cells = [new(name, Detail: detail), TableCell.Of(loss), TableCell.Of(test), TableCell.Of(test is { } found && best > 0 ? 1 - found / best : null)];
            if (deviation is { } unit) cells.Add(TableCell.Of(test is { } squared ? Math.Sqrt(squared) * unit : null));
            if (hasAccuracy) cells.AddRange([ShareCell(accuracy), ShareCell(testAccuracy)]);
            cells.AddRange(measures.Select(measure => measure.LowerIsBetter == true ? TableCell.Of(measured(measure.Name)) : ShareCell(measured(measure.Name))));
            return new(null, cells);
        }
    }

    /// <param name="licence">Of the data; null where it is not recorded.</param>
    public Table CardTable(string? licence)
    {
        var card = Card!;
        List<(string Fact, string? Value)> facts =
        [
            (texts.CardRows, Numbers.Count(card.Rows)),
            (texts.CardSeriesWord, card.Series > 1 ? texts.CardSeries(Numbers.Count(card.Series), Numbers.Count(card.ShortestSeries), Numbers.Count(card.LongestSeries)) : null),
            (texts.CardTime, card.Time is { } time ? texts.CardTimeValue(time, Numbers.Count(time.Gaps), Numbers.Count(time.Absent)) : null),
            (texts.CardSeason, card.Season is { } season ? texts.CardSeasonValue(Numbers.Count(season)) : null),
            (texts.CardSequences, Three(card.Windows)),
            (texts.CardIndependent, Three(card.Independent)),
            (texts.CardMissing, card.Missing > 0 ? Numbers.Count(card.Missing) : null),
            (texts.CardConstant, card.Constant.Count > 0 ? string.Join(", ", card.Constant) : null),
            (texts.CardRepeated, card.Duplicate.Count > 0 ? string.Join(", ", card.Duplicate) : null),
            (texts.CardTarget, card is { TargetMean: { } mean, TargetDeviation: { } deviation } ? texts.CardTargetValue(Numbers.Short(mean), Numbers.Short(deviation)) : null),
            (texts.CardClasses, card.Classes.Count > 0 ? string.Join(", ", card.Classes.Select(share => $"{share.Name} {Numbers.Percent(share.Share)}")) : null),
            (texts.CardUnknown, card.Unknown is { } unknown ? Share(unknown) : null),
            (texts.CardOutside, card.Outside is { } outside ? Share(outside) : null),
            (texts.CardLicence, licence),
        ];
        return new(FormattableString.Invariant($"data-card-{index + 1}"), texts.CardCaption(Title), [new(texts.CardFact), new(texts.CardValue)],
            [.. facts.Where(fact => fact.Value is not null).Select(fact => new TableRow(null, [new(fact.Fact), new(fact.Value!)]))], Sortable: false);
    }

    private static string Three(DataWindows windows) => $"{Numbers.Count(windows.Train)} / {Numbers.Count(windows.Validation)} / {Numbers.Count(windows.Test)}";

    public static string Share(double share) => Numbers.Plain(Math.Round(100 * share, 1)) + "\u202f%";

    private static TableCell ShareCell(double? share) => share is { } known ? new(Share(known), known) : new(Numbers.Absent);

    private (string Label, double Value)? Best(string metric, bool lowest)
    {
        var known = conditions.Select(condition => (condition.Label, Value: Median(condition, metric))).Where(pair => pair.Value is { } value && double.IsFinite(value)).Select(pair => (pair.Label, Value: pair.Value!.Value)).ToList();
        return known.Count == 0 ? null : lowest ? known.MinBy(pair => pair.Value) : known.MaxBy(pair => pair.Value);
    }

    public static double? Median(ConditionResults condition, string metric)
    {
        double[] values = [.. condition.Trials.Select(trial => TrialMetrics.ValueOf(trial, metric)).OfType<double>()];
        return values.Length == 0 ? null : Quantiles.Median(values);
    }

    private static double? Read(TrialResult trial, string metric) => TrialMetrics.Recorded(trial, metric);
}
