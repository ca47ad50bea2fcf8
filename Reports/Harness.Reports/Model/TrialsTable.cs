using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Every trial with its state; nothing is left out for having gone wrong.</summary>
internal static class TrialsTable
{
    public const string Id = "trials";
    private const string CellFactor = "cell";

    public static Table Of(IReadOnlyList<ConditionResults> conditions, ReportOptions options, Texts texts)
    {
        var all = conditions.SelectMany(c => c.Trials.Select(t => (Condition: c, Trial: t))).ToList();
        var factors = Factors(conditions);
        // What needs a look comes into a shortened table first; order stays that of the plan.
        var shown = all.Count <= options.MaximumTrialRows
            ? all
            : [.. all.Select((row, index) => (row, index))
                .OrderBy(pair => pair.row.Trial.State == TrialState.Completed).ThenBy(pair => pair.index)
                .Take(options.MaximumTrialRows).OrderBy(pair => pair.index).Select(pair => pair.row)];
        var hasTest = all.Exists(row => row.Condition.Trial.Task.Data is not null && TestLossOf(row.Trial) is not null);
        return new(Id, texts.TrialsCaption,
        [
            .. factors.Select(factor => new TableColumn(texts.FactorName(factor))), new(texts.Seed, true), new(texts.State), new(texts.Remark), new(texts.Steps, true), new(texts.FinalLoss, true), new(texts.BestLoss, true),
            new(texts.StepsToTarget, true), new(texts.StepTime, true), new(texts.SequencesPerSecond, true),
            new(texts.Device), new(texts.Worker), new(texts.Attempts, true), new(texts.Trial), .. hasTest ? [new(texts.TestLossColumn, true)] : Array.Empty<TableColumn>(),
        ],
        [.. shown.Select(row => Row(row.Condition, row.Trial, factors, hasTest, texts))],
        shown.Count < all.Count ? texts.TrialsLeftOut(shown.Count, all.Count) : null);
    }

    public static string Anchor(TrialResult trial) => "trial-" + Short(trial);

    private static string Short(TrialResult trial) => trial.Id.Length > 12 ? trial.Id[..12] : trial.Id;

    private static double? TestLossOf(TrialResult trial) => TrialMetrics.ValueOf(trial, MetricCatalog.TestLoss);

    /// <summary>A column each, so that rows can be sorted and filtered by them; the cell first, which is there even where nothing varies.</summary>
    private static List<string> Factors(IReadOnlyList<ConditionResults> conditions) =>
        [CellFactor, .. conditions.SelectMany(condition => condition.Factors.Keys).Distinct(StringComparer.Ordinal).Where(factor => factor != CellFactor)];

    private static string Level(ConditionResults condition, string factor, Texts texts) => factor == CellFactor
        ? texts.Cell(condition.Trial.Model.Cell) : condition.Factors.TryGetValue(factor, out var level) ? factor == "task" ? texts.TaskName(level) : level : Numbers.Absent;

    private static TableRow Row(ConditionResults condition, TrialResult trial, List<string> factors, bool hasTest, Texts texts)
    {
        var outcome = trial.Outcome;
        return new(Anchor(trial),
        [
            .. factors.Select(factor => new TableCell(Level(condition, factor, texts))), new(Numbers.Count(trial.Seed), trial.Seed), new(texts.StateMark(trial.State)), new(Remark(trial, texts)),
            TableCell.Count(outcome?.Steps), TableCell.Of(outcome?.FinalLoss), TableCell.Of(outcome?.BestLoss),
            outcome is { StepsToTarget: null } ? new(texts.NotReached, double.PositiveInfinity) : TableCell.Count(outcome?.StepsToTarget),
            TableCell.Of(outcome?.MillisecondsPerStep), TableCell.Of(outcome?.SequencesPerSecond),
            new(trial.Device ?? Numbers.Absent), new(trial.Worker ?? Numbers.Absent), TableCell.Count(trial.Attempts),
            new(Short(trial)), .. hasTest ? [TableCell.Of(condition.Trial.Task.Data is null ? null : TestLossOf(trial))] : Array.Empty<TableCell>(),
        ],
        trial.State switch { TrialState.Diverged => "diverged", TrialState.Failed => "failed", TrialState.Cancelled => "cancelled", _ => null });
    }

    private static string Remark(TrialResult trial, Texts texts) =>
        trial.Failure ?? (trial.Outcome?.DivergedAtStep is { } step ? texts.DivergedAt(Numbers.Count(step))
            : trial.Outcome?.KeptStep is { } kept ? texts.KeptAt(Numbers.Count(kept)) : "");
}
