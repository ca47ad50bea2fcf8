using Harness.Abstractions.Catalog;

namespace Harness.Reports.Wording;

/// <summary>The figures' words.</summary>
public partial class Texts
{
    // One sequence of each task.
    public virtual string TaskTitle => "One sequence of each task";
    public virtual string TaskCaption(int tasks) => tasks == 1 ? "What the network sees of one sequence, and what it is asked." : "What the network sees of one sequence of each task, and what it is asked.";
    public virtual string TaskName(TaskDefinition task) => task.Name.English;
    public virtual string TaskSummary(TaskDefinition task) => task.Summary.English;
    public virtual string InputAxis => "input";
    public virtual string AnswerLabel => "to answer";
    public virtual string OneAnswer(string answer, string step, bool isClass) => isClass ? $"class {answer}, after step {step}" : $"{answer}, after step {step}";
    public virtual string ManyAnswers(string answers, string from, string to, bool areClasses) => $"{(areClasses ? "classes " : "")}{answers}, at steps {from} to {to}";
    public virtual string TaskSentence(string steps, string features, string relevant, string answer) =>
        $"A sequence of {steps} steps with {features} features each.{(relevant.Length == 0 ? "" : $" The answer depends on steps {relevant}.")} To answer: {answer}.";
    public virtual string TaskExampleNote => "The first sequence of the evaluation set of the seed that started first: an example. ▽ marks the steps that decide the answer, where the task singles any out; steps are counted from 0.";
    public virtual string TaskTableCaption => "One sequence of each task, with what has to be answered.";
    public virtual string TaskColumn => "Task";
    public virtual string StepsColumn => "Steps";
    public virtual string FeaturesColumn => "Features per step";
    public virtual string RelevantColumn => "Steps that decide";
    public virtual string AnswerColumn => "To answer";
    public virtual IReadOnlyList<string> TaskHowToRead =>
    [
        "Time runs from left to right. Up to three features are drawn as lines; more, such as one per symbol, as rows, the first feature on top, bright where it is large.",
        "The distance between the marks ▽ and the answer is what has to be bridged: over so many steps the network must keep what it saw, and over so many steps the gradient must reach back.",
    ];

    // Gates over a sequence.
    public virtual string GatesTitle => "What the gates do over one sequence";
    public virtual string InputsTitle => "input";
    public virtual string Gate(string gate) => GateNames.Of(gate).English;
    public virtual string UnitsAxis => "units, those that keep longest on top";
    public virtual string FeaturesAxis => "features of the input";
    public virtual string TimeAxis => "step of the sequence";
    public virtual string GateScaleAxis => "0 closed, 1 open";
    public virtual string GateScaleSentence => "From closed, dark, to open, bright.";
    public virtual string GatesExampleNote(string seed) => $"One evaluation sequence of seed {seed}, the same for every cell, after training: an example, not a statistic. Lines mark the steps that decide the answer, where the task singles any out.";
    public virtual string GatesCaption(string facet) => $"Over this sequence{(facet.Length == 0 ? "" : $" ({facet})")}:";
    /// <param name="most">Arm and gate with the largest mean, of all that are drawn.</param>
    public virtual string GatesFinding(string most, string mostMean, string least, string leastMean) => $"Of the gates, {most} is open most, {mostMean} on average, and {least} least, {leastMean}.";
    public virtual string GateOf(string arm, string gate) => $"{arm}'s {gate}";
    public virtual string GateSentence(string arm, string gate, string mean, string open, string closed) => $"{arm}, {gate}: {mean} on average, {open} of its values above 0.9, {closed} below 0.1.";
    public virtual string InputsSentence(string features) => $"The input sequence, {features} features per step, each from its smallest value, dark, to its largest, bright.";
    public virtual string GatesTableCaption => "Gates over all evaluation sequences, at the last moment that was probed; medians over seeds. Time constants: after so many steps a unit has kept 37 % of its state.";
    public virtual string GateColumn => "Gate";
    public virtual string ClosedColumn => "Below 0.1";
    public virtual string OpenColumn => "Above 0.9";
    public virtual string TimeConstant(string share) => $"Time constant, {share} of units";
    public virtual IReadOnlyList<string> GatesHowToRead =>
    [
        "Time runs from left to right, each row is one unit, bright is open. Each cell has a column: the input on top, below it the gates that answer to it. A line through the column marks a step that decides.",
        "LSTM: the forget gate is the share of the old cell state that is kept, the input gate the share of the new candidate that is written, the output gate the share of the cell state that is shown to the outside. GRU: the update gate is the share of the old state that is kept (one minus that of the candidate is written), the reset gate the share of the past that the candidate may see.",
        "A network that has learned to remember shows it: the gate that keeps stays bright between the steps that matter, and the gate that writes opens at those steps and is dark elsewhere. Rows that never change belong to units that do the same whatever comes.",
    ];

