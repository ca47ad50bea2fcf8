using Harness.Abstractions.Claims;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;
using MathNet.Numerics.Distributions;

namespace Harness.Reports.Verdicts;

/// <summary>
/// Decides a family of claims while seeds are added. At each look a claim's p pays for all looks (<see cref="GroupSequential"/>), and Holm's procedure
/// goes over the family with the claims decided before among them (Maurer &amp; Bretz 2013): the chance of any false verdict at any look stays at 5 %.
/// A decided claim keeps its verdict and the data that it rests on.
/// </summary>
/// <param name="seeds">All seeds of the plan, in running order.</param>
/// <param name="looks">The number of seeds at each look, ascending.</param>
/// <param name="tuned">What tuning keeps from being tested; null where nothing was tuned.</param>
/// <param name="texts">What conditions are called; English when null.</param>
internal sealed class SequentialJudge(IReadOnlyList<long> seeds, IReadOnlyList<int> looks, TunedClaims? tuned = null, Texts? texts = null)
{
    /// <summary>A claim is closed for futility when even an optimistic course of its data decides it with less than this chance.</summary>
    private const double LeastChance = 0.05;

    /// <summary>Standard errors that the optimistic course adds: one seed set in five is that lucky.</summary>
    private const double Optimism = 0.84;

    private readonly GroupSequential bounds = new(looks);

    /// <summary>The verdicts of the looks whose data are complete.</summary>
    /// <returns>The decisions, and the conditions (by ordinal) that an open claim needs more seeds of; none when all claims are closed or no look is left.</returns>
    public SequentialVerdicts Decide(IReadOnlyList<ClaimSpec> claims, IReadOnlyList<ConditionResults> conditions)
    {
        var closed = new ClaimDecision?[claims.Count];
        var paid = new double?[claims.Count];
        ClaimDecision[]? latest = null;
        var done = 0;
        for (var look = 0; look < looks.Count && Array.Exists(closed, decision => decision is null); look++)
        {
            var facets = ConditionGrid.From([.. conditions.Select(condition => Until(condition, looks[look]))], texts);
            var needed = Needed(claims, closed, conditions);
            if (!conditions.Where(condition => needed.Contains(condition.Ordinal)).All(condition => IsComplete(condition, looks[look]))) break;
            var findings = claims.Select((claim, i) => closed[i] is null ? ClaimJudge.Examine(claim, facets, tuned) : null).ToArray();
            latest = Look(look, findings, closed, paid);
            done = look + 1;
        }

        // Before the first look everything is open, whatever the results so far say.
        var first = latest is null ? ConditionGrid.From([.. conditions.Select(condition => Until(condition, looks[0]))], texts) : [];
        latest ??= [.. claims.Select(claim => Open(ClaimJudge.Examine(claim, first, tuned)))];
        var isOver = done == looks.Count || (done > 0 && Array.TrueForAll(closed, decision => decision is not null));
        return new(latest, done, isOver ? [] : Needed(claims, closed, conditions));
    }

