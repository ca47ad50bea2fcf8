using Harness.Orchestrator.Api;
using Harness.Orchestrator.Api.Security;
using Harness.Orchestrator.Dashboard.Parts;

namespace Harness.Orchestrator.Dashboard;

/// <summary>A refusal as a page, for people in front of a browser.</summary>
internal static class RefusalPage
{
    public static bool IsWantedBy(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static async Task Write(HttpContext context, Problem problem)
    {
        var renderer = context.RequestServices.GetRequiredService<PageRenderer>();
        var body = await renderer.Render<Refusal>((nameof(Refusal.Problem), problem));
        var html = await renderer.Render<Layout>(
            (nameof(Layout.Title), problem.Title), (nameof(Layout.Body), body), (nameof(Layout.IsKnown), RequestGuard.SessionOf(context) is not null), (nameof(Layout.FormToken), RequestGuard.SessionOf(context)?.FormToken));
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(html, context.RequestAborted);
    }
}
