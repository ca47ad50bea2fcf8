using System.Collections.Concurrent;
using Harness.Abstractions.Results;
using Harness.Scheduling;
using Harness.Server.Grains;
using Harness.Store;
using Harness.Store.Views;
using Microsoft.Data.Sqlite;

namespace Harness.Server.Api;

/// <summary>What there is to see, for API and pages alike: the database through connections that cannot write, and from the scheduler how far running trials are and why others wait.</summary>
internal sealed class ClusterViews(ReadConnections connections, Scheduler scheduler, Memo memo)
{
    /// <summary>How long an answer serves all who ask.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1), Later = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RarelyChanged = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>A state that fewer trials are in than this share of an experiment's is rare.</summary>
    private const double RareShare = 0.2;

    private const int MostRemembered = 10_000;

    /// <summary>Of an experiment; its list of trials has them all.</summary>
    public const int MostRunning = 100;

    private readonly ConcurrentDictionary<(string Trial, int Attempt), RunningView> attempts = new();

    /// <summary>What no longer changes, by what it is of and when that ended: experiments are counted once.</summary>
    private readonly ConcurrentDictionary<(long Experiment, DateTimeOffset? Finished, int From, int Limit), object> settled = new();

    public Task<T> Read<T>(Func<SqliteConnection, T> read, CancellationToken cancellation) => connections.Read(read, cancellation);

    public Task<ExperimentPage> Experiments(long? before, int limit, bool? open, CancellationToken cancellation, string? name = null) =>
        Read(connection => ExperimentReader.List(connection, before, limit, open, Counts, name), cancellation);

    public Task<ExperimentSummary?> Experiment(long id, CancellationToken cancellation) => Read(connection => ExperimentReader.Find(connection, id, Counts), cancellation);

    /// <summary>An experiment with its conditions from one of them on; null when there is none.</summary>
    public async Task<ExperimentDetail?> Detail(long id, int from, int limit, CancellationToken cancellation)
    {
        var detail = await Read(connection => Detail(connection, id, from, limit), cancellation);
        if (detail is not { Experiment.State: "running", Running.Count: > 0 }) return detail;
        var seconds = await memo.GetOrEarlier(FormattableString.Invariant($"seconds left of {id}"), RarelyChanged, Later, Patience, () => Read(connection => ExperimentReader.SecondsLeft(connection, id), CancellationToken.None));
        return detail with { Estimate = seconds / Math.Max(1, (await Capacity(cancellation)).Slots) };
    }

    /// <summary>A page of an experiment's trials, see <see cref="ExperimentReader.Trials"/>.</summary>
    public async Task<TrialPage> Trials(ExperimentSummary experiment, string? state, int? condition, int? after, int limit, CancellationToken cancellation)
    {
        var isRare = state is not null && experiment.Trials.Total > limit && (await AllTrials(cancellation)).Of(state) <= RareShare * experiment.Trials.Total;
        return await Read(connection => ExperimentReader.Trials(connection, experiment.Id, state, isRare, condition, after, limit), cancellation);
    }

    /// <summary>A page of the experiments that are wanted.</summary>
    public Task<ListPage<ExperimentSummary>> Experiments(ExperimentQuery query, int number, int size, CancellationToken cancellation) =>
        Read(connection => ListReader.Experiments(connection, query, number, size, Counts), cancellation);

    private ExperimentDetail? Detail(SqliteConnection connection, long id, int from, int limit)
    {
        if (ExperimentReader.Find(connection, id, Counts) is not { } summary) return null;
        var (text, path, overrides) = ExperimentReader.Spec(connection, id);
        var progress = scheduler.Progress(id, MostRunning);
        return new ExperimentDetail(
            summary, text, path, overrides, ExperimentReader.Conditions(connection, id, from, limit, Counts(connection, summary, from, limit)),
            Running(connection, progress?.Running ?? []), scheduler.Reasons(id), Estimate: null)
        { Stage = ExperimentReader.Stage(connection, id), Decisions = ExperimentReader.Decisions(connection, id) is { Count: > 0 } decisions ? decisions : null };
    }

    /// <summary>A page of the workers with what they are at, see <see cref="ClusterReader.Workers"/>.</summary>
    /// <param name="withHistory">Whether each comes with its last half hour.</param>
    public Task<WorkersReply?> Workers(string? after, int limit, int left, CancellationToken cancellation, bool withHistory = false) => Read(connection =>
    {
        if (ClusterReader.Workers(connection, after, limit, left) is not { } page) return null;
        var there = page.Workers.Where(worker => worker.LeftAt is null).Select(worker => worker.Worker).ToHashSet(StringComparer.Ordinal);
        var running = Running(connection, scheduler.Running(there)).ToLookup(trial => trial.Worker, StringComparer.Ordinal);
        return page with { Workers = [.. page.Workers.Select(worker => worker.LeftAt is null ? worker with { Load = scheduler.LoadOf(worker.Worker), Running = [.. running[worker.Worker]], History = withHistory ? scheduler.HistoryOf(worker.Worker) : null } : worker)] };
    }, cancellation);

