using Harness.Abstractions.Claims;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Verdicts;

/// <summary>What a report asks when its experiment names no claims: the questions that bring people to such a comparison.</summary>
internal static class BuiltInClaims
{
    /// <summary>The experiment's own claims, else the built-in ones.</summary>
    public static IReadOnlyList<ClaimSpec> Of(ExperimentResults results) => results.Claims.Count > 0 ? results.Claims : For(results.Conditions);

    public static IReadOnlyList<ClaimSpec> For(IReadOnlyList<ConditionResults> conditions)
    {
        var cells = conditions.Select(c => c.Trial.Model.Cell).ToHashSet(StringComparer.Ordinal);
        var profiled = conditions.Any(c => c.Trial.Probe.Gradients.Count > 0);
        var claims = new List<ClaimSpec>();
        foreach (var gated in new[] { "lstm", "gru" })
        {
            if (!cells.Contains("rnn") || !cells.Contains(gated)) continue;
            if (profiled) claims.Add(new ComparisonClaim($"{gated}-keeps-gradients", gated, "rnn", MetricCatalog.GradientSlope, null, null));
            claims.Add(new ComparisonClaim($"{gated}-solves-more", gated, "rnn", MetricCatalog.Solved, null, null));
        }

        if (cells.Contains("lstm") && cells.Contains("gru"))
        {
            claims.Add(new EquivalenceClaim("gru-on-par", "gru", "lstm", MetricCatalog.EvaluationLoss, 1.1));
            claims.Add(new ComparisonClaim("gru-is-smaller", "gru", "lstm", MetricCatalog.Parameters, null, null));
        }

        if (cells.Contains("rnn") && cells.Contains("lstm")) claims.Add(new ComparisonClaim("rnn-is-faster-per-step", "rnn", "lstm", MetricCatalog.MillisecondsPerStep, null, null));
        return claims.FindAll(claim => ClaimPairing.Settings(claim, conditions).Count > 0);
    }
}
