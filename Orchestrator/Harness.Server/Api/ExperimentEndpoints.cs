using System.Text;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Reports.Summaries;
using Harness.Server.Grains;
using Harness.Server.Hosting;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>Experiments over HTTP: submit, read, change.</summary>
internal static class ExperimentEndpoints
{
    private static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Requests that read and expand an experiment file are limited by this policy.</summary>
    public const string SubmitLimit = "submit";

    private const int MostPerPage = 200, MostTrialsPerPage = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        var experiments = api.MapGroup("/experiments").WithTags("Experiments");
        experiments.MapGet("/", List).WithSummary("The latest experiments first, a page at a time.").Produces<ExperimentPage>();
        experiments.MapPost("/", Submit).WithSummary("Submits an experiment, as YAML or as JSON, and starts it. The same file again is the same experiment; its failed and cancelled trials are retried.")
            .Accepts<SubmitRequest>("application/json", "application/yaml").Produces<SubmitReply>().RequireRateLimiting(SubmitLimit);
        experiments.MapGet("/{id:long}", Show).WithSummary("An experiment with its conditions, its running trials, and why the rest wait.").Produces<ExperimentDetail>();
        experiments.MapGet("/{id:long}/progress", Progress).WithSummary("The progress of an experiment that this server runs.").Produces<ProgressReply>();
        experiments.MapGet("/{id:long}/trials", Trials).WithSummary("Its trials in running order, a page at a time.").Produces<TrialPage>();
        experiments.MapGet("/{id:long}/summary", Summary).WithSummary("Its answer: a headline, findings, a line per claim, settings by arms, and what to do next. 'language' chooses en or zh.").Produces<ReportSummary>();
        experiments.MapGet("/{id:long}/report", Report).WithSummary("Its current report: provisional while it runs. 'language' chooses en or zh, or both in one page.").Produces(StatusCodes.Status200OK, contentType: "text/html");
        experiments.MapPost("/{id:long}/pause", Change((scheduler, id, actor) => Count(scheduler.Pause(id, actor)))).WithSummary("Starts no further trial of it; running trials finish.").Produces<ChangeReply>();
        experiments.MapPost("/{id:long}/resume", Change((scheduler, id, actor) => Count(scheduler.Resume(id, actor)))).WithSummary("Resumes it.").Produces<ChangeReply>();
        experiments.MapPost("/{id:long}/cancel", Change((scheduler, id, actor) => Count(scheduler.Cancel(id, actor)))).WithSummary("Cancels it: running trials are stopped, results stay.").Produces<ChangeReply>();
        experiments.MapPost("/{id:long}/retry", Change((scheduler, id, actor) => scheduler.Retry(id, actor))).WithSummary("Retries its failed and cancelled trials.").Produces<ChangeReply>();

        experiments.MapPost("/{id:long}/priority", Prioritise).WithSummary("Sets its priority; higher ones start first.").Accepts<PriorityRequest>("application/json").Produces<ChangeReply>();
        experiments.MapDelete("/{id:long}", Delete).WithSummary("Removes a finished experiment, its unshared trials and their files. Answers with the number of trials.").Produces<ChangeReply>();

