using Harness.Server.Api;
using Harness.Server.Dashboard.Parts;
using Harness.Server.Grains;
using Harness.Server.Hosting;
using Harness.Store.Views;

namespace Harness.Server.Dashboard;

/// <summary>The pages. Each is whole as the server writes it; its live parts are served on their own too, at the same address with <c>part=</c>.</summary>
internal static class DashboardEndpoints
{
    private const string Summary = "summary", Drawings = "figures";

    private const string BeingDrawn = "<p class=\"empty\">The figures are being drawn. Without scripts, load the page again in a moment.</p>";

    /// <summary>A page does not wait longer for its figures.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static void Map(WebApplication app)
    {
        var pages = app.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/login", Login).WithMetadata(new OpenToAll());
        pages.MapGet("/assets/{hash}/{name}", DashboardAssets.Serve).WithMetadata(new OpenToAll());
        pages.MapGet("/live", EventStream.Changes);
        pages.MapGet("/", (HttpContext context, Pages parts) => Show(context, new Head("Overview", "/"), (Summary, parts.Overview)));
        pages.MapGet("/experiments", (HttpContext context, ListPages lists) => Show(
            context, new Head("Experiments", "/experiments") { Form = ListPages.ExperimentsForm(context), ComparesInto = true }, (Summary, () => lists.Experiments(context))));
        pages.MapGet("/compare", (HttpContext context, ComparePages parts) => Show(
            context, new Head("Compare experiments", "/experiments"), (Summary, () => parts.Summary(ComparePages.Of(context))), (Drawings, () => parts.Figures(ComparePages.Of(context)))));
        pages.MapGet("/experiments/{id:long}", async (long id, HttpContext context, ClusterViews views, Pages parts, int from = 0) =>
        {
            var look = ExperimentLook.Of(context, from);
            return await OfExperiment(id, "", context, views, experiment => [(Summary, () => parts.Experiment(id, look)), (Drawings, () => parts.Figures(experiment))],
                async experiment => Pages.IsMap(look, experiment) ? ExperimentLook.Form(context, await views.Read(connection => ListReader.Factors(connection, id), context.RequestAborted)) : null);
        });
        pages.MapGet("/experiments/{id:long}/trials", (long id, HttpContext context, ClusterViews views, ListPages lists) => OfExperiment(id, "/trials", context, views,
            experiment => [(Summary, () => lists.Trials(experiment, context))], _ => Task.FromResult<ListForm?>(ListPages.TrialsForm(context))));
        pages.MapGet("/experiments/{id:long}/events", (long id, HttpContext context, ClusterViews views, ListPages lists) => OfExperiment(id, "/events", context, views,
            _ => [(Summary, () => lists.Events(id, context))], _ => Task.FromResult<ListForm?>(ListPages.EventsForm(context))));
        pages.MapGet("/experiments/{id:long}/spec", (long id, HttpContext context, ClusterViews views, Pages parts) => OfExperiment(id, "/spec", context, views, _ => [(Summary, () => parts.Spec(id))]));
        pages.MapGet("/experiments/{id:long}/report", async (long id, ReportDesk reports, CancellationToken cancellation, string? language = null) => await reports.Write(id, language, cancellation) ?? Problems.NotFound($"There is no experiment {id}."));
        pages.MapPost("/experiments/{id:long}/{verb}", Change);
        pages.MapPost("/workers/{worker}/{verb}", ChangeWorker);
        pages.MapGet("/trials/{id:long}", OfTrial);
        pages.MapGet("/queue", (HttpContext context, Pages parts) => Show(context, new Head("Queue", "/queue"), (Summary, parts.Queue)));
        pages.MapGet("/workers", (HttpContext context, ListPages lists) => Show(context, new Head("Workers", "/workers") { Form = ListPages.WorkersForm(context) }, (Summary, () => lists.Workers(context))));
        pages.MapGet("/events", (HttpContext context, ListPages lists) => Show(context, new Head("Events", "/events") { Form = ListPages.EventsForm(context) }, (Summary, () => lists.Events(null, context))));
        pages.MapGet("/about", (HttpContext context, Pages parts) => Show(context, new Head("About", "/about"), (Summary, parts.About)));
        SubmitPage.Map(pages);
    }

    /// <param name="Current">The entry of the navigation that it belongs to.</param>
    private sealed record Head(string Title, string Current, string? Subtitle = null, long? Experiment = null, string? Tab = null)
    {
        public ListForm? Form { get; init; }

        public bool ComparesInto { get; init; }
    }

