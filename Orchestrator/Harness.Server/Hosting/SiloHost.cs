using System.Net;
using Harness.Server.Grains;
using Harness.Server.Hosting.Security;
using Harness.Workers;
using Harness.Workers.Settings;
using Orleans.Configuration;

namespace Harness.Server.Hosting;

/// <summary>Builds the Orleans silo of a process: server, worker or both, alone or in a cluster.</summary>
internal static class SiloHost
{
    /// <param name="loggers">Where log lines go; stays the caller's.</param>
    /// <param name="scheduler">For a server; null for a process that only works.</param>
    /// <param name="door">For a server: where workers' messages are checked.</param>
    /// <param name="files">For a server: what workers elsewhere read and write.</param>
    /// <param name="worker">For a process that trains; null for one that does not.</param>
    /// <param name="cluster">How it meets the others; null for a silo of its own.</param>
    public static IHost Build(ILoggerFactory loggers, Scheduler? scheduler, Door? door, SharedFiles? files, WorkerOptions? worker, Cluster? cluster)
    {
        // Nothing of the surroundings configures a silo: no settings files, no environment variables.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, CallerOwnsLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(45));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleans(silo =>
        {
            if (cluster is null) Alone(silo);
            else Join(silo, cluster, isServer: scheduler is not null, loggers);
            if (scheduler is null) silo.Configure<GrainTypeOptions>(options => options.Classes.RemoveWhere(type => type == typeof(SchedulerGrain) || type == typeof(FilesGrain)));
        });

        // After the silo, so that they start when it is active and stop while it still answers.
        if (scheduler is not null)
        {
            builder.Services.AddSingleton(scheduler);
            builder.Services.AddSingleton(door!);
            builder.Services.AddSingleton(files!);
            builder.Services.AddHostedService<LeaseSweeper>();
            if (cluster is not null) builder.Services.AddHostedService<MembershipWatcher>();
        }

        if (worker is not null)
        {
            builder.Services.AddSingleton(worker);
            builder.Services.AddSingleton(services => Identity(services.GetRequiredService<ILocalSiloDetails>()));
            builder.Services.AddSingleton<WorkerAgent>();
            builder.Services.AddHostedService(services => services.GetRequiredService<WorkerAgent>());
        }

        return new KeptSilo(builder.Build());
    }

    /// <summary>Starts what <see cref="Build"/> built.</summary>
    /// <exception cref="ClusterException">The others cannot be reached.</exception>
    /// <exception cref="ClusterRefusalException">They and this process do not accept each other.</exception>
    /// <param name="joins">The cluster that a server comes back to; null for a worker, and for a silo of its own.</param>
    public static async Task Start(IHost host, CancellationToken cancellation, Cluster? joins = null)
    {
        try
        {
            if (joins is not null) await FormerSilos.DeclareDead(host.Services.GetRequiredService<IMembershipTable>(), ownsTable: joins.File is not null);
            if (host.Services.GetService<Scheduler>() is not null) await host.StartAsync(cancellation);
            else await StartWorker(host, cancellation);
        }
        catch (Exception error) when (error is OrleansException or StackExchange.Redis.RedisException or TimeoutException or IOException)
        {
            throw new ClusterException(
                $"The cluster cannot be joined: {error.Message.Split('\n')[0]} Can each machine reach the others' --listen addresses (firewall)?", error);
        }
    }

    /// <summary>A worker that no silo accepts says so; a server waits for others to come to terms with it.</summary>
    private static async Task StartWorker(IHost host, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var starting = host.StartAsync(stop.Token);
        var hopeless = host.Services.GetRequiredService<PeerLog>().Hopeless;
        if (await Task.WhenAny(starting, hopeless) == hopeless)
        {
            await Abandon(starting, stop);
            throw new ClusterRefusalException($"The cluster and this process reject each other. {await hopeless}. {Cure(host)}");
        }

        await starting;
    }

    /// <summary>Stops a start that cannot succeed; how it fails no longer matters.</summary>
    private static async Task Abandon(Task starting, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await Task.WhenAny(starting, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System));
        _ = starting.ContinueWith(task => task.Exception, TaskScheduler.Default);
    }

    private static string Cure(IHost host) => host.Services.GetRequiredService<SiloGate>().Admission switch
    {
        Admission.Certificate => "Use a certificate of this cluster ('harness cluster join NAME') that is still valid.",
        Admission.Secret => "Name the server's data folder by --data, or a certificate by --certificate.",
        _ => "Does the cluster use certificates? Name this machine's by --certificate.",
    };

    /// <summary>A silo that nobody else may join: the secret is in memory only.</summary>
    private static void Alone(ISiloBuilder silo)
    {
        silo.UseLocalhostClustering(FreePort.Find(IPAddress.Loopback), gatewayPort: 0, serviceId: "harness", clusterId: "embedded");
        SiloGate.RequireSecret(silo, SiloSecret.New());
    }

    private static void Authenticate(ISiloBuilder silo, Cluster cluster, bool isServer, ILoggerFactory loggers)
    {
        if (cluster.Certificate is { } certificate) SiloGate.RequireCertificates(silo, certificate);
        else if (cluster.SecretFolder is { } folder) SiloGate.RequireSecret(silo, SiloSecret.Of(folder, mayRenew: isServer, loggers.CreateLogger<SiloSecret>()));
        else SiloGate.RequireNothing(silo);
    }

    private static void Join(ISiloBuilder silo, Cluster cluster, bool isServer, ILoggerFactory loggers)
    {
        if (cluster.Redis is { } redis) silo.UseRedisClustering(options => options.ConfigurationOptions = redis);
        else silo.Services.AddSingleton<IMembershipTable>(new SqliteMembershipTable(cluster.File!));
        Authenticate(silo, cluster, isServer, loggers);
        FormerSilos.Name(silo, isServer);
        silo.Services.AddSingleton<IFatalErrorHandler, EvictionHandler>();
        silo.ConfigureEndpoints(cluster.Address, cluster.Port == 0 ? FreePort.Find(cluster.Address) : cluster.Port, gatewayPort: 0);
        silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = ("harness", "harness"));
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(2);
            // Three missed ones declare a silo dead that is connected and hangs.
            options.MaxProbeTimeout = TimeSpan.FromSeconds(5);
            // An evicted silo learns of it within this time.
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            // After the loss of several processes at once, those who start wait for three of these, and their deaths need the votes of the lost until then.
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
            // A process that reaches no member for this long reports it instead of waiting silently.
            options.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
        });
    }

    /// <summary>A worker is called by its silo's address, which says when the process started: a restarted one is a new one, and a dead silo tells which worker is gone.</summary>
    private static WorkerIdentity Identity(ILocalSiloDetails silo) => new(silo.SiloAddress.ToParsableString(), Environment.MachineName, Environment.ProcessId);

    /// <summary>Signals are the command's business: the host must not react to Ctrl-C by itself.</summary>
    private sealed class CallerOwnsLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
