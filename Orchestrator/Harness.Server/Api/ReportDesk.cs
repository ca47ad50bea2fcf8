using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Sections;
using Harness.Store;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>Writes reports on request, one at a time, each for all who ask meanwhile.</summary>
internal sealed class ReportDesk(ReadConnections connections, LiveFeed feed, TimeProvider time) : IDisposable
{
    /// <summary>A report brings its own policy: its one script is known by its hash. The sandbox keeps it from everything that the reader may do here.</summary>
    private static readonly string policy = $"{PageAssets.ContentSecurityPolicy}; frame-ancestors 'none'; sandbox allow-scripts allow-modals allow-popups allow-downloads";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(1);

    private readonly Memo written = new(time, feed);
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <param name="language">A word of <see cref="ReportLanguages.Choices"/>; null for the language that the experiment file asks for.</param>
    /// <returns>Null when there is no such experiment.</returns>
    public async Task<IResult?> Write(long id, string? language, CancellationToken cancellation)
    {
        if (language is not null && !ReportLanguages.Choices.Contains(language, StringComparer.Ordinal))
            return Problems.Of(StatusCodes.Status400BadRequest, "There is no such language", $"Reports are written in {string.Join(", ", ReportLanguages.All)}, or {ReportLanguages.Both}.");
        var (html, _) = await written.Get(FormattableString.Invariant($"{id} {language}"), Fresh, Longest, () => Render(id, language)).WaitAsync(cancellation);
        return html.Length == 0 ? null : new Page(html);
    }

    private async Task<string> Render(long id, string? language)
    {
        await turn.WaitAsync();
        try
        {
            var results = await connections.Read(
                connection => ExperimentReader.Name(connection, id) is null ? null : new ResultsReader(connection).Read(id), CancellationToken.None);
            return results is null ? "" : await ReportWriter.Write(results, ReportOptions.Default with { Language = language ?? results.Report.Language, Title = results.Report.Title, Dashboard = FormattableString.Invariant($"/experiments/{id}") });
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private sealed class Page(string html) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.ContentSecurityPolicy = policy;
            return Results.Text(html, "text/html; charset=utf-8").ExecuteAsync(httpContext);
        }
    }
}
