using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>One row per condition: what it costs, where it ended, how many seeds stand behind it.</summary>
internal static class ConditionsTable
{
    public const string Id = "conditions";

    public static Table Of(IReadOnlyList<Facet> facets, Texts texts)
    {
        var arms = facets.SelectMany(facet => facet.Arms).OrderBy(arm => arm.Condition.Ordinal).ToList();
        var hasTest = arms.Exists(arm => arm.Statistics.TestLoss is not null);
        var rows = arms.ToDictionary(arm => arm, arm => Row(arm.Condition, arm.Statistics, hasTest, texts));
        foreach (var facet in facets)
            foreach (var (arm, best) in facet.Arms.Zip(BestOf.Columns(facet.Arms)))
                rows[arm] = rows[arm] with { Cells = [.. rows[arm].Cells.Select((cell, column) => cell with { IsBest = best.Contains(column) })] };
        var notes = new List<string>();
        var targets = arms.Select(arm => arm.Condition.Trial.Target).Distinct().ToList();
        if (targets.OfType<TargetSpec>().Select(target => texts.Threshold(target.Metric, target.Below ?? target.Above ?? double.NaN, target.Below is not null)).ToList() is { Count: > 0 } named)
            notes.Add(texts.Target(named));
        if (targets.Count == 0 || targets.Contains(null)) notes.Add(texts.OwnCriterion);
        if (rows.Values.Any(row => row.Cells.Any(cell => cell.IsBest))) notes.Add(texts.BestNote);
        return new(Id, texts.ConditionsCaption,
        [
            new(texts.Condition), new(texts.Parameters, true, texts.RecurrentLayers),
            new(texts.FinalLoss, true, texts.MedianAndInterval), new(texts.Solved, true, texts.SeedsOfFinished),
            new(texts.StepsToTarget, true, texts.MedianWord), new(texts.StepTime, true, texts.MedianWord), new(texts.SequencesPerSecond, true, texts.MedianWord),
            new(texts.Outcomes, true, texts.FinishedOfPlanned), .. hasTest ? [new(texts.TestLossColumn, true, texts.MedianAndInterval)] : Array.Empty<TableColumn>(),
        ],
        [.. arms.Select(arm => rows[arm])],
        string.Join(" ", notes));
    }

    private static TableRow Row(ConditionResults condition, TrialStatistics stats, bool hasTest, Texts texts) => new(null,
    [
        new(condition.Label),
        TableCell.Count(condition.Parameters),
        Estimates.Cell(stats.FinalLoss, texts),
        stats.Finished == 0 ? new(Numbers.Absent) : new(texts.CountOf(stats.Solved, stats.Finished), (double)stats.Solved / stats.Finished),
        stats.StepsToTarget is not { } steps ? new(Numbers.Absent)
            : double.IsFinite(steps) ? TableCell.Of(steps)
            : new(texts.NotReached, double.PositiveInfinity),
        TableCell.Of(stats.MillisecondsPerStep?.Value),
        TableCell.Of(stats.SequencesPerSecond?.Value),
        new(texts.CountOf(stats.Finished, stats.Planned), stats.Finished, Exceptions(stats, texts)),
        .. hasTest ? [Estimates.Cell(stats.TestLoss, texts)] : Array.Empty<TableCell>(),
    ]);

    /// <summary>What happened to trials other than completing: "1 diverged · 1 failed"; null when nothing did.</summary>
    private static string? Exceptions(TrialStatistics stats, Texts texts)
    {
        var parts = new List<string>();
        if (stats.Diverged > 0) parts.Add(texts.DivergedCount(stats.Diverged));
        if (stats.Failed > 0) parts.Add(texts.FailedCount(stats.Failed));
        if (stats.Cancelled > 0) parts.Add(texts.CancelledCount(stats.Cancelled));
        if (stats.Pending > 0) parts.Add(texts.PendingCount(stats.Pending));
        return parts.Count == 0 ? null : string.Join(" · ", parts);
    }
}
