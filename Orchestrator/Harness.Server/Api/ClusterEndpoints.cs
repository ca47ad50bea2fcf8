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
        api.MapGet("/workers", Workers).WithTags("Cluster").WithSummary("The workers by machine with their slots, a page at a time; the last page also lists the workers that left last. 'history' adds the last half hour of each.").Produces<WorkersReply>();
        api.MapPost("/workers/{worker}/drain", Drain(true)).WithTags("Cluster").WithSummary("Starts nothing more on a worker; its running trials finish.").Produces<ChangeReply>();
        api.MapPost("/workers/{worker}/undrain", Drain(false)).WithTags("Cluster").WithSummary("Lets a drained worker take trials again.").Produces<ChangeReply>();
        api.MapGet("/queue", async (ClusterViews views, CancellationToken cancellation) => Results.Json(await views.Queue(cancellation), ApiJson.Default.QueueReply))
            .WithTags("Cluster").WithSummary("The waiting trials in the order of priority, with the reason.").Produces<QueueReply>();
        api.MapGet("/events", Events).WithTags("Cluster").WithSummary("Events after a sequence number, the oldest first.").Produces<EventPage>();
        api.MapGet("/events/stream", EventStream.Events).WithTags("Cluster")
            .WithSummary("Events as they happen (server-sent events); Last-Event-ID goes on where a stream broke off.").Produces(StatusCodes.Status200OK, contentType: EventStream.ContentType);
        api.MapPost("/links", Link).WithTags("Server").WithSummary("A one-time link to the dashboard. 'name' says whom it is for: events name that person.").Produces<LinkReply>();

        app.MapGet("/health/live", () => Results.Json(new HealthReply("live", null), ApiJson.Default.HealthReply)).WithMetadata(new OpenToAll())
            .WithTags("Server").WithSummary("Whether the server answers.").Produces<HealthReply>();
        app.MapGet("/health/ready", Ready).WithMetadata(new OpenToAll()).WithTags("Server").WithSummary("Whether it can store results and grant leases; 503 if not.").Produces<HealthReply>();
        app.MapGet("/metrics", PrometheusText.Write).WithTags("Server").WithSummary("Measurements in Prometheus' text format.").Produces(StatusCodes.Status200OK, contentType: PrometheusText.ContentType);
    }

    private static IResult Link(HttpContext context, AccessControl access, string? name = null) => name is null || AccessControl.IsName(name)
        ? Results.Json(new LinkReply(access.LinkTo($"{context.Request.Scheme}://{context.Request.Host}", name)), ApiJson.Default.LinkReply)
        : Problems.Of(StatusCodes.Status400BadRequest, "There is no such name", FormattableString.Invariant($"A name has 1 to {AccessControl.LongestName} letters, digits, blanks or . - _ @."));

    private static async Task<IResult> Workers(ClusterViews views, CancellationToken cancellation, string? after = null, int limit = 100, bool history = false) =>
        await views.Workers(after, Math.Clamp(limit, 1, MostWorkers), LeftWorkers, cancellation, history) is { } page
            ? Results.Json(page, ApiJson.Default.WorkersReply)
            : Problems.Of(StatusCodes.Status400BadRequest, "There never was such a worker", "Pass the cursor of a page unchanged as 'after'.");

    private static async Task<IResult> Events(ClusterViews views, CancellationToken cancellation, long after = 0, long? experiment = null, int limit = 200) => Results.Json(
        new EventPage(await views.Read(connection => ClusterReader.EventsAfter(connection, after, experiment, Math.Clamp(limit, 1, MostEvents)), cancellation)), ApiJson.Default.EventPage);

    private static Delegate Drain(bool drain) => async (string worker, HttpContext context, Scheduler scheduler, ClusterViews views, CancellationToken cancellation) =>
    {
        if (!await views.IsThere(worker, cancellation)) return Problems.NotFound("There is no worker of that name, or it has left.");
        var changed = await scheduler.Drain(worker, drain, RequestGuard.ActorOf(context));
        views.Forget();
        return Results.Json(new ChangeReply(changed ? 1 : 0), ApiJson.Default.ChangeReply);
    };

    private static IResult Ready(EmbeddedHarness harness)
    {
        var trouble = harness.Scheduler.Failed.IsCompleted ? harness.Scheduler.Failed.Result.Message : harness.Store.Trouble;
        return Results.Json(new HealthReply(trouble is null ? "ready" : "in trouble", trouble), ApiJson.Default.HealthReply, statusCode: trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