    /// <summary>A trial as it runs; null when it does not.</summary>
    public Task<RunningView?> Running(string trial, CancellationToken cancellation) =>
        Read(connection => scheduler.Running(trial) is { } live ? Running(connection, [live]).SingleOrDefault() : null, cancellation);

    /// <summary>How many workers are there, and how many trials they can run at once.</summary>
    public Task<(long Workers, long Slots)> Capacity(CancellationToken cancellation) =>
        Read(ClusterReader.Capacity, cancellation);

    /// <summary>Whether there is a worker of that name that has not left.</summary>
    public Task<bool> IsThere(string worker, CancellationToken cancellation) =>
        Read(connection => ClusterReader.IsPresent(connection, worker), cancellation);

    public Task<QueueReply> Queue(CancellationToken cancellation) => Read(connection =>
    {
        var queue = ExperimentReader.Open(connection)
            .Select(entry => new QueueEntry(entry.Id, entry.Name, entry.Priority, entry.State, Known(entry.Id)?.Waiting ?? 0, scheduler.Reasons(entry.Id)))
            .Where(entry => entry.Waiting > 0).ToList();
        return new QueueReply((int)ClusterReader.Capacity(connection).Slots, scheduler.BusySlots, queue);
    }, cancellation);

    /// <summary>Every trial by state; a count of all rows, so it serves for seconds.</summary>
    public async Task<StateCounts> AllTrials(CancellationToken cancellation) =>
        (await memo.GetOrEarlier<StateCounts>("trials by state", RarelyChanged, Later, Timeout.InfiniteTimeSpan, async () => await Read(ClusterReader.Trials, CancellationToken.None)).WaitAsync(cancellation))!;

    /// <summary>Something that is shown to many at once, computed once for all of them.</summary>
    /// <param name="isDrawn">Whether it takes long and may be some seconds old.</param>
    /// <param name="isSettled">Whether it will be the same as long as the key is.</param>
    public Task<(T Value, long Version)> Shared<T>(string key, bool isDrawn, bool isSettled, Func<Task<T>> compute) => memo.Get(key, isSettled ? Later : Fresh, isDrawn ? Later : Soon, compute);

    /// <summary>Forgets what was shown to others: somebody has just changed something.</summary>
    public void Forget() => memo.Forget();

    /// <summary>Trials by state: from the scheduler, which counts them anyway, else from the database.</summary>
    private StateCounts Counts(SqliteConnection connection, ExperimentSummary experiment) =>
        Known(experiment.Id) ?? Settled(experiment, 0, 0, () => ExperimentReader.Counts(connection, experiment.Id));

    private IReadOnlyDictionary<int, StateCounts> Counts(SqliteConnection connection, ExperimentSummary experiment, int from, int limit) =>
        scheduler.Counts(experiment.Id, from, limit) is { } known
            ? known.ToDictionary(condition => condition.Key, condition => Named(condition.Value))
            : Settled(experiment, from, limit, () => ExperimentReader.Counts(connection, experiment.Id, from, limit));

    private StateCounts? Known(long id) => scheduler.Counts(id) is { } counts ? Named(counts) : null;

    private static StateCounts Named(IReadOnlyDictionary<TrialState, int> counts)
    {
        var named = new StateCounts();
        foreach (var (state, count) in counts) named[ExperimentStore.Word(state)] = count;
        return named;
    }

    /// <summary>What is counted of an experiment, once when it has finished. The trials of a cancelled one may go on in others.</summary>
    private T Settled<T>(ExperimentSummary experiment, int from, int limit, Func<T> count)
        where T : class
    {
        if (experiment.State != "finished") return count();
        if (settled.Count > MostRemembered) settled.Clear();
        return (T)settled.GetOrAdd((experiment.Id, experiment.FinishedAt, from, limit), _ => count());
    }

    /// <summary>What runs, with the step that it is at: from the scheduler, and what does not change from the database, once.</summary>
    private List<RunningView> Running(SqliteConnection connection, IEnumerable<RunningTrial> running)
    {
        if (attempts.Count > MostRemembered) ForgetEnded();
        var views = new List<RunningView>();
        foreach (var live in running)
        {
            if (!attempts.TryGetValue((live.Trial, live.Attempt), out var known))
            {
                // It was granted a moment ago: the next look finds it.
                if (ClusterReader.Attempt(connection, live.Trial, live.Attempt) is not { } found) continue;
                attempts[(live.Trial, live.Attempt)] = known = found;
            }

            views.Add(known with { Step = Math.Max(known.Step, live.Step), Loss = double.IsNaN(live.Loss) ? null : live.Loss, ResumedFrom = live.ResumedFrom ?? known.ResumedFrom, Slot = live.Slot });
        }

        return views;
    }

    /// <summary>Those that run are looked up once: to forget them too would be to read a thousand of them again at once.</summary>
    private void ForgetEnded()
    {
        var live = scheduler.Running().Select(trial => (trial.Trial, trial.Attempt)).ToHashSet();
        foreach (var attempt in attempts.Keys)
            if (!live.Contains(attempt)) attempts.TryRemove(attempt, out _);
    }
}
