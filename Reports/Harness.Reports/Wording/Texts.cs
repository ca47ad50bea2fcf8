using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Wording;

/// <summary>
/// Every word of a report, in English. One member per text, numbers already written by the caller: another language is
/// another table of the same members, and no component or computation holds prose of its own.
/// </summary>
public partial class Texts
{
    /// <summary>As a BCP 47 tag, for the page.</summary>
    public virtual string Language => "en";

    /// <summary>What its readers call the language.</summary>
    public virtual string LanguageName => "English";
    public virtual string LanguageWord => "Language";

    /// <summary>The texts of a language of <see cref="ReportLanguages"/>; null means the first of them.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Texts In(string? language) => (language ?? ReportLanguages.All[0]) switch
    {
        "en" => new Texts(),
        "zh" => new ChineseTexts(),
        var unknown => throw new ArgumentException($"There are no texts in '{unknown}'. Known: {string.Join(", ", ReportLanguages.All)}.", nameof(language)),
    };

    // The page.
    public virtual string SkipToContent => "Skip to content";
    public virtual string Contents => "Contents";
    public virtual string Theme => "Light / dark";
    public virtual string PrintWord => "Print";
    public virtual string AxisOfFigure(string figure) => $"Axis of {figure}";
    public virtual string LogAxis => "Log";
    public virtual string SingleSeeds => "Single seeds";
    public virtual string LinearAxis => "Linear";
    public virtual string PresentWord => "Present";
    public virtual string PreviousWord => "Previous";
    public virtual string FollowingWord => "Next";
    public virtual string EndWord => "End";
    public virtual string Chart => "Chart";
    public virtual string TableWord => "Table";
    public virtual string HowToRead => "How to read this";
    public virtual string FigureWord(string number) => $"Figure {number}";
    public virtual string ViewOf(string figure) => $"View of {figure}";
    public virtual string Permalink(string title) => $"Link to {title}";
    public virtual string Labelled(string label, string text) => $"{label}: {text}";
    public virtual string Notices => "Before you read on";

    // Sections.
    public virtual string OverviewSection => "Conditions at a glance";
    public virtual string ComparedSection => "What was compared";
    public virtual string GradientSection => "Vanishing gradients";
    public virtual string TaskSection => "What had to be learned";
    public virtual string GatesSection => "Inside the gates";
    public virtual string EfficiencySection => "Training efficiency";
    public virtual string GeneralitySection => "Performance profile";
    public virtual string PairsSection => "Every pair";
    public virtual string OutcomesSection => "Reliability of this experiment";
    public virtual string TrialsSection => "All trials";
    public virtual string ReproductionSection => "Data and reproduction";
    public virtual string CommandHeading => "Run it again";
    public virtual string EnvironmentHeading => "Environment";
    public virtual string MethodsHeading => "Methods";
    public virtual string SpecHeading => "Experiment file";
    public virtual string DataHeading => "Embedded data";
    public virtual string DataText => "The element with the id report-data at the end of this file holds these results as JSON: every trial, its outcome, its curves and gradient profiles (long ones reduced to buckets that keep smallest, largest and last value).";
    public virtual string OverridesText(string overrides) => $"Changed on the command line: {overrides}";

    // Masthead.
    public virtual string ExperimentId => "Experiment";
    public virtual string SpecDigest => "Specification";
    public virtual string Submitted => "Submitted";
    public virtual string FinishedTerm => "Finished";
    public virtual string HarnessVersion => "Harness";
    public virtual string Hardware => "Hardware";
    public virtual string HardwareLine(string processor, string cores, string devices, string libtorch, string system) => $"{processor}, {cores} cores; devices: {devices}; libtorch {libtorch}; {system}";

    public virtual string Status(ReportStatus status, int finished, int planned, int diverged, int failed, int cancelled)
    {
        var word = status switch { ReportStatus.Complete => "Complete", ReportStatus.Incomplete => "Incomplete", _ => "Provisional" };
        var stopped = cancelled > 0 ? $" · {cancelled} cancelled" : "";
        return $"{word} {finished}/{planned} · {diverged} diverged · {failed} failed{stopped}";
    }

