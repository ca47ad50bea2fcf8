using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Summaries;

/// <summary>What the looks so far decided about the claims of an experiment that adds seeds.</summary>
/// <param name="Seeds">Seeds at the last look; 0 before the first.</param>
/// <param name="NextSeeds">Seeds at the next look; null where all claims are closed.</param>
/// <param name="Needed">Ordinals of the conditions that the next look needs.</param>
public sealed record ClaimLook(int Seeds, int? NextSeeds, IReadOnlyList<LookedClaim> Verdicts, IReadOnlySet<int> Needed);

/// <summary>Decides the claims of an experiment, all at once or look by look, as its plan says.</summary>
public static class ClaimLooks
{
    /// <exception cref="ArgumentException">The number of its seeds is fixed.</exception>
    public static ClaimLook Of(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (results.Looks is not { } plan) throw new ArgumentException("The number of seeds is fixed.", nameof(results));
        var verdicts = Judge(results, plan, Texts.In(null)).Decide(BuiltInClaims.Of(results), results.Conditions);
        return new(
            verdicts.Looks == 0 ? 0 : plan.At[verdicts.Looks - 1],
            verdicts.Needed.Count == 0 || verdicts.Looks == plan.At.Count ? null : plan.At[verdicts.Looks],
            [.. verdicts.Decisions.Select(decision => new LookedClaim(
                decision.Claim.Id, VerdictNames.Of(decision.Kind), decision.Look!.Seeds, decision.AdjustedP, decision.Look.Next is not null, decision.Look.IsFutile))],
            verdicts.Needed);
    }

    /// <param name="facets">The conditions with all their seeds.</param>
    internal static IReadOnlyList<ClaimDecision> Decide(ExperimentResults results, IReadOnlyList<Facet> facets, Texts texts)
    {
        var claims = BuiltInClaims.Of(results);
        return results.Looks is { } plan ? Judge(results, plan, texts).Decide(claims, results.Conditions).Decisions : ClaimJudge.Decide(claims, facets, results.Tuning, texts);
    }

    private static SequentialJudge Judge(ExperimentResults results, LookPlan plan, Texts texts) =>
        new(plan.Seeds, plan.At, results.Tuning is { } tuning ? new TunedClaims(tuning, texts) : null, texts);
}
