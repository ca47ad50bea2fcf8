namespace Harness.Reports.Wording;

/// <summary>The words of the summary: headline, findings, what to do next. Callers choose a sentence by its numbers, so that each is true of them.</summary>
public partial class Texts
{
    // Claims on one line.

    /// <param name="value">At least 1 for factors, at least 0 for differences: how many times, or by how much.</param>
    public virtual string Compared(string arm, string other, string metric, bool isFactor, string value, bool isSmaller) => isFactor
        ? $"{arm}'s {metric} {Is(metric)} {value} times {(isSmaller ? "smaller" : "larger")} than {other}'s"
        : $"{arm}'s {metric} {Is(metric)} {value} {(isSmaller ? "lower" : "higher")} than {other}'s";

    public virtual string Equal(string arm, string other, string metric) => $"{arm}'s {metric} {Is(metric)} the same as {other}'s";

    /// <summary>Of the typical seed: a number of steps that was never reached has no ratio.</summary>
    public virtual string OnlyOneReaches(string arm, string other) => $"{arm}'s typical seed reaches the target and {other}'s does not";

    /// <summary>Parts within brackets; empty ones are left out.</summary>
    public virtual string Joined(IEnumerable<string> parts) => string.Join("; ", parts.Where(part => part.Length > 0));

    /// <param name="value">In the claim's direction, from one level to the next.</param>
    public virtual string TrendOf(string arm, string metric, string factor, bool isFactor, string value, bool falls) =>
        $"{arm}'s {metric} {(falls ? "falls" : "grows")} {(isFactor ? $"by a factor of {value}" : $"by {value}")} from one {factor} to the next";

    public virtual string MeasuredOf(string arm, string metric, string value) => $"{arm}'s {metric} {Is(metric)} {value} in the median";
    public virtual string ClaimedBound(string bound, bool isUpper) => $"claimed: {(isUpper ? "below" : "above")} {bound}";

    private static string Is(string metric) => metric.Split(' ')[0] is var head && head.EndsWith('s') && !head.EndsWith("ss", StringComparison.Ordinal) ? "are" : "is";

    /// <param name="bounds">Empty when there is no interval.</param>
    /// <param name="seeds">Null where nothing is left to chance.</param>
    public virtual string WithEvidence(string clause, string bounds, int? seeds, bool rounds)
    {
        var count = seeds is not { } known ? "" : $"{known} {(rounds ? "round" : "seed")}{(known == 1 ? "" : "s")}";
        var evidence = string.Join("; ", new[] { bounds, count }.Where(part => part.Length > 0));
        return evidence.Length == 0 ? $"{clause}." : $"{clause} ({evidence}).";
    }

    /// <param name="marks">Verdicts of single settings, before correction, with how many have them.</param>
    /// <param name="range">Smallest and largest estimate; null when there is none.</param>
    public virtual string OverSettings(int settings, IReadOnlyList<(string Mark, string Word, int Count)> marks, (string Low, string High)? range, string axis) =>
        $"In {settings} settings: {string.Join(", ", marks.Select(mark => $"{mark.Mark} {LowerFirst(mark.Word)} in {mark.Count}"))}{(range is not { } ends ? "" : $"; {axis} from {ends.Low} to {ends.High}")}.";

    /// <param name="isOneSided">Whether the second clause is a value alone, said of the same arm.</param>
    /// <param name="seeds">The fewest of any setting.</param>
    public virtual string EvidenceOver((string Clause, string Bounds, string Setting) least, (string Clause, string Bounds, string Setting) most, bool isOneSided, int settings, int seeds, bool rounds)
    {
        return $"{At(least)}{(isOneSided ? " and " : "; ")}{At(most)}; {(settings < 3 ? "" : $"{settings} settings, ")}{seeds} {(rounds ? "round" : "seed")}{(seeds == 1 ? "" : "s")} each.";

        static string At((string Clause, string Bounds, string Setting) side) => $"{side.Clause} at {side.Setting}{(side.Bounds.Length == 0 ? "" : $" ({side.Bounds})")}";
    }

    /// <param name="bounds">Of all settings together.</param>
    public virtual string EvidenceAlike(string clause, string bounds, int settings, int seeds, bool rounds) =>
        $"{clause} in each of {settings} settings ({Joined([bounds, $"{seeds} {(rounds ? "round" : "seed")}{(seeds == 1 ? "" : "s")} each"])}).";

    /// <param name="unit">Of the metric's catalogue; empty for plain numbers.</param>
    public virtual string InUnit(string value, string unit) => unit.Length == 0 ? value : $"{value} {unit}";
    public virtual string TimesWord(string value) => $"{value} times";
    public virtual string AxisOf(string metric, string effect) => $"{metric}, {effect}";
    public virtual string Times(string value) => $"{value}×";

