using Harness.Abstractions.Claims;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Verdicts;

/// <summary>
/// Joins the settings of a claim that differ in the fold alone. The folds of one seed share most of their training rows, so they are no further seeds: each seed counts once, with its mean over the folds.
/// </summary>
internal static class FoldAverages
{
    /// <summary>The settings, those of all folds as one; every setting by itself where the metric has no mean over folds.</summary>
    /// <returns>Each with the setting that it looks like: itself, or its last fold's.</returns>
    public static IEnumerable<(ClaimSetting<ConditionResults> Setting, ClaimSetting<ConditionResults> LooksLike)> Of(IReadOnlyList<ClaimSetting<ConditionResults>> settings, string metric) =>
        HasMean(metric) && settings.Any(setting => setting.Conditions.Any(condition => condition.Factors.ContainsKey(DataFold.Parameter)))
            ? settings.GroupBy(setting => string.Join('\f', setting.Conditions.Select(WithoutFold)), StringComparer.Ordinal).Select(group => (Joined([.. group]), group.Last()))
            : settings.Select(setting => (setting, setting));

    /// <summary>Shares, times to a target, speed and sizes are decided fold by fold: a mean of truth values or of censored times is another question.</summary>
    private static bool HasMean(string metric) =>
        metric is not (MetricCatalog.Solved or MetricCatalog.Diverged or MetricCatalog.StepsToTarget or MetricCatalog.Parameters) && !ArmReadings.IsSpeed(metric);

    private static ClaimSetting<ConditionResults> Joined(List<ClaimSetting<ConditionResults>> folds) => folds.Count == 1 ? folds[0]
        : new([.. Enumerable.Range(0, folds[0].Conditions.Count).Select(place => Joined([.. folds.Select(setting => setting.Conditions[place])]))]);

    private static ConditionResults Joined(IReadOnlyList<ConditionResults> folds)
    {
        var bySeed = folds.Select(condition => condition.Trials.DistinctBy(trial => trial.Seed).ToDictionary(trial => trial.Seed)).ToList();
        var seeds = folds[^1].Trials.Select(trial => trial.Seed).Distinct().Where(seed => bySeed.TrueForAll(trials => trials.ContainsKey(seed)));
        return folds[^1] with
        {
            Factors = folds[^1].Factors.Where(factor => factor.Key != DataFold.Parameter).ToDictionary(StringComparer.Ordinal),
            Trials = [.. seeds.Select(seed => Joined([.. bySeed.Select(trials => trials[seed])]))],
            Timed = [],
        };
    }

    /// <summary>A seed has a result where all its folds have one. Otherwise it stands where the fold stands that lacks it.</summary>
    private static TrialResult Joined(IReadOnlyList<TrialResult> folds)
    {
        var open = folds.FirstOrDefault(fold => !fold.State.IsTerminal()) ?? folds.FirstOrDefault(fold => !fold.State.HasResult() || fold.Outcome is null);
        if (open is not null) return open with { Outcome = null };
        var outcome = folds[^1].Outcome! with
        {
            BaselineLoss = folds.Average(fold => fold.Outcome!.BaselineLoss),
            FinalLoss = folds.Average(fold => fold.Outcome!.FinalLoss),
            BestLoss = folds.Average(fold => fold.Outcome!.BestLoss),
        };
        return folds[^1] with { State = folds.Any(fold => fold.State == TrialState.Diverged) ? TrialState.Diverged : TrialState.Completed, Outcome = outcome, Folds = folds };
    }

    private static string WithoutFold(ConditionResults condition) =>
        string.Join('\n', condition.Factors.Where(factor => factor.Key != DataFold.Parameter).OrderBy(factor => factor.Key, StringComparer.Ordinal).Select(factor => $"{factor.Key}={factor.Value}").Prepend(ICondition.ArmOf(condition)));
}
