using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <param name="Findings">Whether any network beats the baseline, file by file and length by length.</param>
/// <param name="Warnings">What makes a verdict about these data doubtful.</param>
/// <param name="Tables">Predictors with networks, and the cards of the files.</param>
public sealed record OwnDataModel(string Introduction, IReadOnlyList<string> Findings, IReadOnlyList<string> Warnings, IReadOnlyList<Table> Tables)
{
    /// <summary>Those findings by which no network is worth its cost.</summary>
    public IReadOnlyList<string> Defeats { get; init; } = [];
}

/// <summary>What a person's own data hold, and how networks compare with predictors that cost nothing.</summary>
internal static class OwnData
{
    /// <summary>The anchor of the section.</summary>
    public const string Section = "own-data";

    private const int MostTasks = 6;

    /// <summary>Null where no task reads a file.</summary>
    public static OwnDataModel? Of(IReadOnlyList<ConditionResults> conditions, Texts texts)
    {
        var groups = conditions.Where(condition => condition.Trial.Task.Data is not null).GroupBy(condition => condition.Trial.Task).Take(MostTasks)
            .Select((group, index) => new DataGroup([.. group], index, texts)).Where(group => group.Baselines.Count > 0 || group.Card is not null).ToList();
        if (groups.Count == 0) return null;
        return new(texts.OwnDataIntroduction,
            [.. groups.SelectMany(group => group.Findings())],
            [.. groups.SelectMany(group => group.Card?.Warnings ?? []).Distinct().Select(texts.DataWarningSentence)],
            [.. groups.SelectMany(group => new[] { group.Baselines.Count > 0 ? group.Predictors() : null, group.Card is null ? null : group.CardTable() }).OfType<Table>()])
        {
            Defeats = [.. groups.Select(group => group.Defeat).OfType<string>()],
        };
    }

    /// <summary>The conditions that are evaluated on the same sequences of a file.</summary>
    private sealed class DataGroup
    {
        private readonly IReadOnlyList<ConditionResults> conditions;
        private readonly int index;
        private readonly Texts texts;
        private readonly TaskSpec task;
        private readonly TrialResult? sample;

        public DataGroup(IReadOnlyList<ConditionResults> conditions, int index, Texts texts)
        {
            (this.conditions, this.index, this.texts, task) = (conditions, index, texts, conditions[0].Trial.Task);
            Card = conditions.Select(condition => condition.Sample?.Card).FirstOrDefault(card => card is not null);
            // Every trial records the same values: they come from the file alone.
            sample = conditions.SelectMany(condition => condition.Trials).FirstOrDefault(trial => BaselineCatalog.All.Any(baseline => Read(trial, MetricCatalog.Baseline(baseline.Name)) is not null));
            Baselines = sample is null ? [] : [.. BaselineCatalog.All.Where(baseline => Read(sample, MetricCatalog.Baseline(baseline.Name)) is not null).OrderBy(baseline => Read(sample, MetricCatalog.Baseline(baseline.Name)))];
        }

        public DataCard? Card { get; }

        /// <summary>Those that were evaluated, the best on the validation part first.</summary>
        public IReadOnlyList<BaselineDefinition> Baselines { get; }

        private string Target => task.Parameters.Values.GetValueOrDefault("target") ?? task.Kind;

        private string Title => $"{Target}, T={Numbers.Count(task.Length)}";

        /// <summary>Says that no network beats the baseline on the test part; null where one does, or nothing was tested.</summary>
        public string? Defeat => Tested() is var (name, loss, network, best) && !(best < loss) ? texts.NoNetworkWins(Title, name, Numbers.Short(loss), network, Numbers.Short(best)) : null;

        public IEnumerable<string> Findings()
        {
            if (Tested() is not var (name, loss, network, best)) yield break;
            yield return Defeat ?? texts.NetworkWins(Title, name, Numbers.Short(loss), network, Numbers.Short(best), Numbers.Percent(1 - best / loss));
            if (Baselines.Where(baseline => baseline.HasAccuracy).MaxBy(baseline => Read(sample!, MetricCatalog.BaselineAccuracy(baseline.Name))) is not { } guess) yield break;
            if (Read(sample!, MetricCatalog.BaselineTestAccuracy(guess.Name)) is { } share && Best(MetricCatalog.TestAccuracy, lowest: false) is ({ } winner, { } right))
                yield return texts.AccuracyWins(Title, texts.BaselineName(guess), Share(share), winner, Share(right));
        }

