using System.Globalization;
using Harness.Abstractions.Claims;
using Harness.Abstractions.Specs;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;

namespace Harness.Benchmarks;

/// <summary>
/// The whole course of an experiment whose seeds are added until its claims are decided, at every look that the plan has and as the plan advises: how often
/// any verdict is false, what is found, and how many seeds that takes. HARNESS_FAMILIES sets how many families are simulated.
/// </summary>
internal static class SequentialBenchmark
{
    private const string Name = "sequential";

    public static Task Run()
    {
        var families = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_FAMILIES"), CultureInfo.InvariantCulture, out var asked) ? asked : 10_000;
        foreach (var size in new[] { 1, 6, 15 }) FalseVerdicts(families, size);
        Effects(Math.Max(100, families / 5));
        Mixed(Math.Max(100, families / 10));
        return Task.CompletedTask;
    }

    private static void FalseVerdicts(int families, int size)
    {
        var judge = Judge(size);
        var all = Enumerable.Range(0, families).AsParallel().Select(family =>
        {
            var draws = new Draws(((ulong)family * 2654435761UL) + (ulong)size);
            var claims = Enumerable.Range(0, size).Select(index => VerdictBenchmark.Claim(index, draws)).ToList();
            var verdicts = judge.Judge.Decide(claims, SimulatedArms.Of(family, judge.Looks[^1], (Scatter)(family % 5), new()));
            return (Scatter: (Scatter)(family % 5), IsFalse: verdicts.Decisions.Any(VerdictBenchmark.IsFalse), Seeds: verdicts.Decisions.Average(SeedsOf));
        }).ToList();
        Row("all scatters", all);
        foreach (var scatter in all.GroupBy(one => one.Scatter).OrderBy(group => group.Key)) Row(scatter.Key.ToString(), [.. scatter]);

        void Row(string scatter, List<(Scatter Scatter, bool IsFalse, double Seeds)> part)
        {
            var rate = part.Count(one => one.IsFalse) / (double)part.Count;
            Measure.Row(Name, string.Create(CultureInfo.InvariantCulture, $"A/A, families of {size}, looks {string.Join('/', judge.Looks)}, {scatter}"),
                $"false in {rate:0.00 %} ± {Math.Sqrt(rate * (1 - rate) / part.Count):0.00 %} of {part.Count}; {part.Average(one => one.Seeds):0.0} seeds a claim");
        }
    }

    /// <summary>One claim about losses whose differences between paired seeds scatter by one standard deviation.</summary>
    private static void Effects(int families)
    {
        var judge = Judge(1);
        foreach (var effect in new[] { 0.5, 1, 2 })
        {
            var all = Enumerable.Range(0, families).AsParallel().Select(family =>
            {
                ClaimSpec claim = At(new ComparisonClaim("c", "lstm", "rnn", "eval.loss", null, null));
                var decision = judge.Judge.Decide([claim], SimulatedArms.Of(family, judge.Looks[^1], Scatter.Normal, new(LogLoss: Math.Log(1.05) + (effect * SimulatedArms.PairSpread)))).Decisions[0];
                return (Found: decision.Kind == VerdictKind.Supported, Seeds: SeedsOf(decision));
            }).ToList();
            Measure.Row(Name, string.Create(CultureInfo.InvariantCulture, $"one claim, effect {effect} SD beyond the margin, looks {string.Join('/', judge.Looks)}"),
                $"found in {all.Count(one => one.Found) / (double)families:0.0 %} with {all.Average(one => one.Seeds):0.0} seeds");
        }
    }

    /// <summary>Three claims with an effect of two standard deviations, three about arms that are equal within 10 % and scatter by 5 %.</summary>
    private static void Mixed(int families)
    {
        var judge = Judge(6);
        var all = Enumerable.Range(0, families).AsParallel().Select(family =>
        {
            var conditions = SimulatedArms.Of(family, judge.Looks[^1], Scatter.Normal, new(LogLoss: Math.Log(1.05) + (2 * SimulatedArms.PairSpread)), noise: 0.05 / Math.Sqrt(2));
            List<ClaimSpec> claims =
            [
                .. new[] { "20", "50", "100" }.Select(length => At(new ComparisonClaim($"real-{length}", "lstm", "rnn", "eval.loss", null, null), length)),
                .. new[] { "20", "50", "100" }.Select(length => At(new EquivalenceClaim($"equal-{length}", "gru", "rnn", "eval.loss", 1.1), length)),
            ];
            var decisions = judge.Judge.Decide(claims, conditions).Decisions;
            return (Real: decisions.Take(3).Count(decision => decision.Kind == VerdictKind.Supported), Equal: decisions.Skip(3).Count(decision => decision.Kind == VerdictKind.Supported),
                Wrong: decisions.Any(decision => decision.Kind == VerdictKind.Contradicted), Seeds: decisions.Average(SeedsOf));
        }).ToList();
        Measure.Row(Name, $"three real, three equal, looks {string.Join('/', judge.Looks)}",
            $"found {all.Average(one => one.Real) / 3:0.0 %}, equal shown {all.Average(one => one.Equal) / 3:0.0 %}, false in {all.Count(one => one.Wrong) / (double)families:0.0 %}, {all.Average(one => one.Seeds):0.0} seeds a claim");
    }

    private static (SequentialJudge Judge, IReadOnlyList<int> Looks) Judge(int claims)
    {
        var looks = LookSchedule.Default(claims, 30);
        return (new([.. Enumerable.Range(1, looks[^1]).Select(seed => (long)seed)], looks), looks);
    }

    private static ClaimSpec At(ClaimSpec claim, string length = "50") =>
        claim with { Where = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["length"] = [length] } };

    private static double SeedsOf(ClaimDecision decision) => decision.Look?.Seeds ?? 0;
}
