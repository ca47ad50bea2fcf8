using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Store.Views;

/// <summary>Trials by state, in the words of the database; states without trials are left out.</summary>
public sealed class StateCounts : SortedDictionary<string, long>
{
    public StateCounts()
        : base(StringComparer.Ordinal)
    {
    }

    public long Total => Values.Sum();

    public long Of(string state) => this.GetValueOrDefault(state);

    /// <summary>Trials that need nothing more.</summary>
    public long Ended => Of("completed") + Of("diverged") + Of("failed") + Of("cancelled");

    public long Waiting => Of("pending") + Of("backing_off");
}

/// <param name="State">running, paused, cancelled or finished.</param>
/// <param name="SubmittedAt">UTC, as all times.</param>
public sealed record ExperimentSummary(
    long Id, string Name, string? Question, string State, int Priority, DateTimeOffset SubmittedAt, DateTimeOffset? FinishedAt, int Conditions, StateCounts Trials);

/// <summary>An experiment that is running or paused.</summary>
internal sealed record OpenExperiment(long Id, string Name, int Priority, string State);

/// <summary>A trial that was found by the first digits of its hash.</summary>
/// <param name="DivergedAt">The optimizer step at which it diverged; null when it did not.</param>
internal sealed record FoundTrial(string Hash, TrialState State, long? DivergedAt);

/// <param name="Cursor">Passed as <c>before</c> for the next page; absent on the last one.</param>
public sealed record ExperimentPage(IReadOnlyList<ExperimentSummary> Experiments, long? Cursor);

/// <param name="Running">The first hundred of those that run.</param>
/// <param name="Estimate">Seconds left, from the times of its own finished trials; absent before three have finished, and while nothing of it runs.</param>
public sealed record ExperimentDetail(
    ExperimentSummary Experiment,
    string SpecText,
    string SpecPath,
    IReadOnlyList<string> Overrides,
    IReadOnlyList<ConditionSummary> Conditions,
    IReadOnlyList<RunningView> Running,
    IReadOnlyList<Scheduling.WaitingReason> Waiting,
    double? Estimate)
{
    /// <summary>The stage that it is in and why; absent where all trials were known at the start.</summary>
    public Scheduling.Stages.StageProgress? Stage { get; init; }

    /// <summary>The decisions made so far, in order.</summary>
    public IReadOnlyList<StageDecision>? Decisions { get; init; }
}

public sealed record ConditionSummary(int Ordinal, string Label, string Cell, IReadOnlyDictionary<string, string> Factors, long Parameters, StateCounts Trials);

/// <summary>A trial of an experiment.</summary>
/// <param name="Id">Number in this database.</param>
/// <param name="Trial">Content hash.</param>
/// <param name="State">pending, running, backing_off, completed, diverged, failed or cancelled.</param>
public sealed record TrialRow(
    long Id, string Trial, int Ordinal, int Condition, string Label, string Cell, long Seed, string State, int Attempts, int? Steps, double? FinalLoss, double? MsPerStep, string? Worker, string? Failure);

/// <param name="Cursor">Passed as <c>after</c> for the next page; absent on the last one.</param>
public sealed record TrialPage(IReadOnlyList<TrialRow> Trials, int? Cursor);

/// <summary>A trial under way.</summary>
/// <param name="Steps">Of how many.</param>
/// <param name="Loss">Training loss at <paramref name="Step"/>; absent before the first report.</param>
/// <param name="Slot">Equal for trials that share a slot.</param>
public sealed record RunningView(
    long Id, string Trial, string Label, string Cell, string Worker, int Attempt, int Step, int Steps, double? Loss, int? ResumedFrom, DateTimeOffset StartedAt, string Slot)
{
    /// <summary>The latest experiment that asks for it.</summary>
    public TrialMembership? Of { get; init; }
}

/// <summary>Everything about one trial but its curves.</summary>
/// <param name="Outcome">What it found; absent while it has no result.</param>
/// <param name="Metrics">Names of its recorded curves.</param>
/// <param name="Unchecked">Whether its result comes from a worker that sent no self-check trial.</param>
public sealed record TrialDetail(
    long Id, string Trial, string Label, string Cell, long Seed, string State, string? Failure, int TrialFailures, int InfrastructureFailures, string? Device, string? Worker,
    DateTimeOffset? FinishedAt, JsonElement Spec, JsonElement? Outcome, IReadOnlyList<TrialMembership> Experiments, IReadOnlyList<AttemptView> Attempts, IReadOnlyList<MetricRange> Metrics,
    bool Unchecked = false);

public sealed record TrialMembership(long Experiment, string Name, string Label);

