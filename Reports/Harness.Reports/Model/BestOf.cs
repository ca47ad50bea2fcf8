using Harness.Reports.Conditions;
using Harness.Reports.Statistics;

namespace Harness.Reports.Model;

/// <summary>
/// Which of the arms of one facet are best in which column of <see cref="ConditionsTable"/>: the best value, and every arm whose interval
/// reaches the best one's. A column in which nothing is set apart, or too little is known, has no best.
/// </summary>
internal static class BestOf
{
    /// <summary>The columns in which each arm is best, in the order of the arms.</summary>
    public static IReadOnlyList<IReadOnlySet<int>> Columns(IReadOnlyList<Arm> arms)
    {
        var best = arms.Select(_ => new HashSet<int>()).ToList();
        Mark(1, arm => new(arm.Condition.Parameters, arm.Condition.Parameters, arm.Condition.Parameters));
        Mark(2, arm => Span.Of(arm.Statistics.FinalLoss));
        Mark(3, arm => arm.Statistics.Finished >= Location.MinimumReplicates ? Span.Of(Proportions.Exact(arm.Statistics.Solved, arm.Statistics.Finished))?.Negated : null);
        // A median of ranks has no interval here: equal values tie.
        Mark(4, arm => arm.Statistics is { Finished: >= Location.MinimumReplicates, StepsToTarget: { } steps } ? new(steps, steps, steps) : null);
        Mark(5, arm => Span.Of(arm.Statistics.MillisecondsPerStep));
        Mark(6, arm => Span.Of(arm.Statistics.SequencesPerSecond)?.Negated);
        return best;

        void Mark(int column, Func<Arm, Span?> measure)
        {
            var spans = arms.Select(measure).ToList();
            if (spans.OfType<Span>().OrderBy(span => span.Value).FirstOrDefault() is not { } first || !double.IsFinite(first.Value)) return;
            List<int> ties = [.. Enumerable.Range(0, arms.Count).Where(i => spans[i] is { } span && span.Low <= first.High && span.High >= first.Low)];
            if (ties.Count < arms.Count) foreach (var i in ties) best[i].Add(column);
        }
    }

    /// <summary>A value with its interval; smaller is better.</summary>
    private sealed record Span(double Value, double Low, double High)
    {
        public Span Negated => new(-Value, -High, -Low);

        public static Span? Of(IntervalEstimate? estimate) => estimate is { Low: { } low, High: { } high } ? new(estimate.Value, low, high) : null;
    }
}