    // Gradient norm versus lag.
    public virtual string GradientTitle => "How much of the gradient reaches back";
    public virtual string LagAxis => "lag k: steps before the loss";
    public virtual string GradientAxis => "gradient norm at lag k, relative to k = 0";
    public virtual string FloorLabel => "float32 floor";
    public virtual string FloorNote(string floor) => $"Float32 floor: training in float32 reads entries below {floor} as zero; these norms are float64. The line is drawn where it falls inside the axes. ▽ marks where a curve leaves them downwards.";
    public virtual string NoProfile => "No profile was recorded.";
    public virtual string NoSlope => "too few norms above zero for a slope";
    public virtual string NoSlopeAtAll => "No profile has enough norms above zero for a slope.";
    public virtual string NoDecayWord => "no decay";
    public virtual string Decays(string factor, string halfLife, bool beyondSequence) => $"×{factor} per step → half-life {halfLife} steps{(beyondSequence ? ", longer than the sequence" : "")}";
    public virtual string DoesNotDecay(string factor) => $"×{factor} per step → does not decay";
    public virtual string DecaySentence(string label, string decay) => $"{label}: {decay}.";
    /// <param name="halfLife">Time steps; null where the gradient does not decay.</param>
    public virtual string ReachOf(string arm, string? halfLife) => halfLife is null ? $"{arm} (no decay)" : $"{arm} (half is left after {halfLife} time steps)";
    public virtual string ReachSentence(string moment, string facet, string only, int seeds) => $"{Sentence(moment)}{(facet.Length == 0 ? "" : $", {facet}")}, the gradient's reach is that of {only}, n = {seeds}.";

    /// <param name="furthest">See <see cref="ReachOf"/>.</param>
    public virtual string ReachSentence(string moment, string facet, string furthest, string nearest, int seeds) =>
        $"{Sentence(moment)}{(facet.Length == 0 ? "" : $", {facet}")}, the gradient reaches furthest in {furthest} and least far in {nearest}, n = {seeds}.";
    public virtual string GradientTableCaption => "Decay of the gradient norm per step of lag, by condition, moment and state. Ratios are norms at that lag relative to lag 0, medians over seeds.";
    public virtual string WhenColumn => "When";
    public virtual string StateColumn => "State";
    public virtual string LayerColumn => "Layer";
    public virtual string DirectionColumn => "Direction";
    public virtual string Forward => "forward";
    public virtual string Backward => "backward";
    public virtual string FactorPerStep => "Factor per step";
    public virtual string HalfLifeColumn => "Half-life";
    public virtual string RatioAtLag(int lag) => $"Ratio at lag {lag}";
    public virtual IReadOnlyList<string> GradientHowToRead =>
    [
        "The loss is measured after the last step. Each curve follows its gradient back through the sequence: at lag k it shows how strongly the loss still depends on the state k steps earlier, relative to the last state. The axis is logarithmic: a straight line downwards is exponential decay, and every grid line is a factor.",
        "Where a curve has fallen by many powers of ten, what happened that long ago hardly changes the weights: the network cannot learn from it by gradient descent. Compare the panels: training can repair what the initialisation could not do, and the other way round.",
        "The line is the median over seeds, the band its 95 % interval, the thin lines single seeds. The LSTM carries two states: c is its long-term memory, h what it shows to the outside. Its gates act on c, so judge its memory by c.",
        "A gradient that survives is not yet a task that is learned, and a small one at the start does not rule learning out: read this figure together with the loss.",
    ];