    // Notices.
    public virtual string ComparisonNotice(IReadOnlyList<string> names, int shared) =>
        $"This report puts experiments side by side that were run apart: {string.Join(", ", names)}. {(shared switch { 0 => "", 1 => "One trial belongs to more than one of them and counts once. ", _ => $"{shared} trials belong to more than one of them and count once. " })}The claims of their files are decided in their own reports.";
    public virtual string NothingFinished => "No trial has finished yet: this report shows the plan and what has been recorded so far.";
    public virtual string NoResultNotice(string conditions) => $"No finished trial in {conditions}.";
    public virtual string FewSeedsNotice(string conditions) => $"Fewer than three finished seeds in {conditions}: single values are shown without an interval, and differences may be chance.";
    public virtual string FailedNotice(string conditions) => $"Trials failed for reasons that have nothing to do with the network (machine, process) in {conditions}. They are listed, and left out of every estimate.";
    public virtual string StillFallingNotice(string conditions) =>
        $"Still falling when training ended: {conditions}. In the last fifth of the steps the evaluation loss fell by more than a tenth. With more steps the order may change.";

    public virtual string StoppedBeforeLearningNotice(string conditions) =>
        $"Stopped by early_stop.patience before beating the baseline: {conditions}. A slow starter looks like a loser here. Raise the patience, or train all steps.";

    public virtual string KeptBestNotice =>
        "Weights of the best evaluation were kept (train.keep: best). Final losses are the smallest on the validation part, which flatters them a little: the test part was not used to choose.";

    public virtual string KeptAt(string step) => $"weights of step {step} kept";

    public virtual string DivergedNotice(string conditions) => $"Trials diverged in {conditions}. That is a result: their loss counts as worse than any other in medians and intervals.";
    public virtual string UncheckedNotice(int count, IReadOnlyList<string> machines) =>
        $"{count} {(count == 1 ? "result comes" : "results come")} from a worker without a self-check trial (on {string.Join(", ", machines)}). Nobody knows whether it computes what the others compute.";

    public virtual string SeveralMachinesNotice(int count) => $"Trials ran in {count} different environments: compare times within one environment only.";

    public virtual string DamageNotice(IReadOnlyList<Damage> damage) =>
        $"Stored results are damaged, and this report may be wrong: {string.Join(", ", damage.Take(4).Select(Damaged))}{(damage.Count > 4 ? $" and {damage.Count - 4} more parts" : "")}. 'harness verify' lists every damaged part and what to do.";

    public virtual string Damaged(Damage damage) => damage.ToString();

    public virtual string TimingFailedNotice(string? reason) => $"Time per step was to be measured alone on a machine, but a timing trial failed or was cancelled{(reason is null ? "" : $": {reason.TrimEnd('.')}")}. Times are the training runs' own where it is missing.";

    /// <summary>A few names, and how many more there are.</summary>
    public virtual string Some(IReadOnlyList<string> names) =>
        names.Count <= 4 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more conditions";

    // Words shared by tables.
    public virtual string Condition => "Condition";
    public virtual string Parameters => "Parameters";
    public virtual string ParametersTotal => "Parameters in total";
    public virtual string RecurrentLayers => "recurrent layers";
    public virtual string WithReadOut => "with read-out";
    public virtual string FinalLoss => "Final loss";
    public virtual string BestLoss => "Best loss";
    public virtual string AnySeed => "of any seed";
    public virtual string Baseline => "Baseline";
    public virtual string LossOverBaseline => "Loss / baseline";
    public virtual string Solved => "Solved";
    public virtual string SeedsOfFinished => "of finished seeds";
    public virtual string StepsToTarget => "Steps to target";
    public virtual string StepTime => "ms per step";
    public virtual string SequencesPerSecond => "Sequences/s";
    public virtual string Outcomes => "Trials";
    public virtual string Seeds => "Seeds";
    public virtual string Seed => "Seed";
    public virtual string State => "State";
    public virtual string Steps => "Steps";
    public virtual string Device => "Device";
    public virtual string Worker => "Worker";
    public virtual string Attempts => "Attempts";
    public virtual string Trial => "Trial";
    public virtual string Remark => "Remark";
    public virtual string Finished => "finished";
    public virtual string Diverged => "Diverged";
    public virtual string MedianWord => "median";
    public virtual string MedianAndInterval => "median, 95 % interval";
    public virtual string DivergedWord => "diverged";
    public virtual string NotReached => "not reached";
    public virtual string StepsUnit => "steps";
    public virtual string WithBounds(string value, string bounds) => $"{value} ({bounds})";
    public virtual string NoInterval(int seeds) => seeds == 1 ? "1 seed, no interval" : $"{seeds} seeds, no interval";
    public virtual string CountOf(int part, int whole) => $"{part}/{whole}";
    public virtual string FinishedOfPlanned => "finished/planned";
    public virtual string DivergedCount(int count) => $"{count} diverged";
    public virtual string FailedCount(int count) => $"{count} failed";
    public virtual string CancelledCount(int count) => $"{count} cancelled";
    public virtual string PendingCount(int count) => $"{count} to come";

