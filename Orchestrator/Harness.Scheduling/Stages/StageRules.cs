using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Scheduling.Stages;

/// <summary>
/// Decides the next step of an experiment. A pure function of the plan and the stored results: neither the order in which trials ended nor a restart changes it.
/// </summary>
public static class StageRules
{
    /// <summary>The next step of an experiment whose trials all have results. The server decides looks at claims: only reports can judge claims.</summary>
    /// <exception cref="InvalidOperationException">Its plan asks for no decision any more.</exception>
    public static StageStep Next(StageState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Plan.Tune is { } tuning && !state.IsTuned) return TuningRule.Next(state, tuning);
        throw new InvalidOperationException(FormattableString.Invariant($"After {state.Decisions.Count} decisions nothing is left to decide."));
    }

    /// <summary>The stage that an experiment begins with.</summary>
    public static StageProgress First(StagePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Tune is null && plan.Looks is { } looks) return new(StageNames.Looks, string.Create(CultureInfo.InvariantCulture, $"The first look at the claims is at {looks[0]} seeds."), IsLast: false);
        return plan.Tune is { } tuning
            ? new(StageNames.Tuning, string.Create(CultureInfo.InvariantCulture, $"Each arm is tried at the same number of points: {tuning.Trials}{(tuning.Studies == 1 ? "" : $" in each of {tuning.Studies} studies")}."), IsLast: false)
            : new(StageNames.Confirmation, "All trials are known.", IsLast: true);
    }

    /// <summary>The stage that a decision began.</summary>
    public static StageProgress After(StageDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return new(decision.Next ?? decision.Stage, decision.Why, !decision.GoesOn);
    }

    /// <summary>What a decision rests on: how many results, and a digest over trials and values that does not depend on their order.</summary>
    public static string Known(IEnumerable<(string Trial, double Value)> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var lines = results.Select(result => string.Create(CultureInfo.InvariantCulture, $"{result.Trial} {result.Value:R}\n")).Order(StringComparer.Ordinal).ToArray();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines) hash.AppendData(Encoding.UTF8.GetBytes(line));
        return string.Create(CultureInfo.InvariantCulture, $$"""{"results":{{lines.Length}},"digest":"{{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16))}}"}""");
    }
}
