namespace Harness.Reports.Wording;

/// <summary>The words about tuning and learning rates.</summary>
public partial class Texts
{
    public virtual string TuningSection => "Tuning";
    public virtual string TuningSearchSection => "What the search found";
    public virtual string ChosenColumn => "Chosen values";
    public virtual string StudiesColumn => "Best of each study";
    public virtual string DivergedColumn => "Diverged trials";
    public virtual string CostColumn => "Cost";
    public virtual string TuningNote => "Tuning trials count in no verdict: every arm was trained again at its chosen values, on seeds that tuning never saw. Times are those of training runs, which may share a machine.";

    /// <summary>How much each arm was searched.</summary>
    public string SearchBudget(Abstractions.Results.TuningResults tuning)
    {
        var (least, most) = tuning.PointsTried();
        return tuning.Spec.Seconds is { } seconds ? SearchedFor(Formatting.Numbers.Plain(seconds), least, most) : SearchedPoints(most);
    }

    protected virtual string SearchedPoints(int points) => $"{points} points";
    protected virtual string SearchedFor(string seconds, int least, int most) => $"{(least == most ? $"{most}" : $"{least} to {most}")} points within {seconds} s";

    /// <summary>Where curves over the number of points end in a search by time.</summary>
    public virtual string TimedSearchNote(int least, int most) => $"Arms tried {least} to {most} points in the same time. The curves end at {least}, which every arm reached.";

    public virtual string TuningCaption(string budget, int studies, int seeds, string metric, string searched) =>
        $"Every arm was tried at {budget}{(studies == 1 ? "" : $" in each of {studies} studies")}, each on {seeds} {(seeds == 1 ? "seed" : "seeds")} ({searched}). Chosen by the median {metric}{(studies == 1 ? "" : "; of the studies' best points, the one in the middle counts")}.";

    public virtual string TrialsAndTime(int trials, string time) => $"{trials} {(trials == 1 ? "trial" : "trials")}, {time}";

    /// <summary>Why a choice cannot be trusted.</summary>
    /// <param name="wider">A wider search, as the file would have it.</param>
    public virtual string SearchTooNarrow(string setting, string value, bool isLow, string wider) => $"{setting} {value} is the {(isLow ? "smallest" : "largest")} value tried: try {wider}";
    public virtual string TuningRuns(int finished, int planned) => $"tuning: {finished} of {planned} trials";
    public virtual string ScopeTuned(string budget, string searched) => $"each arm tuned, best of {budget} over {searched}";

    /// <summary>What an untuned claim is about.</summary>
    /// <param name="rates">One rate, or one for each arm.</param>
    public virtual string Untuned(string rates) => $"At learning rate {rates}, untuned.";

    /// <summary>What a tuned claim is about.</summary>
    /// <param name="chosen">Each arm with its values.</param>
    public virtual string TunedAt(string budget, string searched, string chosen) => $"Each at its best of {budget} ({searched}): {chosen}.";

    /// <summary>What pruning saved.</summary>
    /// <param name="rungs">The points of an arm and study on each rung, and the share of the steps: 1 over the part.</param>
    public virtual string PrunedNote(IReadOnlyList<(int Points, int Part)> rungs, string spent, string inFull) =>
        $"Halving trained {string.Join(", ", rungs.Select(rung => $"{rung.Points} points {(rung.Part == 1 ? "in full" : $"for 1/{rung.Part} of the steps")}"))}. That took {spent} in all; without pruning it would have taken about {inFull}.";

    public virtual string BestOfFirstRung(int part) => $"All points are compared on the first rung, after 1/{part} of the steps: only the best were trained for longer.";

    public virtual string NextWiden => "Widen the search: a chosen value lies at its edge. The table of tuning says what to try.";

    public virtual string RateTitle => "Learning rates at which each arm trains";
    public virtual string RateBaseline => "baseline";
    public virtual string RateNever => "trains at none of the rates tried";
    public virtual string RateInWindow => "In the window";
    public virtual string RateTableCaption => "Median over seeds at every learning rate that was tried.";
    public virtual string RateOthersNote => "Other settings were searched beside the learning rate, so points at similar rates may differ in them.";
    public virtual string RatePanelsLeft(int panels) => $"{panels} more {(panels == 1 ? "setting is" : "settings are")} in the table only.";
    public virtual string RateClause(string arm, string window) => $"{arm} {window}";