    // The headline.
    public virtual string NothingPlannedHeadline => "There is nothing to answer: the experiment has no trials.";
    public virtual string NoResultHeadline(int planned) => $"No answer yet: none of {planned} {(planned == 1 ? "trial" : "trials")} has a result.";
    public virtual string RunningHeadline(int finished, int planned) => $"No answer yet: {finished} of {planned} trials have a result, and the rest could change it.";
    public virtual string AllDivergedHeadline(int runs) => runs == 1 ? "No answer: the only run diverged." : $"No answer: all {runs} runs diverged.";
    public virtual string NothingLearnedHeadline(int settings) => settings == 1
        ? "The baseline wins: no arm learned more than a predictor without memory knows." : $"The baseline wins: in none of {settings} settings did an arm learn more than a predictor without memory knows.";

    /// <summary>Own data without claims on the skill: the baseline may have been fitted, and may have a memory.</summary>
    public virtual string NothingClearHeadline(int settings) => settings == 1 ? "No arm's loss is clearly below the baseline's." : $"In none of {settings} settings is an arm's loss clearly below the baseline's.";
    public virtual string FewSeedsHeadline(int most) => most == 1 ? "No verdict: with one seed a difference may be chance." : $"No verdict: with {most} seeds a difference may be chance.";
    public virtual string TooManyFailuresHeadline(int failed, int planned) => $"No answer: {failed} of {planned} trials failed or were cancelled.";

    /// <param name="effects">What each winner gains over each loser, in their order; empty where that has no one number.</param>
    /// <param name="settings">In how many settings each of these claims holds.</param>
    public virtual string WinHeadline(IReadOnlyList<string> winners, IReadOnlyList<string> losers, string metric, IReadOnlyList<string> effects, int settings) =>
        $"{And(winners)} {(winners.Count == 1 ? "beats" : "beat")} {And(losers)} on {metric}{(settings > 1 ? $" in all {settings} settings" : "")}{(effects.Count == 0 ? "" : $" ({And(effects)})")}";

    public virtual string GainOf(string value, bool isFactor, bool isSmaller) => isFactor ? $"{value}× {(isSmaller ? "smaller" : "larger")}" : $"{value} {(isSmaller ? "lower" : "higher")}";

    /// <param name="answers">Verdict and number of settings that give it with evidence of their own.</param>
    public virtual string DependsHeadline(string statement, IReadOnlyList<(string Word, int Settings)> answers, int settings) =>
        $"It depends on the setting: “{statement.TrimEnd('.')}” is {And([.. answers.Select(answer => $"{LowerFirst(answer.Word)} in {answer.Settings}")])} of {settings} settings";

    public virtual string SameHeadline(string arm, string other, string metric) => $"{arm} and {other} show no meaningful difference on {metric}";
    /// <summary>How networks stand against the baseline, by their loss on the test part.</summary>
    /// <param name="winners">Arms that beat it.</param>
    /// <param name="losers">Arms that it beats.</param>
    /// <param name="open">Arms of which neither is clear.</param>
    /// <param name="isOfClasses">Whether classes are asked for: then right answers may say something else than the loss.</param>
    public virtual string BaselinesHeadline(IReadOnlyList<string> winners, IReadOnlyList<string> losers, IReadOnlyList<string> open, bool isOfClasses)
    {
        var part = isOfClasses ? "on the test part, by loss" : "on the test part";
        if (winners.Count + losers.Count == 0) return $"No network is clearly better or clearly worse than the baseline {part}";
        List<string> parts = [];
        if (winners.Count > 0) parts.Add($"{And(winners)} beat{(winners.Count == 1 ? "s" : "")} the baseline {part}");
        if (losers.Count > 0) parts.Add(parts.Count > 0 ? $"{And(losers)} lose{(losers.Count == 1 ? "s" : "")} to it" : $"The baseline beats {And(losers)} {part}");
        if (open.Count > 0) parts.Add($"{And(open)} {(open.Count == 1 ? "is" : "are")} neither clearly better nor clearly worse");
        return string.Join("; ", parts);
    }

    /// <param name="reached">Arms on the claimed side of a bound.</param>
    /// <param name="missed">Arms on the other side.</param>
    public virtual string ReachedHeadline(string measure, string bound, bool isUpper, IReadOnlyList<string> reached, IReadOnlyList<string> missed) =>
        $"{Sentence(measure)} {Is(measure)} {(isUpper ? "below" : "above")} {bound} for {And(reached)}{(missed.Count == 0 ? "" : $", but not for {And(missed)}")}";

