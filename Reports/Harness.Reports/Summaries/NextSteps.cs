using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Summaries;

/// <summary>The one thing to do next: the first rule that applies.</summary>
internal static class NextSteps
{
    /// <summary>Fewer pairs give no 95 % interval, whatever they show.</summary>
    private const int LeastSeeds = 6;

    public static string Of(SummaryFacts facts, Texts texts)
    {
        if (facts.Results.Tuning is { Choices: null } tuning && tuning.Trials.Count(trial => !trial.State.IsTerminal()) is > 0 and var open) return texts.NextWait(open);
        if (facts.Pending > 0) return texts.NextWait((int)facts.Pending);
        if (facts.Lost > 0 && (facts.Finished == 0 || facts.Decisions.Any(decision => decision.Reason == NotTestedReason.TooManyFailures))) return texts.NextRetry((int)facts.Lost);
        if (facts.Finished > 0 && facts.Diverged == facts.Finished) return texts.NextLowerRate;
        if (facts.Open.Exists(decision => decision.Reason == NotTestedReason.SearchTooNarrow)) return texts.NextWiden;
        if (facts.Open.Count > 0 && facts.Seeds < LeastSeeds) return texts.NextSeeds(LeastSeeds, facts.Seeds);
        if (facts.Unlearned.Count == facts.Facets.Count || facts.Open.Exists(decision => decision.Reason is NotTestedReason.NothingLearned or NotTestedReason.NeverReached)) return Longer(facts, texts);
        var undecided = facts.Open.Where(decision => decision is { Kind: VerdictKind.Inconclusive, Further: > 0 and <= SampleSize.Most }).ToList();
        if (undecided.Count > 0)
        {
            var nearest = undecided.MinBy(decision => decision.Further)!;
            return texts.NextMoreSeeds(nearest.Further!.Value, nearest.Claim.Id, facts.Open.Count);
        }

        if (facts.Open.Find(decision => decision is { Kind: VerdictKind.Inconclusive, Look: { Number: > 0, Next: null } }) is { } closed) return texts.NextClosed(closed.Claim.Id, closed.Look!.IsFutile);
        if (facts.Open.Exists(decision => decision.Reason == NotTestedReason.NotTimed)) return texts.NextTime;
        if (facts.Open.Count > 0) return texts.NextOpen(facts.Open.Count);
        return facts.Decisions.Count == 0 ? texts.NextClaims : facts.Unlearned.Count > 0 ? Longer(facts, texts) : texts.NextNothing;
    }

    /// <summary>
    /// Generated tasks are often learned all at once after a long plateau, so longer training may help whatever the curve did last. On a person's data a network whose
    /// loss has levelled off above the baseline has shown what it can do.
    /// </summary>
    private static string Longer(SummaryFacts facts, Texts texts)
    {
        List<Arm> arms = [.. (facts.Unlearned.Count > 0 ? facts.Unlearned : [.. facts.Facets]).SelectMany(facet => facet.Arms)];
        if (arms.Count == 0 || !arms.TrueForAll(arm => arm.Condition.Trial.Task.Data is not null && TrainingEnds.HasLevelledOff(arm.Condition))) return texts.NextLonger;
        var keys = arms.TrueForAll(arm => arm.Condition.Trial.Task.Parameters.Values.ContainsKey("columns")) ? "task.columns, task.length" : "task.length";
        return texts.NextLevelledOff(keys, arms.TrueForAll(arm => !TrainingEnds.IsFlatBySchedule(arm.Condition)));
    }
}
