using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Wording;

/// <summary>The verdicts' words.</summary>
public partial class Texts
{
    public virtual string VerdictsSection => "Verdicts";
    public virtual string Evidence => "Evidence";
    public virtual string DecidesClaims => "Decides";
    public virtual string ConditionsLink => "Conditions at a glance";
    public virtual string TableOf(string figure) => $"Table of figure {figure}";

    public virtual string VerdictsIntroduction(bool own, string level) =>
        (own ? "The claims of the experiment file." : "This experiment names no claims; these are the questions that such a comparison is usually asked.") +
        $" A claim is supported only if it holds in every setting and chance is ruled out: p below {level}, corrected for the number of claims. Where settings disagree, each with evidence of its own, the verdict is: it depends. The mark before a line says what that line shows by itself, before correction. A verdict holds for what was measured here.";

    public virtual string VerdictMark(VerdictKind kind) => kind switch
    {
        VerdictKind.Supported => "✔",
        VerdictKind.Contradicted => "✘",
        VerdictKind.NoMeaningfulDifference => "≈",
        VerdictKind.Depends => "⇄",
        VerdictKind.Inconclusive => "?",
        _ => "–",
    };

    public virtual string VerdictWord(VerdictKind kind) => kind switch
    {
        VerdictKind.Supported => "Supported",
        VerdictKind.Contradicted => "Contradicted",
        VerdictKind.NoMeaningfulDifference => "No meaningful difference",
        VerdictKind.Depends => "It depends",
        VerdictKind.Inconclusive => "Inconclusive",
        _ => "Not tested",
    };

    /// <summary>The claim as a sentence.</summary>
    /// <param name="arm">What figures call an arm.</param>
    public virtual string Statement(ClaimSpec claim, Func<string, string> arm) => claim.Where is null ? Claimed(claim, arm) : InScope(Claimed(claim, arm), ScopeOf(claim));

