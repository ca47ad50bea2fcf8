using System.Net;
using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Server.Grains;
using Harness.Server.Hosting;
using Harness.Server.Hosting.Security;
using Harness.Store;
using Harness.Store.Files;
using Harness.Workers.Checkpoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;

namespace Harness.Tests.Orchestrator;

/// <summary>Real silos on loopback: who may join the one of a server or of a run, and call its grains.</summary>
public sealed class SiloAdmissionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder strange = new();

    public void Dispose()
    {
        folder.Dispose();
        strange.Dispose();
    }

    [Fact]
    public async Task A_worker_of_the_data_folder_joins_and_calls()
    {
        await using var harness = await EmbeddedHarness.Open(folder.Path, NullLoggerFactory.Instance);
        using var server = await Serve(harness, Cluster.OnThisMachine(folder.Path));
        using var worker = SiloHost.Build(NullLoggerFactory.Instance, null, null, null, null, Cluster.OnThisMachine(folder.Path));
        await SiloHost.Start(worker, Cancellation);
        await UntilKnown(worker);
        // A refusal reaches the worker as itself, with its words.
        (await Should.ThrowAsync<NameRefusedException>(Files(worker).Settle("../harness.db"))).Message.ShouldContain("'../harness.db' does not name a trial");
        await worker.StopAsync(Cancellation);
        await server.StopAsync(Cancellation);
    }

    /// <summary>The membership table alone opens nothing: another data folder's process reads and writes it here.</summary>
    [Fact]
    public async Task A_process_without_the_secret_is_told_so_and_does_not_join()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: links are made the Linux way.");
        await using var harness = await EmbeddedHarness.Open(folder.Path, NullLoggerFactory.Instance);
        var lines = new Lines();
        using var server = await Serve(harness, Cluster.OnThisMachine(folder.Path), lines);
        File.CreateSymbolicLink(strange.File("cluster.db"), folder.File("cluster.db"));
        using var stranger = SiloHost.Build(NullLoggerFactory.Instance, null, null, null, null, Cluster.OnThisMachine(strange.Path));
        (await Should.ThrowAsync<ClusterRefusalException>(SiloHost.Start(stranger, Cancellation))).Message.ShouldContain("does not know the secret of this data folder");
        lines.All.ShouldContain(line => line.StartsWith("Refused a connection from 127.0.0.1", StringComparison.Ordinal));
        await server.StopAsync(Cancellation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_that_knows_address_and_cluster_but_not_the_secret_gets_nothing(bool serves)
    {
        await using var harness = await EmbeddedHarness.Open(folder.Path, NullLoggerFactory.Instance);
        using var victim = await Serve(harness, serves ? Cluster.OnThisMachine(folder.Path) : null);
        var address = victim.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        IMembershipTable table = new SqliteMembershipTable(strange.File("table.db"));
        await table.InitializeMembershipTableAsync(true, Cancellation);
        var row = new MembershipEntry { SiloAddress = address, Status = SiloStatus.Active, SiloName = "victim", HostName = "here", StartTime = TimeProvider.System.GetUtcNow().UtcDateTime, IAmAliveTime = TimeProvider.System.GetUtcNow().UtcDateTime };
        (await table.InsertRowAsync(row, new TableVersion(1, "0"), Cancellation)).ShouldBeTrue();

        using var rogue = Rogue(table, serves ? "harness" : "embedded");
        await Should.ThrowAsync<Exception>(rogue.StartAsync(Cancellation));
        using var connection = harness.Database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM worker").ShouldBe(0);
        await victim.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_reported_as_that_by_both_sides()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (ours, theirs) = (ClusterAuthority.Create(folder.Path, now), ClusterAuthority.Create(strange.Path, now));
        var lines = new Lines();
        using var server = WithCertificate(ours, "server", lines);
        await SiloHost.Start(server, Cancellation);
        using var friend = WithCertificate(ours, "gpu1", new Lines());
        await SiloHost.Start(friend, Cancellation);
        lines.All.ShouldNotContain(line => line.StartsWith("Refused", StringComparison.Ordinal));

        using var stranger = WithCertificate(theirs, "gpu2", new Lines());
        var refusal = await Should.ThrowAsync<ClusterRefusalException>(SiloHost.Start(stranger, Cancellation));
        refusal.Message.ShouldContain("' does not come from the authority of this cluster");
        refusal.Message.ShouldContain("harness cluster join NAME");
        lines.All.ShouldContain(line => line.StartsWith("Refused a connection from 127.0.0.1", StringComparison.Ordinal));
        await friend.StopAsync(Cancellation);
        await server.StopAsync(Cancellation);
    }

    private KeptSilo WithCertificate(ClusterAuthority authority, string name, Lines lines)
    {
        var now = TimeProvider.System.GetUtcNow();
        OwnerFile.Write(folder.File(name + ".pem"), authority.Issue(name, now));
        var certificate = NodeCertificate.Load(folder.File(name + ".pem"), now);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(LoggerFactory.Create(logging => logging.AddProvider(lines)));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleans(silo =>
        {
            silo.Services.AddSingleton<IMembershipTable>(new SqliteMembershipTable(folder.File("cluster.db")));
            SiloGate.RequireCertificates(silo, certificate);
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort.Find(IPAddress.Loopback), gatewayPort: 0);
            silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = ("harness", "harness"));
        });
        return new KeptSilo(builder.Build());
    }

    private static KeptSilo Rogue(IMembershipTable table, string cluster)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.Services.AddSingleton(table);
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort.Find(IPAddress.Loopback), gatewayPort: 0);
            silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = ("harness", cluster));
            silo.Configure<ClusterMembershipOptions>(options => options.MaxJoinAttemptTime = TimeSpan.FromSeconds(4));
        });
        return new KeptSilo(builder.Build());
    }

    private static async Task<IHost> Serve(EmbeddedHarness harness, Cluster? cluster, Lines? lines = null)
    {
        ILoggerFactory loggers = NullLoggerFactory.Instance;
        if (lines is not null) loggers = LoggerFactory.Create(logging => logging.AddProvider(lines));
        var files = new SharedFiles(harness.Database, harness.Content, CheckpointFiles.In(harness.Folder, NullLogger.Instance));
        var host = SiloHost.Build(loggers, harness.Scheduler, new Door(harness.Scheduler, LeaseTokens.Of(harness.Folder), NullLogger<Door>.Instance), files, worker: null, cluster);
        await SiloHost.Start(host, Cancellation);
        return host;
    }

    /// <summary>A silo learns which grains the others host a moment after it has joined.</summary>
    private static async Task UntilKnown(IHost worker)
    {
        while (true)
        {
            try
            {
                (await Files(worker).Sees(new string('0', 32))).ShouldBeFalse();
                return;
            }
            catch (ArgumentException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            }
        }
    }

    private static IFilesGrain Files(IHost host) => host.Services.GetRequiredService<IGrainFactory>().GetGrain<IFilesGrain>("files");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What is logged.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> lines = new();

        public IReadOnlyCollection<string> All => lines;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));
    }
}
