using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Store;

/// <summary>
/// The only writer: one thread, one connection, group commit. A call's task completes after its transaction is on disk.
/// </summary>
/// <remarks>
/// Writes are carried out in the order in which they were enqueued. Each runs in its own savepoint, so that one that fails
/// takes nothing of its neighbours with it. The queue is bounded: when the disk cannot keep up, callers wait.
/// A transaction that fails as a whole (disk full, an I/O error) ends the writer: callers have decided on the strength of
/// what is now lost, so nothing that comes after it may be stored either. The next start recovers from the database.
/// </remarks>
public sealed class StoreWriter : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int LargestGroup = 512;

    private readonly SqliteConnection connection;
    private readonly Channel<Write> queue = Channel.CreateBounded<Write>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Thread thread;
    private readonly TaskCompletionSource<StoreException> broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StoreWriter(ResultsDatabase database)
    {
        connection = database.Connect(SqliteOpenMode.ReadWrite);
        thread = new Thread(Work) { IsBackground = true, Name = "store writer" };
        thread.Start();
    }

    /// <summary>Completes, with the reason, when a transaction failed and nothing is stored any more.</summary>
    public Task<StoreException> Broken => broken.Task;

    /// <summary>Enqueues a write; the returned task completes after the commit with what <paramref name="write"/> returned.</summary>
    /// <exception cref="StoreException">The write or its commit failed; nothing of it is stored.</exception>
    public Task<T> Enqueue<T>(Func<SqliteConnection, T> write)
    {
        var item = new Write<T>(write);
        if (!queue.Writer.TryWrite(item)) return Wait(item);
        return item.Done;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await Task.Run(thread.Join);
        await connection.DisposeAsync();
    }

    private async Task<T> Wait<T>(Write<T> item)
    {
        await queue.Writer.WriteAsync(item);
        return await item.Done;
    }

    private void Work()
    {
        var group = new List<Write>(LargestGroup);
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            group.Clear();
            while (group.Count < LargestGroup && queue.Reader.TryRead(out var write)) group.Add(write);
            Commit(group);
        }
    }

    private void Commit(List<Write> group)
    {
        if (broken.Task.IsCompleted)
        {
            foreach (var write in group) write.Fail(broken.Task.Result);
            return;
        }

        try
        {
            connection.Execute("BEGIN IMMEDIATE");
            foreach (var write in group) write.Apply(connection);
            connection.Execute("COMMIT");
        }
        catch (SqliteException error)
        {
            TryRollback();
            broken.SetResult(new StoreException($"The database could not be written: {error.Message} What was stored before is kept; see that the disk has room and works, then run the same command again.", error));
            foreach (var write in group) write.Fail(broken.Task.Result);
            return;
        }

        foreach (var write in group) write.Succeed();
    }

    private void TryRollback()
    {
        try
        {
            connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does when the disk is full.
        }
    }

    private abstract class Write
    {
        public abstract void Apply(SqliteConnection connection);

        public abstract void Succeed();

        public abstract void Fail(Exception error);
    }

    private sealed class Write<T>(Func<SqliteConnection, T> write) : Write
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? failure;

        public Task<T> Done => done.Task;

        public override void Apply(SqliteConnection connection)
        {
            connection.Execute("SAVEPOINT one_write");
            try
            {
                result = write(connection);
            }
            catch (Exception error) when (error is not SqliteException { SqliteErrorCode: SqliteFull or SqliteIoError })
            {
                failure = error;
                connection.Execute("ROLLBACK TO one_write");
            }

            connection.Execute("RELEASE one_write");
        }

        public override void Succeed()
        {
            if (failure is null) done.TrySetResult(result!);
            else done.TrySetException(new StoreException($"The database refused a write: {failure.Message}", failure));
        }

        public override void Fail(Exception error) => done.TrySetException(error);

        // With these the whole transaction is in doubt, not just this write.
        private const int SqliteFull = 13;
        private const int SqliteIoError = 10;
    }
}
