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

/// <param name="Page">Some of those that are there and wanted.</param>
/// <param name="Left">Those that left last.</param>
/// <param name="Total">How many are there, wanted or not.</param>
public sealed record WorkersModel(DateTimeOffset Now, string Folder, ListPage<WorkerView> Page, IReadOnlyList<WorkerView> Left, ListAddress Address, long Total);

/// <param name="Answer">Null where an experiment is too large to be summed up for a page.</param>
/// <param name="Name">With its number where another one is called so.</param>
public sealed record ComparedExperiment(ExperimentSummary Experiment, string Name, ReportSummary? Answer);

/// <param name="Chart">Null while no condition has a result.</param>
/// <param name="Missing">Numbers of which there is no experiment.</param>
public sealed record CompareModel(IReadOnlyList<ComparedExperiment> Experiments, ParallelChart? Chart, IReadOnlyList<long> Missing);

/// <param name="Grid">Trials by condition.</param>
/// <param name="From">The first condition shown.</param>
/// <param name="Next">The first condition of the next page; null on the last.</param>
/// <param name="IsKnown">Whether the scheduler knows it, so that trials can be tried again.</param>
public sealed record ExperimentModel(DateTimeOffset Now, ExperimentDetail Detail, ILookup<int, TrialRow> Grid, int From, int? Next, bool IsKnown)
{
    /// <summary>What it found; null while it runs.</summary>
    public ReportSummary? Answer { get; init; }

    /// <summary>Its conditions by two factors, in place of the tiles of <see cref="Grid"/>; null where tiles are shown.</summary>
    public HeatMap? Map { get; init; }

    /// <summary>What its data files hold, in tables; empty for generated tasks.</summary>
    public IReadOnlyList<Reports.Model.Table> Cards { get; init; } = [];
}

public sealed record TrialsModel(ExperimentSummary Experiment, ListPage<TrialRow> Page, ListAddress Address);

/// <param name="Running">The trial, when it runs.</param>
/// <param name="Failed">The last attempt, when it ended in no result.</param>
/// <param name="Settings">The trial's spec, by path.</param>
/// <param name="Log">What its trainer wrote last.</param>
public sealed record TrialModel(
    DateTimeOffset Now, TrialDetail Trial, IReadOnlyList<RunningView> Running, AttemptView? Failed, string? Log, IReadOnlyList<EventView> Events, IReadOnlyList<(string Name, string Value)> Settings)
{
    /// <summary>The trials before and after it; null where no experiment asks for it.</summary>
    public Neighbours? Beside { get; init; }
}

/// <param name="Cursor">Passed as <c>before</c> for the next page.</param>
public sealed record EventsModel(DateTimeOffset Now, ListAddress Address, IReadOnlyList<EventView> Events, IReadOnlyList<string> Kinds, long? Cursor)
{
    /// <summary>The page, in any order but the newest first.</summary>
    public ListPage<EventView>? Sorted { get; init; }
}
