using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Harness.Experiments.Data;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;
using Harness.Orchestrator.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Harness.Orchestrator.Api;

/// <summary>
/// What a server offers other processes of this machine: HTTP on loopback, for whoever shows the token that the data folder
/// holds. The address is written when it listens and removed when it stops.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private const long LargestRequest = 1 << 20;

    private readonly WebApplication app;
    private readonly string addressFile;

    private ApiServer(WebApplication app, string addressFile) => (this.app, this.addressFile) = (app, addressFile);

    public static string AddressFile(string folder) => Path.GetFullPath(Path.Combine(folder, "server.json"));

    public static async Task<ApiServer> Start(EmbeddedHarness harness, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            options.Limits.MaxRequestBodySize = LargestRequest;
            options.AddServerHeader = false;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        var app = builder.Build();
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        app.Use((context, next) => IsAllowed(context, token) ? next(context) : Reply(context, StatusCodes.Status401Unauthorized, new Refusal("The token of the data folder is needed."), ApiJson.Default.Refusal));
        app.UseRouting();
        Map(app, harness);
        await app.StartAsync();

        var file = AddressFile(harness.Folder);
        WriteForOwner(file, JsonSerializer.Serialize(new ServerAddress(app.Urls.Single(), token, Environment.ProcessId), ApiJson.Default.ServerAddress));
        return new ApiServer(app, file);
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(addressFile);
        await app.DisposeAsync();
    }

    private static void Map(WebApplication app, EmbeddedHarness harness)
    {
        var scheduler = harness.Scheduler;
        app.MapPost("/api/experiments", context => Submit(context, harness));
        app.MapGet("/api/experiments/{id:long}", context =>
        {
            var id = Id(context);
            return scheduler.Progress(id) is { } progress
                ? Reply(context, StatusCodes.Status200OK, new ProgressReply(progress, scheduler.Reasons(id)), ApiJson.Default.ProgressReply)
                : Reply(context, StatusCodes.Status404NotFound, new Refusal($"Experiment {id} is not among those that this server runs."), ApiJson.Default.Refusal);
        });
        Change("pause", async id => await scheduler.Pause(id) ? 1 : 0);
        Change("resume", async id => await scheduler.Resume(id) ? 1 : 0);
        Change("cancel", async id => await scheduler.Cancel(id) ? 1 : 0);
        Change("retry", scheduler.Retry);

        void Change(string verb, Func<long, Task<int>> change) => app.MapPost($"/api/experiments/{{id:long}}/{verb}", async context =>
            await Reply(context, StatusCodes.Status200OK, new ChangeReply(await change(Id(context))), ApiJson.Default.ChangeReply));
    }

    private static async Task Submit(HttpContext context, EmbeddedHarness harness)
    {
        SubmitRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.SubmitRequest, context.RequestAborted);
        }
        catch (JsonException error)
        {
            await Reply(context, StatusCodes.Status400BadRequest, new Refusal($"The request is no experiment: {error.Message}"), ApiJson.Default.Refusal);
            return;
        }

        var reading = SpecReader.Read(Encoding.UTF8.GetBytes(request!.Text), request.Path, [.. request.Changes.Select(change => new SettingOverride(change))], DataFolder.Beside(request.Path, request.DataRoots));
        if (reading.Spec is null)
        {
            await Reply(context, StatusCodes.Status400BadRequest, new Refusal(DiagnosticText.Human(reading)), ApiJson.Default.Refusal);
            return;
        }

        var experiment = await harness.Submit(ExperimentPlanner.Plan(reading.Spec) with { DataRoots = request.DataRoots }, request.Text, request.Path);
        await Reply(context, StatusCodes.Status200OK, new SubmitReply(experiment), ApiJson.Default.SubmitReply);
    }

    /// <summary>The host is checked, too: a page that a browser shows must not reach this by a name that points here.</summary>
    private static bool IsAllowed(HttpContext context, string token) =>
        context.Request.Host.Host is "127.0.0.1" or "localhost"
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes($"Bearer {token}"));

    private static long Id(HttpContext context) => long.Parse((string)context.Request.RouteValues["id"]!, System.Globalization.CultureInfo.InvariantCulture);

    private static Task Reply<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, type, contentType: null, context.RequestAborted);
    }

    private static void WriteForOwner(string file, string text)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