    private ClaimDecision[] Look(int look, ClaimFinding?[] findings, ClaimDecision?[] closed, double?[] paid)
    {
        // Every claim that chance has a part in counts, whether it could be tested at this look or not: the family does not shrink with the data.
        for (var i = 0; i < findings.Length; i++)
        {
            if (findings[i] is not { } finding || finding.Method == VerdictMethod.Exact && finding.Reason is null) continue;
            paid[i] = !finding.IsTested ? 1 : finding.IsTimed ? finding.P : bounds.Adjust(finding.P, look);
        }

        int[] family = [.. Enumerable.Range(0, findings.Length).Where(i => paid[i] is not null)];
        var adjusted = MultipleTesting.Holm([.. family.Select(i => paid[i]!.Value)]);
        var level = bounds.Nominal(ClaimJudge.Level)[look];
        var decisions = new ClaimDecision[findings.Length];
        for (var i = 0; i < findings.Length; i++)
        {
            if (closed[i] is { } before)
            {
                decisions[i] = before;
                continue;
            }

            var finding = findings[i]!;
            double? p = Array.IndexOf(family, i) is var at and >= 0 && finding.IsTested ? adjusted[at] : null;
            var decision = ClaimJudge.Conclude(finding, p, family.Length) with { Further = null };
            var isLast = look == looks.Count - 1;
            var isFutile = !isLast && decision.Kind == VerdictKind.Inconclusive && !finding.IsTimed && IsFutile(finding, look, family.Length);
            // Seeds do not change rounds of timing trials. What could not be tested at all is closed, too: seeds that learn nothing are no help.
            var isClosed = isLast || isFutile || finding.IsTimed || decision.Kind != VerdictKind.Inconclusive;
            decisions[i] = decision with { Look = new(look + 1, looks.Count, looks[look], level, isClosed ? null : looks[look + 1], isFutile) };
            if (isClosed) closed[i] = decisions[i];
        }

        return decisions;
    }

    /// <summary>Whether the last look would hardly decide the claim. Non-binding: it only saves seeds, so no level depends on it.</summary>
    private bool IsFutile(ClaimFinding finding, int look, int family)
    {
        var share = (double)looks[look] / looks[^1];
        var bound = Normal.InvCDF(0, 1, 1 - (bounds.Nominal(ClaimJudge.Level / family)[^1] / 2));
        var open = finding.Facets.Where(facet => facet.Reason is null && facet.Kind is VerdictKind.Inconclusive).Select(facet => facet.Open).DefaultIfEmpty(0).Max();
        if (open <= 0) return false;
        var z = Normal.InvCDF(0, 1, 1 - Math.Min(open, 0.5)) + Optimism;
        // If the current trend continues, the sum at the end is normal about z/√t with variance 1 − t (Lan & Wittes 1988).
        return Normal.CDF(0, 1, ((z / Math.Sqrt(share)) - bound) / Math.Sqrt(1 - share)) < LeastChance;
    }

    /// <summary>A claim before the first look: seeds that are missing are no reason yet.</summary>
    private ClaimDecision Open(ClaimFinding finding)
    {
        var isStructural = finding.Reason is NotTestedReason.MetricCannotDecide or NotTestedReason.MissingCondition or NotTestedReason.NotTimed;
        var decision = ClaimJudge.Conclude(isStructural ? finding : finding with { Reason = null, ReasonDetail = null }, finding.IsTested ? 1 : null, 1);
        return decision with { Kind = isStructural || finding.Method == VerdictMethod.Exact && finding.Reason is null ? decision.Kind : VerdictKind.Inconclusive, Further = null, Look = new(0, looks.Count, 0, 0, looks[0], false) };
    }

    private static HashSet<int> Needed(IReadOnlyList<ClaimSpec> claims, ClaimDecision?[] closed, IReadOnlyList<ConditionResults> conditions) =>
        [.. claims.Where((_, i) => closed[i] is null).SelectMany(claim => ClaimPairing.Settings(claim, conditions)).SelectMany(setting => setting.Conditions).Select(condition => condition.Ordinal)];

    private ConditionResults Until(ConditionResults condition, int count)
    {
        var until = seeds.Take(count).ToHashSet();
        return condition with { Trials = [.. condition.Trials.Where(trial => until.Contains(trial.Seed))] };
    }

    private bool IsComplete(ConditionResults condition, int count)
    {
        var ended = condition.Trials.Where(trial => trial.State.HasResult()).Select(trial => trial.Seed).ToHashSet();
        return seeds.Take(count).All(ended.Contains);
    }
}

/// <param name="Looks">Looks whose data are complete.</param>
/// <param name="Needed">Ordinals of the conditions that need more seeds.</param>
internal sealed record SequentialVerdicts(IReadOnlyList<ClaimDecision> Decisions, int Looks, IReadOnlySet<int> Needed);