    /// <summary>The page with all its parts, or the one part that was asked for.</summary>
    private static async Task<IResult> Show(HttpContext context, Head head, params (string Name, Func<Task<(string Html, long Version)>> Make)[] parts)
    {
        var wanted = context.Request.Query["part"].ToString();
        if (wanted.Length > 0)
        {
            if (Array.Find(parts, part => part.Name == wanted) is not { Make: { } make }) return Problems.NotFound("This page has no such part.");
            var (html, version) = await make();
            context.Response.Headers["X-Live-Version"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Html(html);
        }

        var (renderer, time) = (context.RequestServices.GetRequiredService<PageRenderer>(), context.RequestServices.GetRequiredService<TimeProvider>());
        var made = new List<(string, string)>();
        foreach (var (name, make) in parts)
        {
            var part = make();
            var isThere = name != Drawings || await Task.WhenAny(part, Task.Delay(Patience, time, context.RequestAborted)) == part;
            made.Add(($"{context.Request.Path}{(context.Request.QueryString.HasValue ? context.Request.QueryString.Value + "&" : "?")}part={name}", isThere ? (await part).Html : BeingDrawn));
        }

        var body = await renderer.Render<PageHead>(
            (nameof(PageHead.Title), head.Title), (nameof(PageHead.Subtitle), head.Subtitle), (nameof(PageHead.Experiment), head.Experiment), (nameof(PageHead.Tab), head.Tab),
            (nameof(PageHead.Form), head.Form), (nameof(PageHead.ComparesInto), head.ComparesInto), (nameof(PageHead.Parts), made));
        return await Whole(context, head.Title, head.Current, body);
    }

    /// <summary>A page around HTML that our components wrote.</summary>
    internal static async Task<IResult> Whole(HttpContext context, string title, string current, string body, int status = StatusCodes.Status200OK)
    {
        var renderer = context.RequestServices.GetRequiredService<PageRenderer>();
        return Html(await renderer.Render<Layout>(
            (nameof(Layout.Title), title), (nameof(Layout.Current), current), (nameof(Layout.Body), body), (nameof(Layout.FormToken), RequestGuard.SessionOf(context)?.FormToken)), status);
    }

    internal static IResult Html(string html, int status = StatusCodes.Status200OK) => Results.Text(html, "text/html; charset=utf-8", statusCode: status);

    private static async Task<IResult> OfExperiment(
        long id, string tab, HttpContext context, ClusterViews views, Func<ExperimentSummary, (string, Func<Task<(string, long)>>)[]> parts, Func<ExperimentSummary, Task<ListForm?>>? form = null) =>
        await views.Experiment(id, context.RequestAborted) is { } experiment
            ? await Show(context, new Head(experiment.Name, "/experiments", tab.Length == 0 ? experiment.Question : null, id, tab) { Form = form is null ? null : await form(experiment) }, parts(experiment))
            : Problems.NotFound($"There is no experiment {id} in this database.");

    private static async Task<IResult> OfTrial(long id, HttpContext context, ClusterViews views, Pages parts) =>
        await views.Read(connection => TrialReader.Find(connection, id.ToString(System.Globalization.CultureInfo.InvariantCulture)) is { } known ? TrialReader.Read(connection, known) : null, context.RequestAborted) is { } trial
            ? await Show(context, new Head(FormattableString.Invariant($"{trial.Label} · seed {trial.Seed}"), "/experiments"), (Summary, () => parts.Trial(id)), (Drawings, () => parts.TrialFigures(trial)))
            : Problems.NotFound($"There is no trial {id} in this database.");

    private static async Task<IResult> Change(long id, string verb, HttpContext context, Scheduler scheduler, EmbeddedHarness harness, ClusterViews views)
    {
        if (await views.Experiment(id, context.RequestAborted) is not { } experiment) return Problems.NotFound($"There is no experiment {id} in this database.");
        // The form's token has been asked for, so that there is a form.
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var actor = RequestGuard.ActorOf(context);
        switch (verb)
        {
            case "priority":
                // A button of the queue says where to, else the field.
                var wanted = context.Request.Query["to"] is [{ } to] ? to : form["priority"].ToString();
                if (!int.TryParse(wanted, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var priority) || !new PriorityRequest(priority).IsSound)
                    return Problems.Of(StatusCodes.Status400BadRequest, "There is no such priority", FormattableString.Invariant($"A priority is a whole number from {PriorityRequest.Least} to {PriorityRequest.Most}."));
                await scheduler.Prioritise(id, priority, actor);
                views.Forget();
                return SeeOther(context.Request.Query.ContainsKey("to") ? "/queue" : FormattableString.Invariant($"/experiments/{id}"));
            case "delete":
                if (form["name"].ToString().Trim() != experiment.Name)
                    return Problems.Of(StatusCodes.Status400BadRequest, "Nothing was deleted", $"To delete the experiment, type its exact name: {experiment.Name}");
                if (await harness.Delete(id, actor) is null) return ExperimentEndpoints.NotEnded(id);
                views.Forget();
                return SeeOther("/experiments");
            case "pause":
                await scheduler.Pause(id, actor);
                break;
            case "resume":
                await scheduler.Resume(id, actor);
                break;
            case "cancel":
                await scheduler.Cancel(id, actor);
                break;
            case "retry":
                await scheduler.Retry(id, actor);
                break;
            default:
                return Problems.NotFound("An experiment is paused, resumed, cancelled, retried, deleted or given a priority.");
        }

        views.Forget();
        return SeeOther(FormattableString.Invariant($"/experiments/{id}"));
    }

    private static async Task<IResult> ChangeWorker(string worker, string verb, HttpContext context, Scheduler scheduler, ClusterViews views)
    {
        if (verb is not ("drain" or "undrain") || !await views.IsThere(worker, context.RequestAborted)) return Problems.NotFound("There is no such worker, or it has left.");
        await scheduler.Drain(worker, verb == "drain", RequestGuard.ActorOf(context));
        views.Forget();
        return SeeOther("/workers");
    }

    /// <summary>What a form leads to: a page that can be loaded again without doing anything again.</summary>
    internal static IResult SeeOther(string path) => new SeeOtherResult(path);

    private static IResult Login(HttpContext context, AccessControl access, string? token = null)
    {
        if (token is null || access.Redeem(token) is not { } cookie)
        {
            return RequestGuard.SessionOf(context) is not null
                ? SeeOther("/")
                : Problems.Of(StatusCodes.Status401Unauthorized, "This link has been used", "A link opens the dashboard once. 'harness dashboard' prints another one.");
        }

        context.Response.Cookies.Append(RequestGuard.CookieName(context), cookie, new CookieOptions { HttpOnly = true, Secure = context.Request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
        return SeeOther("/");
    }

    private sealed class SeeOtherResult(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = path;
            return Task.CompletedTask;
        }
    }
}
