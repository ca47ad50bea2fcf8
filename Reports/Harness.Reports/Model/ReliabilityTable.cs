using Harness.Abstractions.Results;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What happened to the trials as such: how many ended how, how many had to be started more than once.</summary>
internal static class ReliabilityTable
{
    public const string Id = "outcomes";

    public static Table Of(IReadOnlyList<ConditionResults> conditions, Texts texts)
    {
        List<ConditionResults> rows = [.. conditions.Where(condition => !IsSmooth(condition))];
        var smooth = conditions.Count - rows.Count;
        return new(Id, texts.OutcomesCaption,
        [
            new(texts.Condition), new(texts.Planned, true), new(texts.CompletedWord, true), new(texts.Diverged, true), new(texts.FailedWord, true),
            new(texts.CancelledWord, true), new(texts.ToCome, true), new(texts.Attempts, true, texts.AllTrials), new(texts.Restarted, true, texts.MoreThanOneAttempt),
        ],
        [.. rows.Select(condition => Row(condition.Label, condition.Trials)), Row(texts.AllConditions, [.. conditions.SelectMany(condition => condition.Trials)])],
        smooth > 0 ? texts.SmoothConditions(smooth, conditions.Count) : null);
    }

    /// <summary>Every trial completed at its first attempt: the row would say nothing.</summary>
    private static bool IsSmooth(ConditionResults condition) => condition.Trials.All(trial => trial is { State: TrialState.Completed, Attempts: <= 1 });

    private static TableRow Row(string label, IReadOnlyList<TrialResult> trials) => new(null,
    [
        new(label), TableCell.Count(trials.Count), Count(trials, TrialState.Completed), Count(trials, TrialState.Diverged), Count(trials, TrialState.Failed),
        Count(trials, TrialState.Cancelled), TableCell.Count(trials.Count(trial => !trial.State.IsTerminal())),
        TableCell.Count(trials.Sum(trial => trial.Attempts)), TableCell.Count(trials.Count(trial => trial.Attempts > 1)),
    ]);

    private static TableCell Count(IReadOnlyList<TrialResult> trials, TrialState state) => TableCell.Count(trials.Count(trial => trial.State == state));
}
