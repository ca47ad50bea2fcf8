using System.Collections.Concurrent;

namespace Harness.Server.Api;

/// <summary>What was computed for one viewer, kept for the others: at least for as long as it is fresh, and ten times as long as it took, so that looking does not cost more than a tenth of a core.</summary>
internal sealed class Memo(TimeProvider time, LiveFeed feed)
{
    private const int MostEntries = 200;

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, object?> earlier = new(StringComparer.Ordinal);

    /// <param name="key">What is asked for, everything that it depends on.</param>
    /// <param name="fresh">How long an answer serves at least.</param>
    /// <param name="longest">How long it serves at most, however long it took.</param>
    /// <returns>The answer, and the version of the feed before it was computed.</returns>
    public async Task<(T Value, long Version)> Get<T>(string key, TimeSpan fresh, TimeSpan longest, Func<Task<T>> compute)
    {
        if (entries.Count > MostEntries) Clean();
        var entry = entries.TryGetValue(key, out var known) && known.IsFresh(time) ? known : entries.AddOrUpdate(key, _ => New(), (_, old) => old.IsFresh(time) ? old : New());
        try
        {
            return ((T)(await entry.Value)!, entry.Version);
        }
        catch
        {
            entries.TryRemove(new KeyValuePair<string, Entry>(key, entry));
            throw;
        }

        Entry New() => new(time, fresh, longest, feed.Now.Version, async () => await compute());
    }

    /// <summary>The answer, or an earlier one while it is computed anew: for what nobody should wait for.</summary>
    /// <param name="patience">How long the first one is waited for; after that there is none.</param>
    public async Task<T?> GetOrEarlier<T>(string key, TimeSpan fresh, TimeSpan longest, TimeSpan patience, Func<Task<T?>> compute)
    {
        var asked = Get(key, fresh, longest, compute);
        earlier.TryGetValue(key, out var before);
        if (before is null) await Task.WhenAny(asked, Task.Delay(patience, time));
        if (asked.IsCompleted)
        {
            var (value, _) = await asked;
            if (earlier.Count > MostEntries) earlier.Clear();
            earlier[key] = value;
            return value;
        }

        // The next caller gets it, or its failure.
        _ = asked.ContinueWith(done => _ = done.IsCompletedSuccessfully ? earlier[key] = done.Result.Value : done.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return (T?)before;
    }

    /// <summary>Somebody has changed something and looks at once whether it is done.</summary>
    public void Forget() => entries.Clear();

    private void Clean()
    {
        foreach (var (key, entry) in entries)
            if (!entry.IsFresh(time)) entries.TryRemove(new KeyValuePair<string, Entry>(key, entry));
    }

    private sealed class Entry(TimeProvider time, TimeSpan fresh, TimeSpan longest, long version, Func<Task<object?>> compute)
    {
        private readonly Lazy<Task<object?>> value = new(() => Task.Run(compute));
        private readonly long began = time.GetTimestamp();
        private long ended;

        public long Version => version;

        public Task<object?> Value => Await();

        public bool IsFresh(TimeProvider clock)
        {
            var done = Interlocked.Read(ref ended);
            if (done == 0) return true;
            var worth = 10 * clock.GetElapsedTime(began, done);
            return clock.GetElapsedTime(done) < (worth < fresh ? fresh : worth < longest ? worth : longest);
        }

        private async Task<object?> Await()
        {
            try
            {
                return await value.Value;
            }
            finally
            {
                Interlocked.CompareExchange(ref ended, time.GetTimestamp(), 0);
            }
        }
    }
}
