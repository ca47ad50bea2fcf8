using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Copies the database while it is in use, and puts a copy back.</summary>
internal static class DatabaseBackup
{
    /// <summary>A database's files, by what follows its name.</summary>
    private static readonly string[] parts = ["", "-wal", "-shm"];

    /// <summary>Writes a copy, checks it in full, and only then gives it its name.</summary>
    /// <param name="folder">The data folder; a harness may be running on it.</param>
    /// <param name="target">The copy; null for a name with the time in the folder <c>backups</c>.</param>
    /// <returns>The copy's full path.</returns>
    /// <exception cref="StoreException">There is no database to copy, the copy cannot be written, or it is not sound.</exception>
    public static string Write(string folder, string? target, TimeProvider time)
    {
        using var source = ResultsDatabase.ConnectForReading(folder);
        var path = Path.GetFullPath(target ?? Path.Combine(folder, "backups", $"harness-{Stamp(time)}.db"));
        if (File.Exists(path)) throw new StoreException($"'{path}' exists already. Name another file with --out.");
        var unfinished = path + ".part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Delete(unfinished);
            using (var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = unfinished, Pooling = false }.ToString()))
            {
                copy.Open();
                source.BackupDatabase(copy);
                // One file that is whole by itself.
                copy.Execute("PRAGMA journal_mode = DELETE");
                Check(copy, unfinished);
            }

            File.Move(unfinished, path);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StoreException($"The backup could not be written to '{path}': {error.Message} The database is unchanged.", error);
        }
    }

    /// <summary>Puts a copy in the place of a data folder's database, which is kept under another name.</summary>
    /// <returns>Where the database went that was there before; null when there was none.</returns>
    /// <exception cref="StoreException">The copy is not sound or not ours, or a harness is running on the folder.</exception>
    public static string? Restore(string copy, string folder, TimeProvider time)
    {
        var from = Path.GetFullPath(copy);
        if (!File.Exists(from)) throw new StoreException($"There is no file '{from}'.");
        try
        {
            Directory.CreateDirectory(folder);
            var path = Path.GetFullPath(Path.Combine(folder, "harness.db"));
            if (from == path) throw new StoreException("That is the database itself; name a copy of it.");
            using var held = DatabaseLock.Take(path, time);
            var staged = path + ".part";
            File.Copy(from, staged, overwrite: true);
            using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = staged, Pooling = false }.ToString()))
            {
                connection.Open();
                if (Schema.VersionOf(connection, from) == 0) throw new StoreException($"'{from}' holds nothing.");
                Check(connection, from);
            }

            var replaced = File.Exists(path) ? $"{path}.replaced-{Stamp(time)}" : null;
            // With its log, which belongs to it and must not be taken for the copy's.
            foreach (var part in parts.Where(part => File.Exists(path + part))) File.Move(path + part, (replaced ?? path + ".left") + part, overwrite: true);
            File.Move(staged, path);
            return replaced;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StoreException($"'{from}' could not be restored: {error.Message}", error);
        }
    }

    private static void Check(SqliteConnection connection, string path)
    {
        var found = connection.Query("PRAGMA integrity_check(3)", row => row.Text("integrity_check"));
        if (found is not ["ok"]) throw new StoreException($"'{path}' is damaged: {string.Join("; ", found)}");
    }

    private static string Stamp(TimeProvider time) => time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
}
