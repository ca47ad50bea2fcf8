using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>What SQLite knows of the file behind a connection.</summary>
internal static partial class DatabaseFile
{
    private const int HasMovedControl = 20; // SQLITE_FCNTL_HAS_MOVED
    private const int Ok = 0;

    /// <summary>Whether the open file was renamed, replaced or deleted. Never on Windows, where an open file cannot be.</summary>
    public static bool HasMoved(SqliteConnection connection) =>
        FileControl(connection.Handle!.DangerousGetHandle(), null, HasMovedControl, out var moved) == Ok && moved != 0;

    /// <param name="database">Which attached database; null for the main one.</param>
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(nint connection, string? database, int control, out int answer);
}
