using System.Text;
using Harness.Experiments.Planning;
using Harness.Orchestrator.Api;
using Harness.Orchestrator.Api.Security;
using Harness.Orchestrator.Dashboard.Parts;

namespace Harness.Orchestrator.Dashboard;

/// <summary>Paste or upload, see what is wrong or what it expands to, confirm.</summary>
internal static class SubmitPage
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/submit", (HttpContext context, PageRenderer renderer) => Form(context, renderer, null, null, StatusCodes.Status200OK));
        pages.MapPost("/submit", Handle).RequireRateLimiting(ExperimentEndpoints.SubmitLimit);
    }

    private static async Task<IResult> Handle(HttpContext context, SubmitDesk desk, PageRenderer renderer, ServerRole role)
    {
        if (!context.Request.HasFormContentType) return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "Not a form", "This address takes the form of the page; programs use /api/experiments.");
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var text = form.Files["file"] is { Length: > 0 } file ? await TextOf(file, context.RequestAborted) : form["text"].ToString();
        var (reading, _) = await desk.Read(new SubmitRequest(text), trusted: true, context.RequestAborted);
        PlanDocument? plan = null;
        string? refusal = role.TakesExperiments ? null : "This run ends with its experiment; 'harness serve' takes experiments in.";
        if (reading!.Plan is not null)
        {
            if (form["action"] == "start" && refusal is null)
                return DashboardEndpoints.SeeOther(FormattableString.Invariant($"/experiments/{await desk.Submit(reading, text)}"));
            plan = await desk.Describe(reading.Plan, context.RequestAborted);
        }

        var result = await renderer.Render<SubmitResult>(
            (nameof(SubmitResult.Diagnostics), reading.Spec.Diagnostics.Select(DiagnosticView.Of).ToArray()), (nameof(SubmitResult.Omitted), reading.Spec.Omitted),
            (nameof(SubmitResult.Plan), plan), (nameof(SubmitResult.Refusal), refusal), (nameof(SubmitResult.Source), text));
        // For the script, which puts it into the page that is there.
        return context.Request.Headers.ContainsKey("X-Part") ? DashboardEndpoints.Html(result)
            : await Form(context, renderer, text, result, plan is null ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static async Task<IResult> Form(HttpContext context, PageRenderer renderer, string? text, string? result, int status)
    {
        var form = await renderer.Render<SubmitForm>(
            (nameof(SubmitForm.FormToken), RequestGuard.SessionOf(context)?.FormToken ?? ""), (nameof(SubmitForm.Text), text), (nameof(SubmitForm.Result), result));
        return await DashboardEndpoints.Whole(context, "Submit", "/submit", form, status);
    }

    private static async Task<string> TextOf(IFormFile file, CancellationToken cancellation)
    {
        using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellation);
    }
}
