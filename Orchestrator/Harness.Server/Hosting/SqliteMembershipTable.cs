using System.Globalization;
using System.Text.Json;
using Harness.Store;
using Microsoft.Data.Sqlite;

namespace Harness.Server.Hosting;

/// <summary>Who belongs to a cluster of processes on one machine, in an SQLite file that all of them open. No server is needed; network file systems will not do.</summary>
/// <remarks>
/// Every change of the membership raises the table's version by one in the same transaction, and is refused when the version or
/// the row is not the one that the caller has seen.
/// </remarks>
internal sealed class SqliteMembershipTable(string path) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) => Use(connection => connection.Execute(
        """
        CREATE TABLE IF NOT EXISTS version (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) STRICT;
        INSERT INTO version (id, number) VALUES (1, 0) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS member (
            address TEXT PRIMARY KEY, status INTEGER NOT NULL, silo TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,
            suspected TEXT NOT NULL, started_at TEXT NOT NULL, alive_at TEXT NOT NULL, etag INTEGER NOT NULL) STRICT;
        """));

    public Task DeleteMembershipTableEntries(string clusterId) => Use(connection => connection.Execute("DELETE FROM member"));

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Use(connection => connection.Execute(
        "DELETE FROM member WHERE status = $dead AND alive_at < $before", ("$dead", (int)SiloStatus.Dead), ("$before", Text(beforeDate.UtcDateTime))));

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Use(connection => Read(connection, key.ToParsableString()));

    public Task<MembershipTableData> ReadAll() => Use(connection => Read(connection, null));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => Use(connection => Change(connection, tableVersion, () => connection.Execute(
        """
        INSERT INTO member (address, status, silo, host, port, suspected, started_at, alive_at, etag)
        VALUES ($address, $status, $silo, $host, $port, $suspected, $started, $alive, 1) ON CONFLICT DO NOTHING
        """, Columns(entry))));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => Use(connection => Change(connection, tableVersion, () => connection.Execute(
        """
        UPDATE member SET status = $status, silo = $silo, host = $host, port = $port, suspected = $suspected, started_at = $started, alive_at = $alive, etag = etag + 1
        WHERE address = $address AND CAST(etag AS TEXT) = $etag
        """, [.. Columns(entry), ("$etag", etag)])));

    public Task UpdateIAmAlive(MembershipEntry entry) => Use(connection => connection.Execute(
        "UPDATE member SET alive_at = $alive WHERE address = $address", ("$alive", Text(entry.IAmAliveTime)), ("$address", entry.SiloAddress.ToParsableString())));

    private static bool Change(SqliteConnection connection, TableVersion next, Func<int> change)
    {
        connection.Execute("BEGIN IMMEDIATE");
        var done = connection.Execute("UPDATE version SET number = $next WHERE CAST(number AS TEXT) = $seen", ("$next", next.Version), ("$seen", next.VersionEtag)) == 1 && change() == 1;
        connection.Execute(done ? "COMMIT" : "ROLLBACK");
        return done;
    }

    private static (string Name, object? Value)[] Columns(MembershipEntry entry) =>
    [
        ("$address", entry.SiloAddress.ToParsableString()), ("$status", (int)entry.Status), ("$silo", entry.SiloName), ("$host", entry.HostName), ("$port", entry.ProxyPort),
        ("$suspected", JsonSerializer.Serialize(entry.SuspectTimes?.Select(vote => new[] { vote.Item1.ToParsableString(), Text(vote.Item2) }) ?? [])),
        ("$started", Text(entry.StartTime)), ("$alive", Text(entry.IAmAliveTime)),
    ];

    private static MembershipTableData Read(SqliteConnection connection, string? address)
    {
        connection.Execute("BEGIN");
        var version = connection.Scalar<long>("SELECT number FROM version");
        var rows = connection.Query(
            "SELECT address, status, silo, host, port, suspected, started_at, alive_at, etag FROM member WHERE $address IS NULL OR address = $address",
            row => Tuple.Create(
                new MembershipEntry
                {
                    SiloAddress = SiloAddress.FromParsableString(row.Text("address")), Status = (SiloStatus)row.Int("status"), SiloName = row.Text("silo"), HostName = row.Text("host"),
                    ProxyPort = row.Int("port"), StartTime = Time(row.Text("started_at")), IAmAliveTime = Time(row.Text("alive_at")),
                    SuspectTimes = [.. JsonSerializer.Deserialize<string[][]>(row.Text("suspected"))!.Select(vote => Tuple.Create(SiloAddress.FromParsableString(vote[0]), Time(vote[1])))],
                },
                row.Long("etag").ToString(CultureInfo.InvariantCulture)),
            ("$address", address));
        connection.Execute("COMMIT");
        return new MembershipTableData(rows, new TableVersion((int)version, version.ToString(CultureInfo.InvariantCulture)));
    }

    private static string Text(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    /// <summary>Off the caller's thread, which may be a silo's: another process may hold the file for a moment.</summary>
    private Task<T> Use<T>(Func<SqliteConnection, T> use) => Task.Run(() =>
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        connection.Execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
        return use(connection);
    });
}