    // Loss versus step.
    public virtual string LossTitle => "Loss over training";
    public virtual string StepAxis => "optimizer step";
    public virtual string EvaluationLossAxis => "evaluation loss";
    public virtual string TrainingLossAxis => "training loss";
    public virtual string BaselineLabel(string task, string value) => $"baseline {value}";
    public virtual string LossAnnotation(string loss, int finished, int diverged, int failed) =>
        $"final {loss}, n = {finished}{(diverged > 0 ? $", {diverged} diverged" : "")}{(failed > 0 ? $", {failed} failed" : "")}";
    public virtual string LossOf(string label, string loss, int finished, int diverged) =>
        $"{label} {loss}, n = {finished}{(diverged > 0 ? $", {diverged} of them diverged" : "")}";
    public virtual string LossSentence(string facet, IReadOnlyList<string> arms, string? baseline) =>
        $"Median final loss{(facet.Length == 0 ? "" : $" at {facet}")} (95 % interval): {string.Join("; ", arms)}{(baseline is null ? "" : $"; naive baseline {baseline}")}.";
    public virtual string LossFinding(string facet, string best, string loss, string? worst, string? worstLoss, string? baseline) =>
        $"{(facet.Length == 0 ? "" : $"{Sentence(facet)}: ")}{best} ends lowest, at a median loss of {loss}{(worst is null ? "" : $", {worst} highest, at {worstLoss}")}{(baseline is null ? "" : $"; baseline {baseline}")}.";
    public virtual string NoFinalLoss(string facet) => facet.Length == 0 ? "No trial has finished yet." : $"No trial has finished yet at {facet}.";
    public virtual string LossTableCaption => "Losses at the end of training. A diverged seed counts as the largest loss.";
    public virtual IReadOnlyList<string> LossHowToRead =>
    [
        "Each line is the median over seeds of the loss on a fixed evaluation set; thin lines are single seeds, the band is the 95 % interval of the median. Both the line and the band count a diverged seed as worst from the step where it diverged; ✕ marks that step.",
        "The dashed grey line is what a predictor without memory achieves on the same evaluation set. A network that stays on it has learned nothing about the past, however smooth its curve.",
        "On such tasks networks often sit on the plateau for a long time and then fall suddenly; a seed that has not fallen yet may do so later. That is why medians are shown rather than means, and the share of solved seeds stands in the table.",
    ];

    public virtual string TrainSecondsAxis => "seconds of training";
    public virtual string BySteps => "by steps";
    public virtual string BySeconds => "by seconds";
    public virtual string ByParameters => "by parameters";

    // Gradient by lag and step.
    public virtual string HeatmapTitle => "Where the gradient recovers and where it dies";
    public virtual string ScaleTitle => "Scale";
    public virtual string ScaleSentence(string darkest) => $"From {darkest} and below, dark, to 1, bright.";
    public virtual string HeatmapCaption => "Gradient norm relative to lag 0, by lag and training step, median over seeds.";
    public virtual string HeatmapSentence(string condition, int lag, string before, string after, int seeds) => $"{condition}: from {before} to {after} at lag {lag} (n = {seeds}).";
    public virtual string HeatmapTableCaption => "Gradient norm relative to lag 0 by training step, medians over seeds.";
    public virtual string Step => "Step";
    public virtual IReadOnlyList<string> HeatmapHowToRead =>
    [
        "Each column is one gradient profile: the bottom is the last state, the top the first. Bright means that the loss still depends on that state as it does on the last one; every shade darker is a loss by a constant factor, see the scale. Empty cells were not measured.",
        "Follow a row from left to right: where it turns bright, training has opened a way back to that lag. A field that stays dark above a certain height has never learned from what lies further back.",
    ];

    // Time to target.
    public virtual string TargetTitle => "Who reaches the target, and when";
    public virtual string ReachedAxis => "share of seeds that have reached it";
    public virtual string ReachedOf(int reached, int all) => reached == all ? $"reached by all {all}" : $"reached by {reached} of {all}";
    public virtual string TargetClause(string arm, int reached, int all, string? median) =>
        $"{arm} {reached} of {all}{(median is null ? "" : $", half of them by step {median}")}";
    public virtual string TargetSentence(string facet, IReadOnlyList<string> clauses) =>
        $"Seeds that reached the target{(facet.Length == 0 ? "" : $" at {facet}")}: {string.Join("; ", clauses)}.";
    public virtual string TargetNotReached(IReadOnlyList<string> facets) => $"Not drawn, because no run reached the target: {string.Join("; ", facets)}.";
    public virtual string TargetTableCaption => "Times to the target. Seeds that never reached it count as waiting until the end of training.";
    public virtual string ShareHint => "95 % exact interval";
    public virtual string SecondsToTarget => "Seconds to target";
    public virtual string MeanWait => "Mean steps waited";
    public virtual string MeanWaitHint => "up to the budget";
    public virtual IReadOnlyList<string> TargetHowToRead =>
    [
        "Each line is the share of seeds that had reached the target by then, so that a line that rises early and high is good. A line that ends below 100 % belongs to an arm of which some seeds never got there: they are counted, and a mean over the others would flatter.",
        "By steps and by seconds the order can differ: a cell that needs fewer steps may need more time for each.",
    ];

