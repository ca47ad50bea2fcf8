using Harness.Server.Grains;
using Harness.Server.Hosting;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>What belongs to no single experiment: workers, the queue, events, health, measurements of the server itself.</summary>
internal static class ClusterEndpoints
{
    private const int MostEvents = 1000, MostWorkers = 400, LeftWorkers = 20;

    public static void Map(WebApplication app, RouteGroupBuilder api)
    {
        api.MapGet("/workers", Workers).WithTags("Cluster").WithSummary("The workers by machine with their slots, a page at a time; the last page also lists the workers that left last.").Produces<WorkersReply>();
        api.MapPost("/workers/{worker}/drain", Drain(true)).WithTags("Cluster").WithSummary("Starts nothing more on a worker; its running trials finish.").Produces<ChangeReply>();
        api.MapPost("/workers/{worker}/undrain", Drain(false)).WithTags("Cluster").WithSummary("Lets a drained worker take trials again.").Produces<ChangeReply>();
        api.MapGet("/queue", async (ClusterViews views, CancellationToken cancellation) => Results.Json(await views.Queue(cancellation), ApiJson.Default.QueueReply))
            .WithTags("Cluster").WithSummary("The waiting trials in the order of priority, with the reason.").Produces<QueueReply>();
        api.MapGet("/events", Events).WithTags("Cluster").WithSummary("Events after a sequence number, the oldest first.").Produces<EventPage>();
        api.MapGet("/events/stream", EventStream.Events).WithTags("Cluster")
            .WithSummary("Events as they happen (server-sent events); Last-Event-ID goes on where a stream broke off.").Produces(StatusCodes.Status200OK, contentType: EventStream.ContentType);
        api.MapPost("/links", (HttpContext context, AccessControl access) => Results.Json(new LinkReply(access.LinkTo($"{context.Request.Scheme}://{context.Request.Host}")), ApiJson.Default.LinkReply))
            .WithTags("Server").WithSummary("A one-time link to the dashboard.").Produces<LinkReply>();

        app.MapGet("/health/live", () => Results.Json(new HealthReply("live", null), ApiJson.Default.HealthReply)).WithMetadata(new OpenToAll())
            .WithTags("Server").WithSummary("Whether the server answers.").Produces<HealthReply>();
        app.MapGet("/health/ready", Ready).WithMetadata(new OpenToAll()).WithTags("Server").WithSummary("Whether it can store results and grant leases; 503 if not.").Produces<HealthReply>();
        app.MapGet("/metrics", PrometheusText.Write).WithTags("Server").WithSummary("Measurements in Prometheus' text format.").Produces(StatusCodes.Status200OK, contentType: PrometheusText.ContentType);
    }

    private static async Task<IResult> Workers(ClusterViews views, CancellationToken cancellation, string? after = null, int limit = 100) =>
        await views.Workers(after, Math.Clamp(limit, 1, MostWorkers), LeftWorkers, cancellation) is { } page
            ? Results.Json(page, ApiJson.Default.WorkersReply)
            : Problems.Of(StatusCodes.Status400BadRequest, "There never was such a worker", "Pass the cursor of a page unchanged as 'after'.");

    private static async Task<IResult> Events(ClusterViews views, CancellationToken cancellation, long after = 0, long? experiment = null, int limit = 200) => Results.Json(
        new EventPage(await views.Read(connection => ClusterReader.EventsAfter(connection, after, experiment, Math.Clamp(limit, 1, MostEvents)), cancellation)), ApiJson.Default.EventPage);

    private static Delegate Drain(bool drain) => async (string worker, Scheduler scheduler, ClusterViews views, CancellationToken cancellation) =>
    {
        if (!await views.IsThere(worker, cancellation)) return Problems.NotFound("There is no worker of that name, or it has left.");
        var changed = await scheduler.Drain(worker, drain);
        views.Forget();
        return Results.Json(new ChangeReply(changed ? 1 : 0), ApiJson.Default.ChangeReply);
    };

    private static IResult Ready(EmbeddedHarness harness)
    {
        var trouble = harness.Scheduler.Failed.IsCompleted ? harness.Scheduler.Failed.Result.Message : harness.Store.Trouble;
        return Results.Json(new HealthReply(trouble is null ? "ready" : "in trouble", trouble), ApiJson.Default.HealthReply, statusCode: trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
