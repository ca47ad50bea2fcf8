using System.Text.Json.Serialization;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;

namespace Harness.Server.Api;

/// <summary>Why a request was refused (RFC 9457).</summary>
/// <param name="Title">The kind of refusal.</param>
/// <param name="Detail">What is wrong and what to do, for people.</param>
/// <param name="Diagnostics">What is wrong with an experiment file, by place.</param>
public sealed record Problem(
    string Title, int Status, string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DiagnosticView>? Diagnostics = null);

/// <summary>As <c>harness validate --format json</c> says it.</summary>
public sealed record DiagnosticView(
    string Code, string Severity, string Message, string File, int Line, int Column, int EndLine, int EndColumn, string Path, string? Expected, string? Suggestion)
{
    public static DiagnosticView Of(SpecDiagnostic diagnostic) => new(
        diagnostic.Code, diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning", diagnostic.Message, diagnostic.File, diagnostic.Line, diagnostic.Column,
        diagnostic.EndLine, diagnostic.EndColumn, diagnostic.Path, diagnostic.Expected, diagnostic.Suggestion);
}

internal static class Problems
{
    public const string ContentType = "application/problem+json";

    /// <summary>Refusals are JSON for programs and a page for browsers.</summary>
    public static IResult Of(int status, string title, string detail, IReadOnlyList<DiagnosticView>? diagnostics = null) => new ProblemResult(new Problem(title, status, detail, diagnostics));

    public static IResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, "There is no such thing", detail);

    public static IResult Invalid(SpecReading reading) => Of(
        StatusCodes.Status400BadRequest, "The experiment file is wrong", DiagnosticText.Human(reading), [.. reading.Diagnostics.Select(DiagnosticView.Of)]);

    private sealed class ProblemResult(Problem problem) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => problem.Status;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = problem.Status;
            return IsWantedAsPage(httpContext)
                ? httpContext.RequestServices.GetRequiredService<IRefusalPage>().Write(httpContext, problem)
                : httpContext.Response.WriteAsJsonAsync(problem, ApiJson.Default.Problem, ContentType, httpContext.RequestAborted);
        }

        private static bool IsWantedAsPage(HttpContext context) =>
            !context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }
}
