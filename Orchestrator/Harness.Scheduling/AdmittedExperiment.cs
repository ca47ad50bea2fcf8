using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Scheduling.Stages;

namespace Harness.Scheduling;

/// <summary>An experiment as the store knows it after a submission or a restart.</summary>
public sealed record AdmittedExperiment(
    long Id,
    int Priority,
    int TrialRetries,
    int InfrastructureRetries,
    IReadOnlyList<AdmittedTrial> Trials)
{
    public ExperimentState State { get; init; } = ExperimentState.Running;

    /// <summary>What its attempts are run under; null for the defaults.</summary>
    public AttemptTerms? Terms { get; init; }

    /// <summary>The stage that it is in; null for an experiment whose trials were all known at the start.</summary>
    public StageProgress? Stage { get; init; }
}

/// <summary>The database's picture of everything that a scheduler knows.</summary>
/// <param name="Finished">Experiments among them that have ended already.</param>
/// <param name="Workers">Names of the workers that have not left.</param>
/// <param name="Draining">Names of those that get no more trials.</param>
public sealed record StoredState(IReadOnlyList<AdmittedExperiment> Experiments, IReadOnlySet<long> Finished, IReadOnlySet<string> Workers, IReadOnlyList<string> Draining);

/// <param name="Trial">Content hash.</param>
/// <param name="Spec">JSON of the trial spec.</param>
/// <param name="Condition">Ordinal of its condition in the experiment.</param>
/// <param name="Needs">What a worker must have to train it; null for nothing in particular.</param>
/// <param name="Pack">With which trials it may be trained side by side; null for one that is trained alone.</param>
/// <param name="Live">The attempt that was running when the last server ended, and its host; its worker may still be at it.</param>
public sealed record AdmittedTrial(
    int Ordinal,
    string Trial,
    string Spec,
    string Label,
    TrialState State,
    int Attempts,
    int TrialFailures,
    int InfrastructureFailures,
    string? Failure,
    int Condition = 0,
    TrialNeeds? Needs = null,
    (AttemptKey Attempt, string Host)? Live = null,
    PackTerms? Pack = null);

/// <summary>What a person wants of an experiment. Finished is not among them: that follows from its trials.</summary>
public enum ExperimentState
{
    Running,

    /// <summary>Nothing of it is started; what runs may end.</summary>
    Paused,

    Cancelled,
}

/// <summary>Which trials may be trained side by side in one slot.</summary>
/// <param name="Kind">Those of one kind may.</param>
/// <param name="Most">How many at once.</param>
/// <param name="Bytes">Memory that each needs where it trains; a slot's bounds how many there can be.</param>
public sealed record PackTerms(string Kind, int Most, long Bytes);

/// <summary>What a trial needs of a worker.</summary>
/// <param name="Cuda">A CUDA device.</param>
/// <param name="Memory">Bytes of main memory per slot; 0 for no demand.</param>
/// <param name="Label">A label that the worker was started with; null for no demand.</param>
/// <param name="Exclusive">A machine with no other trial on it, so that its times are its own.</param>
/// <param name="CudaMemory">Bytes of a device's memory per slot; 0 for no demand. A worker whose driver does not tell is believed to have them.</param>
public sealed record TrialNeeds(bool Cuda = false, long Memory = 0, string? Label = null, bool Exclusive = false, long CudaMemory = 0)
{
    public static TrialNeeds None { get; } = new();

    /// <summary>Whether a worker has it; that the machine is free is another question.</summary>
    public bool IsMetBy(WorkerHello worker) =>
        (!Cuda || (worker.Cuda && (worker.CudaMemory == 0 || worker.CudaMemory >= CudaMemory))) && (Memory == 0 || worker.SlotMemory >= Memory) && (Label is null || worker.Labels?.Contains(Label, StringComparer.Ordinal) == true);

    public override string ToString()
    {
        var needs = new List<string>();
        if (Cuda) needs.Add(CudaMemory > 0 ? FormattableString.Invariant($"a CUDA device with {CudaMemory / 1e9:0.##} GB per slot") : "a CUDA device");
        if (Memory > 0) needs.Add(FormattableString.Invariant($"{Memory / 1e9:0.##} GB of main memory per slot"));
        if (Label is not null) needs.Add($"the label '{Label}'");
        if (Exclusive) needs.Add("a machine to itself");
        return needs.Count == 0 ? "nothing in particular" : string.Join(", ", needs);
    }
}

/// <summary>How far an experiment has come.</summary>
/// <param name="Running">Those that run, the longest first; over HTTP the first hundred of them.</param>
/// <param name="Waiting">Trials that wait for a slot or back off, by condition.</param>
/// <param name="Finished">Nothing more will happen by itself: every trial has ended, or it was cancelled.</param>
/// <param name="IsStuck">Nothing runs, and no worker that is connected can train what waits; or the next stage could not be decided.</param>
public sealed record ExperimentProgress(
    int Total,
    ExperimentState State,
    IReadOnlyDictionary<TrialState, int> Counts,
    IReadOnlyList<RunningTrial> Running,
    IReadOnlyDictionary<int, int> Waiting,
    bool Finished,
    bool IsStuck)
{
    public int Count(TrialState state) => Counts.GetValueOrDefault(state);

    /// <summary>The stage that it is in; null for an experiment whose trials were all known at the start.</summary>
    public StageProgress? Stage { get; init; }

    /// <summary>Trials that need nothing more.</summary>
    public int Ended => Counts.Where(pair => pair.Key.IsTerminal()).Sum(pair => pair.Value);
}

/// <summary>A trial under way, for progress displays.</summary>
/// <param name="ResumedFrom">The step it resumed from, when it resumed from a checkpoint.</param>
/// <param name="Slot">Equal for trials that share a slot.</param>
public sealed record RunningTrial(string Trial, string Label, int Attempt, int Step, double Loss, TimeSpan Elapsed, string Worker, int? ResumedFrom, string Slot)
{
    /// <summary>The ordinal of its condition in the experiment that was asked for.</summary>
    public int Condition { get; init; }
}

/// <summary>Why trials of an experiment wait, in a sentence for people.</summary>
/// <param name="Trials">How many wait for this reason.</param>
/// <param name="Sentence">The reason.</param>
/// <param name="CanEnd">Whether it ends without anybody doing anything: not so when no worker that is connected has what is needed.</param>
public sealed record WaitingReason(int Trials, string Sentence, bool CanEnd);
