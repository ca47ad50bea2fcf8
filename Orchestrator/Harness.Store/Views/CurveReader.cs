using Harness.Abstractions.Results;
using Microsoft.Data.Sqlite;

namespace Harness.Store.Views;

/// <summary>Reads stretches of recorded curves, made short without hiding what they did: each bucket keeps its smallest, largest and last value.</summary>
/// <remarks>Of a long stretch only the pages are read, and of the chunks those that two buckets share: the answer is the same as from every single point.</remarks>
internal static class CurveReader
{
    /// <summary>More than a screen has columns, and with every number written in full an answer of at most 64 KiB.</summary>
    public const int MostPoints = 1200;

    /// <summary>Points per bucket from which on most chunks lie within one: fewer, and all of them are read.</summary>
    private const int CoarseBucket = 512;

    private const string Chunks = "FROM metric_chunk WHERE trial_id = $trial AND metric_id = $metric AND first_step >= $low AND first_step < $high";

    /// <summary>The curves that a trial has recorded so far.</summary>
    public static IReadOnlyList<MetricRange> Ranges(SqliteConnection connection, long trial) =>
        [.. connection.Query(
            "SELECT id, name FROM metric m WHERE EXISTS (SELECT 1 FROM metric_chunk k WHERE k.trial_id = $trial AND k.metric_id = m.id) ORDER BY name",
            row => (Metric: row.Long("id"), Name: row.Text("name")), ("$trial", trial)).Select(metric => Range(connection, trial, metric.Metric, metric.Name))];

    /// <param name="from">First step wanted.</param>
    /// <param name="to">Last step wanted.</param>
    /// <param name="points">Buckets at most.</param>
    /// <returns>Null when there is no such curve in that stretch.</returns>
    public static MetricView? Read(SqliteConnection connection, long trial, string metric, int from, int to, int points)
    {
        if (connection.Scalar<long?>("SELECT id FROM metric WHERE name = $name", ("$name", metric)) is not { } id) return null;
        var stretch = Stretch(connection, trial, id, from, to, withPages: true);
        var total = 0L;
        foreach (var piece in stretch)
            for (var i = 0; i < piece.Count; i++) total += piece.Chunk(i).Within(from, to).Count;
        if (total == 0) return null;
        var size = (total + points - 1) / points;
        if (size < CoarseBucket && stretch.Exists(piece => piece.Page is not null)) stretch = Stretch(connection, trial, id, from, to, withPages: false);
        var buckets = new Buckets((int)Math.Min(total, points), size);
        using var single = new SingleChunk(connection, trial, id);
        foreach (var piece in stretch)
        {
            for (var i = 0; i < piece.Count; i++)
            {
                var chunk = piece.Chunk(i);
                var (skipped, count) = chunk.Within(from, to);
                if (count == 0) continue;
                if (piece.Page is not null && count == chunk.Count && count <= buckets.Room) buckets.Add(chunk);
                else buckets.Add(chunk.FirstStep + skipped * chunk.Stride, chunk.Stride, (piece.Values ?? single.Read(chunk.FirstStep)).AsSpan(skipped, count));
            }
        }

        buckets.Close();
        return new MetricView(metric, total, buckets.Steps, buckets.Last, size > 1 ? buckets.Minimum : null, size > 1 ? buckets.Maximum : null);
    }

    /// <summary>
    /// A whole curve as short as a picture of it needs: every point of a short one; of a longer one the first point, and of each bucket the largest, the
    /// smallest and the last value. The last one stands at its own step, the other two between the buckets' ends, closer than a picture tells apart.
    /// </summary>
    public static MetricSeries Drawn(SqliteConnection connection, long trial, MetricRange range)
    {
        var view = Read(connection, trial, range.Metric, range.FirstStep, range.LastStep, MostPoints)!;
        if (view.Minimum is null) return new MetricSeries([.. view.Steps], [.. view.Last]);
        List<int> steps = [range.FirstStep];
        List<float> values = [.. Read(connection, trial, range.Metric, range.FirstStep, range.FirstStep, 1)!.Last];
        for (var bucket = 0; bucket < view.Steps.Count; bucket++)
        {
            var (from, to, last) = (steps[^1], view.Steps[bucket], view.Last[bucket]);
            if (to == from) continue;
            // What the bucket's last point tells, or for the first bucket the curve's first, is not told twice: so there are as many steps as are needed.
            float[] extremes = [.. new[] { view.Maximum![bucket], view.Minimum[bucket] }.Where(value => !float.IsNaN(value) && value != last && (bucket > 0 || value != values[0])).Distinct()];
            for (var i = 0; i < extremes.Length; i++) Add((int)(from + ((long)to - from) * (i + 1) / (extremes.Length + 1)), extremes[i]);
            Add(to, last);
        }

        return new MetricSeries([.. steps], [.. values]);

        void Add(int step, float value)
        {
            steps.Add(step);
            values.Add(value);
        }
    }

    private static MetricRange Range(SqliteConnection connection, long trial, long metric, string name)
    {
        var parts = connection.Query("SELECT page, first_step, last_step, points FROM metric_page WHERE trial_id = $trial AND metric_id = $metric ORDER BY page",
            row => (Page: row.Long("page"), First: row.Int("first_step"), Last: row.Int("last_step"), Points: row.Long("points")), ("$trial", trial), ("$metric", metric));
        foreach (var (low, high) in Gaps([.. parts.Select(part => part.Page)], 0, long.MaxValue))
        {
            parts.AddRange(connection.Query($"SELECT min(first_step) AS from_step, max(first_step + (count - 1) * stride) AS to_step, sum(count) AS points {Chunks}",
                row => row.IntOrNull("from_step") is not { } first ? default : (low, first, row.Int("to_step"), row.Long("points")), ("$trial", trial), ("$metric", metric), ("$low", low), ("$high", high))
                .Where(part => part != default));
        }

        return new MetricRange(name, parts.Min(part => part.First), parts.Max(part => part.Last), parts.Sum(part => part.Points));
    }

