using System.Text;
using Harness.Experiments.Planning;
using Harness.Server.Api;
using Harness.Server.Dashboard.Parts;
using Harness.Store.Views;

namespace Harness.Server.Dashboard;

/// <summary>Paste or upload, see what is wrong or what it expands to, confirm.</summary>
internal static class SubmitPage
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/submit", Start);
        pages.MapPost("/submit", Handle).RequireRateLimiting(ExperimentEndpoints.SubmitLimit);
    }

    /// <summary>An empty form, or one with the file of an experiment to begin from.</summary>
    private static async Task<IResult> Start(HttpContext context, ClusterViews views, PageRenderer renderer, long? copy = null)
    {
        if (copy is not { } id) return await Form(context, renderer, null, null, StatusCodes.Status200OK);
        if (await views.Experiment(id, context.RequestAborted) is not { } experiment) return Problems.NotFound(FormattableString.Invariant($"There is no experiment {id} in this database."));
        var (text, _, overrides) = await views.Read(connection => ExperimentReader.Spec(connection, id), context.RequestAborted);
        var note = FormattableString.Invariant($"This is the file of {experiment.Name} #{id}. Unchanged, it is the same experiment again.")
            + (overrides.Count == 0 ? "" : $" The command line had changed, which is not in it: {string.Join(", ", overrides)}.");
        return await Form(context, renderer, text, null, StatusCodes.Status200OK, note: note);
    }

    private static async Task<IResult> Handle(HttpContext context, SubmitDesk desk, PageRenderer renderer, ServerRole role)
    {
        if (!context.Request.HasFormContentType) return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "Not a form", "This address accepts the form of the page; programs use /api/experiments.");
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var text = form.Files["file"] is { Length: > 0 } file ? await TextOf(file, context.RequestAborted) : form["text"].ToString();
        var (reading, _) = await desk.Read(new SubmitRequest(text), isLocalOwner: true, context.RequestAborted);
        var paused = form["paused"] == "on";
        PlanDocument? plan = null;
        string? refusal = role.TakesExperiments ? null : "This run ends with its experiment; 'harness serve' takes experiments in.";
        if (reading!.Plan is not null)
        {
            if (form["action"] == "start" && refusal is null)
                return DashboardEndpoints.SeeOther(FormattableString.Invariant($"/experiments/{await desk.Submit(reading, text, paused, RequestGuard.ActorOf(context))}"));
            plan = await desk.Describe(reading.Plan, context.RequestAborted);
        }

        var result = await renderer.Render<SubmitResult>(
            (nameof(SubmitResult.Diagnostics), reading.Spec.Diagnostics.Select(DiagnosticView.Of).ToArray()), (nameof(SubmitResult.Omitted), reading.Spec.Omitted),
            (nameof(SubmitResult.Plan), plan), (nameof(SubmitResult.Refusal), refusal), (nameof(SubmitResult.Source), text));
        // For the script, which puts it into the page that is there.
        return context.Request.Headers.ContainsKey("X-Part") ? DashboardEndpoints.Html(result)
            : await Form(context, renderer, text, result, plan is null ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK, paused);
    }

    private static async Task<IResult> Form(HttpContext context, PageRenderer renderer, string? text, string? result, int status, bool paused = false, string? note = null)
    {
        var form = await renderer.Render<SubmitForm>(
            (nameof(SubmitForm.FormToken), RequestGuard.SessionOf(context)?.FormToken ?? ""), (nameof(SubmitForm.Text), text),
            (nameof(SubmitForm.Result), result), (nameof(SubmitForm.Paused), paused), (nameof(SubmitForm.Note), note));
        return await DashboardEndpoints.Whole(context, "Submit", "/submit", form, status);
    }

    private static async Task<string> TextOf(IFormFile file, CancellationToken cancellation)
    {
        using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellation);
    }
}