    // Tables.
    public virtual string BestMark => "★";
    public virtual string BestNote => "★ marks the best of the conditions that are compared with each other, and those that the intervals do not set apart from it; where that is all of them, or there is one only, nothing is marked.";
    public virtual string ConditionsCaption => "One row per condition. Diverged seeds count as the largest loss; failed and cancelled trials are counted in the last column and left out of the estimates.";
    public virtual string OwnCriterion => "Solved: the task's own success criterion was met at two evaluations in a row. Steps to target: the first of the two; a seed that never got there counts as later than every other, so the median may be “not reached”.";
    public virtual string Threshold(string metric, double threshold, bool below) => $"{metric} {(below ? "below" : "above")} {Numbers.Plain(threshold)}";
    public virtual string Target(IReadOnlyList<string> thresholds) => $"Solved: {(thresholds.Count == 1 ? thresholds[0] : $"each condition's own target ({string.Join(", ", thresholds)})")} at two evaluations in a row. Steps to target: the first of the two; a seed that never got there counts as later than every other, so the median may be “not reached”.";
    public virtual string TrialsCaption => "Every planned trial with its state.";
    public virtual string TrialsLeftOut(int shown, int all) => $"{shown} of {all} trials are listed, those without a completed run first to be kept; the embedded data hold all of them.";
    public virtual string DivergedAt(string step) => $"diverged at step {step}";

    public virtual string StateMark(TrialState state) => state switch
    {
        TrialState.Completed => "✔ completed",
        TrialState.Diverged => "◆ diverged",
        TrialState.Failed => "✘ failed",
        TrialState.Cancelled => "■ cancelled",
        TrialState.Running => "▶ running",
        TrialState.BackingOff => "↻ backing off",
        _ => "· pending",
    };

    // What was compared.
    public virtual string ComparedCaption => "Every setting that was varied and can change an outcome.";
    public virtual string UnvariedCaption => "Settings that can change an outcome and were the same for all conditions.";
    public virtual string Setting => "Setting";
    public virtual string Level => "Value";
    public virtual string Cell(string cell) => CellCatalog.Find(cell)?.DisplayName ?? cell;
    public virtual string ParameterFormula => "Recurrent parameters per layer and direction: g·(I·H + H² + 2H) with input size I, hidden size H and g = 1 for RNN, 3 for GRU, 4 for LSTM. Equal hidden size asks what a cell does with the same state; equal parameters what it does with the same memory for weights. The two questions can have different answers.";

    /// <summary>What a factor is called, by the name that it has in the experiment file: <c>train.optimizer.lr</c>, <c>forget_bias</c>.</summary>
    public virtual string FactorName(string factor) => factor == "lr" ? "learning rate" : factor[(factor.LastIndexOf('.') + 1)..].Replace('_', ' ');

    /// <param name="kind">The word in the experiment file.</param>
    public virtual string TaskName(string kind) => TaskCatalog.Find(kind)?.Name.English ?? kind;

    // Pairs.
    public virtual string PairsCaption => "Final losses of every two arms, paired by seed; a diverged seed is worse than any other. A description: no claim is decided here.";
    public virtual string Pair => "Pair";
    public virtual string PairOf(string a, string b) => $"{a} against {b}";
    public virtual string AllConditions => "all";
    public virtual string BetterShare => "First is better";
    public virtual string BetterShareHint => "probability of improvement";
    public virtual string LossEffect => "Losses, first against second";
    public virtual string LossEffectHint => "typical seed: ratio, or difference in nats";
    public virtual string SignedRankP => "Signed-rank p";
    public virtual string Uncorrected => "exact, not corrected";
    public virtual string PairsLeftOut(int shown, int all) => $"The first {shown} of {all} pairs.";

