using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>A plan as it is shown and as <c>--output json</c> prints it. Members are only ever added; another meaning raises the version.</summary>
/// <param name="Version">Of this form.</param>
/// <param name="Trials">Over all conditions.</param>
/// <param name="Estimate">How long the trials to run may take; absent where nothing is known of the device.</param>
public sealed record PlanDocument(
    int Version,
    string Name,
    string? Question,
    string Digest,
    IReadOnlyList<string> Overrides,
    IReadOnlyList<FactorSpec> Factors,
    IReadOnlyList<long> Seeds,
    TrialCounts Trials,
    PlanEstimate? Estimate,
    IReadOnlyList<PlanCondition> Conditions,
    IReadOnlyList<PlanClaim> Claims)
{
    public const int CurrentVersion = 1;

    /// <summary>The timing trials; absent unless speed is measured.</summary>
    public PlanTiming? Timing { get; init; }

    /// <summary>The stages in which it grows; absent where all trials are known.</summary>
    public IReadOnlyList<PlanStage>? Stages { get; init; }

    /// <summary>What is tuned; absent where nothing is.</summary>
    public TuningSpec? Tuning { get; init; }

    /// <summary>The number of seeds at each look; absent where it is fixed.</summary>
    public IReadOnlyList<int>? Looks { get; init; }

    /// <param name="known">The states of trials that the database already holds, by trial id.</param>
    /// <param name="estimate">From the times of earlier trials, if the caller has any.</param>
    /// <param name="added">The states of the trials that decisions have added already.</param>
    public static PlanDocument Of(ExperimentPlan plan, IReadOnlyDictionary<string, TrialState> known, PlanEstimate? estimate, IReadOnlyList<TrialState>? added = null)
    {
        // Seeds that are added until claims are decided may never be needed.
        var toAdd = plan.Stages?.Tune is not { } tune ? 0 : Enumerable.Range(1, tune.Rungs - 1).Sum(tune.TrialsOn) + (plan.Conditions.Count * plan.Stages.FirstSeeds.Count);
        var later = Enumerable.Range(0, toAdd).Select(i => i < added?.Count ? added[i] : TrialState.Pending);
        var states = plan.Trials.ToLookup(trial => trial.Condition, trial => known.TryGetValue(trial.Id, out var state) ? state : TrialState.Pending);
        return new PlanDocument(
            CurrentVersion, plan.Name, plan.Question, plan.Digest, plan.Overrides, plan.Factors, plan.Seeds,
            TrialCounts.Of(states.SelectMany(group => group).Concat(later)),
            estimate,
            plan.Conditions.Select(condition => ConditionOf(condition, TrialCounts.Of(states[condition.Ordinal]))).ToArray(),
            [.. plan.Claims.Zip(ClaimPower.Of(plan.Claims, plan.Seeds.Count, plan.TimingTrials.Count > 0 ? plan.TimingTrials[0].Spec.Timing!.Rounds : null, plan.Conditions, plan.Stages?.Looks), PlanClaim.Of)])
        {
            Timing = TimingOf(plan.TimingTrials, known),
            Stages = plan.Stages is { } stages ? StagesOf(plan, stages) : null,
            Tuning = plan.Stages?.Tune,
            Looks = plan.Stages?.Looks,
        };
    }

    private static PlanStage[] StagesOf(ExperimentPlan plan, StagePlan stages)
    {
        var certain = plan.Conditions.Count * stages.FirstSeeds.Count;
        PlanStage[] verdicts = stages.Looks is null ? [PlanStage.Certain(StageNames.Confirmation, certain)]
            : [PlanStage.Certain("first look", certain), new("later looks", 0, plan.Conditions.Count * (stages.Seeds.Count - stages.FirstSeeds.Count), null)];
        return stages.Tune is not { } tune ? verdicts
            : tune.Seconds is not null ? [new(StageNames.Tuning, tune.TrialsOn(0), tune.TrialsOn(0) + plan.Candidates.Count * tune.Seeds.Count / tune.Studies, null), .. verdicts]
            : [.. Enumerable.Range(0, tune.Rungs).Select(rung => PlanStage.Certain(tune.Rungs == 1 ? StageNames.Tuning : string.Create(CultureInfo.InvariantCulture, $"{StageNames.Tuning} rung {rung + 1}"), tune.TrialsOn(rung))), .. verdicts];
    }

    private static PlanTiming? TimingOf(IReadOnlyList<PlannedTrial> trials, IReadOnlyDictionary<string, TrialState> known)
    {
        if (trials.Count == 0) return null;
        var states = trials.ToDictionary(trial => trial, trial => known.TryGetValue(trial.Id, out var state) ? state : TrialState.Pending);
        return new(
            TrialCounts.Of(states.Values),
            trials.SelectMany(trial => trial.Spec.Timing!.Arms).Distinct().Count(),
            trials[0].Spec.Timing!.Rounds,
            trials.Where(trial => !states[trial].HasResult()).Sum(trial => TimingPlanner.Seconds(trial.Spec.Timing!)));
    }

    /// <summary>The document as JSON: snake_case, absent values left out, the same bytes for equal plans.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Default.PlanDocument) + "\n";

    private static PlanCondition ConditionOf(Condition condition, TrialCounts trials) => new(
        condition.Ordinal, condition.Label, condition.Arm, condition.Factors,
        condition.Trial.Task.Kind, condition.Trial.Task.Length,
        condition.Trial.Model.Cell, Word(condition.Trial.Model.Kernel), condition.Trial.Model.Hidden, condition.Trial.Model.Layers, condition.Trial.Model.Bidirectional,
        Word(condition.Trial.Device), Word(condition.Trial.Dtype),
        condition.Parameters, condition.ParametersTotal, condition.FlopsPerStep,
        condition.Trial.Train.Steps,
        condition.Trial.Train.Sequences ?? (long)condition.Trial.Train.Steps * condition.Trial.Train.Batch,
        condition.Match is { } match ? new PlanMatch(match.Measure, match.Budget, match.Actual, match.Mismatch) : null,
        trials)
    {
        Data = condition.Data,
        Weights = condition.Weights,
        Keep = Word(condition.Trial.Train.Keep ?? KeepKind.Last),
    };

    /// <summary>The word of the experiment file.</summary>
    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <param name="Parameters">Trainable parameters of the recurrent layers, exact.</param>
/// <param name="ParametersTotal">With the output layer.</param>
/// <param name="FlopsPerStep">Matrix products of one training step of the recurrent layers.</param>
/// <param name="TrainingSequences">Sequences drawn for one trial's training: steps times batch, or the size of a fixed training set.</param>
public sealed record PlanCondition(
    int Ordinal,
    string Label,
    string Arm,
    IReadOnlyDictionary<string, string> Factors,
    string Task,
    int Length,
    string Cell,
    string Kernel,
    int Hidden,
    int Layers,
    bool Bidirectional,
    string Device,
    string Dtype,
    long Parameters,
    long ParametersTotal,
    double FlopsPerStep,
    int Steps,
    long TrainingSequences,
    PlanMatch? Match,
    TrialCounts Trials)
{
    /// <summary>What it finds in the file that its task reads; absent for generated tasks.</summary>
    public ConditionData? Data { get; init; }

    /// <summary>The file that the initial weights come from; absent where all are drawn.</summary>
    public ConditionWeights? Weights { get; init; }

    /// <summary>The weights that its trials end with: <c>best</c> or <c>last</c>.</summary>
    public required string Keep { get; init; }
}

/// <summary>How well the condition's size meets the common budget.</summary>
/// <param name="Mismatch">Relative, 0 for a perfect match.</param>
public sealed record PlanMatch(string Measure, double Budget, double Actual, double Mismatch);

/// <param name="Cached">Have a result already and are not trained again.</param>
/// <param name="ToRun">Are still to be trained.</param>
/// <param name="FailedBefore">Of those to run: failed or were cancelled earlier.</param>
public sealed record TrialCounts(int Total, int Cached, int ToRun, int FailedBefore)
{
    internal static TrialCounts Of(IEnumerable<TrialState> states)
    {
        var (total, cached, failed) = (0, 0, 0);
        foreach (var state in states)
        {
            total++;
            if (state.HasResult()) cached++;
            else if (state is TrialState.Failed or TrialState.Cancelled) failed++;
        }

        return new TrialCounts(total, cached, total - cached, failed);
    }
}

/// <summary>A stage of an experiment that grows.</summary>
/// <param name="Least">The fewest trials that it can have.</param>
/// <param name="Most">The most.</param>
/// <param name="Expected">As many as are to be expected; absent where nothing is known.</param>
public sealed record PlanStage(string Name, int Least, int Most, double? Expected)
{
    internal static PlanStage Certain(string name, int trials) => new(name, trials, trials, trials);
}

/// <param name="Seconds">Wall time of the trials to run, in seconds.</param>
/// <param name="Low">The least that is likely, in seconds.</param>
/// <param name="High">The most that is likely, in seconds.</param>
/// <param name="Slots">The number of slots that run trials at the same time.</param>
/// <param name="Basis">What the estimate comes from, in words.</param>
public sealed record PlanEstimate(double Seconds, double Low, double High, int Slots, string Basis);

/// <summary>Trials that measure how long steps take, each alone on its machine.</summary>
/// <param name="Arms">Distinct steps, backends counted apart.</param>
/// <param name="Rounds">Repetitions of each.</param>
/// <param name="Seconds">A rough idea of how long those to run take, from their operations.</param>
public sealed record PlanTiming(TrialCounts Trials, int Arms, int Rounds, double Seconds);

/// <param name="Statement">The claim as a sentence.</param>
/// <param name="CanDecide">Whether there are enough seeds, or timing rounds, to decide it.</param>
/// <param name="Family">How many claims the correction counts.</param>
/// <param name="Replicates">Seeds, or rounds of timing trials; 0 for what is counted.</param>
/// <param name="SmallestReplicates">The smallest number that can decide it.</param>
/// <param name="Effect">What is found with 80 % power; absent where that depends on the data.</param>
/// <param name="EffectUnit">deviations: standard deviations between seeds. share: a share of solved seeds against none. spread: the largest standard deviation of log ratios at which equal arms are found equal.</param>
/// <param name="Power">The same in words.</param>
public sealed record PlanClaim(
    string Id, string Statement, bool CanDecide, int Family, int Replicates, int SmallestReplicates, double? Effect, string? EffectUnit, string Power)
{
    internal static PlanClaim Of(ClaimSpec claim, ClaimPower power) => new(
        claim.Id, ClaimText.Sentence(claim), power.CanDecide, power.Family, power.Replicates, power.SmallestReplicates,
        power.Effect is { } effect ? Math.Round(effect, 4) : null, power.Effect is null ? null : power.Scale.ToString().ToLowerInvariant(), power.Words);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanDocument))]
internal sealed partial class PlanJson : JsonSerializerContext;
