using System.Collections.Concurrent;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Summaries;
using Harness.Store;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>Sums experiments up on request, each once for all who ask meanwhile.</summary>
internal sealed class SummaryDesk(ReadConnections connections, Memo memo)
{
    /// <summary>An experiment with more trials is summed up only when it is asked for by itself: cards must not wait for it.</summary>
    private const long MostTrials = 3000;

    private const int MostRemembered = 1000;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(1), Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>A card is complete with the first trial that has begun.</summary>
    private static readonly TimeSpan CardsFresh = TimeSpan.FromSeconds(20);

    /// <summary>What no longer changes, by what it is of and when that ended.</summary>
    private readonly ConcurrentDictionary<(long Experiment, DateTimeOffset Finished), ReportSummary> settled = new();

    /// <param name="language">A word of <see cref="Abstractions.Specs.ReportLanguages"/>; null for the language of the experiment's report.</param>
    /// <returns>Null when there is no such experiment.</returns>
    public async Task<ReportSummary?> Of(long id, string? language, CancellationToken cancellation) =>
        (await memo.Get(FormattableString.Invariant($"summary of {id} {language}"), Fresh, Longest, () => Read(id, language)).WaitAsync(cancellation)).Value;

    /// <summary>The summary of a finished experiment for a page; null when there is none yet, or none soon enough.</summary>
    public async Task<ReportSummary?> Known(ExperimentSummary experiment)
    {
        if (experiment is not { State: "finished", FinishedAt: { } finished } || experiment.Trials.Total > MostTrials) return null;
        if (settled.TryGetValue((experiment.Id, finished), out var known)) return known;
        var summary = await memo.GetOrEarlier(FormattableString.Invariant($"summary of {experiment.Id} as of {finished.UtcTicks}"), Fresh, Longest, Patience, () => Read(experiment.Id, null));
        if (summary is null) return null;
        if (settled.Count > MostRemembered) settled.Clear();
        return settled[(experiment.Id, finished)] = summary;
    }

    /// <summary>The summaries that pages show beside a list of experiments, by experiment.</summary>
    public async Task<IReadOnlyDictionary<long, ReportSummary>> Known(IEnumerable<ExperimentSummary> experiments)
    {
        var answers = new Dictionary<long, ReportSummary>();
        foreach (var experiment in experiments)
            if (await Known(experiment) is { } summary) answers[experiment.Id] = summary;
        return answers;
    }

    /// <summary>The cards of an experiment's data files, for its page; none for generated tasks, and none yet where they are not read soon enough.</summary>
    public async Task<IReadOnlyList<Table>> Cards(ExperimentSummary experiment)
    {
        if (experiment.Trials.Total > MostTrials) return [];
        return await memo.GetOrEarlier<IReadOnlyList<Table>>(FormattableString.Invariant($"cards of {experiment.Id} {experiment.State}"), CardsFresh, Longest, Patience, () => connections.Read<IReadOnlyList<Table>?>(
            connection => ExperimentReader.HasDataFiles(connection, experiment.Id) ? DataCards.Of(new ResultsReader(connection).ReadWith(experiment.Id, (IReadOnlyList<string>)[])) : [], CancellationToken.None)) ?? [];
    }

    private Task<ReportSummary?> Read(long id, string? language) => connections.Read(
        connection => ExperimentReader.Name(connection, id) is null ? null : ExperimentAnswer.Of(new ResultsReader(connection).ReadWith(id, SummaryBuilder.CurvesFor), language), CancellationToken.None);
}
