using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Summaries;
using Harness.Scheduling.Stages;

namespace Harness.Server.Grains;

/// <summary>Adds seeds until every claim is decided. A pure function of the plan and the stored results, as the other rules of <see cref="StageRules"/>.</summary>
internal static class LookRule
{
    /// <summary>Whether the next decision is a look at the claims.</summary>
    public static bool Applies(StageState state) =>
        state.Plan.Looks is not null && (state.Plan.Tune is null || state.IsTuned);

    /// <param name="results">The stored results of the experiment.</param>
    public static StageStep Next(StageState state, ExperimentResults results)
    {
        var look = ClaimLooks.Of(results);
        var added = look.Needed.Count == 0 ? []
            : from seed in state.Plan.Seeds.Take(look.NextSeeds!.Value).Skip(look.Seeds)
              from condition in look.Needed.Order()
              select new AddedTrial(condition, state.Conditions[condition] with { Seed = seed });
        if (!state.Plan.IsSeedMajor) added = added.OrderBy(trial => trial.Condition);
        return new StageStep(
            StageNames.Looks,
            StageRules.Known(state.Trials.Where(trial => trial.Stage is null).Select(trial => (trial.Id, trial.Outcome?.FinalLoss ?? double.NaN))),
            JsonSerializer.Serialize(look.Verdicts, HarnessJson.Default.IReadOnlyListLookedClaim),
            Why(look), look.Needed.Count == 0 ? null : StageNames.Looks, GoesOn: look.Needed.Count > 0, new Dictionary<int, TrialSpec>(), [.. added]);
    }

    private static string Why(ClaimLook look)
    {
        var open = look.Verdicts.Count(verdict => verdict.IsOpen);
        var closed = string.Create(CultureInfo.InvariantCulture, $"{look.Verdicts.Count - open} of {look.Verdicts.Count} claims are closed at {look.Seeds} seeds");
        return look.Needed.Count == 0 ? $"{closed}. No more seeds are needed."
            : string.Create(CultureInfo.InvariantCulture, $"{closed}. The next look is at {look.NextSeeds} seeds, for {look.Needed.Count} condition{(look.Needed.Count == 1 ? "" : "s")}.");
    }
}
