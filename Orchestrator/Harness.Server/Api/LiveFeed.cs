using System.Text.Json;
using Harness.Server.Grains;
using Harness.Store;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>What has happened up to a moment.</summary>
/// <param name="Version">Grows with every change, also with those that leave no event, such as a step.</param>
/// <param name="Seq">The last event.</param>
/// <param name="Floor">The event before the first of <paramref name="Recent"/>.</param>
/// <param name="Recent">The latest events, the oldest first.</param>
internal sealed record LiveMoment(long Version, long Seq, long Floor, IReadOnlyList<LiveEvent> Recent);

/// <summary>An event and its JSON, written once for all viewers.</summary>
internal sealed class LiveEvent(EventView happened)
{
    private string? text;

    public EventView Event => happened;

    /// <summary>As a server-sent event.</summary>
    public string Text => text ??= FormattableString.Invariant($"event: {happened.Kind}\nid: {happened.Seq}\ndata: {JsonSerializer.Serialize(happened, ApiJson.Default.EventView)}\n\n");
}

/// <summary>
/// Looks at the database four times a second, once for everybody who watches, and not at all while nobody does. Whoever is too slow for
/// every moment gets the latest one: nothing is queued for anybody.
/// </summary>
internal sealed class LiveFeed(ReadConnections connections, Scheduler scheduler, TimeProvider time, ILogger<LiveFeed> log) : IDisposable
{
    public const int MostRecent = 1000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LiveMoment now = new(0, -1, -1, []);
    private long decided;
    private int watchers;
    private CancellationTokenSource? stop;

    public LiveMoment Now
    {
        get
        {
            lock (gate) return now;
        }
    }

    /// <summary>Keeps the feed awake until it is disposed of.</summary>
    public IDisposable Watch()
    {
        lock (gate)
        {
            if (watchers++ == 0)
            {
                stop = new CancellationTokenSource();
                _ = Run(stop.Token);
            }
        }

        return new Watcher(this);
    }

    /// <summary>The first moment that is later than a version; only for holders of a <see cref="Watch"/>.</summary>
    public async Task<LiveMoment> After(long version, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (now.Version > version && now.Seq >= 0) return now;
                next = changed.Task;
            }

            await next.WaitAsync(cancellation);
        }
    }

    private void Leave()
    {
        lock (gate)
        {
            if (--watchers > 0) return;
            Stop();
        }
    }

    public void Dispose()
    {
        lock (gate) Stop();
    }

    private void Stop()
    {
        stop?.Cancel();
        stop?.Dispose();
        stop = null;
    }

    private async Task Run(CancellationToken cancellation)
    {
        try
        {
            var first = true;
            while (true)
            {
                await Look(first, cancellation);
                first = false;
                await Task.Delay(Tick, time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Nobody watches any more.
        }
    }

    private async Task Look(bool always, CancellationToken cancellation)
    {
        try
        {
            var before = Now;
            // Asked before the database, so that rows stored meanwhile are sent at the next poll.
            var seen = scheduler.Version;
            var (last, events) = await connections.Read(
                connection => (ClusterReader.LastEvent(connection), before.Seq < 0 ? [] : ClusterReader.EventsAfter(connection, before.Seq, null, MostRecent + 1)), cancellation);
            if (!always && last == before.Seq && seen == decided) return;
            decided = seen;
            var isGap = before.Seq < 0 || events.Count > MostRecent;
            List<LiveEvent> recent = isGap ? [] : [.. before.Recent.Concat(events.Select(happened => new LiveEvent(happened))).TakeLast(MostRecent)];
            TaskCompletionSource told;
            lock (gate)
            {
                now = new LiveMoment(now.Version + 1, last, recent.Count > 0 ? recent[0].Event.Seq - 1 : last, recent);
                told = changed;
                changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            told.SetResult();
        }
        catch (Exception error) when (error is Microsoft.Data.Sqlite.SqliteException or ObjectDisposedException)
        {
            ApiLog.FeedFailed(log, error);
        }
    }

    private sealed class Watcher(LiveFeed feed) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0) feed.Leave();
        }
    }
}
