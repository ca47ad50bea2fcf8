using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Scheduling;

/// <summary>A decision of the scheduler that has to be on disk before anybody is told of it.</summary>
public abstract record SchedulerChange
{
    /// <summary>Who asked for it; null where nobody did.</summary>
    public string? Actor { get; init; }
}

/// <summary>A worker was heard of for the first time.</summary>
public sealed record WorkerJoined(WorkerHello Worker) : SchedulerChange;

/// <summary>A worker left in order, or is gone.</summary>
public sealed record WorkerLeft(string Worker, string Reason) : SchedulerChange;

/// <summary>An attempt began: the trial's attempt counter and its live attempt change in one transaction.</summary>
public sealed record AttemptStarted(AttemptKey Attempt) : SchedulerChange;

/// <summary>An attempt ended, and what became of its trial.</summary>
/// <param name="Outcome">JSON, when the end is a result.</param>
/// <param name="Failure">The trial's failure in words, when it has failed for good or waits for another try.</param>
/// <param name="RetryIn">How long the trial backs off, when it does.</param>
public sealed record AttemptEnded(
    AttemptKey Attempt,
    AttemptEnd End,
    string? Message,
    int? ExitCode,
    string? Outcome,
    TrialState TrialState,
    int TrialFailures,
    int InfrastructureFailures,
    string? Failure,
    TimeSpan? RetryIn) : SchedulerChange;

/// <summary>A trial that did not run was cancelled, or one that had failed or been cancelled is to be tried again with fresh budgets.</summary>
/// <param name="State">Cancelled or pending.</param>
public sealed record TrialChanged(string Trial, TrialState State) : SchedulerChange;

/// <summary>A person paused, resumed or cancelled an experiment, or it has trials to run again.</summary>
public sealed record ExperimentChanged(long Experiment, ExperimentState State) : SchedulerChange;

/// <summary>A person wants nothing more started on a worker, or wants it at work again.</summary>
public sealed record WorkerDrained(string Worker, bool Draining) : SchedulerChange;

/// <summary>A person changed an experiment's priority.</summary>
public sealed record ExperimentPrioritised(long Experiment, int Priority) : SchedulerChange;

/// <summary>A person wants an experiment no more.</summary>
public sealed record ExperimentDeleted(long Experiment) : SchedulerChange;

/// <summary>Every trial of the experiment has come to its end.</summary>
public sealed record ExperimentFinished(long Experiment) : SchedulerChange;
