using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>
/// The only writer: one thread, one connection, group commit. A call's task completes after its transaction is on disk.
/// </summary>
/// <remarks>
/// Writes are carried out in the order in which they were enqueued. Each runs in its own savepoint, so that one that fails
/// takes nothing of its neighbours with it. The queue is bounded: when the disk cannot keep up, callers wait.
/// While the disk is full or another program holds the database, the writer waits, says so, and tries the same writes again;
/// their callers wait with it. A transaction that fails as a whole for another reason (an I/O error) ends the writer: callers
/// have decided on the strength of what is now lost, so nothing that comes after it may be stored either. The next start
/// recovers from the database.
/// </remarks>
public sealed class StoreWriter : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int LargestGroup = 512;
    private const int PlacesPerLook = 4;

    // SQLite's own numbers.
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14;

    /// <summary>How soon a deleted database is noticed while nothing is written.</summary>
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ResultsDatabase database;
    private int places;
    private readonly SqliteConnection connection;
    private readonly Channel<Write> queue = Channel.CreateBounded<Write>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Thread thread;
    private readonly ManualResetEventSlim closing = new();
    private readonly Action<string?>? onTrouble;
    private readonly TaskCompletionSource<StoreException> broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="onTrouble">Told why nothing can be stored for the time being, and null when it can be again.</param>
    public StoreWriter(ResultsDatabase database, Action<string?>? onTrouble = null)
    {
        this.onTrouble = onTrouble;
        this.database = database;
        connection = database.Connect(SqliteOpenMode.ReadWrite);
        connection.KeepStatements();
        thread = new Thread(Work) { IsBackground = true, Name = "store writer" };
        thread.Start();
    }

    /// <summary>Completes, with the reason, when a transaction failed and nothing is stored any more.</summary>
    public Task<StoreException> Broken => broken.Task;

    /// <summary>Why nothing can be stored just now; null when all is well.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Whether an error is not of one write but of the whole transaction, or of the moment.</summary>
    internal static bool ConcernsAll(Exception error) => error is SqliteException { SqliteErrorCode: Full or Busy or Locked or InputOutput or ReadOnly or Corrupt or CannotOpen };

    /// <summary>Enqueues a write; the returned task completes after the commit with what <paramref name="write"/> returned.</summary>
    /// <exception cref="WriteRefusedException">This write can never be stored; all others are.</exception>
    /// <exception cref="StoreException">The commit failed; nothing of it is stored.</exception>
    public Task<T> Enqueue<T>(Func<SqliteConnection, T> write)
    {
        var item = new Write<T>(write);
        if (!queue.Writer.TryWrite(item)) return Wait(item);
        return item.Done;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        closing.Set();
        await Task.Run(thread.Join);
        closing.Dispose();
        connection.DropStatements();
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
        var waiting = queue.Reader.WaitToReadAsync().AsTask();
        while (true)
        {
            if (!waiting.Wait(CheckEvery))
            {
                CheckPlace();
                continue;
            }

            if (!waiting.Result) return;
            group.Clear();
            while (group.Count < LargestGroup && queue.Reader.TryRead(out var write)) group.Add(write);
            CheckPlace();
            Commit(group);
            waiting = queue.Reader.WaitToReadAsync().AsTask();
        }
    }

    /// <summary>Ends the writer when its file is no longer the one at its path: what is written to a deleted database is lost.</summary>
    private void CheckPlace()
    {
        if (broken.Task.IsCompleted) return;
        // A file is read for it, so not at every commit of a busy time.
        if (++places % PlacesPerLook == 0 && database.Usurper is { } usurper)
        {
            broken.SetResult(new StoreException($"The database '{connection.DataSource}' was taken by {usurper}: its lock file had been removed. This process stores nothing more."));
            return;
        }

        if (!DatabaseFile.HasMoved(connection)) return;
        broken.SetResult(new StoreException(
            $"The database '{connection.DataSource}' was deleted or replaced while it was in use. Nothing more can be stored. Put the data folder back, or run the same command again to begin anew."));
    }

    private void Commit(List<Write> group)
    {
        if (broken.Task.IsCompleted)
        {
            foreach (var write in group) write.Fail(broken.Task.Result);
            return;
        }

        var pause = FirstPause;
        while (true)
        {
            try
            {
                connection.Execute("BEGIN IMMEDIATE");
                foreach (var write in group) write.Apply(connection);
                connection.Execute("COMMIT");
                break;
            }
            catch (SqliteException error) when (error.SqliteErrorCode is Full or Busy or Locked && !closing.IsSet)
            {
                TryRollback();
                Tell(error.Message);
                closing.Wait(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (SqliteException error)
            {
                TryRollback();
                broken.SetResult(new StoreException($"The database could not be written: {error.Message} Earlier results are safe. Check the disk and its free space, then run the same command again.", error));
                foreach (var write in group) write.Fail(broken.Task.Result);
                return;
            }
        }

        if (Trouble is not null) Tell(null);
        foreach (var write in group) write.Succeed();
    }

    private void Tell(string? trouble)
    {
        if (trouble == Trouble) return;
        Trouble = trouble;
        onTrouble?.Invoke(trouble);
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
            // Perhaps not for the first time: after a pause the whole group is carried out again.
            failure = null;
            connection.Execute("SAVEPOINT one_write");
            try
            {
                result = write(connection);
            }
            catch (Exception error) when (!ConcernsAll(error))
            {
                failure = error;
                connection.Execute("ROLLBACK TO one_write");
            }

            connection.Execute("RELEASE one_write");
        }

        public override void Succeed()
        {
            if (failure is null) done.TrySetResult(result!);
            else done.TrySetException(new WriteRefusedException(failure));
        }

        public override void Fail(Exception error) => done.TrySetException(error);
    }
}