/// <param name="Ending">How it ended; absent while it runs.</param>
public sealed record AttemptView(
    int Number, string Worker, string? Host, string State, string? Ending, string? Message, int? ExitCode, string? Device, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, int? ResumedFrom, int? CheckpointStep);

public sealed record MetricRange(string Metric, int FirstStep, int LastStep, long Points);

/// <summary>A stretch of a curve. With fewer points than were asked for these are the recorded ones; else each is a bucket.</summary>
/// <param name="Steps">The step of <paramref name="Last"/>, ascending.</param>
/// <param name="Last">The last value of each bucket; NaN and infinities as words.</param>
/// <param name="Minimum">Absent when nothing was left out.</param>
/// <param name="Maximum">Absent when nothing was left out.</param>
public sealed record MetricView(string Metric, long Points, IReadOnlyList<int> Steps, IReadOnlyList<float> Last, IReadOnlyList<float>? Minimum, IReadOnlyList<float>? Maximum);

public sealed record MetricsReply(IReadOnlyList<MetricRange> Metrics);

public sealed record GradientsReply(IReadOnlyList<GradientProfile> Profiles);

/// <param name="Running">What its slots are at; the others are free.</param>
/// <param name="LeftAt">Absent for one that is there.</param>
/// <param name="Draining">Whether nothing more is started on it.</param>
/// <param name="Load">How busy its machine is; absent until it has reported.</param>
public sealed record WorkerView(
    string Worker, string Host, int ProcessId, int Slots, string? Processor, IReadOnlyList<string> Devices, DateTimeOffset JoinedAt, DateTimeOffset? LeftAt, bool Draining, WorkerLoad? Load, IReadOnlyList<RunningView> Running)
{
    /// <summary>Its last half hour; absent unless it was asked for.</summary>
    public WorkerTrack? History { get; init; }

    /// <summary>Slots that are not free.</summary>
    public int Busy => Running.Select(trial => trial.Slot).Distinct(StringComparer.Ordinal).Count();
}

/// <summary>What a worker did in the last half hour, in equal spans of time, the oldest first.</summary>
/// <param name="Seconds">Length of a span.</param>
/// <param name="Processor">Share of its machine's processor that was busy, from 0 to 1; null where it told nothing.</param>
/// <param name="Devices">Likewise, the mean over its GPUs.</param>
/// <param name="Finished">Trials that it brought to a result.</param>
/// <param name="TrialsPerHour">From the spans since it was first heard of.</param>
public sealed record WorkerTrack(int Seconds, IReadOnlyList<double?> Processor, IReadOnlyList<double?> Devices, IReadOnlyList<int> Finished, double TrialsPerHour);

/// <param name="Cursor">Passed as <c>after</c> for the next page; absent on the last one.</param>
public sealed record WorkersReply(IReadOnlyList<WorkerView> Workers, string? Cursor);

/// <param name="Seq">Grows; resumes a stream.</param>
/// <param name="TrialId">Number of the trial in this database.</param>
/// <param name="Actor">Who asked for it: a person by name, or a token; absent where nobody did.</param>
/// <param name="Label">What the trial is: its condition and seed; absent where the event is of no trial.</param>
public sealed record EventView(
    long Seq, DateTimeOffset At, string Kind, long? Experiment, string? Trial, long? TrialId, int? Attempt, string? Worker, string? Detail, string? Actor = null, string? Label = null);

public sealed record EventPage(IReadOnlyList<EventView> Events);

/// <summary>A line of <c>harness watch --output ndjson</c>: how far an experiment is.</summary>
/// <param name="Type">progress.</param>
/// <param name="SecondsLeft">Absent while nothing is known of it.</param>
public sealed record ProgressLine(int Version, string Type, long Experiment, string State, StateCounts Trials, double? SecondsLeft);

/// <summary>A line of <c>harness watch --output ndjson</c>: something happened.</summary>
/// <param name="Type">event.</param>
public sealed record EventLine(int Version, string Type, EventView Event);

/// <summary>What an attempt's trainer wrote last.</summary>
/// <param name="Log">Plain text, the last of it; absent when none was kept.</param>
public sealed record AttemptLog(string Trial, int Attempt, string? Ending, string? Message, int? ExitCode, string? Log);

/// <summary>What waits of one experiment, and why.</summary>
public sealed record QueueEntry(long Experiment, string Name, int Priority, string State, long Waiting, IReadOnlyList<Scheduling.WaitingReason> Reasons);

/// <param name="Busy">Slots that train something.</param>
public sealed record QueueReply(int Slots, int Busy, IReadOnlyList<QueueEntry> Queue);
