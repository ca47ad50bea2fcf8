using System.Globalization;
using System.Text.Json;
using Harness.Store;

namespace Harness.Server.Hosting;

/// <summary>Orleans' membership of a cluster on one machine, kept in an SQLite file: see <see cref="MembershipFile"/>.</summary>
internal sealed class SqliteMembershipTable(string path) : IMembershipTable
{
    private readonly MembershipFile file = new(path);

    public Task InitializeMembershipTable(bool tryInitTableVersion) => file.Create();

    public Task DeleteMembershipTableEntries(string clusterId) => file.Clear();

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => file.Remove((int)SiloStatus.Dead, beforeDate.UtcDateTime);

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Read(key.ToParsableString());

    public Task<MembershipTableData> ReadAll() => Read(null);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => file.Insert(RowOf(entry), tableVersion.VersionEtag, tableVersion.Version);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => file.Update(RowOf(entry), etag, tableVersion.VersionEtag, tableVersion.Version);

    public Task UpdateIAmAlive(MembershipEntry entry) => file.KeepAlive(entry.SiloAddress.ToParsableString(), entry.IAmAliveTime);

    private async Task<MembershipTableData> Read(string? address)
    {
        var (version, members) = await file.Read(address);
        return new MembershipTableData(
            [.. members.Select(row => Tuple.Create(EntryOf(row.Member), row.Tag.ToString(CultureInfo.InvariantCulture)))],
            new TableVersion((int)version, version.ToString(CultureInfo.InvariantCulture)));
    }

    private static MemberRow RowOf(MembershipEntry entry) => new(
        entry.SiloAddress.ToParsableString(), (int)entry.Status, entry.SiloName, entry.HostName, entry.ProxyPort,
        JsonSerializer.Serialize(entry.SuspectTimes?.Select(vote => new[] { vote.Item1.ToParsableString(), vote.Item2.ToString("O", CultureInfo.InvariantCulture) }) ?? []),
        entry.StartTime, entry.IAmAliveTime);

    private static MembershipEntry EntryOf(MemberRow row) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(row.Address), Status = (SiloStatus)row.Status, SiloName = row.Silo, HostName = row.Host, ProxyPort = row.Port,
        StartTime = row.StartedAt, IAmAliveTime = row.AliveAt,
        SuspectTimes = [.. JsonSerializer.Deserialize<string[][]>(row.Suspected)!
            .Select(vote => Tuple.Create(SiloAddress.FromParsableString(vote[0]), DateTime.Parse(vote[1], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)))],
    };
}