    public virtual string HoldsHeadline(string statement) => statement.TrimEnd('.');
    public virtual string FailsHeadline(string statement) => $"Contradicted: {statement.TrimEnd('.')}";
    public virtual string UndecidedHeadline(int claims) => claims == 1 ? "No answer: the evidence does not decide the claim." : $"No answer: the evidence decides none of {claims} claims.";
    public virtual string CountedHeadline(int claims, string tally) => $"Of {claims} claims, {tally}";

    /// <summary>A sentence about the best arm where nothing is claimed.</summary>
    public virtual string DescribedHeadline(string arm, int arms, string setting, string loss, string baseline) =>
        $"{(arms == 1 ? $"{arm} ends at a median loss of {loss}" : $"{arm} has the smallest median loss, {loss},")}{(setting.Length == 0 ? "" : $" at {setting}")} (baseline {baseline}); no claim was tested";

    public virtual string NothingToDescribeHeadline => "No claim was tested";

    /// <param name="counts">Verdict and number of claims; not empty.</param>
    public virtual string TallyIs(IReadOnlyList<(string Word, int Claims)> counts) => And([.. counts.Select(count => $"{count.Claims} {(count.Claims == 1 ? "is" : "are")} {LowerFirst(count.Word)}")]);
    public virtual string AsSentence(string clause) => $"{clause}.";

    // Findings.

    /// <param name="counts">Arm, solved, finished; the best first.</param>
    /// <param name="more">Arms that are not listed.</param>
    public virtual string SolvedFinding(IReadOnlyList<(string Arm, int Solved, int Finished)> counts, int more, int settings) =>
        $"Solved runs{(settings > 1 ? $" over {settings} settings" : "")}: {string.Join(", ", counts.Select(count => $"{count.Arm} {count.Solved} of {count.Finished}"))}{(more > 0 ? $", and {more} more {(more == 1 ? "arm" : "arms")}" : "")}.";

    public virtual string ClosestFinding(string arm, string setting, string percent) => $"No run solved its task. {arm} came closest: its median loss is {percent} of the baseline's{(setting.Length == 0 ? "" : $" ({setting})")}.";
    public virtual string UnsolvedFinding => "No run solved its task.";
    public virtual string UnlearnedFinding(IReadOnlyList<string> settings, int all) => $"Nothing was learned in {settings.Count} of {all} settings ({Few(settings)}): no arm's loss is clearly below the baseline's there.";
    public virtual string UnsolvedSettingsFinding(IReadOnlyList<string> settings, int all) => $"No run solved its task in {settings.Count} of {all} settings ({Few(settings)}).";
    public virtual string UnlearnedArmsFinding(IReadOnlyList<string> arms) => $"The loss{(arms.Count == 1 ? "" : "es")} of {And(arms)} {(arms.Count == 1 ? "is" : "are")} not clearly below the baseline's.";
    public virtual string ContradictedFinding(IReadOnlyList<string> claims) => claims.Count == 0 ? "No claim was contradicted." : $"Contradicted: {Few(claims)}.";
    public virtual string EverywhereFinding(int settings) => settings == 2 ? "The answer is the same in both settings tested." : $"The answer is the same in all {settings} settings tested.";
    public virtual string TestedFinding(int settings) => $"It was tested in {settings} settings.";
    public virtual string OneSettingFinding => "Only one setting was tested.";
    public virtual string Sentences(IReadOnlyList<string> sentences) => string.Join(' ', sentences);
    public virtual string DivergedFinding(int diverged, int finished, IReadOnlyList<string> arms) => $"{diverged} of {finished} runs diverged ({Few(arms)}).";

    /// <param name="costs">Arm, its parameters and its time per step as multiples of the reference arm's; null where unknown.</param>
    public virtual string CostFinding(string reference, IReadOnlyList<(string Arm, string? Parameters, string? Time)> costs, bool isTimed) =>
        $"Cost against {reference}: {string.Join("; ", costs.Select(cost => $"{cost.Arm} {string.Join(", ", new[] { cost.Parameters is null ? "" : $"{cost.Parameters}× the parameters", cost.Time is null ? "" : $"{cost.Time}× the time per step" }.Where(part => part.Length > 0))}"))}{(isTimed || costs.All(cost => cost.Time is null) ? "" : " (on a shared machine)")}.";

    // What to do next.
    public virtual string NextWait(int waiting) => waiting == 1 ? "Wait for the last trial." : $"Wait for the remaining {waiting} trials.";
    public virtual string NextLowerRate => "Lower the learning rate, or clip gradients (train.clip_norm).";
    public virtual string NextRetry(int failed) => $"Find out why {failed} {(failed == 1 ? "trial" : "trials")} failed, then retry {(failed == 1 ? "it" : "them")}.";
    public virtual string NextSeeds(int least, int has) => $"Run at least {least} seeds (seeds.count; now {has}): fewer give no 95 % interval.";
    public virtual string NextLonger => "Train longer (train.steps), or try another learning rate, before concluding anything where nothing was learned.";

