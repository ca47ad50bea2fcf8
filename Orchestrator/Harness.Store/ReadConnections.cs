using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>A few shared read-only connections, so that viewers never block the writer.</summary>
internal sealed class ReadConnections(Func<SqliteConnection> open) : IDisposable
{
    private const int Most = 4;

    private readonly SemaphoreSlim free = new(Most, Most);
    private readonly ConcurrentBag<SqliteConnection> idle = [];
    private long reads;

    /// <summary>How often somebody has read.</summary>
    public long Reads => Interlocked.Read(ref reads);

    /// <summary>Reads one consistent picture of the database.</summary>
    public async Task<T> Read<T>(Func<SqliteConnection, T> read, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        try
        {
            Interlocked.Increment(ref reads);
            var connection = idle.TryTake(out var known) ? known : open();
            try
            {
                connection.Execute("BEGIN");
                var result = read(connection);
                connection.Execute("COMMIT");
                idle.Add(connection);
                return result;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var connection)) connection.Dispose();
        free.Dispose();
    }
}
