using Harness.Reports.Summaries;
using Harness.Store.Views;

namespace Harness.Server.Dashboard.Parts;

/// <param name="Attention">What a person should look at, each with where to.</param>
public sealed record OverviewModel(
    DateTimeOffset Now, string Folder, QueueReply Queue, IReadOnlyList<ExperimentSummary> Open, IReadOnlyList<ExperimentSummary> Ended, IReadOnlyList<WorkerView> Workers,
    long MoreWorkers, IReadOnlyList<EventView> Events, IReadOnlyList<(string Text, string? Link)> Attention)
{
    /// <summary>What finished experiments found, by experiment.</summary>
    public required IReadOnlyDictionary<long, ReportSummary> Answers { get; init; }
}

/// <param name="Page">Some of those that are there; on the last page also those that left last.</param>
/// <param name="IsFirst">Whether it is the first page.</param>
/// <param name="Total">How many are there.</param>
public sealed record WorkersModel(DateTimeOffset Now, string Folder, WorkersReply Page, bool IsFirst, long Total);

/// <param name="Grid">Trials by condition.</param>
/// <param name="From">The first condition shown.</param>
/// <param name="Next">The first condition of the next page; null on the last.</param>
/// <param name="IsKnown">Whether the scheduler knows it, so that trials can be tried again.</param>
public sealed record ExperimentModel(DateTimeOffset Now, ExperimentDetail Detail, ILookup<int, TrialRow> Grid, int From, int? Next, bool IsKnown)
{
    /// <summary>What it found; null while it runs.</summary>
    public ReportSummary? Answer { get; init; }
}

public sealed record TrialsModel(ExperimentSummary Experiment, TrialPage Page, string? State);

/// <param name="Running">The trial, when it runs.</param>
/// <param name="Failed">The last attempt, when it ended in no result.</param>
/// <param name="Settings">The trial's spec, by path.</param>
/// <param name="Log">What its trainer wrote last.</param>
public sealed record TrialModel(
    DateTimeOffset Now, TrialDetail Trial, IReadOnlyList<RunningView> Running, AttemptView? Failed, string? Log, IReadOnlyList<EventView> Events, IReadOnlyList<(string Name, string Value)> Settings);

/// <param name="Path">The page's address, without its query.</param>
/// <param name="Cursor">Passed as <c>before</c> for the next page.</param>
public sealed record EventsModel(DateTimeOffset Now, string Path, IReadOnlyList<EventView> Events, IReadOnlyList<string> Kinds, string? Kind, long? Cursor);
