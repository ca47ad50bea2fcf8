using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>The database's schema: numbered migrations, each applied in one transaction, so that a kill or an error between two of them is repaired by the next start.</summary>
internal static class Schema
{
    public const int ApplicationId = 0x48524E31; // "HRN1"

    /// <summary>The migration that added digests of rows; what was stored before gets them then.</summary>
    private const int FirstWithSeals = 10;

    private static readonly Lazy<IReadOnlyList<string>> migrations = new(Read);

    /// <summary>The version that this program writes.</summary>
    public static int Current => migrations.Value.Count;

    /// <summary>The schema version of a database of this program; 0 for an empty one.</summary>
    /// <exception cref="StoreException">It belongs to another program, or a newer version of this one wrote it.</exception>
    public static int VersionOf(SqliteConnection connection, string path)
    {
        var version = connection.Scalar<long>("PRAGMA user_version");
        var application = connection.Scalar<long>("PRAGMA application_id");
        var isEmpty = connection.Scalar<long>("SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && application != ApplicationId) throw new StoreException($"'{path}' is an SQLite database of another program. Choose another folder with --data.");
        if (version > Current)
        {
            throw new StoreException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}' was written by a newer harness (schema {version}, this one knows {Current}). Use the newer program, or another folder with --data."));
        }

        return (int)version;
    }

    /// <summary>Brings a database to the current version. An older one is copied beside itself first.</summary>
    /// <exception cref="StoreException">The schema is not the one that its version number says; nothing was changed.</exception>
    public static void Upgrade(SqliteConnection connection, string path)
    {
        var version = VersionOf(connection, path);
        if (version == Current) return;
        if (version > 0)
        {
            CheckColumns(connection, path, version);
            Copy(connection, FormattableString.Invariant($"{path}.before-{Current}.bak"));
        }

        for (var next = version + 1; next <= Current; next++) Apply(connection, next);
        if (version > 0) ReclaimSpaceFromNowOn(connection);
    }

    private static void Apply(SqliteConnection connection, int version)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            connection.Execute(migrations.Value[version - 1]);
            if (version == FirstWithSeals) new RowSeals(connection).SealAll();
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version}; COMMIT;"));
        }
        catch
        {
            connection.Execute("ROLLBACK");
            throw;
        }
    }

    /// <summary>Writes the copy under another name first: a copy that a kill left half written is overwritten, a complete one never.</summary>
    private static void Copy(SqliteConnection connection, string path)
    {
        var unfinished = path + ".part";
        File.Delete(unfinished);
        connection.Execute("VACUUM INTO $path", ("$path", unfinished));
        var name = path;
        for (var number = 2; File.Exists(name); number++) name = FormattableString.Invariant($"{path}.{number}");
        File.Move(unfinished, name);
    }

    /// <summary>Older databases never shrink. Rewriting one needs room for a copy; without it the file keeps its size, as before.</summary>
    private static void ReclaimSpaceFromNowOn(SqliteConnection connection)
    {
        if (connection.Scalar<long>("PRAGMA auto_vacuum") != 0) return;
        try
        {
            connection.Execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
        }
        catch (SqliteException error) when (error.SqliteErrorCode == 13)
        {
            // SQLITE_FULL: the next upgrade tries again.
        }
    }

    /// <summary>Compares every table with what the migrations up to a version create. A person's own tables and indices are allowed.</summary>
    private static void CheckColumns(SqliteConnection connection, string path, int version)
    {
        using var expected = ResultsDatabase.ConnectInMemory();
        for (var next = 1; next <= version; next++) expected.Execute(migrations.Value[next - 1]);
        foreach (var (table, columns) in ColumnsOf(expected))
        {
            var found = ColumnsOf(connection).GetValueOrDefault(table, "none");
            if (found == columns) continue;
            throw new StoreException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}' says schema {version}, but its table '{table}' differs: {columns} expected, {found} found. It was not changed. Use the program that wrote it, or another folder with --data."));
        }
    }

    private static Dictionary<string, string> ColumnsOf(SqliteConnection connection) => connection.Query(
        "SELECT m.name, group_concat(c.name, ', ') AS columns FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' GROUP BY m.name",
        row => (Table: row.Text("name"), Columns: row.Text("columns"))).ToDictionary(table => table.Table, table => table.Columns, StringComparer.Ordinal);

    private static IReadOnlyList<string> Read()
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