    // Loss against cost.
    public virtual string ParetoTitle => "What a loss costs";
    public virtual string FinalLossAxis => "final evaluation loss";
    public virtual string TrainSeconds => "Seconds of training";
    public virtual string UnbeatenColumn => "Unbeaten";
    public virtual string Unbeaten(bool bySize, bool byTime) => (bySize, byTime) switch { (true, true) => "by size and time", (true, false) => "by size", (false, true) => "by time", _ => "" };
    public virtual string ParetoSentence(string facet, IReadOnlyList<string> small, IReadOnlyList<string> fast) =>
        $"{(facet.Length == 0 ? "N" : $"{Sentence(facet)}: n")}othing ends lower with fewer parameters than {And(small)}, nor in less time than {And(fast)}.";
    public virtual string ParetoTableCaption => "Final loss and what it took, per condition.";
    public virtual IReadOnlyList<string> ParetoHowToRead =>
    [
        "Down and to the left is better: a smaller loss for less. The dashed line joins the conditions that nothing else beats on both; whatever lies above and to the right of it can be had cheaper or better. Vertical bars are 95 % intervals of the median loss.",
        "Seconds are those of the whole training, whether or not the target had long been reached.",
    ];

    // Performance profile.
    public virtual string ProfileTitle => "Share of runs that reach a given loss";
    public virtual string ProfileAxis => "final loss / loss of the naive predictor";
    public virtual string ProfileShareAxis => "share of runs that end at or below it";
    public virtual string ProfileClause(string arm, string share) => $"{arm} {share}";
    public virtual string ProfileSentence(int facets, IReadOnlyList<string> clauses) =>
        $"Runs that end at a tenth of the naive predictor's loss or less, over {facets} combinations of factors, each counting the same: {string.Join(", ", clauses)}.";
    public virtual string ProfileLeftOut(int facets) => $"{(facets == 1 ? "One combination of factors is" : $"{facets} combinations of factors are")} left out, in which no run of any arm came below half of the naive predictor's loss.";
    public virtual string ProfileTableCaption => "Share of runs that end with at most that part of the naive predictor's loss. Diverged runs never do.";
    public virtual string Arm => "Arm";
    public virtual string Runs => "Runs";
    public virtual string AtMost(string part) => $"≤ {part}";
    public virtual IReadOnlyList<string> ProfileHowToRead =>
    [
        "Each line says for every loss which share of the runs ended at or below it. A line above another everywhere belongs to the arm that is better whatever is asked of it; lines that cross mean that it depends on what counts as good. At 1, a run has learned no more than the naive predictor.",
        "Only arms that were tried in every combination of factors are drawn, and every combination counts the same: an arm cannot win by the tasks it was spared.",
    ];

