using Harness.Abstractions.Contracts;
using Harness.Store.Views;

namespace Harness.Server.Grains;

/// <summary>
/// The last half hour of every worker, in spans of half a minute: filled by what workers report anyway, kept in memory only. It holds at most
/// <see cref="MostWorkers"/> workers of 60 spans, less than 4 MB; the one that was silent longest makes room for another.
/// </summary>
internal sealed class FleetHistory(TimeProvider time)
{
    public const int Spans = 60, SpanSeconds = 30, MostWorkers = 4096;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Track> tracks = new(StringComparer.Ordinal);
    private readonly long began = time.GetTimestamp();

    private long Now => (long)(time.GetElapsedTime(began).TotalSeconds / SpanSeconds);

    public void Loaded(string worker, WorkerLoad load)
    {
        double[] devices = [.. (load.Devices ?? []).Select(device => device.Utilisation).OfType<double>()];
        lock (gate)
        {
            var (track, at) = At(worker);
            track.Processor[at] = (float?)load.Processor ?? float.NaN;
            track.Devices[at] = devices.Length == 0 ? float.NaN : (float)devices.Average();
        }
    }

    public void Finished(string worker)
    {
        lock (gate)
        {
            var (track, at) = At(worker);
            track.Finished[at]++;
        }
    }

    public WorkerTrack? Of(string worker)
    {
        lock (gate)
        {
            if (!tracks.TryGetValue(worker, out var track)) return null;
            var now = Now;
            track.AdvanceTo(now);
            // A span that has just begun would make a worker look slow.
            var seconds = SpanSeconds * (double)Math.Min(Spans, now - track.First + 1);
            return new(
                SpanSeconds, [.. track.InOrder(track.Processor).Select(Known)], [.. track.InOrder(track.Devices).Select(Known)], [.. track.InOrder(track.Finished)],
                3600 * track.Finished.Sum() / seconds);
        }

        static double? Known(float share) => float.IsNaN(share) ? null : Math.Round(share, 3);
    }

    private (Track Track, int At) At(string worker)
    {
        var now = Now;
        if (!tracks.TryGetValue(worker, out var track))
        {
            if (tracks.Count >= MostWorkers) tracks.Remove(tracks.MinBy(known => known.Value.Last).Key);
            tracks.Add(worker, track = new Track(now));
        }

        track.AdvanceTo(now);
        return (track, (int)(now % Spans));
    }

    /// <summary>A ring of spans.</summary>
    private sealed class Track
    {
        public Track(long now)
        {
            (First, Last) = (now, now);
            Array.Fill(Processor, float.NaN);
            Array.Fill(Devices, float.NaN);
        }

        public long First { get; }

        /// <summary>The span that is filled.</summary>
        public long Last { get; private set; }

        public float[] Processor { get; } = new float[Spans];

        public float[] Devices { get; } = new float[Spans];

        public int[] Finished { get; } = new int[Spans];

        public void AdvanceTo(long now)
        {
            for (var span = Math.Max(Last + 1, now - Spans + 1); span <= now; span++)
            {
                var at = span % Spans;
                (Processor[at], Devices[at], Finished[at]) = (float.NaN, float.NaN, 0);
            }

            Last = Math.Max(Last, now);
        }

        public IEnumerable<T> InOrder<T>(T[] ring) => Enumerable.Range(1, Spans).Select(span => ring[(Last + span) % Spans]);
    }
}
