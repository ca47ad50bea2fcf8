using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Verdicts;
using Harness.Tests.Reports;

namespace Harness.Benchmarks;

/// <summary>
/// How often verdicts are wrong, and how often they see what is there. A family is three cells of equal truth with twelve claims that one
/// beats another, on four metrics; wished are at most 5 % of families with any claim supported or contradicted (the A/A check).
/// </summary>
internal static class VerdictBenchmark
{
    private const int Families = 1000;
    private const int PowerFamilies = 200;

    private static readonly ExperimentResults Template = ResultsFixture.Make(["rnn", "lstm", "gru"], [20], 1);

    private static readonly IReadOnlyList<ClaimSpec> Claims =
    [
        .. new[] { ("lstm", "rnn"), ("gru", "rnn"), ("gru", "lstm") }.SelectMany(pair => new[] { "eval.loss", "solved", "steps_to_target", "speed.ms_per_step" }
            .Select(metric => new ComparisonClaim($"{pair.Item1}-{pair.Item2}-{metric}", pair.Item1, pair.Item2, metric, null, null))),
    ];

    public static Task Run()
    {
        foreach (var seeds in new[] { 5, 8, 10, 20 })
        {
            var decided = Count(Families, family => Decide(family, seeds, 1).Any(decision => decision.Kind is VerdictKind.Supported or VerdictKind.Contradicted));
            var supported = Count(Families, family => Decide(family, seeds, 1).Any(decision => decision.Kind == VerdictKind.Supported));
            Measure.Row("verdicts", $"A/A, {seeds.ToString(CultureInfo.InvariantCulture)} seeds, {Families.ToString(CultureInfo.InvariantCulture)} families of {Claims.Count.ToString(CultureInfo.InvariantCulture)} claims", $"any supported {(double)supported / Families:0.0 %}, any supported or contradicted {(double)decided / Families:0.0 %}");
        }

        // The loss of one arm is that much smaller; runs of one seed scatter by a factor of 1.5 around it.
        foreach (var ratio in new[] { 1.25, 1.5, 2, 4 })
        {
            var power = new[] { 5, 8, 10, 20 }.Select(seeds => string.Create(CultureInfo.InvariantCulture,
                $"n = {seeds}: {(double)Count(PowerFamilies, family => Decide(family, seeds, ratio)[0].Kind == VerdictKind.Supported) / PowerFamilies:0 %}"));
            Measure.Row("verdicts", $"power at a loss ratio of {ratio.ToString(CultureInfo.InvariantCulture)}, among {Claims.Count.ToString(CultureInfo.InvariantCulture)} claims", $"{string.Join(", ", power)}");
        }

        return Task.CompletedTask;
    }

    private static int Count(int families, Func<int, bool> holds) => Enumerable.Range(0, families).AsParallel().Count(holds);

    private static IReadOnlyList<ClaimDecision> Decide(int family, int seeds, double ratio) => ClaimJudge.Decide(Claims, ConditionGrid.From(Results(family, seeds, ratio)));

    private static List<ConditionResults> Results(int family, int seeds, double ratio)
    {
        // A seed's difficulty is shared by the arms, as equal data make it.
        var shared = new Draws((ulong)(family * 7919 + seeds));
        var difficulty = Enumerable.Range(0, seeds).Select(_ => shared.Normal()).ToList();
        return [.. Template.Conditions.Select((condition, arm) =>
        {
            var draws = new Draws((ulong)(family * 104729 + seeds * 31 + arm + 1));
            var trial = condition.Trials[0];
            return condition with
            {
                Trials = [.. Enumerable.Range(1, seeds).Select(seed =>
                {
                    var solved = draws.Uniform() < 0.6;
                    return trial with
                    {
                        Id = string.Create(CultureInfo.InvariantCulture, $"{arm}-{seed}"),
                        Seed = seed,
                        Outcome = trial.Outcome! with
                        {
                            FinalLoss = 0.1 * Math.Exp(0.4 * difficulty[seed - 1] + 0.29 * draws.Normal()) / (condition.Trial.Model.Cell == "lstm" ? ratio : 1),
                            Solved = solved,
                            StepsToTarget = solved ? 50 * (1 + (int)(draws.Uniform() * 19)) : null,
                            MillisecondsPerStep = 2 * Math.Exp(0.1 * draws.Normal()),
                        },
                    };
                })],
            };
        })];
    }

    /// <summary>SplitMix64 (Steele et al. 2014).</summary>
    private sealed class Draws(ulong seed)
    {
        private ulong state = seed;

        public double Uniform()
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }

        public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());
    }
}