        api.MapPost("/validate", Validate).WithTags("Experiments").WithSummary("Reports every mistake of an experiment file.")
            .Accepts<SubmitRequest>("application/json", "application/yaml").Produces<ValidateReply>().RequireRateLimiting(SubmitLimit);
        api.MapPost("/plan", Plan).WithTags("Experiments").WithSummary("The plan of an experiment file, as 'harness plan --output json' prints it.")
            .Accepts<SubmitRequest>("application/json", "application/yaml").Produces<PlanDocument>().RequireRateLimiting(SubmitLimit);
    }

    private static async Task<IResult> List(ClusterViews views, CancellationToken cancellation, long? before = null, int limit = 50, string? name = null) =>
        Results.Json(await views.Experiments(before, Math.Clamp(limit, 1, MostPerPage), open: null, cancellation, name), ApiJson.Default.ExperimentPage);

    private static async Task<IResult> Show(long id, ClusterViews views, CancellationToken cancellation, int from = 0, int limit = MostPerPage) =>
        await views.Detail(id, Math.Max(0, from), Math.Clamp(limit, 1, MostPerPage), cancellation) is { } detail ? Results.Json(detail, ApiJson.Default.ExperimentDetail) : Missing(id);

    private static IResult Progress(long id, Scheduler scheduler) => scheduler.Progress(id, ClusterViews.MostRunning) is { } progress
        ? Results.Json(new ProgressReply(progress, scheduler.Reasons(id)), ApiJson.Default.ProgressReply)
        : Problems.NotFound($"Experiment {id} is not among those that this server runs.");

    private static async Task<IResult> Trials(long id, ClusterViews views, CancellationToken cancellation, string? state = null, int? condition = null, int? after = null, int limit = 200)
    {
        return await views.Experiment(id, cancellation) is { } experiment
            ? Results.Json(await views.Trials(experiment, state, condition, after, Math.Clamp(limit, 1, MostTrialsPerPage), cancellation), ApiJson.Default.TrialPage)
            : Missing(id);
    }

    private static async Task<IResult> Report(long id, ReportDesk reports, CancellationToken cancellation, string? language = null) => await reports.Write(id, language, cancellation) ?? Missing(id);

    private static async Task<IResult> Summary(long id, SummaryDesk summaries, CancellationToken cancellation, string? language = null)
    {
        if (language is not null && !ReportLanguages.All.Contains(language, StringComparer.Ordinal))
            return Problems.Of(StatusCodes.Status400BadRequest, "There is no such language", $"Summaries are written in {string.Join(" and ", ReportLanguages.All)}.");
        return await summaries.Of(id, language, cancellation) is { } summary ? Results.Json(summary, ApiJson.Default.ReportSummary) : Missing(id);
    }

    private static Delegate Change(Func<Scheduler, long, string, Task<int>> change) => async (long id, HttpContext context, Scheduler scheduler, ClusterViews views, CancellationToken cancellation) =>
    {
        if (await views.Experiment(id, cancellation) is null) return Missing(id);
        var changed = await change(scheduler, id, RequestGuard.ActorOf(context));
        views.Forget();
        return Results.Json(new ChangeReply(changed), ApiJson.Default.ChangeReply);
    };

    private static async Task<IResult> Prioritise(long id, HttpContext context, Scheduler scheduler, ClusterViews views, CancellationToken cancellation)
    {
        if (await views.Experiment(id, cancellation) is null) return Missing(id);
        PriorityRequest? request;
        try
        {
            request = await context.Request.ReadFromJsonAsync(ApiJson.Default.PriorityRequest, cancellation);
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or InvalidOperationException)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "The request names no priority", $"Send JSON like {{\"priority\": 10}}. {error.Message}");
        }

        if (request is not { IsSound: true }) return Problems.Of(StatusCodes.Status400BadRequest, "There is no such priority", FormattableString.Invariant($"A priority is a whole number from {PriorityRequest.Least} to {PriorityRequest.Most}."));
        var changed = await scheduler.Prioritise(id, request.Priority, RequestGuard.ActorOf(context));
        views.Forget();
        return Results.Json(new ChangeReply(changed ? 1 : 0), ApiJson.Default.ChangeReply);
    }

    private static async Task<IResult> Delete(long id, HttpContext context, EmbeddedHarness harness, ClusterViews views, CancellationToken cancellation)
    {
        if (await views.Experiment(id, cancellation) is null) return Missing(id);
        if (await harness.Delete(id, RequestGuard.ActorOf(context)) is not { } removed) return NotEnded(id);
        views.Forget();
        return Results.Json(new ChangeReply(removed), ApiJson.Default.ChangeReply);
    }

    public static IResult NotEnded(long id) => Problems.Of(StatusCodes.Status409Conflict, "It has not ended", FormattableString.Invariant($"Experiment {id} waits or runs. Cancel it first; deletion removes its results."));

    private static async Task<int> Count(Task<bool> changed) => await changed ? 1 : 0;

    private static async Task<IResult> Submit(HttpContext context, SubmitDesk desk, ServerRole role)
    {
        if (!role.TakesExperiments) return Problems.Of(StatusCodes.Status409Conflict, "This run ends with its experiment", "Submit experiments to a 'harness serve'.");
        var (request, wrong) = await RequestOf(context);
        if (request is null) return wrong!;
        var (reading, refusal) = await desk.Read(request, RequestGuard.IsLocalOwner(context), context.RequestAborted);
        if (reading is null) return refusal!;
        if (reading.Plan is null) return Problems.Invalid(reading.Spec);
        return await desk.Once(context.Request.Headers["Idempotency-Key"], request, () => desk.Submit(reading, request.Text, request.Paused, RequestGuard.ActorOf(context))) is { } submitted
            ? Results.Json(new SubmitReply(submitted), ApiJson.Default.SubmitReply)
            : Problems.Of(StatusCodes.Status422UnprocessableEntity, "The key belongs to another request", "An Idempotency-Key belongs to one request; choose a new one for another experiment.");
    }

    private static async Task<IResult> Validate(HttpContext context, SubmitDesk desk)
    {
        var (request, wrong) = await RequestOf(context);
        if (request is null) return wrong!;
        var (reading, refusal) = await desk.Read(request, RequestGuard.IsLocalOwner(context), context.RequestAborted);
        return reading is null ? refusal! : Results.Json(
            new ValidateReply(reading.Plan is not null, [.. reading.Spec.Diagnostics.Select(DiagnosticView.Of)], reading.Spec.Omitted), ApiJson.Default.ValidateReply);
    }

    private static async Task<IResult> Plan(HttpContext context, SubmitDesk desk)
    {
        var (request, wrong) = await RequestOf(context);
        if (request is null) return wrong!;
        var (reading, refusal) = await desk.Read(request, RequestGuard.IsLocalOwner(context), context.RequestAborted);
        if (reading is null) return refusal!;
        return reading.Plan is null ? Problems.Invalid(reading.Spec) : Results.Text((await desk.Describe(reading.Plan, context.RequestAborted)).ToJson(), "application/json");
    }

    /// <summary>YAML as it is, or JSON around it.</summary>
    private static async Task<(SubmitRequest?, IResult?)> RequestOf(HttpContext context)
    {
        if (context.Request.HasJsonContentType())
        {
            try
            {
                return await context.Request.ReadFromJsonAsync(ApiJson.Default.SubmitRequest, context.RequestAborted) is { } request
                    ? (request, null)
                    : (null, Problems.Of(StatusCodes.Status400BadRequest, "The request is no experiment", "The body is null: expected an object with the file as 'text'."));
            }
            catch (System.Text.Json.JsonException error)
            {
                return (null, Problems.Of(StatusCodes.Status400BadRequest, "The request is no experiment", error.Message));
            }
        }

        if (context.Request.ContentType is not { } type || !type.Contains("yaml", StringComparison.OrdinalIgnoreCase))
            return (null, Problems.Of(StatusCodes.Status415UnsupportedMediaType, "Neither YAML nor JSON", "Send the experiment file with Content-Type: application/yaml, or JSON with the file as 'text'."));
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        string text;
        try
        {
            text = strictUtf8.GetString(body.GetBuffer(), 0, (int)body.Length);
        }
        catch (DecoderFallbackException)
        {
            return (null, Problems.Of(StatusCodes.Status400BadRequest, "The file is not UTF-8", "Save it as UTF-8 and send it again."));
        }

        return (new SubmitRequest(text, Changes: [.. context.Request.Query["set"].OfType<string>()], Paused: context.Request.Query["paused"] == "true"), null);
    }

    private static IResult Missing(long id) => Problems.NotFound($"There is no experiment {id} in this database.");
}
