using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Verdicts;

namespace Harness.Tests.Reports;

/// <summary>Arms made of given numbers, to ask claims of.</summary>
internal static class ClaimArms
{
    /// <summary>The baseline's loss in every arm.</summary>
    public const double Baseline = 1.0 / 6;

    public static ClaimDecision Decide(ClaimSpec claim, params ConditionResults[] conditions) => Judge([claim], conditions)[0];

    public static IReadOnlyList<ClaimDecision> Judge(IReadOnlyList<ClaimSpec> claims, params ConditionResults[] conditions) =>
        ClaimJudge.Decide(claims, ConditionGrid.From([.. conditions.Select((c, i) => c with { Ordinal = i })]));

    /// <summary>Losses that differ by seed and, as paired seeds do, in the same way for every cell.</summary>
    public static double[] Losses(int seeds, double around) => [.. Enumerable.Range(0, seeds).Select(i => around * (1 + 0.1 * (i % 4)))];

    public static ConditionResults Diverge(ConditionResults condition, int count) => condition with
    {
        Trials = [.. condition.Trials.Select((t, i) => i >= count ? t : t with
        {
            State = TrialState.Diverged, Outcome = t.Outcome! with { Kind = OutcomeKind.Diverged, FinalLoss = null, Solved = false, StepsToTarget = null },
        })],
    };

    /// <summary>An arm whose first seeds reached the target after these steps; the others never did.</summary>
    public static ConditionResults Reaching(string cell, int seeds, params int[] steps)
    {
        var arm = Arm(cell, Losses(seeds, 0.02));
        return arm with
        {
            Trials = [.. arm.Trials.Select((t, i) => t with { Outcome = t.Outcome! with { Solved = i < steps.Length, StepsToTarget = i < steps.Length ? steps[i] : null } })],
        };
    }

    public static ConditionResults Arm(string cell, double[] losses, double slope = -0.1, int length = 50)
    {
        var template = ResultsFixture.Make([cell], [length], 1).Conditions[0];
        var trial = template.Trials[0];
        return template with
        {
            Label = string.Create(CultureInfo.InvariantCulture, $"{cell} T={length}"),
            Factors = new Dictionary<string, string>(StringComparer.Ordinal) { ["cell"] = cell, ["length"] = length.ToString(CultureInfo.InvariantCulture) },
            Trials =
            [
                .. losses.Select((loss, i) => trial with
                {
                    Seed = i + 1,
                    Outcome = trial.Outcome! with { FinalLoss = loss, BestLoss = loss, Solved = loss < 0.01, StepsToTarget = loss < 0.01 ? 100 + 10 * i : null },
                    Gradients = [new GradientProfile(ProbeMoment.End, 1000, CellCatalog.Get(cell).HasCellState ? "c" : "h", 0, false, [1, 0.5], slope * (1 + 0.01 * i), null)],
                }),
            ],
        };
    }
}
