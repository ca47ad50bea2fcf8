using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Scheduling.Stages;

/// <summary>
/// Chooses each arm's settings. A point's score is the median of the metric over its seeds; a diverged trial counts as the worst. Each study has its best
/// point, and the study in the middle decides: neither a lucky nor an unlucky search. Verdicts are then trained for on seeds that tuning never saw.
/// </summary>
internal static class TuningRule
{
    public static StageStep Next(StageState state, TuningSpec tuning)
    {
        var metric = MetricCatalog.Find(tuning.Select) ?? throw new InvalidOperationException($"The metric '{tuning.Select}' is not known.");
        var rung = state.Decisions.Count(decision => decision.Stage == StageNames.Tuning);
        var tried = state.Trials.Where(trial => trial.Stage == StageNames.Tuning).ToArray();
        if (tuning.Halving is { } rungs) tried = Array.FindAll(tried, trial => SpecOf(trial).Train.Steps == rungs.StepsOf(rung, state.Conditions[trial.Condition].Train.Steps));
        var values = tried.Select(trial => (Trial: trial, Value: ValueOf(trial, metric))).ToArray();
        var byPlace = values.ToLookup(entry => (entry.Trial.Condition, entry.Trial.Point!.Value));
        var known = StageRules.Known(values.Select(entry => (entry.Trial.Id, entry.Value)));
        if (tuning.Halving is { } halving && rung < halving.Rungs - 1) return HalvingRule.Next(state, tuning, halving, rung, known, [.. tuning.Arms.Select(arm => ScoresOf(arm, byPlace))], place => SpecOf(byPlace[place].First().Trial));

        if (tuning.Seconds is { } seconds && TimedSearchRule.Next(state, tuning, seconds, tried, known) is { } more) return more;

        var choices = tuning.Arms.Select((arm, index) => Choose(tuning, arm, index, byPlace)).ToArray();
        var specs = new SortedDictionary<int, TrialSpec>();
        foreach (var choice in choices)
        {
            foreach (var condition in tuning.Arms[choice.Arm].Conditions)
            {
                // The tuned trial's own spec has the chosen values; what it measured less is the condition's.
                var tuned = SpecOf(byPlace[(condition, choice.Point)].First().Trial);
                specs[condition] = tuned with { Seed = state.Plan.Seeds[0], Probe = state.Conditions[condition].Probe };
            }
        }

        var added = state.Plan.IsSeedMajor
            ? state.Plan.FirstSeeds.SelectMany(seed => specs.Select(spec => new AddedTrial(spec.Key, spec.Value with { Seed = seed })))
            : specs.SelectMany(spec => state.Plan.FirstSeeds.Select(seed => new AddedTrial(spec.Key, spec.Value with { Seed = seed })));
        return new StageStep(
            StageNames.Tuning,
            known,
            JsonSerializer.Serialize(choices, HarnessJson.Default.IReadOnlyListTuningChoice),
            Why(tuning, choices, state.Plan.FirstSeeds.Count),
            state.Plan.Looks is null ? StageNames.Confirmation : StageNames.Looks, GoesOn: state.Plan.Looks is not null, specs, [.. added]);
    }

    private static TrialSpec SpecOf(StagedTrial trial) => JsonSerializer.Deserialize(trial.Spec, HarnessJson.Default.TrialSpec)!;

    /// <summary>Smaller is better; +∞ for a trial that diverged or has no such value.</summary>
    private static double ValueOf(StagedTrial trial, MetricDescriptor metric)
    {
        var result = new TrialResult(trial.Id, trial.Seed, trial.State, trial.Outcome, 0, null, null, null, new Dictionary<string, MetricSeries>(StringComparer.Ordinal), []);
        if (trial.State == TrialState.Diverged || TrialMetrics.ValueOf(result, metric.Name) is not { } value || double.IsNaN(value)) return double.PositiveInfinity;
        return metric.LowerIsBetter == false ? -value : value;
    }

    private static TuningChoice Choose(TuningSpec tuning, TunedArm arm, int index, ILookup<(int Condition, int Point), (StagedTrial Trial, double Value)> values)
    {
        var scores = ScoresOf(arm, values);
        // Equal scores: the point that was drawn first.
        var best = Enumerable.Range(0, tuning.Studies)
            .Select(study => Enumerable.Range(study * tuning.Trials, tuning.Trials).Select(point => new StudyBest(point, scores[point])).MinBy(point => point.Score)!).ToArray();
        var chosen = best.OrderBy(study => study.Score).ThenBy(study => study.Point).ElementAt((best.Length - 1) / 2);
        return new(index, chosen.Point, arm.Points[chosen.Point], best, SearchEdges.Of(tuning, arm, scores, chosen.Point, [.. Enumerable.Range(0, arm.Points.Count).Where(point => values.Contains((arm.Conditions[0], point)) || tuning.Halving is not null)], arm.Conditions.Count == 1 ? BaselineOf(tuning, values.Where(place => place.Key.Condition == arm.Conditions[0])) : null));
    }

    /// <summary>The baseline's median loss; null where an accuracy chooses.</summary>
    private static double? BaselineOf(TuningSpec tuning, IEnumerable<IEnumerable<(StagedTrial Trial, double Value)>> places)
    {
        double[] losses = tuning.Select != MetricCatalog.EvaluationLoss ? [] : [.. places.SelectMany(place => place).Select(entry => entry.Trial.Outcome?.BaselineLoss).OfType<double>().Where(double.IsFinite)];
        return losses.Length == 0 ? null : Quantiles.Median(losses);
    }

    /// <summary>By point. Several conditions have no common scale: then it is the mean of the point's ranks in each of them.</summary>
    private static double[] ScoresOf(TunedArm arm, ILookup<(int Condition, int Point), (StagedTrial Trial, double Value)> values)
    {
        var medians = arm.Conditions.Select(condition => Enumerable.Range(0, arm.Points.Count).Select(point => MedianOf([.. values[(condition, point)].Select(entry => entry.Value)])).ToArray()).ToArray();
        return medians.Length == 1 ? medians[0] : [.. Enumerable.Range(0, arm.Points.Count).Select(point => medians.Average(ofCondition => RankOf(ofCondition, point)))];
    }

    private static double MedianOf(double[] values) => values.Length == 0 ? double.PositiveInfinity : Quantiles.Median(values);

    /// <summary>From 1; equal values share the mean of their ranks.</summary>
    private static double RankOf(double[] values, int index) => 1 + values.Count(value => value < values[index]) + ((values.Count(value => value.Equals(values[index])) - 1) / 2.0);

    private static string Why(TuningSpec tuning, TuningChoice[] choices, int seeds)
    {
        const int most = 4;
        var named = choices.Take(most).Select(choice =>
        {
            var arm = tuning.Arms[choice.Arm];
            return $"{arm.Label} at {string.Join(", ", arm.Settings.Select((setting, at) => $"{setting.Name} {choice.Values[at]}"))}";
        });
        var more = choices.Length > most ? string.Create(CultureInfo.InvariantCulture, $" and {choices.Length - most} more") : "";
        return string.Create(CultureInfo.InvariantCulture, $"Best {(tuning.Seconds is { } time ? $"within {time} s" : $"of {tuning.Trials}")}: {string.Join("; ", named)}{more}. Confirmed on {seeds} fresh seeds.");
    }
}
