using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;

namespace Harness.Reports.Summaries;

/// <summary>What the sentences of a summary are chosen by.</summary>
internal sealed class SummaryFacts
{
    public SummaryFacts(ExperimentResults results, IReadOnlyList<Facet> facets, IReadOnlyList<ClaimDecision> decisions)
    {
        (Results, Facets, Decisions) = (results, facets, decisions);
        Arms = [.. facets.SelectMany(facet => facet.Arms)];
        Planned = Arms.Sum(arm => (long)arm.Statistics.Planned);
        Finished = Arms.Sum(arm => (long)arm.Statistics.Finished);
        Diverged = Arms.Sum(arm => (long)arm.Statistics.Diverged);
        Pending = Arms.Sum(arm => (long)arm.Statistics.Pending);
        Lost = Arms.Sum(arm => (long)arm.Statistics.Failed + arm.Statistics.Cancelled);
        Learning = [.. facets.Select(facet => (Facet: facet, Arms: facet.Arms.Select(arm => LearningFloor.Of(arm, MetricCatalog.EvaluationLoss)).OfType<ArmLearning>().ToList()))];
    }

    public ExperimentResults Results { get; }

    public IReadOnlyList<Facet> Facets { get; }

    public IReadOnlyList<ClaimDecision> Decisions { get; }

    public IReadOnlyList<Arm> Arms { get; }

    public long Planned { get; }

    public long Finished { get; }

    public long Diverged { get; }

    public long Pending { get; }

    /// <summary>Failed or cancelled.</summary>
    public long Lost { get; }

    /// <summary>How the arms of each setting stand against the baseline.</summary>
    public IReadOnlyList<(Facet Facet, IReadOnlyList<ArmLearning> Arms)> Learning { get; }

    /// <summary>The most finished seeds of any condition.</summary>
    public int Seeds => Arms.Select(arm => arm.Statistics.Finished).DefaultIfEmpty(0).Max();

    public bool HasSolved => Arms.Any(arm => arm.Statistics.Solved > 0);

    public bool IsOwnData => Arms.Count > 0 && Arms.All(arm => arm.Condition.Trial.Task.Data is not null);

    /// <summary>Settings in which every arm was measured and none did better than the baseline.</summary>
    public List<Facet> Unlearned => [.. Learning.Where(setting => setting.Arms.Count == setting.Facet.Arms.Count && setting.Arms.All(arm => !arm.HasLearned) && setting.Facet.Arms.All(arm => arm.Statistics.Solved == 0))
        .Select(setting => setting.Facet)];

    /// <summary>Claims that a test decided; counts of parameters are known before anything is trained.</summary>
    public List<ClaimDecision> Tested => [.. Decisions.Where(decision => decision.Method != VerdictMethod.Exact && IsDecided(decision))];

    public List<ClaimDecision> Open => [.. Decisions.Where(decision => !IsDecided(decision))];

    public static bool IsDecided(ClaimDecision decision) =>
        decision.Kind is VerdictKind.Supported or VerdictKind.Contradicted or VerdictKind.NoMeaningfulDifference or VerdictKind.Depends;
}
