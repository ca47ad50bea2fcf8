using Microsoft.Data.Sqlite;

namespace Harness.Store.Exports;

/// <summary>A database with one experiment alone: SQLite's own copy of the whole, without everything else.</summary>
internal static class DatabaseExport
{
    /// <summary>Tables without a column that says whose a row is, and what is kept of them. Every other such table is emptied: what is not known to belong to the experiment is not given away.</summary>
    private static readonly Dictionary<string, string> kept = new(StringComparer.Ordinal)
    {
        ["trial"] = "id IN (SELECT trial_id FROM experiment_trial)",
        ["experiment"] = "true",
        ["metric"] = "id IN (SELECT metric_id FROM metric_chunk)",
        ["task_sample"] = "task IN (SELECT json_extract(spec, '$.task') FROM condition)",
        ["worker"] = "id IN (SELECT worker FROM attempt)",
        ["environment"] = "id IN (SELECT environment_id FROM attempt UNION SELECT environment_id FROM worker)",
    };

    /// <returns>The file written.</returns>
    /// <exception cref="StoreException">It cannot be written, or SQLite finds the copy damaged.</exception>
    public static IReadOnlyList<string> Write(SqliteConnection source, long experiment, string path)
    {
        try
        {
            UnfinishedFile.Write(path, file =>
            {
                using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
                copy.Open();
                source.BackupDatabase(copy);
                // One file that is whole by itself.
                copy.Execute("PRAGMA journal_mode = DELETE; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;");
                Reduce(copy, experiment);
                copy.Execute("VACUUM");
                if (copy.Query("PRAGMA foreign_key_check", row => row.Text("table")) is [var table, ..]) throw new StoreException($"The copy's table '{table}' refers to missing rows.");
                if (copy.Query("PRAGMA integrity_check(3)", row => row.Text("integrity_check")) is not ["ok"]) throw new StoreException($"The copy at '{file}' is damaged.");
            });
        }
        catch (SqliteException error)
        {
            throw new StoreException($"The results could not be written to '{path}': {error.Message}", error);
        }

        return [path];
    }

    private static void Reduce(SqliteConnection copy, long experiment)
    {
        copy.Execute("BEGIN; PRAGMA defer_foreign_keys = ON;");
        copy.Execute("DELETE FROM experiment WHERE id <> $id", ("$id", experiment));
        var tables = copy.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'", row => row.Text("name"));
        // Rows belong to experiment_id if present, otherwise to trial_id.
        foreach (var table in tables.Where(table => Has(table, "experiment_id"))) copy.Execute($"DELETE FROM \"{table}\" WHERE experiment_id IS NOT $id", ("$id", experiment));
        foreach (var table in tables.Where(table => Has(table, "trial_id") && !Has(table, "experiment_id"))) copy.Execute($"DELETE FROM \"{table}\" WHERE trial_id NOT IN (SELECT trial_id FROM experiment_trial)");
        foreach (var (table, what) in kept) copy.Execute($"DELETE FROM \"{table}\" WHERE NOT coalesce({what}, false)");
        foreach (var table in tables.Where(table => !kept.ContainsKey(table) && !Has(table, "experiment_id") && !Has(table, "trial_id"))) copy.Execute($"DELETE FROM \"{table}\"");
        copy.Execute("COMMIT");

        bool Has(string table, string column) => copy.Scalar<long>("SELECT count(*) FROM pragma_table_info($table) WHERE name = $column", ("$table", table), ("$column", column)) > 0;
    }
}
