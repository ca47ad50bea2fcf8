using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>A member of a cluster, as the cluster's file holds it.</summary>
/// <param name="Suspected">The votes against it, as JSON.</param>
/// <param name="StartedAt">UTC, as <paramref name="AliveAt"/>.</param>
internal sealed record MemberRow(string Address, int Status, string Silo, string Host, int Port, string Suspected, DateTime StartedAt, DateTime AliveAt);

/// <summary>The members of a cluster of processes on one machine, in an SQLite file that each of them opens. Network file systems are not supported.</summary>
/// <remarks>Every change raises the table's version by one in the same transaction. It is refused when the version or the row is not the one that the caller has seen.</remarks>
internal sealed class MembershipFile(string path)
{
    /// <summary>Creates the tables where they are missing.</summary>
    public Task Create() => Use(connection => connection.Execute(
        """
        CREATE TABLE IF NOT EXISTS version (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) STRICT;
        INSERT INTO version (id, number) VALUES (1, 0) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS member (
            address TEXT PRIMARY KEY, status INTEGER NOT NULL, silo TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,
            suspected TEXT NOT NULL, started_at TEXT NOT NULL, alive_at TEXT NOT NULL, etag INTEGER NOT NULL) STRICT;
        """));

    /// <summary>Removes every member.</summary>
    public Task Clear() => Use(connection => connection.Execute("DELETE FROM member"));

    /// <summary>Removes the members of a status that were last alive before a time.</summary>
    public Task Remove(int status, DateTime aliveBefore) => Use(connection => connection.Execute(
        "DELETE FROM member WHERE status = $status AND alive_at < $before", ("$status", status), ("$before", Text(aliveBefore))));

    /// <summary>The table's version and the members with their tags: all, or the one at an address.</summary>
    public Task<(long Version, IReadOnlyList<(MemberRow Member, long Tag)> Members)> Read(string? address) => Use<(long, IReadOnlyList<(MemberRow, long)>)>(connection =>
    {
        connection.Execute("BEGIN");
        var version = connection.Scalar<long>("SELECT number FROM version");
        var members = connection.Query(
            "SELECT address, status, silo, host, port, suspected, started_at, alive_at, etag FROM member WHERE $address IS NULL OR address = $address",
            row => (new MemberRow(row.Text("address"), row.Int("status"), row.Text("silo"), row.Text("host"), row.Int("port"), row.Text("suspected"), Time(row.Text("started_at")), Time(row.Text("alive_at"))),
                row.Long("etag")),
            ("$address", address));
        connection.Execute("COMMIT");
        return (version, members);
    });

    /// <summary>Adds a member.</summary>
    /// <param name="seen">The table's version that the caller has seen, as text.</param>
    /// <param name="next">The version after the change.</param>
    /// <returns>Whether it was added: false when the version is another one by now, or the member exists.</returns>
    public Task<bool> Insert(MemberRow member, string seen, long next) => Use(connection => Change(connection, seen, next, () => connection.Execute(
        """
        INSERT INTO member (address, status, silo, host, port, suspected, started_at, alive_at, etag)
        VALUES ($address, $status, $silo, $host, $port, $suspected, $started, $alive, 1) ON CONFLICT DO NOTHING
        """, Columns(member))));

    /// <summary>Replaces a member's row.</summary>
    /// <param name="tag">The row's tag that the caller has seen, as text.</param>
    /// <returns>Whether it was replaced: false when the version or the tag is another one by now.</returns>
    public Task<bool> Update(MemberRow member, string tag, string seen, long next) => Use(connection => Change(connection, seen, next, () => connection.Execute(
        """
        UPDATE member SET status = $status, silo = $silo, host = $host, port = $port, suspected = $suspected, started_at = $started, alive_at = $alive, etag = etag + 1
        WHERE address = $address AND CAST(etag AS TEXT) = $etag
        """, [.. Columns(member), ("$etag", tag)])));

    /// <summary>Records that a member is alive. The table's version stays.</summary>
    public Task KeepAlive(string address, DateTime at) => Use(connection => connection.Execute(
        "UPDATE member SET alive_at = $alive WHERE address = $address", ("$alive", Text(at)), ("$address", address)));

    private static bool Change(SqliteConnection connection, string seen, long next, Func<int> change)
    {
        connection.Execute("BEGIN IMMEDIATE");
        var done = connection.Execute("UPDATE version SET number = $next WHERE CAST(number AS TEXT) = $seen", ("$next", next), ("$seen", seen)) == 1 && change() == 1;
        connection.Execute(done ? "COMMIT" : "ROLLBACK");
        return done;
    }

    private static (string Name, object? Value)[] Columns(MemberRow member) =>
    [
        ("$address", member.Address), ("$status", member.Status), ("$silo", member.Silo), ("$host", member.Host), ("$port", member.Port),
        ("$suspected", member.Suspected), ("$started", Text(member.StartedAt)), ("$alive", Text(member.AliveAt)),
    ];

    private static string Text(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    /// <summary>Runs on a thread of the pool: the caller's may be a silo's, and another process may hold the file for a moment.</summary>
    private Task<T> Use<T>(Func<SqliteConnection, T> use) => Task.Run(() =>
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        connection.Execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
        return use(connection);
    });
}