    /// <summary>Where losses on a person's data no longer fell and stayed above the baseline.</summary>
    /// <param name="keys">The keys that give the networks more to see.</param>
    /// <param name="isTold">Whether the flat end says so; it does not where the learning rate had fallen.</param>
    public virtual string NextLevelledOff(string keys, bool isTold) => isTold
        ? $"Give the networks more to learn from ({keys}), or try another learning rate. The losses have levelled off, so longer training will hardly help."
        : $"Give the networks more to learn from ({keys}), train longer (train.steps), or try another learning rate. The losses were flat at the end, where the learning rate had fallen; that does not say which of these helps.";

    /// <param name="further">Seeds to add for the claim that needs the fewest.</param>
    public virtual string NextMoreSeeds(int further, string claim, int open) => $"{(further == 1 ? "About one more seed" : $"About {further} more seeds")} would probably settle {claim}{(open == 1 ? "" : $", the first of {open} open claims")}.";
    public virtual string NextTime => "Time the arms alone (speed.measure) to decide claims about speed.";
    /// <summary>Of a claim whose looks are over.</summary>
    public virtual string NextClosed(string claim, bool isFutile) => isFutile
        ? $"{claim} stays open: the seeds that were left would hardly have decided it. Ask for a larger difference, or plan more seeds (seeds.most) in a new run on fresh seeds."
        : $"{claim} stays open after the last look. Plan more seeds (seeds.most) in a new run on fresh seeds.";
    public virtual string NextOpen(int open) => open == 1 ? "One claim is open; its card says why." : $"{open} claims are open; their cards say why.";
    public virtual string NextClaims => "Name a claim in the experiment file (claims) to get a verdict.";
    public virtual string NextNothing => "No further run is needed: every claim is decided.";

    // The page.
    public virtual string BackToDashboard => "Dashboard";
    public virtual string NextWord => "Next";
    public virtual string FindingsWord => "Findings";
    public virtual string GridCaption => "Settings by arms: solved seeds of finished ones, and each seed's loss relative to the baseline.";
    public virtual string GridKey(bool dots) => (dots ? "● a solved seed, ○ an unsolved one. " : "Solved seeds of finished ones. ") + "Strip: each seed's final loss (tick) and the median (dot) on a logarithmic axis that ends at the baseline (dashed). Left is better.";
    public virtual string GridLess(int shown, int all) => $"The first {shown} of {all} settings; the table of conditions has all of them.";
    public virtual string SettingWord => "Setting";
    public virtual string LossStrip(string median) => $"loss ÷ baseline {median}";
    public virtual string DetailsWord => "Details";
    public virtual string ForestKey => "Dot: typical seed. Line: 95 % interval. Grey: no meaningful difference. Dashed: what the claim asks for.";
    public virtual string ForestTitle(string metric, string meaning) => meaning.Length == 0 ? Sentence(metric) : $"{Sentence(metric)}: {meaning}";
    public virtual string ForestGain(bool isFactor, bool isSmaller, bool isEmpty) => isEmpty ? "" : isFactor ? isSmaller ? "how many times smaller" : "how many times larger" : isSmaller ? "by how much lower" : "by how much higher";
    public virtual string ForestRatio(bool isFactor) => isFactor ? "ratio" : "difference";
    public virtual string MoreSettings(int count) => count == 1 ? "1 more setting is in the details." : $"{count} more settings are in the details.";
    public virtual string DecidedSection => "How this was decided";
    public virtual string FilterWord => "Filter";
    public virtual string ShowFigure => "Show the figure";
    public virtual string TakeOut => "Export";
    public virtual string TakeNumbers => "CSV (numbers)";
    public virtual string TakeTable => "LaTeX table";
    public virtual string TakeCaption => "Copy caption";
    public virtual string TakeDone => "Done";
    public virtual string SeedWord => "seed";
    public virtual string Unvaried(int count) => $"{count} settings that did not vary";
    public virtual string ShowTable(int rows) => rows == 1 ? "Show the row" : $"Show {rows} rows";
    public virtual string PrintTrialsWord => "Print all trials, too";

    /// <summary>"a", "a and b", "a, b and c".</summary>
    protected virtual string And(IReadOnlyList<string> words) => words.Count <= 1 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";

    protected virtual string Few(IReadOnlyList<string> names) => names.Count <= 3 ? string.Join("; ", names) : $"{string.Join("; ", names.Take(2))} and {names.Count - 2} more";

    private static string LowerFirst(string text) => text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];
}
