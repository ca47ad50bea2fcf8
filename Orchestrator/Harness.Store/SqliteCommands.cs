using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>The few shapes in which this code talks to SQLite. Values always travel as parameters.</summary>
internal static class SqliteCommands
{
    private static readonly ConditionalWeakTable<SqliteConnection, KeptStatements> kept = [];

    /// <summary>Keeps the statements of a connection prepared, for one that is used by one thread for long.</summary>
    public static void KeepStatements(this SqliteConnection connection) => kept.AddOrUpdate(connection, new KeptStatements());

    /// <summary>Closes a connection's statements, without which its file stays open.</summary>
    public static void DropStatements(this SqliteConnection connection)
    {
        if (!kept.TryGetValue(connection, out var statements)) return;
        kept.Remove(connection);
        statements.Dispose();
    }

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.Prepare(sql, parameters);
        try
        {
            return command.ExecuteNonQuery();
        }
        finally
        {
            connection.Return(command);
        }
    }

    /// <summary>The first column of the first row, or null when there is no row or it holds NULL.</summary>
    public static T? Scalar<T>(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.Prepare(sql, parameters);
        try
        {
            return command.ExecuteScalar() is T value ? value : default;
        }
        finally
        {
            connection.Return(command);
        }
    }

    /// <summary>One value per row.</summary>
    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var rows = new List<T>();
        connection.ForEach(sql, row => rows.Add(read(row)), parameters);
        return rows;
    }

    public static void ForEach(this SqliteConnection connection, string sql, Action<SqliteDataReader> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.Prepare(sql, parameters);
        try
        {
            using var reader = command.ExecuteReader();
            while (reader.Read()) read(reader);
        }
        finally
        {
            connection.Return(command);
        }
    }

    private static SqliteCommand Prepare(this SqliteConnection connection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = kept.TryGetValue(connection, out var statements) ? statements.Take(sql) : null;
        if (command is null)
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
        }

        command.Parameters.Clear();
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, Bound(value));
        return command;
    }

    private static void Return(this SqliteConnection connection, SqliteCommand command)
    {
        if (kept.TryGetValue(connection, out var statements)) statements.Keep(command);
        else command.Dispose();
    }

    /// <summary>SQLite has no NaN and its driver refuses one; NULL stands for it. Both infinities are stored as they are.</summary>
    private static object Bound(object? value) => value switch
    {
        null or double.NaN or float.NaN => DBNull.Value,
        _ => value,
    };

    /// <summary>Prepared statements that nobody uses just now, by their text. To prepare one takes longer than to run it.</summary>
    private sealed class KeptStatements : IDisposable
    {
        private const int Most = 256;

        private readonly Dictionary<string, SqliteCommand> idle = new(StringComparer.Ordinal);

        public SqliteCommand? Take(string sql) => idle.Remove(sql, out var command) ? command : null;

        public void Keep(SqliteCommand command)
        {
            // Values may be large.
            command.Parameters.Clear();
            if (idle.Count >= Most || !idle.TryAdd(command.CommandText, command)) command.Dispose();
        }

        public void Dispose()
        {
            foreach (var command in idle.Values) command.Dispose();
            idle.Clear();
        }
    }
}