    /// <summary>The chunks that reach into a stretch of steps, in order: summarised where there are pages, else with their values.</summary>
    private static List<Piece> Stretch(SqliteConnection connection, long trial, long metric, int from, int to, bool withPages)
    {
        // A chunk that begins before the stretch may reach into it.
        var begin = connection.Scalar<long?>("SELECT max(first_step) FROM metric_chunk WHERE trial_id = $trial AND metric_id = $metric AND first_step <= $from",
            ("$trial", trial), ("$metric", metric), ("$from", from)) ?? from;
        var end = (long)to + 1;
        var pages = withPages
            ? connection.Query("SELECT page, chunks FROM metric_page WHERE trial_id = $trial AND metric_id = $metric AND page >= $first AND page <= $last ORDER BY page",
                row => (Page: row.Long("page"), Chunks: row.Bytes("chunks")),
                ("$trial", trial), ("$metric", metric), ("$first", begin >> MetricPages.Bits), ("$last", (end - 1) >> MetricPages.Bits))
            : [];
        List<Piece> found = [.. pages.Select(page => new Piece(default, null, page.Chunks))];
        foreach (var (low, high) in Gaps([.. pages.Select(page => page.Page)], begin, end))
        {
            found.AddRange(connection.Query($"SELECT first_step, stride, points, crc {Chunks} ORDER BY first_step", row =>
            {
                var values = MetricCodec.DecodeSingles(row.Bytes("points"), row.Long("crc"));
                // What it comes to is asked of whole chunks only, which have no values here.
                return new Piece(new ChunkSummary(row.Int("first_step"), row.Int("stride"), values.Length, float.NaN, float.NaN, float.NaN), values, null);
            }, ("$trial", trial), ("$metric", metric), ("$low", low), ("$high", high)));
        }

        // A page and what lies between pages begin in stretches of their own.
        found.Sort((a, b) => a.Chunk(0).FirstStep.CompareTo(b.Chunk(0).FirstStep));
        return found;
    }

    /// <summary>The stretches of first steps from <paramref name="low"/> up to before <paramref name="high"/> that no page covers.</summary>
    private static IEnumerable<(long Low, long High)> Gaps(long[] pages, long low, long high)
    {
        foreach (var page in pages)
        {
            var (first, next) = (page << MetricPages.Bits, (page + 1) << MetricPages.Bits);
            if (low < first) yield return (low, Math.Min(first, high));
            low = Math.Max(low, next);
        }

        if (low < high) yield return (low, high);
    }

    /// <summary>The chunks of a page as they lie in the database, or one chunk with its values.</summary>
    /// <remarks>A page is not unpacked: of a curve of ten million points that would be an array of a megabyte for every picture, which only a full garbage collection takes back.</remarks>
    private readonly record struct Piece(ChunkSummary Only, float[]? Values, byte[]? Page)
    {
        public int Count => Page is null ? 1 : ChunkSummary.CountOf(Page);

        public ChunkSummary Chunk(int index) => Page is null ? Only : ChunkSummary.Decode(Page, index);
    }

    /// <summary>Reads one chunk after the other with the same statement.</summary>
    private sealed class SingleChunk(SqliteConnection connection, long trial, long metric) : IDisposable
    {
        private SqliteCommand? command;

        public float[] Read(int firstStep)
        {
            if (command is null)
            {
                command = connection.CreateCommand();
                command.CommandText = "SELECT points, crc FROM metric_chunk WHERE trial_id = $trial AND metric_id = $metric AND first_step = $first";
                command.Parameters.AddWithValue("$trial", trial);
                command.Parameters.AddWithValue("$metric", metric);
                command.Parameters.AddWithValue("$first", firstStep);
            }

            command.Parameters["$first"].Value = firstStep;
            using var row = command.ExecuteReader();
            return row.Read() ? MetricCodec.DecodeSingles(row.Bytes("points"), row.Long("crc")) : [];
        }

        public void Dispose() => command?.Dispose();
    }

    private sealed class Buckets(int count, long size)
    {
        private long filled;
        private int step;
        private float last, minimum = float.NaN, maximum = float.NaN;

        public List<int> Steps { get; } = new(count);

        public List<float> Last { get; } = new(count);

        public List<float> Minimum { get; } = new(count);

        public List<float> Maximum { get; } = new(count);

        /// <summary>How many points the bucket that is being filled still takes.</summary>
        public long Room => size - filled;

        public void Add(int at, int stride, ReadOnlySpan<float> values)
        {
            foreach (var value in values)
            {
                // What is no number shows as the last value of its bucket at most; it is neither smallest nor largest.
                (minimum, maximum) = (ChunkSummary.Smaller(minimum, value), ChunkSummary.Larger(maximum, value));
                (step, last) = (at, value);
                at += stride;
                if (++filled == size) Close();
            }
        }

        public void Add(ChunkSummary chunk)
        {
            (minimum, maximum) = (ChunkSummary.Smaller(minimum, chunk.Minimum), ChunkSummary.Larger(maximum, chunk.Maximum));
            (step, last) = (chunk.LastStep, chunk.Last);
            filled += chunk.Count;
            if (filled == size) Close();
        }

        public void Close()
        {
            if (filled == 0) return;
            Steps.Add(step);
            Last.Add(last);
            Minimum.Add(minimum);
            Maximum.Add(maximum);
            (filled, minimum, maximum) = (0, float.NaN, float.NaN);
        }
    }
}
