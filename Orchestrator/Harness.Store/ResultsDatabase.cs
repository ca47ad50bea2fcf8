using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>The one file that holds everything: opened exclusively, migrated forward, never silently downgraded.</summary>
public sealed class ResultsDatabase : IDisposable
{
    /// <summary>Older versions can lose data when two connections reset the write-ahead log at once.</summary>
    public static readonly Version OldestSqlite = new(3, 51, 3);

    private readonly DatabaseLock held;

    private ResultsDatabase(string path, DatabaseLock held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>The process that took the database as well; null when there is none.</summary>
    internal string? Usurper => held.Usurper;

    /// <summary>Opens (and creates, when there is none) the database of a data folder.</summary>
    /// <param name="folder">The data folder, created when it does not exist.</param>
    /// <param name="time">For the note of who holds the database since when.</param>
    /// <exception cref="StoreException">Another process holds it, it is not ours, it is newer than this program, or it cannot be opened.</exception>
    public static ResultsDatabase Open(string folder, TimeProvider time)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, "harness.db"));
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The data folder '{folder}' cannot be created: {error.Message} Choose another with --data.", error);
        }

        var held = DatabaseLock.Take(path, time);
        try
        {
            var database = new ResultsDatabase(path, held);
            using var connection = database.Connect(SqliteOpenMode.ReadWriteCreate);
            CheckEngine(connection);
            Schema.Upgrade(connection, path);
            return database;
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw Unusable(path, error);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A connection with the settings that every connection of ours has.</summary>
    public SqliteConnection Connect(SqliteOpenMode mode = SqliteOpenMode.ReadOnly) => Connect(Path, mode);

    /// <summary>Whether a data folder holds a database.</summary>
    public static bool IsThere(string folder) => File.Exists(System.IO.Path.Combine(folder, "harness.db"));

    /// <summary>A read-only connection to a database that another process may be writing.</summary>
    /// <exception cref="StoreException">There is no such database, it cannot be read, it is not ours, or it has another schema than this program's.</exception>
    public static SqliteConnection ConnectForReading(string folder)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, "harness.db"));
        if (IsClosed(folder)) throw new StoreException($"The data folder '{folder}' belongs to another user, and only its owner can read it. Ask for an export or a report.");
        if (!File.Exists(path)) throw new StoreException($"There is no database at '{path}'. Run an experiment first, or name the data folder with --data.");
        SqliteConnection? connection = null;
        try
        {
            connection = ConnectForReadingAlone(path);
            var version = Schema.VersionOf(connection, path);
            if (version == 0) throw new StoreException($"'{path}' is empty: it holds no experiment. Run one, or restore a copy with 'harness restore FILE'.");
            if (version < Schema.Current)
            {
                throw new StoreException(FormattableString.Invariant(
                    $"'{path}' was written by an older harness (schema {version}, this one reads {Schema.Current}). Upgrade it with 'harness upgrade --data {folder}'; a copy is kept."));
            }

            return connection;
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw Unusable(path, error);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    public static SqliteConnection ConnectInMemory()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }

    public static bool IsRecentEnough(SqliteConnection connection) => Version.Parse(connection.ServerVersion) >= OldestSqlite;

    public void Dispose() => held.Dispose();

    private static bool IsClosed(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) _ = Directory.EnumerateFileSystemEntries(folder).Any();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        connection.Execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
        // The first setting counts for a new database alone: deleted rows then give their room back.
        if (mode != SqliteOpenMode.ReadOnly) connection.Execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000;");
        return connection;
    }

    /// <summary>
    /// A connection that also reads from a folder where nobody may write: SQLite wants to create the files of its write-ahead log there, unless it is told that
    /// nothing changes. A log that a crash left behind is then read from a copy.
    /// </summary>
    private static SqliteConnection ConnectForReadingAlone(string path)
    {
        var connection = Connect(path, SqliteOpenMode.ReadOnly);
        try
        {
            connection.Scalar<long>("SELECT count(*) FROM sqlite_schema");
            return connection;
        }
        catch (SqliteException error) when (error.SqliteErrorCode is 8 or 14)
        {
            connection.Dispose();
            return new FileInfo(path + "-wal") is { Exists: true, Length: > 0 } ? ConnectToCopy(path) : Connect($"file:{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1", SqliteOpenMode.ReadOnly);
        }
    }

    private static SqliteConnection ConnectToCopy(string path)
    {
        var folder = Directory.CreateTempSubdirectory("harness-read-").FullName;
        foreach (var part in new[] { "", "-wal" }) File.Copy(path + part, System.IO.Path.Combine(folder, "harness.db" + part));
        var connection = Connect(System.IO.Path.Combine(folder, "harness.db"), SqliteOpenMode.ReadOnly);
        connection.Disposed += (_, _) => Directory.Delete(folder, recursive: true);
        return connection;
    }

    private static void CheckEngine(SqliteConnection connection)
    {
        if (!IsRecentEnough(connection))
            throw new StoreException($"SQLite {connection.ServerVersion} is older than {OldestSqlite}, which this program needs to keep data safe. Use the SQLite of this program.");
    }

    /// <summary>Whether a statement of this program failed because the file is damaged: SQLITE_CORRUPT, SQLITE_NOTADB, or a schema that lost what it names.</summary>
    public static bool IsDamage(Exception error) => error is SqliteException { SqliteErrorCode: 11 or 26 }
        || (error is SqliteException { SqliteErrorCode: 1 } && (error.Message.Contains("no such column", StringComparison.Ordinal) || error.Message.Contains("no such table", StringComparison.Ordinal)));

    private static StoreException Unusable(string path, Exception error) => IsDamage(error)
        ? Damaged(path, error)
        : new StoreException($"The database '{path}' cannot be opened: {error.Message} Check the free space and your write access to its folder.", error);

    /// <summary>What every command says of a database that SQLite finds damaged.</summary>
    public static StoreException Damaged(string path, Exception error) =>
        new($"The database '{path}' is damaged: {error.Message} 'harness verify' says what can still be read; 'harness restore FILE' puts a backup in its place.", error);
}
