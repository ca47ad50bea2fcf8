using Harness.Experiments.Contracts;
using Harness.Experiments.Results;

namespace Harness.Orchestrator.Scheduling;

/// <summary>An experiment as the store knows it after a submission or a restart.</summary>
public sealed record AdmittedExperiment(
    long Id,
    int Priority,
    int TrialRetries,
    int InfrastructureRetries,
    IReadOnlyList<AdmittedTrial> Trials)
{
    /// <summary>What its attempts are run under; null for the defaults.</summary>
    public AttemptTerms? Terms { get; init; }
}

/// <param name="Trial">Content hash.</param>
/// <param name="Spec">JSON of the trial spec.</param>
public sealed record AdmittedTrial(
    int Ordinal,
    string Trial,
    string Spec,
    string Label,
    TrialState State,
    int Attempts,
    int TrialFailures,
    int InfrastructureFailures,
    string? Failure);

/// <summary>How far an experiment has come.</summary>
/// <param name="Waiting">Trials that wait for a slot or back off.</param>
public sealed record ExperimentProgress(
    int Total,
    IReadOnlyDictionary<TrialState, int> Counts,
    IReadOnlyList<RunningTrial> Running,
    IReadOnlyList<string> Waiting,
    bool Finished)
{
    public int Count(TrialState state) => Counts.GetValueOrDefault(state);

    /// <summary>Trials that need nothing more.</summary>
    public int Ended => Counts.Where(pair => pair.Key.IsTerminal()).Sum(pair => pair.Value);
}

/// <summary>A trial under way, for progress displays.</summary>
/// <param name="ResumedFrom">The step it went on from, when it went on from a checkpoint.</param>
public sealed record RunningTrial(string Trial, string Label, int Attempt, int Step, double Loss, TimeSpan Elapsed, string Worker, int? ResumedFrom);
