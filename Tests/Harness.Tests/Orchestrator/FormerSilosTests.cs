using System.Globalization;
using System.Net;
using Harness.Reports.Model;
using Harness.Server.Hosting;

namespace Harness.Tests.Orchestrator;

public sealed class FormerSilosTests : IDisposable
{
    private const int Alive = 1;

    private readonly TemporaryFolder folder = new();

    public FormerSilosTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: process 1 always lives there.");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Ended_processes_and_former_servers_are_declared_dead_and_living_workers_stay()
    {
        var here = Environment.MachineName;
        // A process that has ended, for certain.
        var gone = Ended();
        var table = await Table(
            ($"server-{gone}", here, SiloStatus.Active), ($"server-{Alive}", "container", SiloStatus.Joining), ($"worker-{gone}", here, SiloStatus.Active), ($"worker-{Alive}", here, SiloStatus.Active),
            ($"worker-{gone}", "elsewhere", SiloStatus.Active), ("Silo_98a8f", here, SiloStatus.Active), ($"worker-{gone}", here, SiloStatus.Dead));
        (await FormerSilos.DeclareDead(table, ownsTable: true)).ShouldBe(3);
        var after = await table.ReadAllAsync(TestContext.Current.CancellationToken);
        after.Members.OrderBy(member => member.Item1.SiloAddress.Endpoint.Port).Select(member => member.Item1.Status)
            .ShouldBe([SiloStatus.Dead, SiloStatus.Dead, SiloStatus.Dead, SiloStatus.Active, SiloStatus.Active, SiloStatus.Active, SiloStatus.Dead]);
        // Each change is one version, as the living members expect.
        after.Version.Version.ShouldBe(7 + 3);
        (await FormerSilos.DeclareDead(table, ownsTable: true)).ShouldBe(0);
    }

    [Fact]
    public async Task Where_the_table_is_shared_by_several_folders_a_living_server_stays()
    {
        var table = await Table(($"server-{Alive}", Environment.MachineName, SiloStatus.Active), ($"server-{Ended()}", Environment.MachineName, SiloStatus.Active), ($"server-{Ended()}", "elsewhere", SiloStatus.Active));
        (await FormerSilos.DeclareDead(table, ownsTable: false)).ShouldBe(1);
    }

    private async Task<IMembershipTable> Table(params (string Name, string Host, SiloStatus Status)[] rows)
    {
        IMembershipTable table = new SqliteMembershipTable(folder.File("cluster.db"));
        await table.InitializeMembershipTableAsync(true, TestContext.Current.CancellationToken);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        foreach (var (i, row) in rows.Index())
        {
            var entry = new MembershipEntry { SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000 + i), 1), SiloName = row.Name, HostName = row.Host, Status = row.Status, StartTime = now, IAmAliveTime = now };
            (await table.InsertRowAsync(entry, new TableVersion(i + 1, i.ToString(CultureInfo.InvariantCulture)), TestContext.Current.CancellationToken)).ShouldBeTrue();
        }

        return table;
    }

    private static int Ended()
    {
        using var process = System.Diagnostics.Process.Start("true");
        process.WaitForExit();
        return process.Id;
    }
}
