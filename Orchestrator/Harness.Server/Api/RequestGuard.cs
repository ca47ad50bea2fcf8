using Harness.Store;
using Microsoft.Net.Http.Headers;

namespace Harness.Server.Api;

/// <summary>Marks an endpoint that asks for no token: it tells nothing about anybody's experiments.</summary>
internal sealed class OpenToAll;

/// <summary>By which names requests may call this server, besides those of this machine itself.</summary>
internal sealed record OwnNames(IReadOnlyList<string> Secure);

/// <summary>
/// Stands before every endpoint: says to the browser what a page may do, and refuses who is not meant. The host is checked because a page
/// of another site can have its own name point at this machine; the origin because a browser sends cookies along with what other sites ask for.
/// </summary>
internal sealed class RequestGuard(AccessControl access, OwnNames names, ILogger<RequestGuard> log)
{
    /// <summary>No inline script or style, nothing from elsewhere, no frames.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public const string FormTokenField = "form_token";

    /// <summary>What proxies add to what they pass on.</summary>
    private static readonly string[] forwarded = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    private static readonly object sessionKey = new();
    private static readonly object roleKey = new();

    /// <summary>The browser's session; null for a bearer.</summary>
    public static Session? SessionOf(HttpContext context) => context.Items[sessionKey] as Session;

    /// <summary>Who asks, as events name him: a browser by the name that its link was made for, a program by its token.</summary>
    public static string ActorOf(HttpContext context) => SessionOf(context) is { } session
        ? session.Name is { } name ? $"{name} (dashboard)" : "dashboard"
        : context.Items[roleKey] is Role.Operator ? "operator token" : "viewer token";

    /// <summary>
    /// Whether a program of the folder's owner asks, on this machine: it shows the operator's token, which server.json keeps for the owner, over the plain
    /// connection that only this machine has, and no proxy passed the request on.
    /// </summary>
    public static bool IsLocalOwner(HttpContext context) =>
        context.Items[roleKey] is Role.Operator && SessionOf(context) is null && !context.Request.IsHttps && context.Connection.RemoteIpAddress is { } from && System.Net.IPAddress.IsLoopback(from)
        && !forwarded.Any(context.Request.Headers.ContainsKey);

    /// <summary>Cookies are shared by all ports of a host: each server has its own.</summary>
    public static string CookieName(HttpContext context) => FormattableString.Invariant($"harness_{context.Connection.LocalPort}");

    public async Task Handle(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        try
        {
            if (await Refusal(context) is { } refusal) await refusal.ExecuteAsync(context);
            else
            {
                await next(context);
                // Values that no route or query takes are refused by the framework, without a word.
                if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status400BadRequest or StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentLength: null, ContentType: null })
                    await Problems.Of(context.Response.StatusCode, "The request cannot be answered", $"{context.Request.Method} {context.Request.Path}: the address or one of its values is invalid. GET /api/openapi.json describes them.").ExecuteAsync(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            await Failure(context, error).ExecuteAsync(context);
        }
    }

    private async Task<IResult?> Refusal(HttpContext context)
    {
        var request = context.Request;
        // Of what comes over TLS the other end may be another machine, which has no business with this one's loopback.
        if (request.IsHttps ? !names.Secure.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase) : request.Host.Host is not ("127.0.0.1" or "localhost" or "[::1]"))
            return Problems.Of(StatusCodes.Status421MisdirectedRequest, "Unknown host", $"This server answers to {(request.IsHttps ? string.Join(" and ", names.Secure) : "127.0.0.1 and localhost only")}.");
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        if (changes && !IsOwnOrigin(request)) return Problems.Of(StatusCodes.Status403Forbidden, "Another site asks", "Changes are accepted from this server's own pages, and from programs that show a token.");

        var open = context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null;
        var (role, session) = Identify(context);
        if (role is null) return open ? null : Unknown(context);
        context.Items[roleKey] = role;
        context.Items[sessionKey] = session;
        if (!changes || open) return null;
        if (role != Role.Operator) return Problems.Of(StatusCodes.Status403Forbidden, "Viewers may only read", "This token may read, but not change anything.");
        // A browser sends its cookie by itself; that the request comes from one of our forms shows the token in it.
        if (session is not null && !AccessControl.AreSame(await FormToken(request), session.FormToken))
            return Problems.Of(StatusCodes.Status400BadRequest, "The form has expired", "Reload the page and repeat your change.");
        return null;
    }

    private (Role?, Session?) Identify(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.StartsWith("Bearer ", StringComparison.Ordinal)) return (access.OfBearer(authorization["Bearer ".Length..].Trim()), null);
        return context.Request.Cookies.TryGetValue(CookieName(context), out var cookie) && access.OfCookie(cookie) is { } session ? (session.Role, session) : (null, null);
    }

    private static IResult Unknown(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Of(StatusCodes.Status401Unauthorized, "Who is asking?",
            "A browser gets in by the link that 'harness serve' prints; 'harness dashboard' gives another one. Programs show the token that server.json in the data folder holds: Authorization: Bearer TOKEN.");
    }

    private static async Task<string?> FormToken(HttpRequest request)
    {
        if (request.Headers.TryGetValue("X-Form-Token", out var header)) return header;
        return request.HasFormContentType ? (string?)(await request.ReadFormAsync(request.HttpContext.RequestAborted))[FormTokenField] : null;
    }

    private static bool IsOwnOrigin(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is not ("same-origin" or "none")) return false;
        return !request.Headers.TryGetValue(HeaderNames.Origin, out var origin) || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    private IResult Failure(HttpContext context, Exception error)
    {
        switch (error)
        {
            case BadHttpRequestException bad:
                return Problems.Of(bad.StatusCode, "The request cannot be read", bad.Message);
            case WriteRefusedException refused:
                return Problems.Of(StatusCodes.Status422UnprocessableEntity, "The database refuses this for good", refused.Reason);
            case StoreException store:
                return Problems.Of(StatusCodes.Status503ServiceUnavailable, "The database does not answer", store.Message);
            case Microsoft.Data.Sqlite.SqliteException damaged when ResultsDatabase.IsDamage(damaged):
                return Problems.Of(StatusCodes.Status503ServiceUnavailable, "The database is damaged", $"{damaged.Message} 'harness verify' says what can still be read.");
            default:
                ApiLog.RequestFailed(log, error, context.Request.Method, context.Request.Path);
                return Problems.Of(StatusCodes.Status500InternalServerError, "This is a bug in the program", "The server's log has the details.");
        }
    }
}
