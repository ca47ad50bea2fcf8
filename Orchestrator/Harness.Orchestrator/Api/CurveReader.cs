using Harness.Orchestrator.Store;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Api;

/// <summary>Reads stretches of recorded curves, made short without hiding what they did: each bucket keeps its smallest, largest and last value.</summary>
internal static class CurveReader
{
    public const int MostPoints = 4000;

    /// <summary>The curves that a trial has recorded so far.</summary>
    public static IReadOnlyList<MetricRange> Ranges(SqliteConnection connection, long trial) => connection.Query(
        """
        SELECT m.name, min(k.first_step), max(k.first_step + (k.count - 1) * k.stride), sum(k.count)
        FROM metric_chunk k JOIN metric m ON m.id = k.metric_id WHERE k.trial_id = $trial GROUP BY m.name ORDER BY m.name
        """,
        row => new MetricRange(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt64(3)), ("$trial", trial));

    /// <param name="from">First step wanted.</param>
    /// <param name="to">Last step wanted.</param>
    /// <param name="points">Buckets at most.</param>
    /// <returns>Null when there is no such curve in that stretch.</returns>
    public static MetricView? Read(SqliteConnection connection, long trial, string metric, int from, int to, int points)
    {
        if (connection.Scalar<long?>("SELECT id FROM metric WHERE name = $name", ("$name", metric)) is not { } id) return null;
        var chunks = connection.Query(
            """
            SELECT first_step, stride, points FROM metric_chunk
            WHERE trial_id = $trial AND metric_id = $metric AND first_step <= $to AND first_step + (count - 1) * stride >= $from ORDER BY first_step
            """,
            row => new Chunk(row.GetInt32(0), row.GetInt32(1), MetricCodec.DecodeSingles((byte[])row[2])), ("$trial", trial), ("$metric", id), ("$from", from), ("$to", to));
        var total = chunks.Sum(chunk => (long)chunk.Count(from, to));
        if (total == 0) return null;
        var size = (total + points - 1) / points;
        var buckets = new Buckets((int)Math.Min(total, points), size);
        foreach (var chunk in chunks)
        {
            for (var i = 0; i < chunk.Values.Length; i++)
            {
                var step = chunk.First + i * chunk.Stride;
                if (step >= from && step <= to) buckets.Add(step, chunk.Values[i]);
            }
        }

        buckets.Close();
        return new MetricView(metric, total, buckets.Steps, buckets.Last, size > 1 ? buckets.Minimum : null, size > 1 ? buckets.Maximum : null);
    }

    private sealed record Chunk(int First, int Stride, float[] Values)
    {
        public int Count(int from, int to)
        {
            var (first, last) = (Math.Max(0, (from - First + Stride - 1) / Stride), Math.Min(Values.Length - 1, (to - First) / Stride));
            return from <= First && to >= First + (Values.Length - 1) * Stride ? Values.Length : Math.Max(0, last - first + 1);
        }
    }

    private sealed class Buckets(int count, long size)
    {
        private long filled;
        private int step;
        private float last, minimum, maximum;

        public List<int> Steps { get; } = new(count);

        public List<float> Last { get; } = new(count);

        public List<float> Minimum { get; } = new(count);

        public List<float> Maximum { get; } = new(count);

        public void Add(int at, float value)
        {
            // What is no number shows as the last value of its bucket at most; it is neither smallest nor largest.
            minimum = filled == 0 || float.IsNaN(minimum) || value < minimum ? value : minimum;
            maximum = filled == 0 || float.IsNaN(maximum) || value > maximum ? value : maximum;
            (step, last) = (at, value);
            if (++filled == size) Close();
        }

        public void Close()
        {
            if (filled == 0) return;
            Steps.Add(step);
            Last.Add(last);
            Minimum.Add(minimum);
            Maximum.Add(maximum);
            filled = 0;
        }
    }
}
