using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What a reader must know before believing a number.</summary>
internal static class Notices
{
    public static IReadOnlyList<string> Of(ExperimentResults results, IReadOnlyList<Arm> arms, Texts texts)
    {
        var stats = arms.Select(arm => (arm.Condition.Label, Stats: arm.Statistics)).ToList();
        var notices = new List<string>();
        if (results.Damage.Count > 0) notices.Add(texts.DamageNotice(results.Damage));
        if (results.Looks is { IsUnplanned: true } looks) notices.Add(texts.LookedBefore([.. looks.At.SkipLast(1)]));
        if (results.Comparison is { } comparison) notices.Add(texts.ComparisonNotice(comparison.Names, comparison.SharedTrials));
        var finished = stats.Sum(s => s.Stats.Finished);
        if (finished == 0)
        {
            notices.Add(texts.NothingFinished);
            return notices;
        }

        Add(texts.NoResultNotice, s => s.Finished == 0);
        Add(texts.FewSeedsNotice, s => s.Finished is > 0 and < Location.MinimumReplicates);
        Add(texts.FailedNotice, s => s.Failed > 0);
        Add(texts.DivergedNotice, s => s.Diverged > 0);
        AddWhere(texts.StillFallingNotice, TrainingEnds.IsStillFalling);
        AddWhere(texts.StoppedBeforeLearningNotice, TrainingEnds.StoppedBeforeLearning);
        if (arms.Any(arm => TrainingEnds.KeepsBest(arm.Condition))) notices.Add(texts.KeptBestNotice);
        if (results.Timings.Any(trial => trial.State is TrialState.Failed or TrialState.Cancelled)) notices.Add(texts.TimingFailedNotice(results.Timings.Select(trial => trial.Failure).OfType<string>().FirstOrDefault()));
        var uncheckedTrials = results.Conditions.SelectMany(condition => condition.Trials).Where(trial => trial.IsUnchecked).DistinctBy(trial => trial.Id, StringComparer.Ordinal).ToList();
        if (uncheckedTrials.Count > 0) notices.Add(texts.UncheckedNotice(uncheckedTrials.Count, [.. uncheckedTrials.Select(trial => trial.Host ?? "?").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]));
        if (results.Environments.Count > 1) notices.Add(texts.SeveralMachinesNotice(results.Environments.Count));
        return notices;

        void Add(Func<string, string> text, Func<TrialStatistics, bool> applies) => AddLabels(text, [.. stats.Where(s => applies(s.Stats)).Select(s => s.Label)]);

        void AddWhere(Func<string, string> text, Func<ConditionResults, bool> applies) => AddLabels(text, [.. arms.Where(arm => applies(arm.Condition)).Select(arm => arm.Condition.Label)]);

        void AddLabels(Func<string, string> text, IReadOnlyList<string> labels)
        {
            if (labels.Count > 0) notices.Add(text(texts.Some(labels)));
        }
    }
}
