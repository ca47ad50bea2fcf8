using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Store;

/// <summary>The one file that holds everything: opened exclusively, migrated forward, never silently downgraded.</summary>
public sealed class ResultsDatabase : IDisposable
{
    internal const int ApplicationId = 0x48524E31; // "HRN1"

    /// <summary>Older versions can lose data when two connections reset the write-ahead log at once.</summary>
    public static readonly Version OldestSqlite = new(3, 51, 3);

    private readonly DatabaseLock held;

    private ResultsDatabase(string path, DatabaseLock held) => (Path, this.held) = (path, held);

    public string Path { get; }

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
            Migrate(connection, path);
            return database;
        }
        catch (SqliteException error)
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

    /// <summary>A read-only connection to a database that another process may be writing.</summary>
    /// <exception cref="StoreException">There is no such database, it cannot be read, it is not ours, or it has another schema than this program's.</exception>
    public static SqliteConnection ConnectForReading(string folder)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, "harness.db"));
        if (!File.Exists(path)) throw new StoreException($"There is no database at '{path}'. Run an experiment first, or name the data folder with --data.");
        SqliteConnection? connection = null;
        try
        {
            connection = Connect(path, SqliteOpenMode.ReadOnly);
            var version = CheckOurs(connection, path);
            if (version < Migrations().Count) throw new StoreException($"'{path}' was written by an older harness. Run an experiment with this one to bring it up to date.");
            return connection;
        }
        catch (SqliteException error)
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

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        connection.Execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
        if (mode != SqliteOpenMode.ReadOnly) connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000;");
        return connection;
    }

    private static void CheckEngine(SqliteConnection connection)
    {
        if (!IsRecentEnough(connection))
            throw new StoreException($"SQLite {connection.ServerVersion} is older than {OldestSqlite}, which this program needs to keep data safe. Use the SQLite that comes with it.");
    }

    private static StoreException Unusable(string path, SqliteException error) =>
        new($"The database '{path}' cannot be opened: {error.Message} If the file is damaged, move it away and run again, or restore a copy.", error);

    /// <summary>The schema version of a database of ours; 0 for an empty one.</summary>
    internal static int CheckOurs(SqliteConnection connection, string path)
    {
        var known = Migrations().Count;
        var version = connection.Scalar<long>("PRAGMA user_version");
        var application = connection.Scalar<long>("PRAGMA application_id");
        var empty = connection.Scalar<long>("SELECT count(*) FROM sqlite_schema") == 0;
        if (!empty && application != ApplicationId) throw new StoreException($"'{path}' is an SQLite database, but not one of ours. Choose another folder with --data.");
        if (version > known)
        {
            throw new StoreException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}' was written by a newer harness (schema {version}, this one knows {known}). Use the newer program, or another folder with --data."));
        }

        return (int)version;
    }

    private static void Migrate(SqliteConnection connection, string path)
    {
        var migrations = Migrations();
        var version = CheckOurs(connection, path);
        if (version == migrations.Count) return;
        if (version > 0) connection.Execute($"VACUUM INTO '{path.Replace("'", "''", StringComparison.Ordinal)}.before-{migrations.Count}.bak'");
        for (var next = version; next < migrations.Count; next++)
        {
            // The version travels in the same transaction: a migration has happened as a whole or not at all.
            connection.Execute(string.Create(CultureInfo.InvariantCulture,
                $"BEGIN IMMEDIATE; {migrations[next]} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {next + 1}; COMMIT;"));
        }
    }

    private static IReadOnlyList<string> Migrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            })];
    }
}
