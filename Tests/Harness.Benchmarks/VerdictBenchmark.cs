using System.Globalization;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Outcomes;
using Harness.Reports.Verdicts;

namespace Harness.Benchmarks;

/// <summary>
/// How often verdicts are wrong, how often they see what is there, and whether intervals cover the truth. In a family without a true
/// difference (A/A) every claim of a difference that is supported or contradicted, and every equality that is contradicted, is false;
/// at most 5 % of the families may hold one. HARNESS_FAMILIES sets how many families are simulated.
/// </summary>
internal static class VerdictBenchmark
{
    private const string Name = "verdicts";

    private static readonly int[] Seeds = [8, 10, 12];

    private static readonly (string That, string Other)[] Pairs = [("lstm", "rnn"), ("gru", "rnn"), ("gru", "lstm")];

    private static readonly string[] Lengths = ["20", "50", "100"];

    public static Task Run()
    {
        var families = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_FAMILIES"), CultureInfo.InvariantCulture, out var asked) ? asked : 10_000;
        foreach (var size in new[] { 1, 6, 15 }) FalseVerdicts(families, size);
        Power(Math.Max(100, families / 20));
        CoverageBenchmark.Run(Name, families);
        return Task.CompletedTask;
    }

    private static void FalseVerdicts(int families, int size)
    {
        var all = Enumerable.Range(0, families).AsParallel().Select(family => (Scatter: (Scatter)(family % 5), Wrong: Wrong(family, size))).ToList();
        Row($"all scatters", all);
        foreach (var scatter in all.GroupBy(one => one.Scatter).OrderBy(group => group.Key)) Row(scatter.Key.ToString(), [.. scatter]);

        void Row(string scatter, List<(Scatter, IReadOnlyList<string> Wrong)> part)
        {
            var rate = part.Count(one => one.Wrong.Count > 0) / (double)part.Count;
            var worst = part.SelectMany(one => one.Wrong).GroupBy(form => form, StringComparer.Ordinal).OrderByDescending(group => group.Count()).Take(3).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count()}"));
            Measure.Row(Name, string.Create(CultureInfo.InvariantCulture, $"A/A, families of {size}, {scatter}"),
                $"false in {rate:0.00 %} ± {Math.Sqrt(rate * (1 - rate) / part.Count):0.00 %} of {part.Count}; most: {string.Join(", ", worst)}");
        }
    }

    /// <summary>The forms of the claims that were decided wrongly.</summary>
    private static IReadOnlyList<string> Wrong(int family, int size)
    {
        var draws = new Draws((ulong)family * 2654435761UL + (ulong)size);
        var scatter = (Scatter)(family % 5);
        var claims = Enumerable.Range(0, size).Select(index => Claim(index, draws)).ToList();
        var conditions = SimulatedArms.Of(family, Seeds[(int)(draws.Uniform() * Seeds.Length)], scatter, new());
        return [.. ClaimJudge.Decide(claims, ConditionGrid.From(conditions)).Where(IsFalse).Select(decision => decision.Claim.Id.Split('#')[0])];
    }

    public static bool IsFalse(ClaimDecision decision) => decision.Claim is EquivalenceClaim
        ? decision.Kind is VerdictKind.Contradicted or VerdictKind.Depends
        : decision.Kind is VerdictKind.Supported or VerdictKind.Contradicted or VerdictKind.Depends;

    /// <summary>A claim of a random form on a random metric: at one length, at all of them, or over them.</summary>
    public static ClaimSpec Claim(int index, Draws draws)
    {
        var (that, other) = Pick(Pairs);
        string[] metrics = ["eval.loss", "eval.accuracy", "steps_to_target", "solved", "gradient.slope"];
        var metric = Pick(metrics);
        var form = (int)(draws.Uniform() * 4);
        if (form == 1 && metric is "solved" or "gradient.slope") form = 0;
        if (form == 2 && metric is "steps_to_target") form = 0;
        var id = string.Create(CultureInfo.InvariantCulture, $"{metric} {new[] { "beats", "equals", "reaches", "trend" }[form]}#{index}");
        ClaimSpec claim = form switch
        {
            1 => new EquivalenceClaim(id, that, other, metric, 1.1),
            2 => metric switch
            {
                "eval.loss" => new ThresholdClaim(id, that, metric, SimulatedArms.Loss, null),
                "eval.accuracy" => new ThresholdClaim(id, that, metric, null, SimulatedArms.Accuracy),
                "solved" => new ThresholdClaim(id, that, metric, null, SimulatedArms.Share),
                _ => new ThresholdClaim(id, that, metric, null, SimulatedArms.Slope),
            },
            3 => new TrendClaim(id, that, metric, "length", Falls: draws.Uniform() < 0.5),
            _ => new ComparisonClaim(id, that, other, metric, null, null),
        };
        return form == 3 || draws.Uniform() < 0.4 ? claim
            : claim with { Where = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["length"] = [Pick(Lengths)] } };

        T Pick<T>(T[] from) => from[(int)(draws.Uniform() * from.Length)];
    }

    /// <summary>Six claims that the LSTM is better, at one length; the effect is real in all of them.</summary>
    private static void Power(int families)
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>> at = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["length"] = ["50"] };
        (string What, string Metric, PlantedEffect Effect)[] planted =
        [
            ("loss ÷ 1.5", "eval.loss", new(LogLoss: Math.Log(1.5))), ("loss ÷ 2", "eval.loss", new(LogLoss: Math.Log(2))), ("accuracy + 0.1", "eval.accuracy", new(Accuracy: 0.1)),
            // Better by 0.3 in nine seeds of ten, useless in one: a mean of zero, a typical seed that is better, and failures with a line of their own.
            ("loss − 0.3 in ln, 10 % fail", "eval.loss", new(LogLoss: 0.3, Failing: 0.1)),
            ("time ÷ 2", "steps_to_target", new(LogTime: Math.Log(2), Share: 0.9)), ("solved 0.6 → 0.95", "solved", new(Share: 0.95)), ("slope + 0.03", "gradient.slope", new(Slope: 0.03)),
        ];
        foreach (var (what, metric, effect) in planted)
        {
            foreach (var count in new[] { 1, 6 })
            {
                List<ClaimSpec> claims = [.. Enumerable.Range(0, count).Select(i => new ComparisonClaim(string.Create(CultureInfo.InvariantCulture, $"c{i}"), i % 2 == 0 ? "lstm" : "gru", "rnn", i < 2 ? metric : "eval.loss", null, null) { Where = at })];
                var power = new[] { 8, 12, 20 }.Select(seeds => string.Create(CultureInfo.InvariantCulture, $"n = {seeds}: {Supported(seeds):0 %}"));
                Measure.Row(Name, string.Create(CultureInfo.InvariantCulture, $"power, {what}, among {count}, {families} families"), $"{string.Join(", ", power)}");

                double Supported(int seeds) => Enumerable.Range(0, families).AsParallel()
                    .Count(family => ClaimJudge.Decide(claims, ConditionGrid.From(SimulatedArms.Of(family, seeds, Scatter.Normal, effect)))[0].Kind == VerdictKind.Supported) / (double)families;
            }
        }
    }
}