        /// <summary>The baseline with its test loss, and the network with the smallest one.</summary>
        private (string Baseline, double Loss, string Network, double Best)? Tested() =>
            Baselines.Count > 0 && Read(sample!, MetricCatalog.BaselineOnTest(Baselines[0].Name)) is { } loss && Best(MetricCatalog.TestLoss, lowest: true) is { } best
                ? (texts.BaselineName(Baselines[0]), loss, best.Label, best.Value)
                : null;

        public Table Predictors()
        {
            var deviation = Card?.TargetDeviation;
            var hasAccuracy = Baselines.Any(baseline => baseline.HasAccuracy);
            var best = Read(sample!, MetricCatalog.BaselineOnTest(Baselines[0].Name));
            List<TableColumn> columns = [new(texts.PredictorColumn), new(texts.ValidationLoss, true), new(texts.TestLossColumn, true), new(texts.SkillColumn, true, texts.SkillHint)];
            if (deviation is not null) columns.Add(new(texts.TestErrorColumn(Target), true, texts.InUnitsOfTarget));
            if (hasAccuracy) columns.AddRange([new(texts.ValidationAccuracyColumn, true), new(texts.TestAccuracyColumn, true)]);
            List<TableRow> rows =
            [
                .. Baselines.Select((baseline, place) => Row(texts.BaselineName(baseline), place == 0 ? texts.BaselineMark : null,
                    Read(sample!, MetricCatalog.Baseline(baseline.Name)), Read(sample!, MetricCatalog.BaselineOnTest(baseline.Name)),
                    Read(sample!, MetricCatalog.BaselineAccuracy(baseline.Name)), Read(sample!, MetricCatalog.BaselineTestAccuracy(baseline.Name)))),
                .. conditions.Select(condition => Row(condition.Label, null, Median(condition, MetricCatalog.EvaluationLoss), Median(condition, MetricCatalog.TestLoss),
                    Median(condition, MetricCatalog.EvaluationAccuracy), Median(condition, MetricCatalog.TestAccuracy))),
            ];
            return new(FormattableString.Invariant($"predictors-{index + 1}"), texts.PredictorsCaption(Title), columns, rows);

            TableRow Row(string name, string? detail, double? loss, double? test, double? accuracy, double? testAccuracy)
            {
                List<TableCell> cells = [new(name, Detail: detail), TableCell.Of(loss), TableCell.Of(test), TableCell.Of(test is { } found && best > 0 ? 1 - found / best : null)];
                if (deviation is { } unit) cells.Add(TableCell.Of(test is { } squared ? Math.Sqrt(squared) * unit : null));
                if (hasAccuracy) cells.AddRange([ShareCell(accuracy), ShareCell(testAccuracy)]);
                return new(null, cells);
            }
        }

        public Table CardTable()
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
            ];
            return new(FormattableString.Invariant($"data-card-{index + 1}"), texts.CardCaption(Title), [new(texts.CardFact), new(texts.CardValue)],
                [.. facts.Where(fact => fact.Value is not null).Select(fact => new TableRow(null, [new(fact.Fact), new(fact.Value!)]))], Sortable: false);
        }

        private static string Three(DataWindows windows) => $"{Numbers.Count(windows.Train)} / {Numbers.Count(windows.Validation)} / {Numbers.Count(windows.Test)}";

        private static string Share(double share) => Numbers.Plain(Math.Round(100 * share, 1)) + "\u202f%";

        private static TableCell ShareCell(double? share) => share is { } known ? new(Share(known), known) : new(Numbers.Absent);

        private (string Label, double Value)? Best(string metric, bool lowest)
        {
            var known = conditions.Select(condition => (condition.Label, Value: Median(condition, metric))).Where(pair => pair.Value is { } value && double.IsFinite(value)).Select(pair => (pair.Label, Value: pair.Value!.Value)).ToList();
            return known.Count == 0 ? null : lowest ? known.MinBy(pair => pair.Value) : known.MaxBy(pair => pair.Value);
        }

        private static double? Median(ConditionResults condition, string metric)
        {
            double[] values = [.. condition.Trials.Select(trial => TrialMetrics.ValueOf(trial, metric)).OfType<double>()];
            return values.Length == 0 ? null : Quantiles.Median(values);
        }

        private static double? Read(TrialResult trial, string metric) => TrialMetrics.Recorded(trial, metric);
    }
}
