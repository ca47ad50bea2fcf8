using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Keeps the pages of long curves in step with their chunks, in the transaction that stores those.</summary>
internal static class MetricPages
{
    /// <summary>A page covers the chunks that begin within 2 to the power of this many steps.</summary>
    public const int Bits = 16;

    /// <summary>As a trainer records them; see metric_chunk.</summary>
    private const int PointsPerChunk = 256;

    /// <summary>Fewer chunks are read as quickly as a page.</summary>
    private const int FewestChunks = 16;

    public static int Of(int firstStep) => firstStep >> Bits;

    /// <summary>A chunk was stored. The page before it is complete when it is the first of its own; one that it changes is written anew.</summary>
    public static void Note(SqliteConnection connection, long trial, long metric, int firstStep, int stride)
    {
        var page = Of(firstStep);
        var isKnown = connection.Execute("DELETE FROM metric_page WHERE trial_id = $trial AND metric_id = $metric AND page = $page", ("$trial", trial), ("$metric", metric), ("$page", page)) > 0;
        if (isKnown) Write(connection, trial, metric, page);
        if (page > 0 && firstStep - (page << Bits) < (long)PointsPerChunk * stride
            && connection.Scalar<long?>("SELECT 1 FROM metric_page WHERE trial_id = $trial AND metric_id = $metric AND page = $page", ("$trial", trial), ("$metric", metric), ("$page", page - 1)) is null)
        {
            Write(connection, trial, metric, page - 1);
        }
    }

    /// <summary>Whether a stored page is what its chunks come to. A chunk that cannot be read is reported by itself and says nothing against its page.</summary>
    public static bool IsSound(SqliteConnection connection, long trial, long metric, int page, byte[] stored)
    {
        try
        {
            return ChunkSummary.Encode(Summaries(connection, trial, metric, page)).AsSpan().SequenceEqual(stored);
        }
        catch (StoreException)
        {
            return true;
        }
    }

    private static void Write(SqliteConnection connection, long trial, long metric, int page)
    {
        var (low, high) = Range(page);
        if (connection.Scalar<long>("SELECT count(*) FROM metric_chunk WHERE trial_id = $trial AND metric_id = $metric AND first_step >= $low AND first_step < $high",
            ("$trial", trial), ("$metric", metric), ("$low", low), ("$high", high)) < FewestChunks) return;
        var chunks = Summaries(connection, trial, metric, page);
        connection.Execute(
            "INSERT INTO metric_page (trial_id, metric_id, page, first_step, last_step, points, chunks) VALUES ($trial, $metric, $page, $first, $last, $points, $chunks)",
            ("$trial", trial), ("$metric", metric), ("$page", page), ("$first", chunks[0].FirstStep), ("$last", chunks.Max(chunk => chunk.LastStep)),
            ("$points", chunks.Sum(chunk => (long)chunk.Count)), ("$chunks", ChunkSummary.Encode(chunks)));
    }

    private static List<ChunkSummary> Summaries(SqliteConnection connection, long trial, long metric, int page)
    {
        var (low, high) = Range(page);
        return connection.Query(
            "SELECT first_step, stride, points, crc FROM metric_chunk WHERE trial_id = $trial AND metric_id = $metric AND first_step >= $low AND first_step < $high ORDER BY first_step",
            row => ChunkSummary.Of(row.Int("first_step"), row.Int("stride"), MetricCodec.DecodeSingles(row.Bytes("points"), row.Long("crc"))), ("$trial", trial), ("$metric", metric), ("$low", low), ("$high", high));
    }

    /// <summary>The steps at which the chunks of a page may begin: from the first up to before the second.</summary>
    private static (long Low, long High) Range(int page) => ((long)page << Bits, (page + 1L) << Bits);
}
