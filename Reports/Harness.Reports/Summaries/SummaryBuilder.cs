using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Summaries;

/// <summary>Sums an experiment up. Pure: the same results give the same sentences.</summary>
public static class SummaryBuilder
{
    /// <summary>The summary of an experiment as it is now, finished or not.</summary>
    /// <param name="language">A word of <see cref="Abstractions.Specs.ReportLanguages"/>; null for the language that the experiment file asks for.</param>
    /// <remarks>Results with the curves of <see cref="CurvesFor"/> give the same summary as those with all.</remarks>
    public static ReportSummary Of(ExperimentResults results, string? language = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        var texts = Texts.In(language ?? results.Report.Language);
        var facets = ConditionGrid.From(results.Conditions, texts);
        return Of(results, facets, ClaimLooks.Decide(results, facets, texts), texts);
    }

    /// <summary>
    /// The curves that claims are decided by: measurements that are stored as curves of a few points, the evaluation loss, whose end says whether longer training could help, and the norms of every step only where a claim asks for their extremes.
    /// </summary>
    public static IReadOnlyList<string> CurvesFor(IReadOnlyList<ClaimSpec> claims)
    {
        var needsNorms = claims.Any(claim => claim.On is MetricCatalog.LargestGradientNorm or MetricCatalog.GradientNormSpike);
        return
        [
            .. MetricCatalog.All.Where(metric => metric.Source is MetricSource.Probe or MetricSource.TrainingSet or MetricSource.TestPart || metric.Name == MetricCatalog.EvaluationLoss || MetricCatalog.IsIn(metric.Name, MetricCatalog.BaselineGroup)).Select(metric => metric.Name),
            .. needsNorms ? [MetricCatalog.GradientNorm] : Array.Empty<string>(),
        ];
    }

    internal static ReportSummary Of(ExperimentResults results, IReadOnlyList<Facet> facets, IReadOnlyList<ClaimDecision> decisions, Texts texts)
    {
        var facts = new SummaryFacts(results, facets, decisions);
        return new(
            texts.Language, results.Name, results.Report.QuestionIn(texts.Language, results.Question),
            Headlines.Of(facts, texts), Findings.Of(facts, texts), NextSteps.Of(facts, texts),
            [.. Counted(decisions).Select(count => new VerdictCount(VerdictNames.Of(count.Kind), texts.VerdictMark(count.Kind), texts.VerdictWord(count.Kind), count.Claims))],
            [.. decisions.Select(decision => ClaimLines.Of(decision, facets, texts))],
            GridOf(facets), facts.Finished, facts.Planned);
    }

    internal static IEnumerable<(VerdictKind Kind, int Claims)> Counted(IEnumerable<ClaimDecision> decisions) =>
        decisions.GroupBy(decision => decision.Kind).OrderBy(group => group.Key).Select(group => (group.Key, group.Count()));

    private static SummaryGrid GridOf(IReadOnlyList<Facet> facets)
    {
        List<Arm> arms = [.. facets.SelectMany(facet => facet.Arms).OrderBy(arm => arm.Condition.Ordinal).DistinctBy(arm => arm.Label, StringComparer.Ordinal)];
        return new([.. arms.Select(arm => new GridArm(arm.Key, arm.Label) { Style = arm.Style })],
            [.. facets.Select(facet => new GridRow(facet.Label, [.. arms.Select(arm => facet.Arms.FirstOrDefault(own => own.Label == arm.Label) is { } own ? CellOf(own) : null)]))]);
    }

    private static GridCell CellOf(Arm arm)
    {
        List<double> seeds = [.. arm.Condition.Trials.Where(trial => trial.State.HasResult() && trial.Outcome is { BaselineLoss: > 0 })
            .Select(trial => TrialStatistics.FinalLossOf(trial) / trial.Outcome!.BaselineLoss).OfType<double>().Where(double.IsFinite).Order()];
        var ratio = LearningFloor.Of(arm, MetricCatalog.EvaluationLoss)?.Ratio;
        return new(arm.Statistics.Solved, arm.Statistics.Finished, arm.Statistics.Planned, arm.Statistics.Diverged, ratio is { } known && double.IsFinite(known) ? known : null, seeds);
    }
}