    /// <param name="least">Decades between the rates inside the window.</param>
    /// <param name="most">Decades between the rates just outside it; null where the window reaches the end of the search.</param>
    public virtual string RateWindow(string low, string high, string least, string? most) =>
        low == high ? $"trains at {low} only ({(most is null ? "at the end of the search" : $"a window of at most {most} decades")})"
        : $"trains from {low} to {high} ({(most is null ? $"at least {least} decades, up to the end of the search" : $"{least} to {most} decades")})";

    public virtual string RateSentence(string setting, IReadOnlyList<string> clauses) => $"{(setting.Length == 0 ? "" : $"{setting}: ")}{string.Join("; ", clauses)}.";
    public virtual IReadOnlyList<string> RateHowToRead { get; } =
    [
        "Each mark is the median over seeds at one learning rate; a cross at the top diverged. An arm trains where its loss is within a tenth of the way from its best loss back to the baseline.",
        "The window is given in decades (1 decade is a factor of 10). Its first number counts the rates tried inside the window, its second those tried just outside it: the true width lies between.",
        "Where windows hardly overlap, one rate for all arms decides who wins. Compare each arm at its own best.",
    ];

    public virtual string BestOfTitle => "What a search of k points finds";
    public virtual string BestOfAxis => "Points tried, k";
    public virtual string BestOfBetter => "Band, better end";
    public virtual string BestOfWorse => "Band, worse end";
    public virtual string BestOfTableCaption => "Median of the best of k points, with a band that holds for all k at once with 95 % confidence.";
    public virtual string BestOfClause(string arm, string range) => $"{arm} {range}";
    public virtual string BestOfRange(string median, string? low, string? high) => $"{median} ({low ?? "open"} to {high ?? "open"})";
    public virtual string BestOfSentence(string setting, int budget, IReadOnlyList<string> clauses) => $"{(setting.Length == 0 ? "Best" : $"{setting}: best")} of {budget}: {string.Join("; ", clauses)}.";
    public virtual string BestOfBandNote => "The bands follow from the exact Kolmogorov distribution (Lourie et al. 2023) and assume nothing about how scores are distributed. They assume independent points; Sobol points spread more evenly, so the bands are rather too wide than too narrow.";
    public virtual IReadOnlyList<string> BestOfHowToRead { get; } =
    [
        "The curve is the median of the best result among k random points of the search: what somebody who tries k settings may expect. It ends at the budget of this experiment.",
        "A curve that still falls at its right end would gain from more search. Where two bands overlap at the budget, the search alone does not tell the arms apart; the verdicts rest on the confirmation.",
    ];

    public virtual string LeadTitle => "Who leads, by budget";
    public virtual string LeadEven => "even";
    public virtual string LeadPair => "Pair";
    public virtual string LeadShare => "Probability";
    public virtual string LeadLow => "Band, low end";
    public virtual string LeadHigh => "Band, high end";
    public virtual string LeadAxis(string leader) => $"P({leader} has the better best of k)";
    public virtual string LeadAgainst(string rival) => $"against {rival}";
    public virtual string LeadRange(string share, string low, string high) => $"{share} ({low} – {high})";
    public virtual string LeadTableCaption => "Probability that the best of k points of the first arm is better than the best of k points of the second, with a band that holds for all k at once with 95 % confidence.";

    /// <param name="from">The least k from which on the band lies above one half; null where it does not.</param>
    public virtual string LeadClause(string rival, string range, int? from) => from is { } k ? $"better than {rival} with {range}, and ahead from k = {k} on" : $"better than {rival} with {range}, which decides nothing";

    public virtual string LeadSentence(string setting, string leader, int budget, IReadOnlyList<string> clauses) => $"{(setting.Length == 0 ? "With" : $"{setting}: with")} {budget} points {leader} leads: {string.Join("; ", clauses)}.";
    public virtual string LeadNote => "This compares the searches by the metric that chose, on the seeds of tuning. The verdicts compare the chosen points on fresh seeds.";
    public virtual IReadOnlyList<string> LeadHowToRead { get; } =
    [
        "The curve is the probability that the leading arm has the better result when k random points of the search are tried for both arms. Equal results count one half.",
        "Where the band lies above one half for every k up to the budget, more or less search would not have changed who leads. Where the curve crosses one half, the budget decides.",
    ];
}
