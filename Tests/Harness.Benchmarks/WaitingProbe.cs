using System.Collections.Concurrent;

namespace Harness.Benchmarks;

/// <summary>
/// What anything on this machine has to wait for, whoever wrote it: a thread that is due for a processor (or for the end of a garbage
/// collection), and work for a thread of the pool.
/// </summary>
internal sealed class WaitingProbe : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly ManualResetEventSlim end = new();
    private readonly Thread thread;
    private readonly ConcurrentBag<double> late = [], queued = [];
    private readonly long began = TimeProvider.System.GetTimestamp();
    private readonly TimeSpan paused = GC.GetTotalPauseDuration();
    private readonly int[] collections = [.. Enumerable.Range(0, 3).Select(GC.CollectionCount)];

    public WaitingProbe()
    {
        thread = new Thread(Look) { IsBackground = true, Name = "waiting probe" };
        thread.Start();
    }

    /// <summary>Milliseconds that a thread which slept was late.</summary>
    public IReadOnlyCollection<double> Late => late;

    /// <summary>Milliseconds until the pool began with something.</summary>
    public IReadOnlyCollection<double> Queued => queued;

    /// <summary>Share of the time in which a collection held every thread.</summary>
    public double Paused => (GC.GetTotalPauseDuration() - paused) / TimeProvider.System.GetElapsedTime(began);

    /// <summary>Collections since it began, by generation.</summary>
    public int[] Collections => [.. collections.Select((before, generation) => GC.CollectionCount(generation) - before)];

    private void Look()
    {
        while (true)
        {
            var slept = TimeProvider.System.GetTimestamp();
            if (end.Wait(Pause)) return;
            late.Add((TimeProvider.System.GetElapsedTime(slept) - Pause).TotalMilliseconds);
            var given = TimeProvider.System.GetTimestamp();
            ThreadPool.UnsafeQueueUserWorkItem(_ => queued.Add(TimeProvider.System.GetElapsedTime(given).TotalMilliseconds), null);
        }
    }

    public void Dispose()
    {
        end.Set();
        thread.Join();
        end.Dispose();
    }
}
