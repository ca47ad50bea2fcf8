using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Figures;

namespace Harness.Reports.Conditions;

/// <summary>What a search found for one condition.</summary>
/// <param name="Key">Of its arm, as in all figures.</param>
/// <param name="Search">Its part of the search.</param>
/// <param name="Points">By point.</param>
internal sealed record SearchedArm(string Key, string Label, SeriesStyle Style, int Condition, TunedArm Search, TuningChoice? Choice, IReadOnlyList<SearchedPoint> Points)
{
    /// <summary>Loss of the baseline on the same evaluation set; null where an accuracy chooses.</summary>
    public double? Baseline { get; init; }

    /// <summary>Trials that have a result.</summary>
    public int Finished => Points.Sum(point => point.Finished);

    public int Diverged => Points.Sum(point => point.Diverged);

    /// <summary>Time of its trials' training, evaluations and probes.</summary>
    public double Seconds => Points.Sum(point => point.Seconds);

    /// <summary>What the points that were tried are compared by, smaller is better; +∞ for those that did not train.</summary>
    /// <param name="isLoss">Whether a smaller value of the metric is better.</param>
    public IReadOnlyList<double> Scores(bool isLoss) => [.. Points.Where(point => point.Finished > 0).Select(point => point.Median is { } median ? (isLoss ? median : -median) : double.PositiveInfinity)];

    /// <summary>What they would have taken without pruning, by their time per step.</summary>
    public double InFull => Points.Sum(point => point.InFull);
}

/// <param name="Values">In the order of the arm's settings.</param>
/// <param name="Median">Of the choosing metric over seeds; +∞ for a loss, or 0 for an accuracy, where most diverged. Null without results. Of a search that prunes: on the first rung, which all points have.</param>
/// <param name="Last">The same on the last rung that the point reached.</param>
/// <param name="Seconds">Time of its trials on all rungs.</param>
/// <param name="InFull">What its trials would have taken without pruning, by their time per step.</param>
internal sealed record SearchedPoint(IReadOnlyList<string> Values, double? Median, double? Last, int Finished, int Diverged, double Seconds, double InFull);

/// <summary>Reads a search condition by condition.</summary>
internal static class SearchReadings
{
    /// <summary>The setting whose window is drawn.</summary>
    public const string LearningRate = "lr";

    /// <summary>The conditions of each facet with what the search found for them; empty where nothing was tuned.</summary>
    public static IReadOnlyList<(string Facet, IReadOnlyList<SearchedArm> Arms)> Of(TuningResults? tuning, IReadOnlyList<Facet> facets)
    {
        if (tuning is null) return [];
        var trials = tuning.Trials.ToLookup(trial => (trial.Condition, trial.Point));
        var arms = tuning.Spec.Arms.SelectMany((arm, index) => arm.Conditions.Select(condition => (condition, arm, index))).ToDictionary(entry => entry.condition, entry => (entry.arm, entry.index));
        return [.. facets.Select(facet => (facet.Label, (IReadOnlyList<SearchedArm>)
        [
            .. facet.Arms.Where(arm => arms.ContainsKey(arm.Condition.Ordinal)).Select(arm =>
            {
                var (search, index) = arms[arm.Condition.Ordinal];
                return new SearchedArm(arm.Key, arm.Label, arm.Style, arm.Condition.Ordinal, search, tuning.Choices?.FirstOrDefault(choice => choice.Arm == index),
                    [.. search.Points.Select((values, point) => PointOf(values, [.. trials[(arm.Condition.Ordinal, point)]], tuning.Spec.Select, arm.Condition.Trial.Train.Steps))])
                { Baseline = BaselineOf(trials, arm.Condition.Ordinal, search, tuning.Spec.Select) };
            }),
        ])).Where(facet => facet.Item2.Count > 0)];
    }

    /// <summary>The value of the choosing metric; null where there is no result.</summary>
    public static double? ValueOf(TrialState state, TrialOutcome? outcome, string metric) =>
        TrialMetrics.ValueOf(new TrialResult("", 0, state, outcome, 0, null, null, null, new Dictionary<string, MetricSeries>(StringComparer.Ordinal), []), metric);

    /// <summary>The number that a value of a setting stands for; null for words.</summary>
    public static double? Number(string value) => double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static SearchedPoint PointOf(IReadOnlyList<string> values, IReadOnlyList<TunedTrialResult> trials, string metric, int steps)
    {
        List<TunedTrialResult> done = [.. trials.Where(trial => trial.State.HasResult())];
        var (first, last) = done.Count == 0 ? (0, 0) : (done.Min(trial => trial.Steps), done.Max(trial => trial.Steps));
        return new(values, MedianOf(done.FindAll(trial => trial.Steps == first)), MedianOf(done.FindAll(trial => trial.Steps == last)), done.Count, done.Count(trial => trial.State == TrialState.Diverged),
            done.Sum(SecondsOf), done.Where(trial => trial.Steps == first).Sum(trial => SecondsOf(trial) * steps / first));

        double? MedianOf(List<TunedTrialResult> rung)
        {
            List<double> found = [.. rung.Select(trial => ValueOf(trial.State, trial.Outcome, metric)).OfType<double>().Where(value => !double.IsNaN(value))];
            return found.Count == 0 ? null : Quantiles.Median(found);
        }
    }

    private static double SecondsOf(TunedTrialResult trial) => trial.Outcome is { } outcome ? outcome.TrainSeconds + outcome.EvaluationSeconds + outcome.ProbeSeconds : 0;

    private static double? BaselineOf(ILookup<(int Condition, int Point), TunedTrialResult> trials, int condition, TunedArm search, string metric)
    {
        if (metric != MetricCatalog.EvaluationLoss) return null;
        double[] baselines = [.. Enumerable.Range(0, search.Points.Count).SelectMany(point => trials[(condition, point)]).Select(trial => trial.Outcome?.BaselineLoss).OfType<double>().Where(double.IsFinite)];
        return baselines.Length == 0 ? null : Quantiles.Median(baselines);
    }
}
