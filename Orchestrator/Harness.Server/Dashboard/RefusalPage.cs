using Harness.Server.Api;
using Harness.Server.Dashboard.Parts;

namespace Harness.Server.Dashboard;

/// <summary>A refusal as a page, for people in front of a browser.</summary>
internal sealed class RefusalPage(PageRenderer renderer) : IRefusalPage
{
    public async Task Write(HttpContext context, Problem problem)
    {
        var body = await renderer.Render<Refusal>((nameof(Refusal.Problem), problem));
        var html = await renderer.Render<Layout>(
            (nameof(Layout.Title), problem.Title), (nameof(Layout.Body), body), (nameof(Layout.IsKnown), RequestGuard.SessionOf(context) is not null), (nameof(Layout.FormToken), RequestGuard.SessionOf(context)?.FormToken));
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(html, context.RequestAborted);
    }
}