    // Cost.
    public virtual string CostTitle => "Parameters and time per step";
    public virtual string ParametersTitle => "Trainable parameters";
    public virtual string ParametersAxis => "parameters of the recurrent layers";
    public virtual string StepTimeTitle => "Time per training step";
    public virtual string StepTimeAxis => "milliseconds per step";
    public virtual string Milliseconds(string value) => $"{value} ms";
    // Timing trials.
    public virtual string TimedNote => "These times were measured by a timing trial: alone on its machine, all arms in turns within every round, pairs taken by round.";
    public virtual string TimingTitle => "Time per step, measured alone";
    public virtual string KernelColumn => "Kernel";
    public virtual string KernelPath(string kernel, int threads, bool own) => $"{kernel}{(threads > 1 ? $", {threads} threads" : "")}{(own ? " (trained with)" : "")}";
    public virtual string MedianAndQuartiles => "median, quartiles";
    public virtual string MillisecondsHint => "ms, median";
    public virtual string DataPhase => "Data";
    public virtual string ForwardPhase => "Forward";
    public virtual string BackwardPhase => "Backward";
    public virtual string UpdatePhase => "Update";
    public virtual string TokensPerSecond => "Tokens/s";
    public virtual string PeakShare => "Share of peak";
    public virtual string PeakShareHint => "of the cores' multiply-adds";
    public virtual string ProcessorShare => "CPU / wall";
    public virtual string ProcessorShareHint => "cores in use";
    public virtual string JoulesPerStep => "J per step";
    public virtual string TimingClause(string arm, IReadOnlyList<(string Kernel, string Time)> times) => $"{arm} {string.Join(", ", times.Select(time => $"{time.Time} ({time.Kernel})"))}";
    public virtual string TimingSentence(string facet, IReadOnlyList<string> clauses, int rounds) =>
        $"Median time of a training step{(facet.Length == 0 ? "" : $", {facet}")}, {rounds} rounds: {string.Join("; ", clauses)}.";
    public virtual string TimingMachine(string host, string? processor, int rounds, string calibration, string multiplyAdd, string matmul, string? others, string? mebibytes) =>
        $"Measured on {host}{(processor is null ? "" : $" ({processor})")} in {rounds} rounds. A step of the fixed calibration workload took {calibration} ms there; one core's multiply-adds reach {multiplyAdd} GFLOP/s, libtorch's product of two large matrices {matmul} GFLOP/s."
        + (others is null ? "" : $" Other processes kept {others} cores busy on average.") + (mebibytes is null ? "" : $" The process used at most {mebibytes} MiB of main memory, all arms together.");
    public virtual string TimingTableCaption => "One row per kind of step and kernel path. Update is the gradient's norm, clipping and the optimizer; the engine takes norm and clipping on its way back. The share of peak counts the recurrent layers' matrix products only.";
    public virtual IReadOnlyList<string> TimingHowToRead =>
    [
        "Each point is the median time of a whole training step, the bar spans its quartiles over the rounds; the axis is logarithmic. Every arm was measured on every kernel path that computes it, whichever path its trials were trained with: library is torch's own loop, cell a hand-written loop of single steps, engine this program's kernels; where trials were trained with it also batched, the loop that trains many models at once, here with one.",
        "Compare arms on the same path to learn about cells, and paths of the same arm to learn about implementations. A cell that is faster on one path and slower on another is not faster as such.",
    ];
    public virtual string ScalingTitle => "How the time of a step grows";
    public virtual string ScalingSentence(IReadOnlyList<string> clauses) => string.Join(" ", clauses);
    public virtual string GrowsClause(string arm, string symbol, string exponent, string interval) => $"{arm}: a step's time grows with {symbol}^{exponent} [{interval}].";
    public virtual string GrowsAs(string symbol, string exponent, string interval) => $"∝ {symbol}^{exponent} [{interval}]";
    public virtual string ScalingTableCaption => "Exponents of power laws: within each round the least-squares slope of log time on log size, over rounds the median with its 95 % interval.";
    public virtual string GrowsWith => "Grows with";
    public virtual string Sizes => "Sizes";
    public virtual string Exponent => "Exponent";
    public virtual string StepTimes => "ms per step";
    public virtual IReadOnlyList<string> ScalingHowToRead =>
    [
        "Both axes are logarithmic, so a power law is a straight line and its exponent the slope: 1 means that twice the size takes twice the time, 2 four times, 0 that it costs nothing.",
        "An exponent holds over the sizes that were measured. Small sizes often grow by less, because what every call costs outweighs the arithmetic; a line that bends has no single exponent, whatever the fit says.",
    ];

    public virtual string SharedMachineNote => "These times come from the training runs themselves, which may have shared the machine with each other: they show the order of magnitude. A fair race of the cells needs a machine to itself.";
    public virtual string ParametersSentence(string most, string mostCount, string factor, string fewest, string fewestCount) =>
        $"{most} has {mostCount} recurrent parameters, {factor} times as many as {fewest} with {fewestCount}.";
    public virtual string EqualParameters(string count) => $"All conditions have {count} recurrent parameters.";
    public virtual string StepTimeClause(string label, string time, int seeds) => $"{label} {time} (n = {seeds})";
    public virtual string StepTimeSentence(string facet, IReadOnlyList<string> clauses) =>
        $"Median time of a training step{(facet.Length == 0 ? "" : $" at {facet}")}: {string.Join(", ", clauses)}.";
    public virtual string CostTableCaption => "Size and speed per condition.";
    public virtual IReadOnlyList<string> CostHowToRead =>
    [
        "Parameters: with g gate blocks, input size I and hidden size H a layer has g·(I·H + H² + 2H) of them: g is 1 for the RNN, 3 for the GRU and 4 for the LSTM. At equal hidden size the counts differ by these factors.",
        "Time: each point is the median over seeds of a trial's median step, the bar its 95 % interval. Less time per step is not less time to a result: multiply by the steps to the target.",
    ];
}
