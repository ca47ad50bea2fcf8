using Harness.Abstractions.Results;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Every trial with its state; nothing is left out for having gone wrong.</summary>
internal static class TrialsTable
{
    public const string Id = "trials";

    public static Table Of(IReadOnlyList<ConditionResults> conditions, ReportOptions options, Texts texts)
    {
        var all = conditions.SelectMany(c => c.Trials.Select(t => (Condition: c, Trial: t))).ToList();
        // What needs a look comes into a shortened table first; order stays that of the plan.
        var shown = all.Count <= options.MaximumTrialRows
            ? all
            : [.. all.Select((row, index) => (row, index))
                .OrderBy(pair => pair.row.Trial.State == TrialState.Completed).ThenBy(pair => pair.index)
                .Take(options.MaximumTrialRows).OrderBy(pair => pair.index).Select(pair => pair.row)];
        return new(Id, texts.TrialsCaption,
        [
            new(texts.Condition), new(texts.Seed, true), new(texts.State), new(texts.Remark), new(texts.Steps, true), new(texts.FinalLoss, true), new(texts.BestLoss, true),
            new(texts.StepsToTarget, true), new(texts.StepTime, true), new(texts.SequencesPerSecond, true),
            new(texts.Device), new(texts.Worker), new(texts.Attempts, true), new(texts.Trial),
        ],
        [.. shown.Select(row => Row(row.Condition, row.Trial, texts))],
        shown.Count < all.Count ? texts.TrialsLeftOut(shown.Count, all.Count) : null);
    }

    public static string Anchor(TrialResult trial) => "trial-" + Short(trial);

    private static string Short(TrialResult trial) => trial.Id.Length > 12 ? trial.Id[..12] : trial.Id;

    private static TableRow Row(ConditionResults condition, TrialResult trial, Texts texts)
    {
        var outcome = trial.Outcome;
        return new(Anchor(trial),
        [
            new(condition.Label), new(Numbers.Count(trial.Seed), trial.Seed), new(texts.StateMark(trial.State)), new(Remark(trial, texts)),
            TableCell.Count(outcome?.Steps), TableCell.Of(outcome?.FinalLoss), TableCell.Of(outcome?.BestLoss),
            outcome is { StepsToTarget: null } ? new(texts.NotReached, double.PositiveInfinity) : TableCell.Count(outcome?.StepsToTarget),
            TableCell.Of(outcome?.MillisecondsPerStep), TableCell.Of(outcome?.SequencesPerSecond),
            new(trial.Device ?? Numbers.Absent), new(trial.Worker ?? Numbers.Absent), TableCell.Count(trial.Attempts),
            new(Short(trial)),
        ],
        trial.State switch { TrialState.Diverged => "diverged", TrialState.Failed => "failed", TrialState.Cancelled => "cancelled", _ => null });
    }

    private static string Remark(TrialResult trial, Texts texts) =>
        trial.Failure ?? (trial.Outcome?.DivergedAtStep is { } step ? texts.DivergedAt(Numbers.Count(step))
            : trial.Outcome?.KeptStep is { } kept ? texts.KeptAt(Numbers.Count(kept)) : "");
}
