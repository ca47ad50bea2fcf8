using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Harness.Server.Api;
using Harness.Server.Dashboard;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Files;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Harness.Server;

/// <summary>How a server is offered.</summary>
/// <param name="Port">On loopback; null for <see cref="ApiServer.UsualPort"/> when it is free, else any.</param>
/// <param name="DataRoots">Folders in which data files may lie of experiments that are submitted through the pages.</param>
/// <param name="IsService">Whether it stays and takes experiments in; then its address is written to the data folder.</param>
/// <param name="Secure">How other machines reach it; null when none can.</param>
internal sealed record ApiServerOptions(int? Port = null, IReadOnlyList<string>? DataRoots = null, bool IsService = true, SecureEndpoint? Secure = null);

/// <summary>Where other machines reach a server, over TLS: nothing is ever offered to them in the clear.</summary>
/// <param name="Address">Of one interface of this machine.</param>
/// <param name="Port">0 takes a free one.</param>
/// <param name="Certificate">With its private key.</param>
/// <param name="Names">What browsers may call it: the address, and this machine's name.</param>
internal sealed record SecureEndpoint(IPAddress Address, int Port, X509Certificate2 Certificate, IReadOnlyList<string> Names);

/// <summary>
/// API and dashboard of a server: HTTP on loopback, for clients with a token of the data folder, and for browsers that came
/// by a link. The address is written when it listens and removed when it stops.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    public const int UsualPort = 8470;

    private const long LargestRequest = 1 << 20;

    /// <summary>Experiment files that are read at once, and per second.</summary>
    private const int SubmitBurst = 120, SubmitRate = 4;

    private readonly WebApplication app;
    private readonly AccessControl access;
    private readonly ReadConnections connections;
    private readonly string? addressFile;

    private ApiServer(WebApplication app, AccessControl access, ReadConnections connections, string? addressFile) =>
        (this.app, this.access, this.connections, this.addressFile) = (app, access, connections, addressFile);

    /// <summary>On this machine.</summary>
    public string Url => LocalUrl(app);

    /// <summary>For other machines; null when none can reach it.</summary>
    public string? SecureUrl => app.Urls.FirstOrDefault(url => url.StartsWith("https:", StringComparison.Ordinal));

    public IServiceProvider Services => app.Services;

    /// <summary>Every route that is served.</summary>
    public IReadOnlyList<Endpoint> Endpoints => [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)];

    /// <summary>Opens the dashboard, once.</summary>
    public string NewLink() => access.LinkTo(Url);

    /// <summary>Opens the dashboard from another machine, once; null when none can reach it.</summary>
    public string? NewSecureLink() => SecureUrl is { } url ? access.LinkTo(url) : null;

    public static async Task<ApiServer> Start(EmbeddedHarness harness, ILoggerFactory loggers, ApiServerOptions options)
    {
        if (options.Port is { } wanted) return await Start(harness, loggers, options, wanted);
        // Where browsers look for one that was killed.
        var ports = options.IsService && AddressFile.Read(harness.Folder) is { } earlier ? new[] { new Uri(earlier.Url).Port, UsualPort } : [UsualPort];
        foreach (var port in ports)
        {
            try
            {
                return await Start(harness, loggers, options, port);
            }
            catch (StoreException)
            {
                // Somebody else has it.
            }
        }

        return await Start(harness, loggers, options, 0);
    }

    private static async Task<ApiServer> Start(EmbeddedHarness harness, ILoggerFactory loggers, ApiServerOptions options, int port)
    {
        var tokens = options.IsService ? ServerTokens.Of(harness.Folder, loggers.CreateLogger<ApiServer>()) : ServerTokens.New();
        var access = new AccessControl(tokens, TimeProvider.System);
        var connections = new ReadConnections(() => harness.Database.Connect());
        var app = Build(harness, loggers, options, access, connections, port);
        try
        {
            await app.StartAsync();
        }
        catch (IOException error)
        {
            await app.DisposeAsync();
            connections.Dispose();
            throw new StoreException(string.Create(CultureInfo.InvariantCulture, $"Port {port} cannot be used: {error.Message} Name another one with --port, or none for any that is free."), error);
        }

        if (!options.IsService) return new ApiServer(app, access, connections, null);
        var file = AddressFile.In(harness.Folder);
        OwnerFile.Write(file, JsonSerializer.Serialize(new ServerAddress(LocalUrl(app), tokens.Token, tokens.ViewerToken, Environment.ProcessId), ApiJson.Default.ServerAddress));
        return new ApiServer(app, access, connections, file);
    }

    public async ValueTask DisposeAsync()
    {
        // Not the address of a server that has taken the folder meanwhile.
        if (addressFile is not null && AddressFile.Read(Path.GetDirectoryName(addressFile)!)?.ProcessId == Environment.ProcessId) File.Delete(addressFile);
        // Do not wait long for open streams.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
        connections.Dispose();
    }

    private static string LocalUrl(WebApplication app) => app.Urls.Single(url => url.StartsWith("http:", StringComparison.Ordinal));

    private static WebApplication Build(EmbeddedHarness harness, ILoggerFactory loggers, ApiServerOptions options, AccessControl access, ReadConnections connections, int port)
    {
        // Nothing of the surroundings configures it: no settings files, no environment variables.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
            if (options.Secure is { } secure)
            {
                kestrel.Listen(secure.Address, secure.Port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1AndHttp2;
                    listen.UseHttps(secure.Certificate);
                });
            }

            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.AddServerHeader = false;
        });
        var services = builder.Services;
        services.AddRoutingCore();
        services.AddSingleton(loggers);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(harness);
        services.AddSingleton(harness.Scheduler);
        services.AddSingleton(access);
        services.AddSingleton(connections);
        services.AddSingleton(new ServerRole(options.IsService));
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<Memo>();
        services.AddSingleton<ClusterViews>();
        services.AddSingleton<ReportDesk>();
        services.AddSingleton<SummaryDesk>();
        services.AddSingleton(new SubmitDesk(harness, connections, [.. (options.DataRoots ?? []).Select(Path.GetFullPath)]));
        services.AddSingleton(new OwnNames(options.Secure?.Names ?? []));
        services.AddSingleton<RequestGuard>();
        services.AddSingleton<PageRenderer>();
        services.AddSingleton<Pages>();
        services.AddSingleton<ListPages>();
        services.AddSingleton<ComparePages>();
        services.AddSingleton<IRefusalPage, RefusalPage>();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        });
        services.AddOpenApi("v1", ApiDescription.Configure);
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(ExperimentEndpoints.SubmitLimit, _ => RateLimitPartition.GetTokenBucketLimiter("all", _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = SubmitBurst, TokensPerPeriod = SubmitRate, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0, AutoReplenishment = true,
            }));
            limiter.OnRejected = (rejected, _) => new ValueTask(
                Problems.Of(StatusCodes.Status429TooManyRequests, "Too many experiment files at once", "Wait a second and send it again.").ExecuteAsync(rejected.HttpContext));
        });

        var app = builder.Build();
        app.UseRouting();
        var guard = app.Services.GetRequiredService<RequestGuard>();
        app.Use(guard.Handle);
        app.UseRateLimiter();
        var api = app.MapGroup("/api");
        ExperimentEndpoints.Map(api);
        TrialEndpoints.Map(api);
        ClusterEndpoints.Map(app, api);
        app.MapOpenApi("/api/openapi.json");
        DashboardEndpoints.Map(app);
        app.MapFallback(() => Problems.NotFound("There is no such page.")).ExcludeFromDescription();
        return app;
    }
}