    // Reliability.
    public virtual string OutcomesCaption => "How the trials ended. Diverged is a result; failed is the machine’s fault and says nothing about the cell.";
    public virtual string Planned => "Planned";
    public virtual string CompletedWord => "Completed";
    public virtual string FailedWord => "Failed";
    public virtual string CancelledWord => "Cancelled";
    public virtual string ToCome => "To come";
    public virtual string AllTrials => "all trials together";
    public virtual string Restarted => "Restarted";
    public virtual string MoreThanOneAttempt => "trials with more than one attempt";
    public virtual string SmoothConditions(int smooth, int all) => smooth == all
        ? "Every trial of every condition completed at its first attempt." : $"{smooth} of {all} conditions are not listed: every trial of theirs completed at its first attempt.";

    // Environment.
    public virtual string EnvironmentCaption => "Where the numbers came from.";
    public virtual string Property => "Property";
    public virtual string Machine(string number, int of) => of == 1 ? "Value" : $"Environment {number}";
    public virtual string OperatingSystem => "Operating system";
    public virtual string Runtime => "Runtime";
    public virtual string Processor => "Processor";
    public virtual string Cores => "Cores";
    public virtual string Subnormals => "Subnormal numbers";
    public virtual string SubnormalsFlushed(bool flushed) => flushed ? "read as zero" : "kept";
    public virtual string Devices => "Devices";
    public virtual string Threads => "Torch threads per trial";

    public virtual IReadOnlyList<string> Methods =>
    [
        "The seed is the unit of replication: every number is computed per seed first, then summarised over seeds by the median.",
        "Medians have the distribution-free interval of the sign test, which covers the median with at least 95 % for every distribution. Below six seeds the range stands instead of an interval, below three nothing.",
        "Verdicts compare arms seed by seed: log ratios for quantities that span decades, differences for shares and for losses in nats. They are about the typical seed (the Hodges–Lehmann location of the paired differences), which rare failures do not move; failed seeds have a line of their own. Interval and p of a card come from one test, so that they agree. Holm's procedure keeps the chance of any false verdict at 5 %; a claim over several settings must hold in each. Equality must be shown on both sides, and is never concluded from the absence of a difference. Pairs of two diverged runs, or of two runs that never reached the target, are no evidence of equality. A comparison that only some seeds could enter is refused.",
        "A loss or accuracy is compared only where an arm learned: its median loss is below 0.95 of the baseline and further below it than two standard errors of the baseline on the evaluation set.",
        "Seeds are paired: the same seed gives every cell the same batches and the same evaluation set.",
        "Losses are evaluation losses on a fixed set that is never trained on. The baseline is the naive predictor's loss on the same set.",
        "Gradient profiles are taken in double precision, before clipping, from the loss at the last step only: per-sample norms, averaged over the probe's sequences. Slopes are least-squares fits of log10 norm on lag over the central 80 % of the lags; half-life = log10 2 / −slope.",
        "Milliseconds per step is the median over the steps of a trial after warm-up (data, forward, backward, clipping, optimizer).",
        "Where speed was measured, times come from timing trials instead: alone on a machine, every kind of step takes its turn in every round (there and back), so that rounds are pairs; ratios are taken within a round and never between machines. Neighbouring rounds share the machine's state, so such intervals speak for this machine at that time.",
    ];

    // Figures in general.
    public virtual string PanelTitle(string figure, string panel) => panel.Length == 0 ? figure : $"{figure}: {panel}";
    public virtual string PanelsLeftOut(int shown, int all, bool asked) =>
        $"{shown} of {all} combinations of factors {(shown == 1 ? "is" : "are")} drawn, {(asked ? "first those that claims look at and those in which most runs reached the target" : "evenly spread")}; the table lists all of them.";
    public virtual string RowsLeftOut(string panel, int shown, int all) => $"{panel}: {shown} of {all} rows are drawn, evenly spread; the table lists all of them.";
    public virtual string SeedCurvesLeftOut => "With this many conditions single seeds are not drawn.";
    public virtual string OneOf(int all) => $"One of {all} settings:";
    public virtual string FirstAndLast => "First and last setting:";
    public virtual string FacetAndMoment(string facet, string moment) => $"{facet} · {moment}";

    public virtual string Moment(ProbeMoment moment) => moment switch
    {
        ProbeMoment.Init => "at initialisation",
        ProbeMoment.Middle => "in mid-training",
        _ => "after training",
    };
}