    /// <summary>The conditions that a claim looks at, e.g. "task latch, length 50"; empty for all.</summary>
    public virtual string ScopeOf(ClaimSpec claim) => string.Join(", ", (claim.Where ?? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)).OrderBy(pair => pair.Key != "task").ThenBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => pair.Key == "task" ? string.Join(" / ", pair.Value.Select(TaskName)) : $"{FactorName(pair.Key)} {string.Join(" / ", pair.Value)}"));

    /// <summary>A claim that looks at some conditions only, e.g. "task latch, length 50".</summary>
    public virtual string InScope(string claim, string scope) => $"{Sentence(scope)}: {claim}";

    protected virtual string Claimed(ClaimSpec claim, Func<string, string> arm) => claim switch
    {
        ComparisonClaim { ByFactor: { } factor } c => $"{arm(c.That)} beats {arm(c.Beats)} on {Measure(c)} by a factor of {Numbers.Plain(factor)} or more.",
        ComparisonClaim { ByAmount: { } amount } c => $"{arm(c.That)} beats {arm(c.Beats)} on {Measure(c)} by {Numbers.Plain(amount)} or more.",
        ComparisonClaim c => $"{arm(c.That)} beats {arm(c.Beats)} on {Measure(c)}.",
        EquivalenceClaim c => $"{arm(c.That)} equals {arm(c.EqualTo)} on {Measure(c)} within a factor of {Numbers.Plain(c.WithinFactor)}.",
        ThresholdClaim c => $"{Sentence(Metric(c.On))} of {arm(c.That)}{(c.At is { } moment ? $" {Moment(moment)}" : "")} is {(c.Below is { } below ? $"below {Numbers.Plain(below)}" : $"above {Numbers.Plain(c.Above!.Value)}")}.",
        TrendClaim c => $"{Sentence(Measure(c))} of {arm(c.That)} {(c.Falls ? "falls" : "grows")} with {FactorName(c.GrowsWith)}.",
        _ => claim.Id,
    };

    /// <summary>What a claim is about: a metric, and the moment at which a probe measures it.</summary>
    public virtual string Measure(ClaimSpec claim) => claim.At is { } moment ? $"{Metric(claim.On)} {Moment(moment)}" : Metric(claim.On);

    public virtual string Metric(string name) => MetricCatalog.Find(name)?.Words.English ?? name;

    public virtual string EffectOf(string first, string second, bool ratio) => ratio ? $"{first} / {second}" : $"{first} − {second}";
    public virtual string Against(string bound) => $"against {bound}";
    public virtual string PerLevel(bool ratio) => ratio ? "factor from one level to the next" : "change from one level to the next";
    public virtual string BetterIn(string arm, string percent) => $"{arm} does better in {percent} % of all pairs of runs";

    /// <param name="mark">What this line says by its interval alone, where several lines make a verdict.</param>
    public virtual string Finding(string? mark, string facet, string metric, string subject, string value, string? bounds, int? seeds, bool paired, bool rounds, string? better)
    {
        var place = facet.Length == 0 ? "" : $"{Sentence(facet)}: ";
        var range = bounds is null ? "" : $" ({bounds})";
        var count = seeds is null ? "" : $", {seeds} {(paired ? "paired " : "")}{(rounds ? "rounds" : "seeds")}";
        return $"{(mark is null ? "" : mark + " ")}{place}{metric}, {subject}: {value}{range}{count}{(better is null ? "" : $"; {better}")}.";
    }

    public virtual string Bounds(string bounds, bool isRange) => isRange ? $"range {bounds}" : $"95 % interval {bounds}";

    /// <param name="ratios">Arm and loss ÷ baseline.</param>
    /// <param name="unlearned">Arms that learned nothing where another did.</param>
    public virtual string LossRatios(IReadOnlyList<(string Arm, string Ratio)> ratios, IReadOnlyList<string> unlearned) =>
        $"Loss ÷ baseline: {string.Join(", ", ratios.Select(arm => $"{arm.Arm} {arm.Ratio}"))}.{(unlearned.Count == 0 ? "" : $" {string.Join(", ", unlearned)} did not learn more than the baseline.")}";

    public virtual string CountOfArm(string arm, int some, int all) => $"{arm} {some} of {all}";

    /// <param name="reached">Whether failing means not to reach the target.</param>
    public virtual string FailedSeeds(bool reached, string first, string second, string difference, string value, string interval) =>
        $"{(reached ? "Seeds that never reached the target" : "Seeds that diverged or learned nothing")}: {first}, {second}; {difference} {value} (95 % interval {interval}).";

    public virtual string FacetNotTested(string reason) => $"Not tested: {char.ToLowerInvariant(reason[0])}{reason[1..]}";
    public virtual string EqualInNats(string margin) => $"Losses in nats count as equal within a difference of {margin} nats; a ratio of nats depends on the task.";
    public virtual string SampledP(string error) => $"p was sampled; its standard error is at most {error}.";
    public virtual string CountsFromRatio(string ratio) => $"Counts from a factor of {ratio}.";
    public virtual string CountsFromDifference(string difference) => $"Counts from a difference of {difference}.";
    public virtual string MethodWithP(string method, string p, int family) => $"{method}; p {p} after Holm's correction over {family} {(family == 1 ? "claim" : "claims")}.";
    public virtual string MethodOnly(string method) => $"{method}.";
    public virtual string Scope(string scope) => $"Scope: {scope}.";
    public virtual string ScopeLength(string lengths) => $"length {lengths}";
    public virtual string ScopeHidden(string sizes) => $"hidden {sizes}";
    public virtual string ScopeInit(string init, string? forgetBias, string? updateBias) =>
        $"{init} initialisation{(forgetBias is null ? "" : $", forget bias {forgetBias}")}{(updateBias is null ? "" : $", update bias {updateBias}")}";

    /// <param name="files">Path, where it is known, and hash.</param>
    public virtual string ScopeWeights(IReadOnlyList<(string? Path, string Hash)> files) =>
        files.Count == 0 ? "" : $"initial weights from {string.Join(", ", files.Select(file => $"{(file.Path is null ? "" : $"{file.Path} ")}(SHA-256 {file.Hash[..12]}…)"))}";
    public virtual string ScopeTraining(string steps, string batches) => $"{steps} optimizer steps of {batches} sequences";
    public virtual string ScopeOptimizer(string optimizers, string rates, string schedules) => $"{optimizers}, learning rate {rates}{(schedules.Length == 0 ? "" : $", {schedules} schedule")}";
    public virtual string ScopeClipping(string bounds) => bounds.Length == 0 ? "no clipping" : $"clipping at {bounds}";

    /// <param name="by">hidden, parameters, flops or none.</param>
    public virtual string ScopeMatched(string by) => by switch
    {
        "hidden" => "cells of equal hidden size",
        "parameters" => "cells of equal parameters",
        "flops" => "cells of equal operations per step",
        _ => "cells of unequal size",
    };

    /// <param name="place">The setting; empty where the claim has one.</param>
    public virtual string HalfLives(string place, IReadOnlyList<string> arms) => $"Half-life of the gradient{(place.Length == 0 ? "" : $", {place}")}: {string.Join(", ", arms)}.";

    /// <param name="steps">Null where the gradient does not decay.</param>
    public virtual string HalfLifeOf(string arm, string? steps) => steps is null ? $"{arm} no decay" : $"{arm} {steps} time steps";

    public virtual string ArmsAlsoDiffer(string differences) => $"The arms also differ in {differences}.";
    public virtual string ScopeKernel(string taken, bool auto) => auto ? $"{taken} (auto)" : taken;
    public virtual string ScopeMachine(string dtype, string device, string kernel) => $"{dtype} on {device}, {kernel} kernel";

    /// <param name="timed">Whether the pairs are rounds of a timing trial, not seeds.</param>
    internal virtual string Method(VerdictMethod method, bool timed) => method switch
    {
        VerdictMethod.SignedRank => $"Typical {(timed ? "round" : "seed")}: Hodges–Lehmann location of the differences between paired {(timed ? "rounds" : "seeds")}; interval and p from Wilcoxon's signed-rank test",
        VerdictMethod.ShareDifference => "Difference of the shares; interval and p from the exact unconditional score test (Miettinen–Nurminen)",
        VerdictMethod.LogRank => "Ratio of the times up to the budget; interval and p from the log-rank test, with unreached targets censored",
        VerdictMethod.Median => $"Median over {(timed ? "rounds" : "seeds")}; interval and p from the sign test",
        VerdictMethod.Binomial => "Share of seeds; interval and p from the binomial test",
        _ => "Counted exactly, no chance involved",
    };

    public virtual string WouldChangeHeading => "What would change the conclusion";
    public virtual string WouldChange(int decided, int open, string p, string level) =>
        $"{(decided == 1 ? "One claim was" : $"{decided} claims were")} decided by a test{(open == 0 ? "" : $"; {open} more {(open == 1 ? "is" : "are")} open and could still go either way")}. If a few seeds had turned out otherwise, this verdict would be the first to fall (p {p} after correction, where {level} is the limit):";
    public virtual string ChanceRemains(int family, string p, string level) => $"Each line shows this by itself. Corrected for {(family == 1 ? "the number of settings" : $"{family} claims")} p {p} is not below {level}: chance is not ruled out.";
    public virtual string FurtherSeeds(int seeds) => $"{(seeds == 1 ? "About one more seed" : $"About {seeds} more seeds")} would probably settle it. Looking again at this plan makes false verdicts more likely than 5 %; seeds: {{ until: decided }} on fresh seeds pays for every look.";

    /// <summary>Where a claim stands whose seeds are added until it is decided.</summary>
    /// <param name="level">The level of one claim alone at this look.</param>
    public virtual string LookedAt(int number, int of, int seeds, string level) => $"Look {number} of {of}, at {seeds} seeds; one claim alone is tested here at the level {level}, so that all looks together stay at 0.05.";
    /// <summary>A fixed number of seeds was raised after a look.</summary>
    public virtual string LookedBefore(IReadOnlyList<int> seeds) => $"These claims were looked at before, with {string.Join(" and ", seeds)} seeds. All looks share the level of 0.05, so a verdict needs stronger evidence than at a first look. seeds: {{ until: decided }} plans looks from the start.";
    public virtual string NextLook(int seeds) => $"The next look is at {seeds} seeds.";
    public virtual string LooksOver => "This was the last look of the plan.";
    public virtual string LookFutile => "Closed without a verdict: the seeds that are left would hardly decide it.";
    public virtual string BeforeFirstLook(int seeds) => $"Open until the first look, at {seeds} seeds.";
    public virtual string FurtherSeedsMany(int most) => $"More than {most} more seeds would probably be needed.";
    public virtual string FurtherSeedsUnknown => "The seeds so far give no estimate of how many more would settle it.";
    public virtual string FurtherRounds => "More rounds (speed.rounds), or a quieter machine, would narrow the interval; more seeds would not.";

    /// <param name="answers">Each verdict with the settings that give it.</param>
    public virtual string DependsOnSettings(IReadOnlyList<(string Verdict, string Settings)> answers) => string.Join(" ", answers.Select(answer => $"{answer.Verdict}: {answer.Settings}."));


    public virtual string NotTestedBecause(NotTestedReason reason, string detail) => reason switch
    {
        NotTestedReason.MissingCondition => $"The experiment has no conditions that could answer it ({detail}).",
        NotTestedReason.StillRunning => $"Trials are still to come ({detail}); a verdict now could be undone by them.",
        NotTestedReason.TooFewSeeds => $"Fewer than three seeds ({detail}).",
        NotTestedReason.TooManyFailures => $"More than a fifth of the trials failed or were cancelled ({detail}); those that are left may be a selection.",
        NotTestedReason.CoverageDiffers => $"Not every finished seed has a value ({detail}); comparing only those that have one would flatter.",
        NotTestedReason.DifferentMachines => $"Too few seeds were timed for both on one machine ({detail}), and times of different machines cannot be compared.",
        NotTestedReason.DifferentDevices => $"The trials ran on different devices ({detail}), so their times cannot be compared.",
        NotTestedReason.NothingLearned => "No arm learned more than the baseline by a clear margin.",
        NotTestedReason.EveryDiverged => "Every seed diverged.",
        NotTestedReason.NeverReached => "Too few seeds reached the target to say anything about it.",
        NotTestedReason.NoInformation => "No pair of seeds has a difference: both values are zero or infinite.",
        NotTestedReason.SearchTooNarrow => $"The search was too narrow ({detail}); better values may lie beyond it.",
        NotTestedReason.NotTimed => "These times come from training runs, which share the machine, and decide nothing. Add `speed: { measure: … }` to the file to time the arms alone.",
        _ => $"{detail} cannot decide such a claim: it has no better direction, or no ratio.",
    };

    protected static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
